package forms

import (
	"fmt"
	"html/template"
	"io/fs"
	"slices"
	"strings"
	"sync"

	pages "github.com/go-belleville/belleville/templates"
)

// Bound is a field as a template sees it: with the form around it and what was posted.
type Bound struct {
	form  *Form
	field AnyField
	d     description
}

func (f *Form) bound(field AnyField) *Bound { return &Bound{f, field, field.describe()} }

// Field returns the field of that name, for templates: {{(.form.Field "username").Input}}. It is
// an error to ask for one that the form does not have.
func (f *Form) Field(name string) (*Bound, error) {
	i := f.index(name)
	if i < 0 {
		return nil, fmt.Errorf("forms: the form has no field %q", name)
	}
	return f.bound(f.fields[i]), nil
}

// Fields returns the fields that are seen, in order.
func (f *Form) Fields() []*Bound {
	return f.which(func(b *Bound) bool { return b.d.widget.Kind() != Unseen })
}

// Hidden returns the fields that are not seen. A page that writes the fields one by one must
// write these too.
func (f *Form) Hidden() []*Bound {
	return f.which(func(b *Bound) bool { return b.d.widget.Kind() == Unseen })
}

// FieldErrors returns the fields that are seen and have errors.
func (f *Form) FieldErrors() []*Bound {
	return f.which(func(b *Bound) bool { return b.d.widget.Kind() != Unseen && len(b.Errors()) > 0 })
}

// Multipart reports whether the form has a field for files, so that its element needs
// enctype="multipart/form-data".
func (f *Form) Multipart() bool {
	return len(f.which(func(b *Bound) bool { return b.d.widget.Kind() == FileLike })) > 0
}

func (f *Form) which(want func(*Bound) bool) []*Bound {
	var list []*Bound
	for _, field := range f.fields {
		if b := f.bound(field); want(b) {
			list = append(list, b)
		}
	}
	return list
}

// defaultParts are the default pages that show a form, parsed once.
var defaultParts = sync.OnceValues(func() (*template.Template, error) {
	parts := template.New("")
	for _, name := range []string{"forms/form.html", "forms/errors.html", "forms/field.html"} {
		text, err := fs.ReadFile(pages.Pages(), name)
		if err != nil {
			return nil, err
		}
		if _, err := parts.New(name).Parse(string(text)); err != nil {
			return nil, err
		}
	}
	return parts, nil
})

// Render returns the whole inside of the form: errors, hidden fields, fields. It is what the
// default forms/form.html makes; in a page write {{template "forms/form.html" .form}} instead,
// which a project can change.
func (f *Form) Render() (template.HTML, error) {
	parts, err := defaultParts()
	if err != nil {
		return "", fmt.Errorf("forms: %w", err)
	}
	var b strings.Builder
	if err := parts.ExecuteTemplate(&b, "forms/form.html", f); err != nil {
		return "", fmt.Errorf("forms: %w", err)
	}
	return template.HTML(b.String()), nil // escaped by html/template
}

// Name is the name in the request, with the form's prefix.
func (b *Bound) Name() string { return b.form.htmlName(b.d.name) }

// ID is the element's, "id_username"; in a group it is the first element's.
func (b *Bound) ID() string { return "id_" + b.Name() }

// HelpID is the ID of the element that shows HelpText.
func (b *Bound) HelpID() string { return b.ID() + "_helptext" }

// ErrorID is the ID of the element that shows Errors.
func (b *Bound) ErrorID() string { return b.ID() + "_error" }

// DescribedBy is the value for aria-describedby: the IDs of the help and errors that there are.
// Input has it already, except in a group, where it belongs to the fieldset.
func (b *Bound) DescribedBy() string {
	var ids []string
	if b.d.help != "" {
		ids = append(ids, b.HelpID())
	}
	if len(b.Errors()) > 0 {
		ids = append(ids, b.ErrorID())
	}
	return strings.Join(ids, " ")
}

// Label is the label's text, "" for a field without one.
func (b *Bound) Label() string { return b.d.label }

// LabelTag is the label's element, bound to the input; a legend for a group; nothing for a field
// without a label.
func (b *Bound) LabelTag() template.HTML {
	if b.d.label == "" {
		return ""
	}
	if b.IsGroup() {
		return "<legend>" + escape(b.d.label) + "</legend>"
	}
	return Tag("label", Attrs{"for": b.ID()}) + escape(b.d.label) + "</label>"
}

// HelpText is the field's help.
func (b *Bound) HelpText() template.HTML { return b.d.help }

// Errors is what is wrong with the field.
func (b *Bound) Errors() Errors { return *b.field.problems() }

// Required reports whether the field must not stay empty.
func (b *Bound) Required() bool { return b.d.required }

// IsHidden reports whether the field is not seen.
func (b *Bound) IsHidden() bool { return b.d.widget.Kind() == Unseen }

// IsGroup reports whether the field has several elements and needs a fieldset.
func (b *Bound) IsGroup() bool { return b.d.widget.Kind() == Group }

// IsCheckbox reports whether the field is one box, whose label belongs behind it.
func (b *Bound) IsCheckbox() bool { return b.d.widget.Kind() == Tick }

// Value is the text that the field shows: what was posted, otherwise the initial value. It is ""
// for passwords and files.
func (b *Bound) Value() string { return Input{Values: b.values()}.Text() }

func (b *Bound) values() []string {
	switch b.d.widget.Kind() {
	case Secret, FileLike: // public: kinds of widgets
		return nil
	}
	if !b.form.IsBound() || b.d.disabled {
		return b.d.initial
	}
	return b.form.input(b.d.name).Values
}

// Input is the element in which the value is entered, with all that assistive technology needs.
func (b *Bound) Input() template.HTML {
	c := Control{
		Name: b.Name(), ID: b.ID(), Values: b.values(), Required: b.d.required,
		Items: slices.Clone(b.d.items), Attrs: b.attrs(),
	}
	for i := range c.Items {
		c.Items[i].Selected = slices.Contains(c.Values, c.Items[i].Value)
	}
	return b.d.widget.Render(c)
}

// attrs are the attributes that follow from the field's state, under the field's own.
func (b *Bound) attrs() Attrs {
	kind := b.d.widget.Kind()
	if kind == Unseen {
		return nil
	}
	a := Attrs{}
	if b.d.required {
		a["required"] = ""
	}
	if b.d.disabled {
		a["disabled"] = ""
	}
	if len(b.Errors()) > 0 && kind != Group {
		a["aria-invalid"] = "true"
	}
	if ids := b.DescribedBy(); ids != "" && kind != Group {
		a["aria-describedby"] = ids
	}
	for name, value := range b.d.attrs {
		a[name] = value
	}
	return a
}
