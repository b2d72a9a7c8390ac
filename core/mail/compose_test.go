package mail_test

import (
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core/mail"
)

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
