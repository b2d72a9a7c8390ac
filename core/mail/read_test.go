package mail_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/mail"
)

// part is a body or an attachment as a mail program sees it.
type part struct {
	kind        string // media type
	params      map[string]string
	disposition string
	filename    string
	content     string
}

// read parses a transmitted message with the standard library and returns its headers and leaves.
func read(t *testing.T, raw []byte) (netmail.Header, []part) {
	t.Helper()
	checkLines(t, raw)
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("the message cannot be read: %v\n%s", err, raw)
	}
	return m.Header, leaves(t, m.Header, m.Body)
}

type header interface{ Get(string) string }

func leaves(t *testing.T, h header, body io.Reader) []part {
	t.Helper()
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t.Fatalf("Content-Type %q: %v", h.Get("Content-Type"), err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		var out []part
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if err == io.EOF {
				return out
			}
			if err != nil {
				t.Fatalf("a part of %s: %v", kind, err)
			}
			out = append(out, leaves(t, p.Header, p)...)
		}
	}
	switch h.Get("Content-Transfer-Encoding") {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("the content of a %s: %v", kind, err)
	}
	out := part{kind: kind, params: params, content: string(content)}
	if d := h.Get("Content-Disposition"); d != "" {
		disposition, params, err := mime.ParseMediaType(d)
		if err != nil {
			t.Fatalf("Content-Disposition %q: %v", d, err)
		}
		out.disposition, out.filename = disposition, params["filename"]
	}
	return []part{out}
}

// checkLines reports what no transmitted message may have: a line end that is not CRLF, a NUL, a line
// that is too long, a header that looks continued but is blank.
func checkLines(t *testing.T, raw []byte) {
	t.Helper()
	rest := bytes.ReplaceAll(raw, []byte("\r\n"), nil)
	if bytes.ContainsAny(rest, "\r\n\x00") {
		t.Errorf("the message has a CR, LF or NUL of its own: %q", raw)
	}
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line has %d bytes, want 998 at most", len(line))
		}
		if line != "" && strings.Trim(line, " \t") == "" {
			t.Errorf("the message has a line of nothing but spaces: %q", raw)
		}
	}
}

func decoded(t *testing.T, h netmail.Header, name string) string {
	t.Helper()
	text, err := new(mime.WordDecoder).DecodeHeader(h.Get(name))
	if err != nil {
		t.Errorf("%s %q: %v", name, h.Get(name), err)
	}
	return text
}

// sample is a message that is in order.
func sample() *mail.Message {
	return &mail.Message{
		Subject: "Results",
		Text:    "Hello",
		From:    "Polls <polls@example.org>",
		To:      []string{"ada@example.org"},
	}
}

func mustBytes(t *testing.T, m *mail.Message) []byte {
	t.Helper()
	raw, err := m.Bytes()
	if err != nil {
		t.Fatalf("Bytes: %v", err)
	}
	return raw
}
