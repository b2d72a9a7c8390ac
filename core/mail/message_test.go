package mail_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/mail"
)

func TestMessageRefusesInjection(t *testing.T) {
	t.Parallel()
	fields := []struct {
		name string
		set  func(m *mail.Message, evil string)
	}{
		{"Subject", func(m *mail.Message, evil string) { m.Subject = "Hi" + evil }},
		{"From", func(m *mail.Message, evil string) { m.From = "polls@example.org" + evil }},
		{"From's name", func(m *mail.Message, evil string) { m.From = "Polls" + evil + " <polls@example.org>" }},
		{"From's quoted name", func(m *mail.Message, evil string) { m.From = `"Polls` + evil + `" <polls@example.org>` }},
		{"To", func(m *mail.Message, evil string) { m.To = append(m.To, "ada@example.org"+evil) }},
		{"Cc", func(m *mail.Message, evil string) { m.Cc = []string{"Ada" + evil + " <ada@example.org>"} }},
		{"Bcc", func(m *mail.Message, evil string) { m.Bcc = []string{"ada@example.org" + evil} }},
		{"ReplyTo", func(m *mail.Message, evil string) { m.ReplyTo = []string{"ada" + evil + "@example.org"} }},
		{"a header's value", func(m *mail.Message, evil string) { m.Headers = map[string]string{"X-Poll": "7" + evil} }},
		{"a header's name", func(m *mail.Message, evil string) { m.Headers = map[string]string{"X-Poll" + evil: "7"} }},
		{"Sender", func(m *mail.Message, evil string) { m.Headers = map[string]string{"Sender": "a@example.org" + evil} }},
		{"Date", func(m *mail.Message, evil string) {
			m.Headers = map[string]string{"Date": "Mon, 02 Jan 2006 15:04:05 +0000" + evil}
		}},
		{"Message-ID", func(m *mail.Message, evil string) { m.Headers = map[string]string{"Message-ID": "<a@b" + evil + ">"} }},
		{"an attachment's name", func(m *mail.Message, evil string) { m.Attachments = []mail.Attachment{{Name: "a.txt" + evil}} }},
		{"an attachment's type", func(m *mail.Message, evil string) { m.Attachments = []mail.Attachment{{Type: "text/plain" + evil}} }},
		{"an attachment's parameter", func(m *mail.Message, evil string) {
			m.Attachments = []mail.Attachment{{Type: `text/plain; charset="utf-8` + evil + `"`}}
		}},
	}
	evils := map[string]string{
		"CRLF": "\r\nBcc: evil@example.org", "LF": "\nBcc: evil@example.org", "CR": "\rBcc: evil@example.org",
		"folded": "\r\n Bcc: evil@example.org", "NUL": "\x00", "end of headers": "\r\n\r\nHello", "not UTF-8": "\xff",
	}
	for _, field := range fields {
		for name, evil := range evils {
			t.Run("row/G43/"+field.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				m := sample()
				field.set(m, evil)
				err := m.Validate()
				if !errors.Is(err, mail.ErrHeader) {
					t.Errorf("Validate = %v, want an error that is ErrHeader", err)
				}
				if err != nil && strings.Contains(err.Error(), "evil") {
					t.Errorf("the error %q repeats what the field holds", err)
				}
				if raw, err := m.Bytes(); !errors.Is(err, mail.ErrHeader) || raw != nil {
					t.Errorf("Bytes = %q, %v; want nothing and an error that is ErrHeader", raw, err)
				}
			})
		}
	}
	t.Run("row/G43/encoded", func(t *testing.T) {
		t.Parallel()
		m := sample()
		m.To = []string{"=?utf-8?q?Ada=0D=0ABcc=3A_evil=40example.org?= <ada@example.org>"}
		if err := m.Validate(); !errors.Is(err, mail.ErrHeader) {
			t.Errorf("a line break inside an encoded name: %v, want ErrHeader", err)
		}
	})
}

// TestRowMail is the half of the row about headers; TestSMTPNeverFallsBack is the other.
func TestRowMail(t *testing.T) {
	t.Parallel()
	t.Run("row/G43", func(t *testing.T) {
		t.Parallel()
		m := sample()
		m.Subject = "Password reset\non example.org\r\nBcc: evil@example.org\u2028"
		if err := m.Validate(); !errors.Is(err, mail.ErrHeader) {
			t.Errorf("a subject with line breaks: %v, want ErrHeader", err)
		}
		m.Subject = mail.JoinLines(m.Subject)
		h, _ := read(t, mustBytes(t, m))
		if want := "Password reseton example.orgBcc: evil@example.org"; h.Get("Subject") != want {
			t.Errorf("Subject = %q, want %q", h.Get("Subject"), want)
		}
		if h.Get("Bcc") != "" {
			t.Errorf("the subject became a header Bcc: %q", h.Get("Bcc"))
		}
	})
}

