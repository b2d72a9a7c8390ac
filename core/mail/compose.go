package mail

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/textproto"
	"slices"
	"strings"

	"github.com/jordan-wright/email"
)

// letter is a message that has been checked: its envelope and the headers which it has in every
// sending. It shares the attachments with the message.
type letter struct {
	from   string
	to     []string
	fields []field
	body   email.Email
}

// compose checks the whole message.
func (m *Message) compose() (*letter, error) {
	if m == nil {
		return nil, errors.New("mail: the message is nil")
	}
	l := &letter{}
	if err := l.people(m); err != nil {
		return nil, err
	}
	if err := l.headers(m); err != nil {
		return nil, err
	}
	for i, a := range m.Attachments {
		part, err := a.part(fmt.Sprintf("attachment %d", i+1))
		if err != nil {
			return nil, err
		}
		l.body.Attachments = append(l.body.Attachments, part)
	}
	for _, f := range append(l.fields, l.stamp()...) {
		if err := f.check(); err != nil {
			return nil, err
		}
	}
	l.body.Text, l.body.HTML = []byte(m.Text), []byte(m.HTML)
	return l, nil
}

// people fills the envelope and the headers with addresses.
func (l *letter) people(m *Message) error {
	if m.From == "" {
		return refuse("From", "is empty: set it, or send through a Mailer, which does", ErrAddress)
	}
	from, err := parseAddress("From", m.From)
	if err != nil {
		return err
	}
	l.from = from.spec
	l.fields = append(l.fields, addressField("From", []address{from}))
	for _, list := range []struct {
		name      string
		addresses []string
		envelope  bool
		header    bool
	}{
		{"Reply-To", m.ReplyTo, false, true},
		{"To", m.To, true, true},
		{"Cc", m.Cc, true, true},
		{"Bcc", m.Bcc, true, false},
	} {
		parsed, err := parseAddresses(list.name, list.addresses)
		if err != nil {
			return err
		}
		if list.header && len(parsed) > 0 {
			l.fields = append(l.fields, addressField(list.name, parsed))
		}
		for _, a := range parsed {
			if list.envelope && !slices.Contains(l.to, a.spec) {
				l.to = append(l.to, a.spec)
			}
		}
	}
	if len(l.to) == 0 {
		return ErrNoRecipient
	}
	return nil
}

// headers adds the subject and the further headers, these by name.
func (l *letter) headers(m *Message) error {
	if err := checkText("Subject", m.Subject); err != nil {
		return err
	}
	if m.Subject != "" {
		l.fields = append(l.fields, textField("Subject", m.Subject))
	}
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		f, err := furtherField(name, m.Headers[name])
		if err != nil {
			return err
		}
		if l.has(name) {
			return refuse(name, "is in Headers twice, in different spellings", ErrHeader)
		}
		l.fields = append(l.fields, f)
	}
	return nil
}

func (l *letter) has(name string) bool {
	return slices.ContainsFunc(l.fields, func(f field) bool { return strings.EqualFold(f.name, name) })
}

// part makes the library's attachment. The library would write names and types as they are, and
// make a Content-ID of the name, so all of its headers are made here.
func (a Attachment) part(where string) (*email.Attachment, error) {
	if err := errors.Join(checkText(where+": Name", a.Name), checkText(where+": Type", a.Type)); err != nil {
		return nil, err
	}
	kind := "application/octet-stream"
	if a.Type != "" {
		media, params, err := mime.ParseMediaType(a.Type)
		major, sub, _ := strings.Cut(media, "/")
		if kind = mime.FormatMediaType(media, params); err != nil || kind == "" || sub == "" {
			return nil, refuse(where+": Type", "must be a MIME type such as text/csv", ErrHeader)
		}
		if major == "multipart" || major == "message" {
			return nil, refuse(where+": Type", "must not be a multipart or message type: use application/octet-stream", ErrHeader)
		}
	}
	disposition := "attachment"
	if a.Name != "" {
		disposition = mime.FormatMediaType(disposition, map[string]string{"filename": a.Name})
	}
	const room = maxLine - len("Content-Disposition: ")
	if len(kind) > room || len(disposition) > room {
		return nil, refuse(where, "has a name or type that is too long", ErrHeader)
	}
	return &email.Attachment{
		ContentType: kind,
		Header: textproto.MIMEHeader{
			"Content-Disposition": {disposition},
			"Content-Id":          {"<" + rand.Text() + "@attachment.invalid>"},
		},
		Content: a.Content,
	}, nil
}

// bytes writes the headers and has the library write the body. The library's own headers come in
// random order, and it splits addresses at commas inside of names, so only those that tell how the
// body is encoded are taken from it.
func (l *letter) bytes() ([]byte, error) {
	body := l.body
	body.Headers = textproto.MIMEHeader{"Message-Id": {"<unused>"}} // or it asks for the host's name
	raw, err := body.Bytes()
	if err != nil {
		return nil, fmt.Errorf("mail: build the body: %w", err)
	}
	r := bufio.NewReader(bytes.NewReader(raw))
	made, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		return nil, fmt.Errorf("mail: read the body's headers: %w", err)
	}
	var b bytes.Buffer
	b.Grow(len(raw) + 512)
	for _, f := range l.stamp() {
		if !l.has(f.name) {
			f.writeTo(&b)
		}
	}
	for _, stamps := range []bool{true, false} {
		for _, f := range l.fields {
			if f.isStamp() == stamps {
				f.writeTo(&b)
			}
		}
	}
	for _, name := range []string{"MIME-Version", "Content-Type", "Content-Transfer-Encoding"} {
		if value := made.Get(name); value != "" {
			textField(name, value).writeTo(&b)
		}
	}
	b.WriteString("\r\n")
	if _, err := r.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("mail: copy the body: %w", err)
	}
	return b.Bytes(), nil
}
