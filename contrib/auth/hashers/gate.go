package hashers

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// BusyError says that as many callers wait for a hash as may. It is [ErrBusy] to errors.Is.
type BusyError struct {
	// RetryAfter is how long a client should wait, for the header of that name.
	RetryAfter time.Duration
}

// Error returns the text of [ErrBusy] and the advice.
func (e *BusyError) Error() string {
	return fmt.Sprintf("%v; try again in %v", ErrBusy, e.RetryAfter)
}

// HTTPStatus is 503: the request was right, and may be made again.
func (e *BusyError) HTTPStatus() int { return 503 }

// Wait returns RetryAfter, for whoever answers the request.
func (e *BusyError) Wait() time.Duration { return e.RetryAfter }

// Is makes a BusyError an [ErrBusy].
func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// gate lets a number of callers in and another number wait, first come, first served.
type gate struct {
	slots   chan struct{}
	queue   int64
	waiting *atomic.Int64
	retry   time.Duration
}

func newGate(limit, queue int, retry time.Duration) gate {
	return gate{
		slots:   make(chan struct{}, limit),
		queue:   int64(queue),
		waiting: new(atomic.Int64),
		retry:   retry,
	}
}

// enter returns nil when the caller may work and then has to leave. A channel hands a freed slot
// to the sender that has waited longest, so nobody overtakes.
func (g gate) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	default:
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > g.queue {
		return &BusyError{RetryAfter: g.retry}
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g gate) leave() { <-g.slots }