func TestMessageValidate(t *testing.T) {
	t.Parallel()
	headers := func(name, value string) func(*mail.Message) {
		return func(m *mail.Message) { m.Headers = map[string]string{name: value} }
	}
	attached := func(a mail.Attachment) func(*mail.Message) {
		return func(m *mail.Message) { m.Attachments = []mail.Attachment{a} }
	}
	tests := []struct {
		name string
		set  func(*mail.Message)
		want error
		text string // part of the error
	}{
		{"as it is", func(*mail.Message) {}, nil, ""},
		{"only Bcc", func(m *mail.Message) { m.To, m.Bcc = nil, []string{"a@example.org"} }, nil, ""},
		{"nothing to say", func(m *mail.Message) { m.Subject, m.Text = "", "" }, nil, ""},
		{"no recipient", func(m *mail.Message) { m.To, m.ReplyTo = nil, []string{"a@example.org"} }, mail.ErrNoRecipient, "no recipient"},
		{"no sender", func(m *mail.Message) { m.From = "" }, mail.ErrAddress, "From is empty"},
		{"empty address", func(m *mail.Message) { m.To = []string{"ada@example.org", ""} }, mail.ErrAddress, "To, address 2,"},
		{"no domain", func(m *mail.Message) { m.Cc = []string{"ada"} }, mail.ErrAddress, "Cc, address 1,"},
		{"two in one", func(m *mail.Message) { m.Bcc = []string{"a@example.org, b@example.org"} }, mail.ErrAddress, "Bcc, address 1,"},
		{"a group", func(m *mail.Message) { m.To = []string{"all: a@example.org, b@example.org;"} }, mail.ErrAddress, "To"},
		{"impossible domain", func(m *mail.Message) { m.To = []string{"a@exämple..org"} }, mail.ErrAddress, "To"},
		{"domain that IDNA refuses", func(m *mail.Message) { m.To = []string{"a@\u200d.org"} }, mail.ErrAddress, "domain that cannot exist"},
		{"tab before the @", func(m *mail.Message) { m.To = []string{"\"a\tb\"@example.org"} }, mail.ErrAddress, "control character"},
		{"address without end", func(m *mail.Message) { m.To = []string{strings.Repeat("a", 1000) + "@example.org"} }, mail.ErrHeader, "To is too long"},
		{"domain without end", func(m *mail.Message) { m.From = "a@" + strings.Repeat("a", 980) }, mail.ErrHeader, "Message-ID is too long"},
		{"subject without end", func(m *mail.Message) { m.Subject = strings.Repeat("a", 1000) }, mail.ErrHeader, "Subject is too long"},

		{"own header", headers("X-Poll", "7"), nil, ""},
		{"empty header", headers("X-Poll", ""), nil, ""},
		{"header with a space", headers("X Poll", "7"), mail.ErrHeader, "name in Headers"},
		{"header with a colon", headers("X:Poll", "7"), mail.ErrHeader, "name in Headers"},
		{"header without a name", headers("", "7"), mail.ErrHeader, "name in Headers"},
		{"header beyond ASCII", headers("X-Pöll", "7"), mail.ErrHeader, "name in Headers"},
		{"Bcc as a header", headers("bCC", "a@example.org"), mail.ErrHeader, "the message's field Bcc"},
		{"Resent-Bcc", headers("Resent-Bcc", "a@example.org"), mail.ErrHeader, "the message's field Bcc"},
		{"From as a header", headers("FROM", "a@example.org"), mail.ErrHeader, "the message's field From"},
		{"Reply-To as a header", headers("Reply-To", "a@example.org"), mail.ErrHeader, "the message's field ReplyTo"},
		{"Content-Type", headers("Content-Type", "text/html"), mail.ErrHeader, "follows from the body"},
		{"MIME-Version", headers("Mime-version", "2.0"), mail.ErrHeader, "follows from the body"},
		{"twice", func(m *mail.Message) { m.Headers = map[string]string{"X-Poll": "7", "x-poll": "8"} }, mail.ErrHeader, "twice"},
		{"Sender", headers("Sender", "Ada, the first <a@example.org>"), mail.ErrAddress, "Sender"},
		{"Message-ID", headers("Message-Id", "<1@example.org>"), nil, ""},
		{"Message-ID without brackets", headers("Message-Id", "1@example.org"), mail.ErrHeader, "<left@right>"},
		{"Message-ID of two", headers("Message-Id", "<1@a><2@b>"), mail.ErrHeader, "<left@right>"},
		{"Date", headers("Date", "yesterday"), mail.ErrHeader, "must be a date"},

		{"attachment", attached(mail.Attachment{}), nil, ""},
		{"attachment's type", attached(mail.Attachment{Type: "text"}), mail.ErrHeader, "attachment 1: Type must be a MIME type"},
		{"attachment's parameter", attached(mail.Attachment{Type: "text/plain; a"}), mail.ErrHeader, "attachment 1: Type must be a MIME type"},
		{"attached parts", attached(mail.Attachment{Type: "Multipart/mixed"}), mail.ErrHeader, "must not be a multipart"},
		{"attached message", attached(mail.Attachment{Type: "message/rfc822"}), mail.ErrHeader, "must not be a multipart or message"},
		{"attachment's name without end", attached(mail.Attachment{Name: strings.Repeat("ä", 200)}), mail.ErrHeader, "too long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := sample()
			tt.set(m)
			err := m.Validate()
			if !errors.Is(err, tt.want) || (tt.want == nil && err != nil) {
				t.Errorf("Validate = %v, want %v", err, tt.want)
			}
			if err != nil && !strings.Contains(err.Error(), tt.text) {
				t.Errorf("Validate = %q, want a text with %q", err, tt.text)
			}
			if raw, bytesErr := m.Bytes(); (bytesErr == nil) != (err == nil) {
				t.Errorf("Bytes = %v, Validate = %v: want the same", bytesErr, err)
			} else if err == nil {
				read(t, raw)
			}
		})
	}
}

