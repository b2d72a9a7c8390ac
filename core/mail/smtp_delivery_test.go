package mail_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/textproto"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-smtp"

	"github.com/go-belleville/belleville/core/mail"
)

func TestSMTPRecipients(t *testing.T) {
	t.Parallel()
	s, transport := startTLSServer(t, &server{Rcpt: func(address string) error {
		switch {
		case strings.HasPrefix(address, "unknown"):
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		case strings.HasPrefix(address, "later"):
			return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 1}, Message: "later"}
		}
		return nil
	}})
	some, none, fine := sample(), sample(), sample()
	some.Subject, some.Cc, some.Bcc = "some", []string{"unknown@example.org"}, []string{"later@example.org"}
	none.Subject, none.To = "none", []string{"unknown1@example.org", "unknown2@example.org"}
	fine.Subject = "fine"
	sent, err := transport.Send(t.Context(), some, none, fine)
	if sent != 2 {
		t.Errorf("sent = %d, want 2: the one that a recipient took, and the one without trouble", sent)
	}
	refused := map[string]int{}
	for _, e := range recipientErrors(err) {
		if reply, ok := errors.AsType[*textproto.Error](e); ok {
			refused[e.Address] = reply.Code
		}
	}
	want := map[string]int{"unknown@example.org": 550, "later@example.org": 450, "unknown1@example.org": 550, "unknown2@example.org": 550}
	if fmt.Sprint(refused) != fmt.Sprint(want) {
		t.Errorf("refused = %v, want %v (error: %v)", refused, want, err)
	}
	for _, want := range []string{"message 1 of 3", "message 2 of 3", "recipient later@example.org refused: 450 "} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("error = %v, want a text with %q", err, want)
		}
	}
	got := s.Received()
	if len(got) != 2 || s.Wire.Conns() != 1 {
		t.Fatalf("the server got %d messages over %d connections, want 2 over 1", len(got), s.Wire.Conns())
	}
	if !slices.Equal(got[0].to, []string{"ada@example.org"}) || !slices.Equal(got[1].to, []string{"ada@example.org"}) {
		t.Errorf("recipients = %q and %q, want ada alone", got[0].to, got[1].to)
	}
}

// recipientErrors collects the *RecipientError of an error and all that it joins.
func recipientErrors(err error) []*mail.RecipientError {
	if e, ok := err.(*mail.RecipientError); ok {
		return []*mail.RecipientError{e}
	}
	var out []*mail.RecipientError
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			out = append(out, recipientErrors(inner)...)
		}
	case interface{ Unwrap() error }:
		out = recipientErrors(e.Unwrap())
	}
	return out
}

func TestSMTPConnections(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		answers map[string][]string // by verb, one after the other; then a polite server's
		sent    int
		conns   int
	}{
		{"all over one", nil, 3, 1},
		{"sender refused", map[string][]string{"MAIL": {"250 ok\r\n", "550 no\r\n"}}, 2, 1},
		{"data refused", map[string][]string{"DATA": {"554 no\r\n"}}, 2, 1},
		{"message refused", map[string][]string{".": {"250 ok\r\n", "554 spam\r\n"}}, 2, 1},
		{"enough for one connection", map[string][]string{"MAIL": {"250 ok\r\n", "421 enough\r\n"}}, 2, 2},
		{"recipient ends it", map[string][]string{"RCPT": {"421 enough\r\n"}}, 2, 2},
		{"not SMTP", map[string][]string{"RCPT": {"hello\r\n"}}, 2, 2},
		{"all recipients refused", map[string][]string{"RCPT": {"550 no\r\n"}}, 2, 1},
		{"no reset", map[string][]string{"MAIL": {"550 no\r\n"}, "RSET": {"550 no\r\n"}}, 2, 2},
		{"ends for good", map[string][]string{"MAIL": {"421 enough\r\n"}, "EHLO": {"", "421 no\r\n"}}, 0, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			other, times, begun := polite(), map[string]int{}, false
			addr, w := script(t, "220 hello\r\n", func(line string) string {
				verb, _, _ := strings.Cut(line, " ")
				verb = verb[:min(len(verb), 4)]
				n := times[verb]
				times[verb]++
				answer := other(line)
				if list := tt.answers[verb]; n < len(list) && list[n] != "" {
					answer = list[n]
				}
				switch {
				case verb == "MAIL" && begun:
					answer = "503 there is a message already\r\n"
				case verb == "MAIL":
					begun = strings.HasPrefix(answer, "250")
				case verb == "." || verb == "RSET" || verb == "EHLO":
					begun = false
				}
				return answer
			})
			sent, err := mail.SMTP{Addr: addr, TLS: mail.NoTLS, Timeout: 30 * time.Second}.Send(t.Context(), sample(), sample(), sample())
			if sent != tt.sent || (err == nil) != (tt.sent == 3) || w.Conns() != tt.conns {
				t.Errorf("Send = %d, %v over %d connections; want %d over %d", sent, err, w.Conns(), tt.sent, tt.conns)
			}
		})
	}
}

