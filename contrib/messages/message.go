package messages

import (
	"fmt"
	"html/template"
)

// Message is one message. It is a value: copies are independent, and nothing in it changes.
type Message struct {
	// Level is how much it matters; 0 for one without a level, from [UserMessages].
	Level Level
	// Text is what people read.
	Text string
	// Safe says that Text is HTML, which [Message.HTML] does not escape.
	Safe bool
	// ExtraTags are further words for the class attribute, with spaces between.
	ExtraTags string

	tagged bool      // the format has a place for extra tags, even if they are empty
	tags   *tagTable // the project's; nil for the default ones
}

// String returns the text. A template that shows a message by {{.}} escapes it, safe or not.
func (m Message) String() string { return m.Text }

// HTML returns the text as HTML: as it is when it is safe, escaped otherwise.
func (m Message) HTML() template.HTML {
	if m.Safe {
		return template.HTML(m.Text) //nolint:gosec // the code that added it said so, by AddHTML
	}
	return template.HTML(template.HTMLEscapeString(m.Text)) //nolint:gosec // escaped
}

// LevelTag returns the level's tag: "info", one of the project's own, or "" for a level without.
func (m Message) LevelTag() string { return m.tags.tag(m.Level) }

// Tags returns the extra tags and then the level's, with a space between, for a class attribute.
func (m Message) Tags() string {
	tag := m.LevelTag()
	if m.ExtraTags == "" || tag == "" {
		return m.ExtraTags + tag
	}
	return m.ExtraTags + " " + tag
}

// Equal reports whether both say the same at the same level; tags do not count. That is Django's
// idea of it. Messages that were handed out carry their project's tags and are not == to ones made
// by hand.
func (m Message) Equal(other Message) bool { return m.Level == other.Level && m.Text == other.Text }

// GoString returns the message in short, for the reports of tests.
func (m Message) GoString() string {
	s := fmt.Sprintf("%d %q", m.Level, m.Text)
	if m.Safe {
		s += " safe"
	}
	if m.ExtraTags != "" {
		s += fmt.Sprintf(" [%s]", m.ExtraTags)
	}
	return s
}
