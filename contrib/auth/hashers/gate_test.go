package hashers_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
)

// slow is a hasher that works for a second and knows how many work at a time.
type slow struct {
	hashers.MD5
	now, most *atomic.Int64
}

func newSlow() slow { return slow{now: new(atomic.Int64), most: new(atomic.Int64)} }

func (s slow) Encode(password, salt string) (string, error) {
	now := s.now.Add(1)
	defer s.now.Add(-1)
	for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
	}
	time.Sleep(time.Second)
	if password == "panic" {
		panic("a hasher's mistake")
	}
	return s.MD5.Encode(password, salt)
}

func TestLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hasher := newSlow()
		h := hashers.New(hashers.Config{List: []hashers.Hasher{hasher}, Limit: 3, Queue: 7})
		start := time.Now()
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if _, err := h.Make(t.Context(), "secret"); err != nil {
					t.Errorf("Make: %v", err)
				}
			})
		}
		synctest.Wait()
		if _, err := h.Make(t.Context(), "secret"); !errors.Is(err, hashers.ErrBusy) {
			t.Errorf("Make with 3 running and 7 waiting: error %v, want ErrBusy", err)
		}
		if _, err := h.Check(t.Context(), "secret", "!"); !errors.Is(err, hashers.ErrBusy) {
			t.Errorf("Check with a full queue: error %v, want ErrBusy", err)
		}
		if err := h.Burn(t.Context(), "secret"); !errors.Is(err, hashers.ErrBusy) {
			t.Errorf("Burn with a full queue: error %v, want ErrBusy", err)
		}
		group.Wait()
		if got := hasher.most.Load(); got != 3 {
			t.Errorf("%d ran at a time, want 3", got)
		}
		if got, want := time.Since(start), 4*time.Second; got != want {
			t.Errorf("ten runs took %v, want %v", got, want)
		}
		if _, err := h.Make(t.Context(), "secret"); err != nil {
			t.Errorf("Make afterwards: %v", err)
		}
	})
}

func TestBusyError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct{ set, want time.Duration }{{0, 5 * time.Second}, {time.Minute, time.Minute}} {
			h := hashers.New(hashers.Config{List: []hashers.Hasher{newSlow()}, Limit: 1, Queue: -1, RetryAfter: c.set})
			var group sync.WaitGroup
			group.Go(func() { _, _ = h.Make(t.Context(), "secret") })
			synctest.Wait()
			_, err := h.Make(t.Context(), "secret")
			group.Wait()
			var busy *hashers.BusyError
			if !errors.As(err, &busy) || busy.RetryAfter != c.want {
				t.Errorf("RetryAfter %v: error %v, want a BusyError of %v", c.set, err, c.want)
			}
		}
	})
}

func TestCancelledCallerLeavesTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := hashers.New(hashers.Config{List: []hashers.Hasher{newSlow()}, Limit: 1, Queue: 1})
		go func() { _, _ = h.Make(context.Background(), "secret") }()
		synctest.Wait()
		start := time.Now()
		impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := h.Make(impatient, "secret"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Make: error %v, want the context's", err)
		}
		if got, want := time.Since(start), 100*time.Millisecond; got != want {
			t.Errorf("waited %v, want %v", got, want)
		}
		// Its place in the queue is free for another.
		if _, err := h.Make(t.Context(), "secret"); err != nil {
			t.Errorf("Make: %v", err)
		}
		if _, err := h.Make(impatient, "secret"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Make with an ended context: error %v, want the context's though a slot is free", err)
		}
	})
}

func TestPanicGivesTheSlotBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := hashers.New(hashers.Config{List: []hashers.Hasher{newSlow()}, Limit: 1, Queue: -1})
		func() {
			defer func() { _ = recover() }()
			_, _ = h.Make(t.Context(), "panic")
		}()
		if _, err := h.Make(t.Context(), "secret"); err != nil {
			t.Errorf("Make after a panic: %v", err)
		}
	})
}
