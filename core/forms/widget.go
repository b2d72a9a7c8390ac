package forms

import (
	"html/template"
	"maps"
	"strconv"
	"strings"
)

// Attrs are attributes of an HTML element by name. An empty value writes the name alone
// ("autofocus"). Values are escaped; a name that could not be one is left out.
type Attrs map[string]string

// Kind says what a widget needs around it.
type Kind int

// The kinds of widgets.
const (
	Plain    Kind = iota // one element with a label
	Secret               // the same, but its value is never shown
	Tick                 // a box, whose label follows it
	Group                // several elements, in a fieldset with a legend
	FileLike             // one element that makes the form a multipart one
	Unseen               // a hidden element, without a label
)

// Widget is how a value is entered. Implementations are small structs.
type Widget interface {
	// Kind says what the widget needs around it.
	Kind() Kind
	// Render returns the HTML of the element or elements. Everything from c must be escaped;
	// [Tag] does.
	Render(c Control) template.HTML
}

// Control is what a widget shows.
type Control struct {
	// Name and ID are the element's; a group adds _0, _1 and so on to the ID.
	Name, ID string
	// Values are what is entered now; empty for nothing. Secret widgets get none.
	Values []string
	// Items are what there is to choose from.
	Items []Item
	// Required says that the field must not stay empty.
	Required bool
	// Attrs are the other attributes: required, disabled, maxlength, aria-invalid and so on.
	Attrs Attrs
}

// Item is an option of a [Control].
type Item struct {
	Value, Label, Group string
	Disabled, Selected  bool
}

// text is the last value.
func (c Control) text() string { return Input{Values: c.Values}.Text() }

// element returns the attributes of the control's one element.
func (c Control) element(more Attrs) Attrs {
	a := Attrs{"name": c.Name, "id": c.ID}
	maps.Copy(a, more)
	maps.Copy(a, c.Attrs)
	return a
}

// Tag returns an opening tag with its attributes in order of their names, type, name and id first.
func Tag(name string, attrs Attrs) template.HTML {
	var b strings.Builder
	b.WriteString("<" + name)
	write := func(key string) {
		value, ok := attrs[key]
		if !ok || !isAttrName(key) {
			return
		}
		b.WriteString(" " + key)
		if value != "" || key == "value" || key == "name" {
			b.WriteString(`="` + template.HTMLEscapeString(value) + `"`)
		}
	}
	first := []string{"type", "name", "id", "value"}
	for _, key := range first {
		write(key)
	}
	for _, key := range attrNames(attrs) {
		switch key {
		case "type", "name", "id", "value":
		default:
			write(key)
		}
	}
	b.WriteString(">")
	return template.HTML(b.String()) // escaped above
}

func isAttrName(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-_:.") == ""
}

func escape(s string) template.HTML { return template.HTML(template.HTMLEscapeString(s)) }

// Line is one line of text, or of something that a browser helps to enter.
type Line struct {
	// Type is the type of the input element: "email", "number", "search", "date". Empty means
	// "text".
	Type string
}

// Kind returns Plain.
func (Line) Kind() Kind { return Plain }

// Render implements [Widget].
func (l Line) Render(c Control) template.HTML {
	more := Attrs{"type": l.Type}
	if l.Type == "" {
		more["type"] = "text"
	}
	if text := c.text(); text != "" {
		more["value"] = text
	}
	return Tag("input", c.element(more))
}

// PasswordLine is a line whose characters cannot be read.
type PasswordLine struct{}

// Kind returns Secret.
func (PasswordLine) Kind() Kind { return Secret }

// Render implements [Widget]. What was typed is not in it.
func (PasswordLine) Render(c Control) template.HTML {
	return Tag("input", c.element(Attrs{"type": "password"}))
}

// Hidden is an element that nobody sees. What comes back in it is as little to be trusted as
// everything else.
type Hidden struct{}

// Kind returns Unseen.
func (Hidden) Kind() Kind { return Unseen }

// Render implements [Widget].
func (Hidden) Render(c Control) template.HTML {
	return Tag("input", c.element(Attrs{"type": "hidden", "value": c.text()}))
}

// TextArea is a box for several lines.
type TextArea struct {
	// Rows is its height in lines; 0 leaves it to the stylesheet.
	Rows int
}

// Kind returns Plain.
func (TextArea) Kind() Kind { return Plain }

// Render implements [Widget].
func (t TextArea) Render(c Control) template.HTML {
	more := Attrs{}
	if t.Rows > 0 {
		more["rows"] = strconv.Itoa(t.Rows)
	}
	// A browser drops the first line break, so there is one too many.
	return Tag("textarea", c.element(more)) + "\n" + escape(c.text()) + "</textarea>"
}

// Checkbox is a box to tick.
type Checkbox struct{}

// Kind returns Tick.
func (Checkbox) Kind() Kind { return Tick }

// Render implements [Widget].
func (Checkbox) Render(c Control) template.HTML {
	more := Attrs{"type": "checkbox"}
	if ticked(c.text()) {
		more["checked"] = ""
	}
	return Tag("input", c.element(more))
}

// FilePicker is a button to choose a file. It never shows one.
type FilePicker struct{}

// Kind returns FileLike.
func (FilePicker) Kind() Kind { return FileLike }

// Render implements [Widget].
func (FilePicker) Render(c Control) template.HTML {
	return Tag("input", c.element(Attrs{"type": "file"}))
}
