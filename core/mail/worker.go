package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/textproto"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// work sends messages until stop is closed, or until there are no more after the queue was closed.
func (q *Queue) work(ctx context.Context, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			if q.leave(false) {
				return
			}
			stop = nil // the queue was closed meanwhile, and counts on this worker
		case m, more := <-q.messages:
			if !more {
				q.leave(true)
				return
			}
			q.deliver(ctx, m)
		}
	}
}

// leave counts a worker out. One that was told to stop stays when the queue is being drained.
func (q *Queue) leave(drained bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed && !drained {
		return false
	}
	q.workers--
	if q.closed && q.workers == 0 {
		close(q.drained)
	}
	return true
}

// deliver tries a message until it is sent or given up.
func (q *Queue) deliver(ctx context.Context, m *Message) {
	log := q.cfg.Log.With("message_id", m.Headers[messageIDName], "recipients", len(m.To)+len(m.Cc)+len(m.Bcc))
	wait := q.cfg.RetryWait
	for attempt := 1; ; attempt++ {
		sent, err := q.try(ctx, m, log)
		switch {
		case err == nil:
			q.done(m, false)
			return
		case sent > 0:
			log.Error("mail: some recipients were refused", "err", withoutAddresses(m, err))
			q.done(m, false)
			return
		case attempt >= q.cfg.Attempts || !temporary(err) || ctx.Err() != nil:
			log.Error("mail: a message was not sent", "attempts", attempt, "err", withoutAddresses(m, err))
			q.done(m, true)
			return
		}
		log.Warn("mail: a message will be tried again", "attempt", attempt, "err", withoutAddresses(m, err))
		q.pause(ctx, wait)
		wait *= 2
	}
}

// try hands the message to the transport once. A transport that panics loses the message, not the
// program.
func (q *Queue) try(ctx context.Context, m *Message, log *slog.Logger) (sent int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err // what Close has reported as lost is not sent later
	}
	ctx, cancel := context.WithTimeout(ctx, q.cfg.Timeout)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			log.Error("mail: the transport panicked", "stack", string(debug.Stack()))
			sent, err = 0, fmt.Errorf("mail: the transport panicked: %v", v)
		}
	}()
	return q.transport.Send(ctx, m)
}

// done notes the outcome of a message.
func (q *Queue) done(m *Message, failed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.pending, m)
	if failed && q.closed {
		q.lost = append(q.lost, m)
	}
}

func (q *Queue) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-q.closing:
	case <-ctx.Done():
	}
}

// temporary reports whether trying again may help: for any of the recipients, or of the reasons.
// Errors that are not known are taken for temporary.
func temporary(err error) bool {
	for _, forGood := range []error{ErrHeader, ErrAddress, ErrNoRecipient, ErrInsecure} {
		if err == forGood {
			return false
		}
	}
	switch e := err.(type) {
	case *textproto.Error:
		return e.Code < 500
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), temporary)
	}
	if inner := errors.Unwrap(err); inner != nil {
		return temporary(inner)
	}
	return true
}

// addressLike matches what may be an address in a server's words.
var addressLike = regexp.MustCompile(`\S*@\S*`)

// withoutAddresses returns an error's text for the log: who gets mail from a site is nobody's
// business, and servers like to repeat addresses.
func withoutAddresses(m *Message, err error) string {
	text := err.Error()
	if _, to, bad := m.Envelope(); bad == nil {
		for _, address := range to {
			text = strings.ReplaceAll(text, address, "<address>")
		}
	}
	return addressLike.ReplaceAllString(text, "<address>")
}