func TestSMTPSilence(t *testing.T) {
	t.Parallel()
	other := polite()
	until := func(verb string) func(string) string { // silent when that is said
		return func(line string) string {
			if strings.HasPrefix(line, verb) {
				return ""
			}
			return other(line)
		}
	}
	tests := []struct {
		name     string
		greeting string
		answer   func(string) string
		mode     mail.TLSMode
	}{
		{"no greeting", "", other, mail.NoTLS},
		{"no handshake", "", other, mail.ImplicitTLS},
		{"no handshake after STARTTLS", "220 hello\r\n", func(line string) string {
			if line == "STARTTLS" {
				return "220 go ahead\r\n"
			}
			return polite("STARTTLS")(line)
		}, mail.StartTLS},
		{"no answer to EHLO", "220 hello\r\n", until("EHLO"), mail.NoTLS},
		{"no answer to the sender", "220 hello\r\n", until("MAIL"), mail.NoTLS},
		{"no answer to the message", "220 hello\r\n", until("."), mail.NoTLS},
	}
	ends := []struct {
		name string
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		want error
	}{
		{"deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 30*time.Millisecond)
		}, context.DeadlineExceeded},
		{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(30*time.Millisecond, cancel)
			return ctx, cancel
		}, context.Canceled},
		{"Timeout", func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} }, os.ErrDeadlineExceeded},
	}
	for _, tt := range tests {
		for _, end := range ends {
			t.Run(tt.name+"/"+end.name, func(t *testing.T) {
				t.Parallel()
				addr, _ := script(t, tt.greeting, tt.answer)
				transport := mail.SMTP{Addr: addr, TLS: tt.mode, Timeout: 30 * time.Second, TLSConfig: &tls.Config{InsecureSkipVerify: true}}
				if end.name == "Timeout" {
					transport.Timeout = 30 * time.Millisecond
				}
				ctx, cancel := end.ctx(t.Context())
				defer cancel()
				start := time.Now()
				sent, err := transport.Send(ctx, sample(), sample())
				if sent != 0 || !errors.Is(err, end.want) {
					t.Errorf("Send = %d, %v; want 0, %v", sent, err, end.want)
				}
				if d := time.Since(start); d > 10*time.Second {
					t.Errorf("Send took %v", d)
				}
			})
		}
	}
}

func TestSMTPBabble(t *testing.T) {
	t.Parallel()
	addr, _ := script(t, "220-"+strings.Repeat("hello ", 1<<19), polite())
	transport := mail.SMTP{Addr: addr, TLS: mail.NoTLS, Timeout: 20 * time.Second}
	start := time.Now()
	sent, err := transport.Send(t.Context(), sample())
	if sent != 0 || err == nil || !strings.Contains(err.Error(), "says too much") || time.Since(start) > 10*time.Second {
		t.Errorf("a greeting without end: Send = %d, %.200v; want 0 and an early end", sent, err)
	}
}

func TestSMTPErrorText(t *testing.T) {
	t.Parallel()
	other := polite()
	addr, _ := script(t, "220 hello\r\n", func(line string) string {
		if strings.HasPrefix(line, "MAIL") {
			return "550-one\x1b[31m\x07\r\n550-two\xff\r\n550 " + strings.Repeat("x", 1000) + "\r\n"
		}
		return other(line)
	})
	_, err := mail.SMTP{Addr: addr, TLS: mail.NoTLS}.Send(t.Context(), sample())
	text := fmt.Sprint(err)
	if !strings.Contains(text, "one [31m two xxx") || !utf8.ValidString(text) || strings.ContainsAny(text, "\x1b\x07\n") || len(text) > 500 {
		t.Errorf("error = %q, want the server's words in one short line", text)
	}
}
