package command

import (
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

// helpWidth is the widest line.
const helpWidth = 80

// WriteHelp writes the usage line, the summary, the details and the options.
func (c Command) WriteHelp(w io.Writer) error { return c.writeHelp(w, c.Name) }

func (c Command) writeHelp(w io.Writer, path string) error {
	fs, _ := c.flags()
	var b strings.Builder
	b.WriteString("usage: manage " + path)
	switch {
	case len(c.Sub) > 0:
		b.WriteString(" command")
	case fs.HasAvailableFlags():
		b.WriteString(" [options]")
	}
	if c.Args != "" {
		b.WriteString(" " + c.Args)
	}
	b.WriteString("\n\n" + c.Summary + ".\n")
	if c.Details != "" {
		b.WriteString("\n" + wrap(c.Details))
	}
	if len(c.Sub) > 0 {
		b.WriteString("\nCommands:\n")
		t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, sub := range c.Sub {
			_, _ = io.WriteString(t, "  "+sub.Name+"\t"+sub.Summary+"\n")
		}
		_ = t.Flush() // into memory
	}
	if fs.HasAvailableFlags() {
		b.WriteString("\nOptions:\n" + fs.FlagUsagesWrapped(helpWidth))
	}
	if len(c.Required) > 0 {
		b.WriteString("\n" + wrap("Required: "+flagList(c.Required)+"."))
	}
	for _, group := range c.OneOf {
		b.WriteString("\n" + wrap("Exactly one of "+flagList(group)+" is required."))
	}
	if c.hasChecks() {
		b.WriteString("\nWith --" + skipChecks + " it runs although a system check reports an error.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// wrap breaks text into lines of a screen's width, wherever its own lines end. Empty lines part
// paragraphs.
func wrap(text string) string {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		width := 0
		for _, word := range strings.Fields(paragraph) {
			n := utf8.RuneCountInString(word)
			switch {
			case width == 0:
			case width+1+n > helpWidth:
				b.WriteString("\n")
				width = 0
			default:
				b.WriteString(" ")
				width++
			}
			b.WriteString(word)
			width += n
		}
		b.WriteString("\n")
	}
	return b.String()
}