func TestMessageAddresses(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, name, header, spec string }{
		{"ada@example.org", "", "ada@example.org", "ada@example.org"},
		{"<ada@example.org>", "", "ada@example.org", "ada@example.org"},
		{"Ada <ada@example.org>", "Ada", `"Ada" <ada@example.org>`, "ada@example.org"},
		{`"Lovelace, Ada" <ada@example.org>`, "Lovelace, Ada", `"Lovelace, Ada" <ada@example.org>`, "ada@example.org"},
		{`"x, evil@example.org, y" <ada@example.org>`, "x, evil@example.org, y", `"x, evil@example.org, y" <ada@example.org>`, "ada@example.org"},
		{`"Löv, Ädä" <ada@example.org>`, "Löv, Ädä", "=?utf-8?b?TMO2diwgw4Rkw6Q=?= <ada@example.org>", "ada@example.org"},
		{mail.Address(`Ädä "the, first" <a@b>`, "ada@example.org"), `Ädä "the, first" <a@b>`, "", "ada@example.org"},
		{mail.Address("", "ada@example.org"), "", "ada@example.org", "ada@example.org"},
		{"ada@exämple.org", "", "ada@xn--exmple-cua.org", "ada@xn--exmple-cua.org"},
		{"ädä@example.org", "", "ädä@example.org", "ädä@example.org"},
		{`"ada lovelace"@example.org`, "", `"ada lovelace"@example.org`, `"ada lovelace"@example.org`},
		{`"x> SIZE=1 <y"@example.org`, "", `"x> SIZE=1 <y"@example.org`, `"x> SIZE=1 <y"@example.org`},
		{"ada@[127.0.0.1]", "", "ada@[127.0.0.1]", "ada@[127.0.0.1]"},
		{"webmaster@localhost", "", "webmaster@localhost", "webmaster@localhost"},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			m := sample()
			m.To, m.ReplyTo = []string{"first@example.org", tt.in}, []string{tt.in}
			_, to, err := m.Envelope()
			if want := []string{"first@example.org", tt.spec}; err != nil || !slices.Equal(to, want) {
				t.Fatalf("Envelope = %q, %v; want %q", to, err, want)
			}
			h, _ := read(t, mustBytes(t, m))
			if got := h.Get("Reply-To"); tt.header != "" && got != tt.header {
				t.Errorf("Reply-To = %q, want %q", got, tt.header)
			}
			parsed, err := h.AddressList("To")
			if err != nil || len(parsed) != 2 || parsed[1].Name != tt.name {
				t.Errorf("To = %v, %v; want two addresses, the second with the name %q", parsed, err, tt.name)
			}
		})
	}
}

func TestMessageEnvelope(t *testing.T) {
	t.Parallel()
	m := &mail.Message{
		From: "Polls <polls@example.org>",
		To:   []string{"a@example.org", "A <a@example.org>"},
		Cc:   []string{"b@example.org"},
		Bcc:  []string{"c@example.org", "b@example.org"},
	}
	from, to, err := m.Envelope()
	if want := []string{"a@example.org", "b@example.org", "c@example.org"}; err != nil || from != "polls@example.org" || !slices.Equal(to, want) {
		t.Errorf("Envelope = %q, %q, %v; want polls@example.org, %q", from, to, err, want)
	}
	if raw := mustBytes(t, m); strings.Contains(string(raw), "c@example.org") {
		t.Errorf("the bytes show a Bcc recipient:\n%s", raw)
	}
	m.Bcc = []string{"c@"}
	if from, to, err := m.Envelope(); err == nil || from != "" || to != nil {
		t.Errorf("Envelope of an invalid message = %q, %q, %v; want only an error", from, to, err)
	}
}
