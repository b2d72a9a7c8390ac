package mail

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"os"
	"strings"
	"sync"
	"unicode"
)

// Console is a transport for development: it prints messages so that a person can read them and
// follow their links, which the transmitted form with its encodings does not allow. Date, Message-ID
// and Bcc are not printed, and the HTML only where there is no text. Control characters are left out, so that no message commands
// the terminal. A Console must not be copied.
type Console struct {
	W io.Writer // nil means os.Stdout

	mu sync.Mutex
}

var _ Transport = (*Console)(nil)

// Send prints the messages, each in one Write, with a line of dashes after it.
func (c *Console) Send(ctx context.Context, msgs ...*Message) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return each(ctx, msgs, func(m *Message) error {
		l, err := m.compose()
		if err != nil {
			return err
		}
		w := c.W
		if w == nil {
			w = os.Stdout
		}
		if _, err := w.Write(l.readable(m)); err != nil {
			return fmt.Errorf("mail: print the message: %w", err)
		}
		return nil
	})
}

// readable returns the message for people, with \n at the ends of lines.
func (l *letter) readable(m *Message) []byte {
	var b bytes.Buffer
	for _, f := range l.fields {
		if f.isStamp() {
			continue
		}
		text, err := new(mime.WordDecoder).DecodeHeader(f.value())
		if err != nil {
			text = f.value()
		}
		fmt.Fprintf(&b, "%s: %s\n", f.name, strings.ReplaceAll(printable(text), "\n", ""))
	}
	if m.Text != "" {
		fmt.Fprintf(&b, "\n%s\n", printable(m.Text))
	}
	switch {
	case m.HTML != "" && m.Text != "":
		fmt.Fprintf(&b, "\n[the same as HTML: %d bytes]\n", len(m.HTML))
	case m.HTML != "":
		fmt.Fprintf(&b, "\n%s\n", printable(m.HTML))
	}
	for _, a := range m.Attachments {
		fmt.Fprintf(&b, "\n[attachment %q: %d bytes]\n", a.Name, len(a.Content))
	}
	b.WriteString(strings.Repeat("-", 79) + "\n")
	return b.Bytes()
}

// printable drops what a terminal would obey. Carriage returns go with it.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}
