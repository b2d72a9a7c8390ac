package forms

import (
	"html/template"
	"maps"
	"strconv"
)

// Select is a list that opens.
type Select struct {
	// Multiple allows several choices.
	Multiple bool
	// Blank is the label of an option for no choice, put first. Without one a list whose field
	// is optional has a dash.
	Blank string
}

// Kind returns Plain.
func (Select) Kind() Kind { return Plain }

// Render implements [Widget].
func (s Select) Render(c Control) template.HTML {
	more := Attrs{}
	blank := s.Blank
	if s.Multiple {
		more["multiple"], blank = "", ""
	} else if blank == "" && !c.Required {
		blank = "–"
	}
	attrs := c.element(more)
	if blank == "" && !s.Multiple {
		delete(attrs, "required") // only allowed with an empty option
	}
	html := Tag("select", attrs) + "\n"
	if blank != "" {
		html += `<option value="">` + escape(blank) + "</option>\n"
	}
	return html + options(c.Items) + "</select>"
}

// options writes the options with a heading where the group changes.
func options(items []Item) (html template.HTML) {
	group := ""
	for _, item := range items {
		if item.Group != group {
			if group != "" {
				html += "</optgroup>\n"
			}
			if group = item.Group; group != "" {
				html += Tag("optgroup", Attrs{"label": group}) + "\n"
			}
		}
		a := Attrs{"value": item.Value}
		if item.Selected {
			a["selected"] = ""
		}
		if item.Disabled {
			a["disabled"] = ""
		}
		html += Tag("option", a) + escape(item.Label) + "</option>\n"
	}
	if group != "" {
		html += "</optgroup>\n"
	}
	return html
}

// Radios shows all options at once, of which one can be chosen.
type Radios struct{}

// Kind returns Group.
func (Radios) Kind() Kind { return Group }

// Render implements [Widget].
func (Radios) Render(c Control) template.HTML { return buttons(c, "radio") }

// Checkboxes shows all options at once, of which several can be chosen.
type Checkboxes struct{}

// Kind returns Group.
func (Checkboxes) Kind() Kind { return Group }

// Render implements [Widget].
func (Checkboxes) Render(c Control) template.HTML {
	attrs := maps.Clone(c.Attrs)
	delete(attrs, "required") // it would mean every single one
	c.Attrs = attrs
	return buttons(c, "checkbox")
}

// buttons writes a labelled element for each option.
func buttons(c Control, kind string) template.HTML {
	html := template.HTML(`<ul class="options">` + "\n")
	group := ""
	for i, item := range c.Items {
		if item.Group != group {
			if group = item.Group; group != "" {
				html += "<li><b>" + escape(group) + "</b></li>\n"
			}
		}
		id := c.ID
		if i > 0 { // the first has the control's own ID, for links to it
			id += "_" + strconv.Itoa(i)
		}
		a := c.element(Attrs{"type": kind, "value": item.Value})
		a["id"] = id
		if item.Selected {
			a["checked"] = ""
		}
		if item.Disabled {
			a["disabled"] = ""
		}
		if i > 0 {
			delete(a, "autofocus")
		}
		html += "<li>" + Tag("label", Attrs{"for": id}) + Tag("input", a) + " <span>" + escape(item.Label) + "</span></label></li>\n"
	}
	return html + "</ul>"
}
