package mail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/mail/mailtest"
)

// fake is a transport that answers by a function and notes what it was given, and when.
type fake struct {
	answer func(ctx context.Context, n int) (int, error) // n counts from 1

	mu    sync.Mutex
	calls []call
}

type call struct {
	at      time.Time
	message *mail.Message
	ctxErr  error
}

func (f *fake) Send(ctx context.Context, msgs ...*mail.Message) (int, error) {
	f.mu.Lock()
	f.calls = append(f.calls, call{time.Now(), msgs[0].Clone(), ctx.Err()})
	n := len(f.calls)
	f.mu.Unlock()
	if f.answer == nil {
		return len(msgs), nil
	}
	return f.answer(ctx, n)
}

func (f *fake) Calls() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

func (f *fake) subjects() string {
	var out []string
	for _, c := range f.Calls() {
		out = append(out, c.message.Subject)
	}
	return strings.Join(out, " ")
}

// blocked answers when its context ends.
func blocked(ctx context.Context, _ int) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func titled(subject string) *mail.Message {
	m := sample()
	m.Subject = subject
	return m
}

func enqueue(t *testing.T, q *mail.Queue, subjects ...string) {
	t.Helper()
	for _, s := range subjects {
		if err := q.Enqueue(t.Context(), titled(s)); err != nil {
			t.Fatalf("Enqueue %s: %v", s, err)
		}
	}
}

func start(t *testing.T, q *mail.Queue) {
	t.Helper()
	if err := q.Start(t.Context()); err != nil {
		t.Fatalf("Start: %v", err)
	}
}

func closeQueue(t *testing.T, q *mail.Queue) {
	t.Helper()
	if err := q.Close(t.Context()); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestQueueConformance(t *testing.T) {
	t.Parallel()
	boxes := map[mail.Transport]*mail.Memory{}
	mailtest.TestTransport(t, mailtest.Subject{
		New: func(t *testing.T) mail.Transport {
			box := new(mail.Memory)
			q := mail.NewQueue(box, mail.QueueConfig{Log: quiet()})
			start(t, q)
			boxes[q] = box
			return q
		},
		Received: func(t *testing.T, transport mail.Transport) [][]byte {
			closeQueue(t, transport.(*mail.Queue))
			return outbox(t, boxes[transport])
		},
	})
}

// TestQueueBeforeStart fails in its bubble when a goroutine is left at the end.
func TestQueueBeforeStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := &fake{}
		q := mail.NewQueue(transport, mail.QueueConfig{})
		enqueue(t, q, "a", "b")
		synctest.Wait()
		if got := transport.subjects(); got != "" {
			t.Errorf("before Start the queue sent %q", got)
		}
	})
}

// TestQueueEnqueueWaitsForNothing is why the answer to a request takes the same time for known and
// unknown addresses.
func TestQueueEnqueueWaitsForNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan struct{})
		transport := &fake{answer: func(context.Context, int) (int, error) {
			<-answer
			return 1, nil
		}}
		q := mail.NewQueue(transport, mail.QueueConfig{Size: 2, Workers: 1})
		start(t, q)
		request, leave := context.WithCancel(t.Context())
		if err := q.Enqueue(request, titled("a")); err != nil {
			t.Fatal(err)
		}
		leave() // the request is over before the message is sent
		synctest.Wait()
		if got := transport.subjects(); got != "a" {
			t.Fatalf("the worker is at %q, want a", got)
		}
		enqueue(t, q, "b", "c")
		if err := q.Enqueue(t.Context(), titled("d")); !errors.Is(err, mail.ErrQueueFull) {
			t.Errorf("with two messages waiting, Enqueue = %v, want ErrQueueFull", err)
		}
		if sent, err := q.Send(t.Context(), titled("e")); sent != 0 || !errors.Is(err, mail.ErrQueueFull) {
			t.Errorf("with two messages waiting, Send = %d, %v; want 0, ErrQueueFull", sent, err)
		}
		close(answer)
		closeQueue(t, q)
		if got := transport.subjects(); got != "a b c" {
			t.Errorf("sent %q, want a b c", got)
		}
		if calls := transport.Calls(); calls[0].ctxErr != nil {
			t.Errorf("the end of the request reached the transport: %v", calls[0].ctxErr)
		}
	})
}

