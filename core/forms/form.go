package forms

import (
	"context"
	"fmt"
	"slices"
)

// Form is embedded in the struct that declares a form. The zero value has no fields. It belongs to
// one request and must not be used by two goroutines, nor copied once fields are declared.
type Form struct {
	// Prefix goes before the name of each field ("billing" makes "billing-street"), so that one
	// page can hold several forms. Set it before the form is bound or shown.
	Prefix string
	// Limits are how much [Accept] reads; the zero value has the usual ones.
	Limits Limits

	_ noCopy // the fields in the list are those of one struct

	fields []AnyField
	data   *Data // nil until bound
	errors Errors
}

// noCopy makes go vet report copies.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// Interface is a pointer to a struct that embeds [Form]. Nothing else can be one.
type Interface interface {
	// Clean checks what concerns several fields, after each field has been checked by itself
	// and also when one of them was refused: Valid says which can be used. It returns an
	// [*Error] or [Errors] for what is wrong with the form as a whole, and any other error when
	// it could not find out. Form has a Clean that finds nothing wrong.
	Clean(ctx context.Context) error

	form() *Form
}

// Clean finds nothing wrong. See [Interface].
func (f *Form) Clean(context.Context) error { return nil }

func (f *Form) form() *Form { return f }

// Declare adds fields, in the order in which they are shown and checked. A field whose name is
// there already takes the other one's place.
func (f *Form) Declare(fields ...AnyField) {
	for _, field := range fields {
		if i := f.index(field.key()); i >= 0 {
			f.fields[i] = field
		} else {
			f.fields = append(f.fields, field)
		}
	}
}

// Remove takes fields out of the form. Names that it does not have are passed over.
func (f *Form) Remove(names ...string) {
	f.fields = slices.DeleteFunc(f.fields, func(field AnyField) bool {
		return slices.Contains(names, field.key())
	})
}

// Order puts the named fields first, in that order; the others follow as they were. Names that
// the form does not have are passed over.
func (f *Form) Order(names ...string) {
	place := func(field AnyField) int {
		if i := slices.Index(names, field.key()); i >= 0 {
			return i
		}
		return len(names)
	}
	slices.SortStableFunc(f.fields, func(a, b AnyField) int { return place(a) - place(b) })
}

func (f *Form) index(name string) int {
	return slices.IndexFunc(f.fields, func(field AnyField) bool { return field.key() == name })
}

// Bind gives the form what was posted. [Accept] does it for a request; for a search form use
// Bind(Data{Values: r.URL.Query()}) and [Validate].
func (f *Form) Bind(d Data) { f.data = &d }

// IsBound reports whether the form was given data, even if none of it was for its fields.
func (f *Form) IsBound() bool { return f.data != nil }

// AddError adds an error of the form as a whole.
func (f *Form) AddError(e *Error) { f.errors = append(f.errors, e) }

// Validate checks a bound form, its fields in order and then Clean, and reports whether all is
// well. Unless it is, the values must not be used. A form that is not bound is not valid. The
// error is not about what was entered: something failed.
func Validate(ctx context.Context, f Interface) (bool, error) {
	form := f.form()
	form.errors = nil
	if form.data == nil {
		return false, nil
	}
	for _, field := range form.fields {
		if err := field.clean(ctx, form.input(field.key())); err != nil {
			return false, err
		}
	}
	list, failure := split(f.Clean(ctx))
	if failure != nil {
		return false, fmt.Errorf("forms: %w", failure)
	}
	form.errors = append(form.errors, list...)
	return !form.HasErrors(), nil
}

// input is what was posted for a field.
func (f *Form) input(name string) Input {
	if f.data == nil {
		return Input{}
	}
	name = f.htmlName(name)
	return Input{Values: f.data.Values[name], Files: f.data.Files[name]}
}

func (f *Form) htmlName(name string) string {
	if f.Prefix == "" {
		return name
	}
	return f.Prefix + "-" + name
}

// HasErrors reports whether anything is wrong, with the form or a field.
func (f *Form) HasErrors() bool {
	return len(f.errors) > 0 ||
		slices.ContainsFunc(f.fields, func(field AnyField) bool { return len(*field.problems()) > 0 })
}

// NonFieldErrors returns what is wrong with the form as a whole.
func (f *Form) NonFieldErrors() Errors { return f.errors }

// Errors returns everything that is wrong by field name, with "" for the form as a whole. The map
// is the caller's.
func (f *Form) Errors() map[string]Errors {
	all := map[string]Errors{}
	if len(f.errors) > 0 {
		all[""] = f.errors
	}
	for _, field := range f.fields {
		if list := *field.problems(); len(list) > 0 {
			all[field.key()] = list
		}
	}
	return all
}
