package mail

import (
	"context"
	"errors"
)

// DefaultFrom is the sender where a Mailer names none, as in Django. Mail servers refuse it, so a
// site sets DEFAULT_FROM_EMAIL.
const DefaultFrom = "webmaster@localhost"

// Mailer sends a project's messages with what the project adds to all of them. It is safe for
// concurrent use as long as nobody changes its fields.
type Mailer struct {
	Transport Transport // needed
	// DefaultFrom is the sender of messages whose From is empty; empty means the constant
	// DefaultFrom.
	DefaultFrom string
	// SubjectPrefix comes before every subject, as it is: "[Staging] ". Empty adds nothing.
	SubjectPrefix string
}

// Send completes a copy of the message and hands it to the transport. The error is the transport's;
// one that holds a *RecipientError may concern some recipients only.
func (m *Mailer) Send(ctx context.Context, msg *Message) error {
	if m == nil || m.Transport == nil {
		return errors.New("mail: the mailer has no transport: set Mailer.Transport to what mail.Open returns")
	}
	if msg == nil {
		return errors.New("mail: the message is nil")
	}
	full := *msg
	if full.From == "" {
		full.From = m.DefaultFrom
	}
	if full.From == "" {
		full.From = DefaultFrom
	}
	full.Subject = m.SubjectPrefix + full.Subject
	_, err := m.Transport.Send(ctx, &full)
	return err
}
