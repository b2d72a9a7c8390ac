// Package signals lets one app hear what another did, without either importing the other.
//
// A signal is a field of the service that sends it ([contrib/auth] has LoggedIn, a project has
// Migrated). Receivers connect while the project is built; sending is safe from any goroutine.
//
// [contrib/auth]: https://pkg.go.dev/github.com/go-belleville/belleville/contrib/auth
package signals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Signal carries values of type T to the functions connected to it, in the order in which they
// connected. The zero value is ready to use and has no receivers. A Signal must not be copied
// after first use; all methods may be called concurrently.
type Signal[T any] struct {
	mu        sync.RWMutex
	receivers []*receiver[T]
}

type receiver[T any] struct {
	f func(context.Context, T) error
}

// Connect adds a receiver and returns the function that takes it away again, which may be
// called more than once. A receiver that connects during a Send hears the next one.
func (s *Signal[T]) Connect(f func(context.Context, T) error) (disconnect func()) {
	r := &receiver[T]{f}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.receivers = append(slices.Clip(s.receivers), r)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.receivers = slices.DeleteFunc(slices.Clone(s.receivers), func(x *receiver[T]) bool { return x == r })
	}
}

// HasReceivers reports whether Send would call anybody, for senders whose value costs something to make.
func (s *Signal[T]) HasReceivers() bool { return len(s.snapshot()) > 0 }

// Send calls the receivers in order and stops at the first error, which it returns.
func (s *Signal[T]) Send(ctx context.Context, v T) error {
	for _, r := range s.snapshot() {
		if err := r.f(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// SendRobust calls every receiver even when one of them fails or panics, and joins their errors.
func (s *Signal[T]) SendRobust(ctx context.Context, v T) error {
	var errs []error
	for _, r := range s.snapshot() {
		errs = append(errs, callRobust(ctx, r.f, v))
	}
	return errors.Join(errs...)
}

func callRobust[T any](ctx context.Context, f func(context.Context, T) error, v T) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("signals: a receiver panicked: %v", p)
		}
	}()
	return f(ctx, v)
}

func (s *Signal[T]) snapshot() []*receiver[T] {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.receivers
}
