package mail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-belleville/belleville/core/mail"
)

func TestQueueCloseDrains(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		start func(t *testing.T, q *mail.Queue)
	}{
		{"running", start},
		{"never started", func(*testing.T, *mail.Queue) {}},
		{"stopped", func(t *testing.T, q *mail.Queue) {
			ctx, cancel := context.WithCancel(t.Context())
			if err := q.Start(ctx); err != nil {
				t.Fatal(err)
			}
			cancel()
			synctest.Wait() // all workers are gone
		}},
		{"stopping", func(t *testing.T, q *mail.Queue) {
			ctx, cancel := context.WithCancel(t.Context())
			if err := q.Start(ctx); err != nil {
				t.Fatal(err)
			}
			enqueue(t, q, "x", "y", "z")
			synctest.Wait() // all workers are busy, and told to stop and to drain before they look up
			cancel()
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				transport := &fake{answer: func(context.Context, int) (int, error) {
					time.Sleep(time.Second)
					return 1, nil
				}}
				q := mail.NewQueue(transport, mail.QueueConfig{Workers: 3})
				tt.start(t, q)
				enqueue(t, q, "a", "b", "c", "d", "e", "f", "g")
				closeQueue(t, q)
				for _, want := range []string{"a", "b", "c", "d", "e", "f", "g"} {
					if got := transport.subjects(); !strings.Contains(got, want) {
						t.Errorf("sent %q by the end of Close, want %s among it", got, want)
					}
				}
			})
		})
	}
}

// TestQueueStop shows that the end of Start's context breaks nothing off.
func TestQueueStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen error
		transport := &fake{answer: func(ctx context.Context, _ int) (int, error) {
			time.Sleep(time.Second)
			seen = ctx.Err()
			return 1, nil
		}}
		q := mail.NewQueue(transport, mail.QueueConfig{Workers: 1})
		ctx, cancel := context.WithCancel(t.Context())
		if err := q.Start(ctx); err != nil {
			t.Fatal(err)
		}
		enqueue(t, q, "a")
		synctest.Wait()
		cancel()
		time.Sleep(time.Minute)
		synctest.Wait()
		if seen != nil || transport.subjects() != "a" {
			t.Errorf("sent %q with the context's error %v, want a and none", transport.subjects(), seen)
		}
		enqueue(t, q, "b")
		synctest.Wait()
		if got := transport.subjects(); got != "a" {
			t.Errorf("after its end the queue sent %q, want a alone", got)
		}
		if err := q.Start(t.Context()); err != nil {
			t.Errorf("a second Start after the end of the first: %v", err)
		}
		closeQueue(t, q)
		if got := transport.subjects(); got != "a b" {
			t.Errorf("sent %q, want a b", got)
		}
	})
}

func TestQueueCloseDeadline(t *testing.T) {
	t.Parallel()
	for _, obeys := range []bool{true, false} {
		t.Run(fmt.Sprintf("transport obeys the context %v", obeys), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				transport := &fake{answer: blocked}
				if !obeys {
					transport.answer = func(context.Context, int) (int, error) {
						time.Sleep(time.Hour)
						return 1, nil
					}
				}
				q := mail.NewQueue(transport, mail.QueueConfig{Workers: 1, Timeout: 2 * time.Hour, Log: quiet()})
				enqueue(t, q, "a", "b", "c")
				start(t, q)
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				began := time.Now()
				err := q.Close(ctx)
				if d := time.Since(began); d != 5*time.Second {
					t.Errorf("Close took %v, want 5s", d)
				}
				checkLost(t, err, "a b c")
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Close = %v, want context.DeadlineExceeded inside", err)
				}
				time.Sleep(3 * time.Hour)
				if got := transport.subjects(); got != "a" {
					t.Errorf("the transport got %q, want a alone: what was reported as lost is not sent later", got)
				}
			})
		})
	}
}

func checkLost(t *testing.T, err error, want string) {
	t.Helper()
	lost, ok := errors.AsType[*mail.LostError](err)
	if !ok {
		t.Errorf("Close = %v, want a *LostError", err)
		return
	}
	var got []string
	for _, m := range lost.Messages {
		got = append(got, m.Subject)
	}
	if strings.Join(got, " ") != want {
		t.Errorf("lost = %q, want %s", got, want)
	}
	if text := err.Error(); !strings.Contains(text, fmt.Sprintf("not sent before the queue closed: %d", len(got))) || strings.Contains(text, "@") {
		t.Errorf("error = %q, want the number %d and no address", text, len(got))
	}
}

func TestQueueCloseReportsFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := &fake{answer: func(_ context.Context, n int) (int, error) {
			if n > 2 {
				return 1, nil
			}
			return 0, errors.New("connection reset")
		}}
		q := mail.NewQueue(transport, mail.QueueConfig{Workers: 1, Attempts: 2, RetryWait: time.Hour, Log: quiet()})
		start(t, q)
		enqueue(t, q, "a", "b")
		synctest.Wait()
		began := time.Now()
		err := q.Close(t.Context())
		if d := time.Since(began); d != 0 {
			t.Errorf("Close waited %v for a second attempt, want none", d)
		}
		checkLost(t, err, "a")
		if got := transport.subjects(); got != "a a b" {
			t.Errorf("the transport got %q, want a a b", got)
		}
	})
}

func TestQueueStates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := mail.NewQueue(&fake{}, mail.QueueConfig{})
		start(t, q)
		if err := q.Start(t.Context()); err == nil {
			t.Error("a second Start: no error")
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := q.Enqueue(ended, titled("a")); !errors.Is(err, context.Canceled) {
			t.Errorf("Enqueue with an ended context = %v, want context.Canceled", err)
		}
		if err := q.Enqueue(t.Context(), titled("a\nb")); !errors.Is(err, mail.ErrHeader) {
			t.Errorf("Enqueue of an invalid message = %v, want ErrHeader", err)
		}
		closeQueue(t, q)
		closeQueue(t, q)
		if err := q.Enqueue(t.Context(), titled("a")); !errors.Is(err, mail.ErrQueueClosed) {
			t.Errorf("Enqueue after Close = %v, want ErrQueueClosed", err)
		}
		if err := q.Start(t.Context()); !errors.Is(err, mail.ErrQueueClosed) {
			t.Errorf("Start after Close = %v, want ErrQueueClosed", err)
		}
		if err := mail.NewQueue(nil, mail.QueueConfig{}).Enqueue(t.Context(), titled("a")); err == nil {
			t.Error("Enqueue without a transport: no error")
		}
	})
}

// TestQueueConcurrent closes the queue while others use it: every message that was taken arrives.
func TestQueueConcurrent(t *testing.T) {
	t.Parallel()
	var box mail.Memory
	q := mail.NewQueue(&box, mail.QueueConfig{Size: 8, Workers: 4})
	start(t, q)
	var taken sync.Map
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				subject := fmt.Sprintf("%d-%d", i, j)
				if err := q.Enqueue(t.Context(), titled(subject)); err == nil {
					taken.Store(subject, true)
				} else if !errors.Is(err, mail.ErrQueueFull) && !errors.Is(err, mail.ErrQueueClosed) {
					t.Errorf("Enqueue: %v", err)
				}
			}
		})
	}
	closeQueue(t, q)
	wg.Wait()
	for _, m := range box.Outbox() {
		taken.Delete(m.Subject)
	}
	taken.Range(func(subject, _ any) bool {
		t.Errorf("message %v was taken and is not in the outbox", subject)
		return true
	})
}
