package forms

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"mime/multipart"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Field is one value of a form: how it is called, read, checked and shown, and in the end what it
// is. The zero value needs at least a Name.
type Field[T any] struct {
	// Name is the name in the request.
	Name string
	// Label is what people read; empty makes "New password" of the name "new_password".
	Label string
	// NoLabel shows the field without a label. Name its element by "aria-label" in Attrs then.
	NoLabel bool
	// Help is shown with the field. It is HTML: a constant is taken as it stands, and any other
	// text must be escaped before it is converted.
	Help template.HTML
	// Optional allows the field to stay empty; the Value is then the type's empty one.
	Optional bool
	// Disabled shows the field without letting it be changed: whatever is posted, the Value is
	// the initial one.
	Disabled bool
	// Initial is shown in a form that was not posted yet; nil for nothing.
	Initial *T
	// Type says what the text means; nil is Char for a string, Integer for an int64 and Boolean
	// for a bool. For other values it is required.
	Type Type[T]
	// Widget shows the field; nil is the one of the type.
	Widget Widget
	// Attrs are attributes of the element, over those that the field sets by itself.
	Attrs Attrs
	// Messages are sentences in place of the usual ones, by error code. {name} stands for a
	// parameter of the error: "At most {max} characters, please."
	Messages map[string]string
	// Validators check a value that the type has accepted; all are asked. They return an [*Error]
	// or [Errors] for a value they refuse, and any other error when they could not find out.
	// Empty values are not checked.
	Validators []func(ctx context.Context, v T) error

	// Value is the clean value after [Validate]; the zero value when there is an error.
	Value T

	errors Errors
}

// Type turns what was posted for a field into a value and back. Implementations are small structs
// whose fields are the limits; they are not changed by their methods. A type may also have a
// method Attrs() [Attrs] for its element (maxlength, min) and a method Items() [][Item] for the
// widgets that offer a choice.
type Type[T any] interface {
	// Clean reads the value. It reports empty when nothing was entered, and then v is what an
	// optional field has. The error is an [*Error] or [Errors] for a value that is refused, and
	// any other for a failure.
	Clean(ctx context.Context, in Input) (v T, empty bool, err error)
	// Texts returns v as it would be posted, to show it as an initial value.
	Texts(v T) []string
	// Widget returns how the value is usually entered.
	Widget() Widget
}

// Input is what was posted for one field.
type Input struct {
	// Values are the texts under the field's name, in order: valid UTF-8 without NUL.
	Values []string
	// Files are the files under the field's name.
	Files []*multipart.FileHeader
}

// Text returns the last value, as Django does when a name comes twice; "" for none.
func (in Input) Text() string {
	if len(in.Values) == 0 {
		return ""
	}
	return in.Values[len(in.Values)-1]
}

// AnyField is a pointer to a [Field] of any type. Nothing else can be one.
type AnyField interface {
	key() string
	describe() description
	clean(ctx context.Context, in Input) error
	problems() *Errors
}

// description is what the form needs to know of a field.
type description struct {
	name, label        string
	help               template.HTML
	required, disabled bool
	widget             Widget
	attrs              Attrs // the type's, under the field's own
	items              []Item
	initial            []string
}

// Valid reports whether the field has no error. In a Clean method it says that Value can be used.
func (f *Field[T]) Valid() bool { return len(f.errors) == 0 }

// Errors returns what is wrong with the field, nil for nothing.
func (f *Field[T]) Errors() Errors { return f.errors }

// AddError adds an error to the field and clears its Value. The field's own message for the code,
// if it has one, takes the place of the error's.
func (f *Field[T]) AddError(e *Error) {
	var zero T
	f.Value = zero
	f.errors = append(f.errors, f.worded(e))
}

func (f *Field[T]) key() string { return f.Name }

func (f *Field[T]) problems() *Errors { return &f.errors }

// kind returns the type, or the default one of T.
func (f *Field[T]) kind() Type[T] {
	if f.Type != nil {
		return f.Type
	}
	var zero T
	var usual any
	switch any(zero).(type) {
	case string:
		usual = Char{}
	case int64:
		usual = Integer{}
	case bool:
		usual = Boolean{}
	}
	t, ok := usual.(Type[T])
	if !ok {
		panic(fmt.Sprintf("forms: the field %q holds a %T and must name its Type", f.Name, zero))
	}
	return t
}

func (f *Field[T]) describe() description {
	t := f.kind()
	d := description{
		name: f.Name, label: f.Label, help: f.Help,
		required: !f.Optional, disabled: f.Disabled,
		widget: f.Widget, attrs: Attrs{},
	}
	if d.label == "" {
		d.label = labelOf(f.Name)
	}
	if f.NoLabel {
		d.label = ""
	}
	if d.widget == nil {
		d.widget = t.Widget()
	}
	if t, ok := t.(interface{ Attrs() Attrs }); ok {
		maps.Copy(d.attrs, t.Attrs())
	}
	maps.Copy(d.attrs, f.Attrs)
	if t, ok := t.(interface{ Items() []Item }); ok {
		d.items = t.Items()
	}
	if f.Initial != nil {
		d.initial = t.Texts(*f.Initial)
	}
	return d
}

// missing is the sentence for a field that was left empty.
func (d description) missing() string {
	switch {
	case d.widget.Kind() == Tick:
		return "required_tick"
	case d.widget.Kind() == FileLike:
		return "required_file"
	case len(d.items) > 0:
		return "required_choice"
	}
	return "required"
}

// labelOf makes "New password" of "new_password".
func labelOf(name string) string {
	text := strings.ReplaceAll(name, "_", " ")
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 || first == utf8.RuneError {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// clean sets Value or the errors. It returns an error only when it could not find out.
func (f *Field[T]) clean(ctx context.Context, in Input) error {
	var zero T
	f.Value, f.errors = zero, nil
	if f.Disabled {
		in = Input{}
		if f.Initial != nil {
			f.Value = *f.Initial
		}
		return nil
	}
	for _, text := range in.Values {
		if strings.ContainsRune(text, 0) {
			f.AddError(newError("null_characters_not_allowed", nil))
			return nil
		}
	}
	v, empty, err := f.kind().Clean(ctx, in)
	if err != nil {
		return f.refuse(err)
	}
	if empty && !f.Optional {
		f.AddError(withCode("required", newError(f.describe().missing(), nil)))
		return nil
	}
	f.Value = v
	if empty {
		return nil
	}
	for _, validate := range f.Validators {
		if err := f.refuse(validate(ctx, v)); err != nil {
			return err
		}
	}
	return nil
}

// refuse records an error that is meant for people and returns any other.
func (f *Field[T]) refuse(err error) error {
	list, failure := split(err)
	for _, e := range list {
		f.AddError(e)
	}
	if failure != nil {
		return fmt.Errorf("forms: field %s: %w", f.Name, failure)
	}
	return nil
}

// split takes errors for people apart from failures. A wrapped [Errors] or [*Error] is for people.
func split(err error) (Errors, error) {
	var list Errors
	var one *Error
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &list):
		return list, nil
	case errors.As(err, &one) && one != nil:
		return Errors{one}, nil
	}
	return nil, err
}

// worded returns the error with the field's own message for its code.
func (f *Field[T]) worded(e *Error) *Error {
	text, ok := f.Messages[e.Code]
	if !ok {
		return e
	}
	return &Error{Code: e.Code, Message: fill(text, e.Params), Params: e.Params}
}
