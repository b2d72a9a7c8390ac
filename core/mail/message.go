package mail

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Errors of messages. They are wrapped by a text that names the field and what is wrong with it, and
// never repeats what the field holds.
var (
	// ErrHeader says that a header cannot be written: it has a line break or a NUL, it is not
	// valid UTF-8, too long, or not the message's own business.
	ErrHeader = errors.New("header refused")
	// ErrAddress says that something is not one e-mail address.
	ErrAddress = errors.New("not an e-mail address")
	// ErrNoRecipient says that To, Cc and Bcc are all empty.
	ErrNoRecipient = errors.New("mail: the message has no recipient")
)

// Message is an e-mail. With Text and HTML both, the HTML is an alternative to the text; one of them
// is enough, and neither is needed. Addresses are "ada@example.org" or "Ada <ada@example.org>", one
// in each string; [Address] makes them of a name which may hold anything.
//
// Nothing in this package changes a message that it is given, and what outlives the call works on a
// copy. A message may be sent by several goroutines as long as none changes it.
type Message struct {
	Subject string
	Text    string // UTF-8, any line ends
	HTML    string // UTF-8
	From    string // one address, also the one that bounces go to; a Mailer fills it when empty
	To      []string
	Cc      []string
	Bcc     []string // get the message without being named in it
	ReplyTo []string

	// Headers are further headers. Those that have a field above, and those that describe the body
	// (MIME-Version, Content-…), are refused. Text that is not ASCII is encoded. Date and
	// Message-ID are made at sending unless they are here.
	Headers map[string]string

	Attachments []Attachment
}

// Attachment is a file that comes with a message.
type Attachment struct {
	// Name is the file's name as the recipient sees it; empty leaves that to the mail program.
	Name string
	// Type is the MIME type, with parameters if it has any: "text/csv; charset=utf-8". Empty means
	// application/octet-stream. It is always sent as base64, so multipart and message types, which
	// may not be, are refused.
	Type    string
	Content []byte
}

// Clone returns a copy that shares nothing with m. It costs as much memory as the attachments.
func (m *Message) Clone() *Message {
	c := *m
	c.To, c.Cc, c.Bcc, c.ReplyTo = slices.Clone(m.To), slices.Clone(m.Cc), slices.Clone(m.Bcc), slices.Clone(m.ReplyTo)
	c.Headers = maps.Clone(m.Headers)
	c.Attachments = slices.Clone(m.Attachments)
	for i := range c.Attachments {
		c.Attachments[i].Content = bytes.Clone(c.Attachments[i].Content)
	}
	return &c
}

// Validate reports the first thing that keeps the message from being sent: an error that is
// ErrHeader, ErrAddress or ErrNoRecipient. Every transport does this by itself.
func (m *Message) Validate() error {
	_, err := m.compose()
	return err
}

// Envelope returns the sender's address and the recipients' (To, Cc and Bcc, each once), without
// names and spelled as SMTP has them. The error is Validate's.
func (m *Message) Envelope() (from string, to []string, err error) {
	l, err := m.compose()
	if err != nil {
		return "", nil, err
	}
	return l.from, l.to, nil
}

// Bytes returns the message as it is transmitted, with CRLF at the ends of lines, which are at most
// 998 bytes long. It has no Bcc. Unless Headers has them, Date is now and Message-ID is made of
// random letters and the domain of From, so that two calls give different bytes. The error is
// Validate's.
func (m *Message) Bytes() ([]byte, error) {
	l, err := m.compose()
	if err != nil {
		return nil, err
	}
	return l.bytes()
}

// stamped returns a copy that has a date and a Message-ID, so that sending it again repeats them:
// receivers tell by that a message which they got twice.
func (m *Message) stamped() (*Message, error) {
	l, err := m.compose()
	if err != nil {
		return nil, err
	}
	c := m.Clone()
	if c.Headers == nil {
		c.Headers = make(map[string]string, 2)
	}
	for _, f := range l.stamp() {
		if !l.has(f.name) {
			c.Headers[f.name] = f.value()
		}
	}
	return c, nil
}

// stamp returns the headers that differ from one sending to the next.
func (l *letter) stamp() []field {
	domain := l.from[strings.LastIndexByte(l.from, '@')+1:]
	return []field{
		{name: messageIDName, words: []string{" <" + rand.Text() + "@" + domain + ">"}},
		textField(dateName, time.Now().UTC().Format(time.RFC1123Z)),
	}
}

// JoinLines removes all line breaks from s, those of Unicode included, as Django does with the
// rendered subject of a mail.
func JoinLines(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\r', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
			return -1
		}
		return r
	}, s)
}

// refuse makes an error of the field, what is wrong with it, and ErrHeader or ErrAddress.
func refuse(where, wrong string, kind error) error {
	return fmt.Errorf("mail: %s %s: %w", where, wrong, kind)
}