func TestQueueAttempts(t *testing.T) {
	t.Parallel()
	refused := func(code int) error { return &textproto.Error{Code: code, Msg: "no"} }
	tests := []struct {
		name string
		sent int
		err  error
		want int // attempts
	}{
		{"fine", 1, nil, 1},
		{"network", 0, errors.New("connection reset"), 3},
		{"not now", 0, fmt.Errorf("mail: server: %w", refused(421)), 3},
		{"never", 0, fmt.Errorf("mail: server: %w", refused(550)), 1},
		{"all recipients, for good", 0, errors.Join(&mail.RecipientError{Err: refused(550)}, &mail.RecipientError{Err: refused(553)}), 1},
		{"all recipients, one for now", 0, errors.Join(&mail.RecipientError{Err: refused(550)}, &mail.RecipientError{Err: refused(450)}), 3},
		{"some recipients", 1, &mail.RecipientError{Err: refused(450)}, 1},
		{"no encryption", 0, fmt.Errorf("mail: server: %w", mail.ErrInsecure), 1},
		{"no encryption for now", 0, fmt.Errorf("mail: server: %w: %w", mail.ErrInsecure, refused(454)), 3},
		{"invalid", 0, fmt.Errorf("mail: Subject: %w", mail.ErrHeader), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				transport := &fake{answer: func(context.Context, int) (int, error) { return tt.sent, tt.err }}
				q := mail.NewQueue(transport, mail.QueueConfig{Log: quiet()})
				start(t, q)
				enqueue(t, q, "a")
				time.Sleep(time.Hour)
				closeQueue(t, q) // what failed before is no news
				calls := transport.Calls()
				if len(calls) != tt.want {
					t.Fatalf("%d attempts, want %d", len(calls), tt.want)
				}
				for i, wait := range []time.Duration{0, 2 * time.Second, 6 * time.Second}[:len(calls)] {
					if got := calls[i].at.Sub(calls[0].at); got != wait {
						t.Errorf("attempt %d came after %v, want %v", i+1, got, wait)
					}
					for _, name := range []string{"Message-ID", "Date"} {
						if got := calls[i].message.Headers[name]; got == "" || got != calls[0].message.Headers[name] {
							t.Errorf("attempt %d has %s %q, want the same as the first: %q", i+1, name, got, calls[0].message.Headers[name])
						}
					}
				}
			})
		})
	}
}

func TestQueueTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := &fake{answer: blocked}
		q := mail.NewQueue(transport, mail.QueueConfig{Timeout: time.Minute, Attempts: 2, RetryWait: time.Second, Log: quiet()})
		start(t, q)
		enqueue(t, q, "a")
		time.Sleep(time.Hour)
		closeQueue(t, q)
		calls := transport.Calls()
		if len(calls) != 2 || calls[1].at.Sub(calls[0].at) != time.Minute+time.Second {
			t.Errorf("attempts %v, want two, the second 61 seconds after the first", calls)
		}
	})
}

func TestQueueLog(t *testing.T) {
	t.Parallel()
	const words = `no user ADA@example.org, or "ada lovelace"@example.org, here`
	tests := []struct {
		name   string
		answer func(context.Context, int) (int, error)
		want   []string
	}{
		{"given up", func(context.Context, int) (int, error) {
			return 0, &mail.RecipientError{Address: "ada@example.org", Err: &textproto.Error{Code: 450, Msg: words}}
		}, []string{"level=WARN", "attempt=1", "will be tried again", "level=ERROR", "attempts=2", "450", "recipients=2", "message_id=<"}},
		{"some refused", func(context.Context, int) (int, error) {
			return 1, &mail.RecipientError{Address: "ada@example.org", Err: errors.New(words)}
		}, []string{"level=ERROR", "some recipients were refused", "no user <address> or <address>, here"}},
		{"panic", func(context.Context, int) (int, error) { panic("at the disco") },
			[]string{"the transport panicked: at the disco", "stack=", "level=ERROR"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			q := mail.NewQueue(&fake{answer: tt.answer}, mail.QueueConfig{
				Attempts: 2, RetryWait: time.Nanosecond, Log: slog.New(slog.NewTextHandler(&log, nil)),
			})
			m := titled("private subject")
			m.Text, m.HTML, m.Bcc = "private text", "private text", []string{`"ada lovelace"@example.org`}
			if err := q.Enqueue(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			start(t, q)
			if err := q.Close(t.Context()); err != nil && !errors.As(err, new(*mail.LostError)) {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !strings.Contains(log.String(), want) {
					t.Errorf("the log lacks %q:\n%s", want, log.String())
				}
			}
			for _, secret := range []string{"private", "ada@", "ADA@", "lovelace"} {
				if strings.Contains(log.String(), secret) {
					t.Errorf("the log has %q:\n%s", secret, log.String())
				}
			}
		})
	}
}
