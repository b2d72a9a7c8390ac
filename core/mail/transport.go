package mail

import (
	"context"
	"errors"
	"fmt"
)

// Transport hands messages over to whatever delivers them. Package mailtest has the tests that an
// implementation must pass. They are safe for concurrent use.
type Transport interface {
	// Send checks and hands over each message. Messages do not depend on each other: one that is
	// refused does not keep the rest back, unless nothing more can be sent. sent counts those that
	// were handed over, to at least one recipient each; err says all that went wrong, and is not nil
	// when a message or a recipient was left out. A recipient that the server refused is a
	// *RecipientError inside of it, an invalid message is what Message.Validate returns.
	//
	// When ctx ends, Send stops waiting and its error is ctx.Err() inside. No messages are nothing
	// to do. Messages are neither changed nor kept.
	Send(ctx context.Context, msgs ...*Message) (sent int, err error)
}

// RecipientError says that one recipient will not get a message.
type RecipientError struct {
	Address string // as in the envelope
	Err     error  // what the server said: a *textproto.Error
}

// Error returns a text that has the address in it.
func (e *RecipientError) Error() string {
	return fmt.Sprintf("mail: recipient %s refused: %v", e.Address, e.Err)
}

// Unwrap returns Err.
func (e *RecipientError) Unwrap() error { return e.Err }

// results counts what Send did with its messages.
type results struct {
	of   int
	sent int
	errs []error
}

// add notes an error of message i, counted from 0.
func (r *results) add(i int, err error) {
	if r.of > 1 {
		err = fmt.Errorf("message %d of %d: %w", i+1, r.of, err)
	}
	r.errs = append(r.errs, err)
}

// skip notes that the messages from number i on were not tried, and why.
func (r *results) skip(i int, err error) {
	if i > 0 {
		err = fmt.Errorf("messages %d to %d were not tried: %w", i+1, r.of, err)
	}
	r.errs = append(r.errs, err)
}

func (r *results) err() error {
	if len(r.errs) == 1 {
		return r.errs[0]
	}
	return errors.Join(r.errs...)
}

// each hands messages over one by one, for transports that wait for nothing.
func each(ctx context.Context, msgs []*Message, deliver func(*Message) error) (int, error) {
	r := results{of: len(msgs)}
	for i, m := range msgs {
		if err := ctx.Err(); err != nil {
			r.skip(i, fmt.Errorf("mail: %w", err))
			break
		}
		if err := deliver(m); err != nil {
			r.add(i, err)
			continue
		}
		r.sent++
	}
	return r.sent, r.err()
}
