package command

import (
	"io"
	"strings"
	"text/tabwriter"
)

// helpWidth is the widest line of a list of flags.
const helpWidth = 100

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
		b.WriteString("\n" + strings.TrimSpace(c.Details) + "\n")
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
		b.WriteString("\nRequired: " + flagList(c.Required) + ".\n")
	}
	for _, group := range c.OneOf {
		b.WriteString("\nExactly one of " + flagList(group) + " is required.\n")
	}
	if c.hasChecks() {
		b.WriteString("\nWith --" + skipChecks + " it runs although a system check reports an error.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
