// Package mailtest checks that a transport does what Belleville relies on.
//
// Whoever writes a [mail.Transport] runs [TestTransport] in a test of their own.
package mailtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-belleville/belleville/core/mail"
)

// Subject is the transport under test.
type Subject struct {
	// New returns a transport that has sent nothing yet.
	New func(t *testing.T) mail.Transport
	// Received returns what a transport of New has delivered so far, as it was transmitted, and may
	// end the transport's work for that. Nil when that cannot be seen: then only counts and errors
	// are checked.
	Received func(t *testing.T, transport mail.Transport) [][]byte
}

// TestTransport runs the tests of every transport.
func TestTransport(t *testing.T, s Subject) {
	t.Run("one message", s.one)
	t.Run("several messages", s.several)
	t.Run("no message", s.none)
	t.Run("invalid messages", s.invalid)
	t.Run("an invalid message among others", s.mixed)
	t.Run("ended context", s.ended)
	t.Run("messages are neither changed nor kept", s.untouched)
	t.Run("concurrent use", s.concurrent)
}

func message(subject string) *mail.Message {
	return &mail.Message{
		Subject: subject,
		Text:    "Hello, Ädä",
		From:    "Polls <polls@example.org>",
		To:      []string{"Ada <ada@example.org>"},
		Cc:      []string{"cc@example.org"},
		Bcc:     []string{"hidden@example.org"},
		Headers: map[string]string{"X-Poll": "7"},
	}
}

// expect sends and checks the outcome. want is an error that must be inside, nil for none.
func expect(t *testing.T, transport mail.Transport, ctx context.Context, wantSent int, want error, msgs ...*mail.Message) {
	t.Helper()
	sent, err := transport.Send(ctx, msgs...)
	if sent != wantSent {
		t.Errorf("sent = %d, want %d", sent, wantSent)
	}
	if (want == nil && err != nil) || !errors.Is(err, want) {
		t.Errorf("error = %v, want %v", err, want)
	}
}

// subjects returns the subjects of what arrived, sorted.
func (s Subject) subjects(t *testing.T, transport mail.Transport) []string {
	t.Helper()
	var out []string
	for _, raw := range s.Received(t, transport) {
		m, err := netmail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("a delivered message cannot be read: %v\n%s", err, raw)
		}
		out = append(out, m.Header.Get("Subject"))
	}
	slices.Sort(out)
	return out
}

func (s Subject) delivered(t *testing.T, transport mail.Transport, want ...string) {
	t.Helper()
	if s.Received == nil {
		return
	}
	if got := s.subjects(t, transport); !slices.Equal(got, want) {
		t.Errorf("delivered subjects = %q, want %q", got, want)
	}
}

func (s Subject) one(t *testing.T) {
	transport := s.New(t)
	expect(t, transport, t.Context(), 1, nil, message("one"))
	if s.Received == nil {
		return
	}
	received := s.Received(t, transport)
	if len(received) != 1 {
		t.Fatalf("delivered %d messages, want 1", len(received))
	}
	raw := string(received[0])
	for _, want := range []string{
		"Subject: one", `From: "Polls" <polls@example.org>`, `To: "Ada" <ada@example.org>`, "Cc: cc@example.org",
		"X-Poll: 7", "Date: ", "Message-ID: <", "Hello, ",
	} {
		if !strings.Contains(raw, want) {
			t.Errorf("the delivered message lacks %q:\n%s", want, raw)
		}
	}
	if strings.Contains(strings.ToLower(raw), "bcc") || strings.Contains(raw, "hidden@example.org") {
		t.Errorf("the delivered message shows a Bcc recipient:\n%s", raw)
	}
}

func (s Subject) several(t *testing.T) {
	transport := s.New(t)
	expect(t, transport, t.Context(), 3, nil, message("a"), message("b"), message("c"))
	expect(t, transport, t.Context(), 1, nil, message("d"))
	s.delivered(t, transport, "a", "b", "c", "d")
}

func (s Subject) none(t *testing.T) {
	transport := s.New(t)
	expect(t, transport, t.Context(), 0, nil)
	s.delivered(t, transport)
}

func (s Subject) invalid(t *testing.T) {
	transport := s.New(t)
	tests := []struct {
		name  string
		want  error
		spoil func(*mail.Message)
	}{
		{"line break in the subject", mail.ErrHeader, func(m *mail.Message) { m.Subject = "x\r\nBcc: evil@example.org" }},
		{"line break in a header", mail.ErrHeader, func(m *mail.Message) { m.Headers["X-Poll"] = "7\nX-Evil: 1" }},
		{"no address", mail.ErrAddress, func(m *mail.Message) { m.To = []string{"ada"} }},
		{"no sender", mail.ErrAddress, func(m *mail.Message) { m.From = "" }},
		{"no recipient", mail.ErrNoRecipient, func(m *mail.Message) { m.To, m.Cc, m.Bcc = nil, nil, nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := message("invalid")
			tt.spoil(m)
			expect(t, transport, t.Context(), 0, tt.want, m)
		})
	}
	if sent, err := transport.Send(t.Context(), nil); sent != 0 || err == nil {
		t.Errorf("a nil message: sent = %d, error = %v; want 0 and an error", sent, err)
	}
	s.delivered(t, transport)
}

func (s Subject) mixed(t *testing.T) {
	transport := s.New(t)
	bad := message("bad\nBcc: evil@example.org")
	expect(t, transport, t.Context(), 2, mail.ErrHeader, message("a"), bad, message("b"))
	s.delivered(t, transport, "a", "b")
}

func (s Subject) ended(t *testing.T) {
	transport := s.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	expect(t, transport, ctx, 0, context.Canceled, message("a"), message("b"))
	s.delivered(t, transport)
}

func (s Subject) untouched(t *testing.T) {
	transport := s.New(t)
	m := message("a")
	m.Attachments = []mail.Attachment{{Name: "a.txt", Content: []byte("abc")}}
	before := m.Clone()
	expect(t, transport, t.Context(), 1, nil, m)
	if !reflect.DeepEqual(m, before) {
		t.Errorf("after sending, the message is %+v, want %+v", m, before)
	}
	m.Subject, m.To[0], m.Headers["X-Poll"] = "changed", "changed@example.org", "changed"
	copy(m.Attachments[0].Content, "xyz")
	if s.Received == nil {
		return
	}
	for _, raw := range s.Received(t, transport) {
		if strings.Contains(string(raw), "changed") || !strings.Contains(string(raw), "YWJj") { // abc in base64
			t.Errorf("what was changed after sending shows in the delivered message:\n%s", raw)
		}
	}
}

func (s Subject) concurrent(t *testing.T) {
	transport := s.New(t)
	shared := message("shared")
	var want []string
	var wg sync.WaitGroup
	for i := range 8 {
		want = append(want, fmt.Sprintf("message %d", i), "shared")
		wg.Go(func() { expect(t, transport, t.Context(), 2, nil, message(fmt.Sprintf("message %d", i)), shared) })
	}
	wg.Wait()
	slices.Sort(want)
	s.delivered(t, transport, want...)
}
