package mail_test

import (
	"errors"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

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
			t.Run(field.name+"/"+name, func(t *testing.T) {
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
	t.Run("encoded", func(t *testing.T) {
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

func TestMessageHeaders(t *testing.T) {
	t.Parallel()
	m := sample()
	m.Subject = "Ergebnisse für Ada:" + strings.Repeat(" größer", 20)
	m.To = []string{mail.Address(strings.Repeat("größer ", 20), "ada@example.org")}
	for range 59 {
		m.To = append(m.To, "Ada Augusta King <ada@example.org>")
	}
	m.Headers = map[string]string{
		"X-Poll": "7", "List-Unsubscribe": "<https://example.org/u/?a=1&b=2>", "Sender": `"Ada, A" <ada@example.org>`,
	}
	raw := mustBytes(t, m)
	h, _ := read(t, raw)
	if got := decoded(t, h, "Subject"); got != m.Subject {
		t.Errorf("Subject = %q, want %q", got, m.Subject)
	}
	if list, err := h.AddressList("To"); err != nil || len(list) != 60 || list[0].Name != strings.Repeat("größer ", 20) {
		t.Errorf("To has %d addresses, %v; want 60", len(list), err)
	}
	for name, want := range m.Headers {
		if got := h.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 90 {
			t.Errorf("a line with spaces was not folded: %q", line)
		}
	}
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	var order []string
	for _, name := range regexp.MustCompile(`(?m)^[\w-]+:`).FindAllString(head, -1) {
		order = append(order, strings.TrimSuffix(name, ":"))
	}
	want := "Message-ID Date From To Subject List-Unsubscribe Sender X-Poll MIME-Version Content-Type Content-Transfer-Encoding"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("headers = %s, want %s", got, want)
	}
}

func TestMessageStamp(t *testing.T) {
	t.Parallel()
	m := sample()
	m.From = "Ada <ada@bücher.example>"
	first, _ := read(t, mustBytes(t, m))
	second, _ := read(t, mustBytes(t, m))
	id := regexp.MustCompile(`^<[A-Z2-7]{26}@xn--bcher-kva\.example>$`)
	if a, b := first.Get("Message-ID"), second.Get("Message-ID"); !id.MatchString(a) || a == b {
		t.Errorf("Message-IDs = %s and %s, want two that match %s", a, b, id)
	}
	date, err := first.Date()
	if age := time.Since(date); err != nil || age < -time.Minute || age > time.Minute {
		t.Errorf("Date = %v, %v; want now", date, err)
	}
	m.Headers = map[string]string{"date": "Mon, 02 Jan 2006 15:04:05 +0000", "MESSAGE-ID": "<1@example.org>"}
	h, _ := read(t, mustBytes(t, m))
	if head := string(mustBytes(t, m)); !strings.HasPrefix(head, "MESSAGE-ID: ") {
		t.Errorf("the bytes begin with %.40q, want the Message-ID of Headers", head)
	}
	if got := [][]string{h["Date"], h["Message-Id"]}; len(got[0]) != 1 || len(got[1]) != 1 ||
		got[0][0] != m.Headers["date"] || got[1][0] != "<1@example.org>" {
		t.Errorf("Date and Message-ID = %q, want the ones of Headers", got)
	}
}

func TestMessageBodies(t *testing.T) {
	t.Parallel()
	const text, html = "Grüße,\nhttp://example.org/?a=1&b=" + "0123456789012345678901234567890123456789012345678901234567890123456789\n.\n", "<p>Grüße</p>"
	utf8 := map[string]string{"charset": "UTF-8"}
	plain := part{kind: "text/plain", params: utf8, content: strings.ReplaceAll(text, "\n", "\r\n")}
	rich := part{kind: "text/html", params: utf8, content: html}
	pdf := mail.Attachment{Name: "r.pdf", Type: "application/pdf", Content: []byte("%PDF\x00\r\n" + strings.Repeat("x", 100))}
	pdfPart := part{kind: "application/pdf", disposition: "attachment", filename: "r.pdf", content: string(pdf.Content)}
	tests := []struct {
		name       string
		text, html string
		attached   []mail.Attachment
		kind       string
		want       []part
	}{
		{"empty", "", "", nil, "text/plain", []part{{kind: "text/plain", params: utf8}}},
		{"text", text, "", nil, "text/plain", []part{plain}},
		{"html", "", html, nil, "text/html", []part{rich}},
		{"both", text, html, nil, "multipart/alternative", []part{plain, rich}},
		{"text and file", text, "", []mail.Attachment{pdf}, "multipart/mixed", []part{plain, pdfPart}},
		{"html and file", "", html, []mail.Attachment{pdf}, "multipart/mixed", []part{rich, pdfPart}},
		{"all", text, html, []mail.Attachment{pdf, pdf}, "multipart/mixed", []part{plain, rich, pdfPart, pdfPart}},
		{"files", "", "", []mail.Attachment{pdf}, "multipart/mixed", []part{pdfPart}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := sample()
			m.Text, m.HTML, m.Attachments = tt.text, tt.html, tt.attached
			h, got := read(t, mustBytes(t, m))
			if !strings.HasPrefix(h.Get("Content-Type"), tt.kind+";") {
				t.Errorf("Content-Type = %q, want %s", h.Get("Content-Type"), tt.kind)
			}
			if h.Get("Mime-Version") != "1.0" {
				t.Errorf("MIME-Version = %q, want 1.0", h.Get("Mime-Version"))
			}
			if !slices.EqualFunc(got, tt.want, samePart) {
				t.Errorf("parts = %q\nwant %q", got, tt.want)
			}
		})
	}
}

func samePart(a, b part) bool {
	return a.kind == b.kind && a.params["charset"] == b.params["charset"] &&
		a.disposition == b.disposition && a.filename == b.filename && a.content == b.content
}

func TestAttachment(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, kind         string
		wantKind, wantName string
	}{
		{"", "", "application/octet-stream", ""},
		{"a b.txt", "TEXT/Plain; charset=UTF-8", "text/plain", "a b.txt"},
		{`a"; filename="evil.exe`, "", "application/octet-stream", `a"; filename="evil.exe`},
		{`back\slash`, "", "application/octet-stream", `back\slash`},
		{"Ergebnis für Ädä.csv", "text/csv", "text/csv", "Ergebnis für Ädä.csv"},
		{"tab\tbell\a", "", "application/octet-stream", "tab\tbell\a"},
		{"結果.pdf", `application/pdf; name="結果.pdf"`, "application/pdf", "結果.pdf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := sample()
			m.Attachments = []mail.Attachment{{Name: tt.name, Type: tt.kind, Content: []byte("x")}}
			_, parts := read(t, mustBytes(t, m))
			if len(parts) != 2 {
				t.Fatalf("%d parts, want 2", len(parts))
			}
			if got := parts[1]; got.kind != tt.wantKind || got.filename != tt.wantName || got.disposition != "attachment" {
				t.Errorf("the attachment arrived as %q %q %q, want attachment %q %q",
					got.disposition, got.kind, got.filename, tt.wantKind, tt.wantName)
			}
		})
	}
}

func TestMessageClone(t *testing.T) {
	t.Parallel()
	m := sample()
	m.Cc, m.Bcc, m.ReplyTo = []string{"a@b"}, []string{"a@b"}, []string{"a@b"}
	m.Headers = map[string]string{"X": "1"}
	m.Attachments = []mail.Attachment{{Name: "a", Content: []byte("abc")}}
	c := m.Clone()
	c.To[0], c.Cc[0], c.Bcc[0], c.ReplyTo[0], c.Headers["X"], c.Attachments[0].Name = "x", "x", "x", "x", "x", "x"
	c.Attachments[0].Content[0] = 'x'
	if m.To[0] == "x" || m.Cc[0] == "x" || m.Bcc[0] == "x" || m.ReplyTo[0] == "x" || m.Headers["X"] == "x" ||
		m.Attachments[0].Name == "x" || m.Attachments[0].Content[0] == 'x' {
		t.Errorf("a change of the copy shows in the original: %+v", m)
	}
}

func TestJoinLines(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"", ""},
		{"one line", "one line"},
		{"a\nb\r\nc\rd\ve\ff\x1cg\x1dh\x1ei\u0085j\u2028k\u2029l", "abcdefghijkl"},
		{"\nPassword reset on example.org\n", "Password reset on example.org"},
		{"tab\tand \x1f stay", "tab\tand \x1f stay"},
	}
	for _, tt := range tests {
		if got := mail.JoinLines(tt.in); got != tt.want {
			t.Errorf("JoinLines(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add("Hello", "Ada <ada@example.org>", "b@example.org", "X-Poll", "7", "a.txt", "text/plain")
	f.Add("Grüße", `"Löv, Ädä" <ada@exämple.org>`, `"x> y"@example.org`, "Sender", "a@b, c@d", `a".txt`, "text/plain; charset=utf-8")
	f.Add("a\r\nb", "a@b\nBcc: c", "=?utf-8?q?=0D=0A?= <a@b>", "Date", "Mon, 02 Jan 2006 15:04:05 +0000", "\r\n", "a/b\r\n")
	f.Add(" \t ", "a@[::1]", "ä@b", "Message-ID", "<1@b>", "ä", `a/b; c="ä"`)
	f.Fuzz(func(t *testing.T, subject, from, to, name, value, file, kind string) {
		m := &mail.Message{
			Subject: subject, Text: value, HTML: subject, From: from, To: []string{to, "ada@example.org"}, Bcc: []string{from}, ReplyTo: []string{to},
			Headers: map[string]string{name: value}, Attachments: []mail.Attachment{{Name: file, Type: kind, Content: []byte(value)}},
		}
		raw, err := m.Bytes()
		if err != nil {
			if m.Validate() == nil {
				t.Fatalf("Validate accepts what Bytes refuses: %v", err)
			}
			return
		}
		h, parts := read(t, raw)
		checkNames(t, h, name)
		if !strings.Contains(subject, "=?") {
			if got, want := strings.Join(strings.Fields(decoded(t, h, "Subject")), " "), strings.Join(strings.Fields(subject), " "); got != want {
				t.Errorf("Subject = %q, want %q", got, want)
			}
		}
		sender, recipients, err := m.Envelope()
		if err != nil || strings.ContainsAny(sender+strings.Join(recipients, ""), "\r\n\x00\t") {
			t.Errorf("Envelope = %q, %q, %v", sender, recipients, err)
		}
		if list, err := netmail.ParseAddressList(h.Get("To")); err != nil || len(list) != 2 {
			t.Errorf("To = %q, %v; want two addresses", h.Get("To"), err)
		}
		if len(parts) == 0 || parts[len(parts)-1].filename != file || parts[len(parts)-1].content != value {
			t.Errorf("parts = %q, want the attachment %q last", parts, file)
		}
	})
}

// checkNames reports headers that nobody set.
func checkNames(t *testing.T, h netmail.Header, further string) {
	t.Helper()
	known := []string{"Message-Id", "Date", "From", "To", "Subject", "Reply-To", "Mime-Version", "Content-Type", "Content-Transfer-Encoding"}
	for name, values := range h {
		if len(values) != 1 {
			t.Errorf("the header %s is there %d times: %q", name, len(values), values)
		}
		if !slices.Contains(known, name) && !strings.EqualFold(name, further) {
			t.Errorf("a header %q that nobody set: %q", name, values)
		}
	}
}
