package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// Errors of Queue.
var (
	ErrQueueFull   = errors.New("mail: the queue is full")
	ErrQueueClosed = errors.New("mail: the queue is closed")
)

// QueueConfig says how a Queue works.
type QueueConfig struct {
	// Size is how many messages may wait: 256 if 0. More are refused with ErrQueueFull.
	Size int
	// Workers is how many messages are sent at the same time, each over its own connection: 2 if 0.
	Workers int
	// Timeout is how long one attempt may take: 2 minutes if 0.
	Timeout time.Duration
	// Attempts is how often a message is tried: 3 if 0. What a server refuses for good (codes from
	// 500 on) is not tried again, nor is a message that reached some of its recipients.
	Attempts int
	// RetryWait is the time before the second attempt, and doubles for each one after: 2 seconds if
	// 0. A worker waits with its message, and does not wait while the queue is being closed.
	RetryWait time.Duration
	// Log takes what fails: nil means slog.Default(). It gets Message-IDs, numbers of recipients
	// and errors without addresses; never subjects or bodies.
	Log *slog.Logger
}

func (c QueueConfig) withDefaults() QueueConfig {
	if c.Size <= 0 {
		c.Size = 256
	}
	if c.Workers <= 0 {
		c.Workers = 2
	}
	if c.Timeout <= 0 {
		c.Timeout = 2 * time.Minute
	}
	if c.Attempts <= 0 {
		c.Attempts = 3
	}
	if c.RetryWait <= 0 {
		c.RetryWait = 2 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// Queue takes messages at once and sends them from the background. It lives in memory: what the
// program has not sent when it dies is gone, and what Close could not send, it returns. A Queue is a
// Transport, and safe for concurrent use.
type Queue struct {
	transport Transport
	cfg       QueueConfig
	messages  chan *Message
	closing   chan struct{} // closed when Close begins
	drained   chan struct{} // closed when the last worker left after that

	mu      sync.Mutex
	closed  bool
	workers int // that run
	cancels []context.CancelFunc
	taken   int              // messages ever
	pending map[*Message]int // messages without an outcome, and when they were taken
	lost    []*Message       // given up since closing
}

var _ Transport = (*Queue)(nil)

// NewQueue returns a queue in front of t. Nothing is sent, and no goroutine runs, before Start.
func NewQueue(t Transport, cfg QueueConfig) *Queue {
	cfg = cfg.withDefaults()
	return &Queue{
		transport: t,
		cfg:       cfg,
		messages:  make(chan *Message, cfg.Size),
		closing:   make(chan struct{}),
		drained:   make(chan struct{}),
		pending:   make(map[*Message]int),
	}
}

// Enqueue checks a message and takes a copy of it, with Date and Message-ID; it waits for nothing.
// The error is Validate's, ErrQueueFull, ErrQueueClosed, or ctx.Err() if ctx has ended already; its
// end later does not matter. A nil error does not mean that the message arrives: failures are logged.
func (q *Queue) Enqueue(ctx context.Context, m *Message) error {
	if q.transport == nil {
		return errors.New("mail: the queue has no transport: give NewQueue what mail.Open returns")
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	stamped, err := m.stamped()
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrQueueClosed
	}
	select {
	case q.messages <- stamped:
		q.taken++
		q.pending[stamped] = q.taken
		return nil
	default:
		return ErrQueueFull
	}
}

// Send is Enqueue for several messages; sent counts those that were taken.
func (q *Queue) Send(ctx context.Context, msgs ...*Message) (sent int, err error) {
	return each(ctx, msgs, func(m *Message) error { return q.Enqueue(ctx, m) })
}

// Start begins to send, in goroutines, and returns at once. When ctx ends, the workers finish the
// messages they are at and leave the rest for Close. It fails when the queue runs or is closed.
func (q *Queue) Start(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrQueueClosed
	}
	if q.workers > 0 {
		return errors.New("mail: the queue was started already")
	}
	q.launch(ctx, ctx.Done())
	return nil
}

// launch starts the workers that are missing. The caller holds the lock. Sending goes on when ctx
// ends; cancels end it.
func (q *Queue) launch(ctx context.Context, stop <-chan struct{}) {
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	q.cancels = append(q.cancels, cancel)
	for ; q.workers < q.cfg.Workers; q.workers++ {
		go q.work(sending, stop)
	}
}

// Close takes no more messages, sends the waiting ones, started or not, and returns when all are
// done or ctx ends, whichever is first. The error is a *LostError if messages were not sent since
// Close was called. Further calls do nothing.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil
	}
	q.closed = true
	close(q.messages)
	close(q.closing)
	q.launch(ctx, nil)
	q.mu.Unlock()

	var ended error
	select {
	case <-q.drained:
	case <-ctx.Done():
		ended = ctx.Err()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, cancel := range q.cancels {
		cancel()
	}
	lost := slices.SortedFunc(maps.Keys(q.pending), func(a, b *Message) int {
		return cmp.Compare(q.pending[a], q.pending[b])
	})
	if lost = append(slices.Clone(q.lost), lost...); len(lost) > 0 {
		return &LostError{Messages: lost, Err: ended}
	}
	return nil
}

// LostError says what a Queue had not sent when it was closed.
type LostError struct {
	// Messages are the ones that failed for good while the queue was closing, and then those
	// without an outcome, oldest first. Those that were being sent at that moment may have arrived.
	Messages []*Message
	// Err is the error of the context that ended the waiting; nil if none did.
	Err error
}

// Error tells how many messages there are, and nothing of what is in them.
func (e *LostError) Error() string {
	text := fmt.Sprintf("mail: not sent before the queue closed: %d", len(e.Messages))
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *LostError) Unwrap() error { return e.Err }
