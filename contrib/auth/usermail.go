package auth

import (
	"context"
	"errors"

	"github.com/go-belleville/belleville/core/mail"
)

// Mailer sends messages; *mail.Mailer is one.
type Mailer interface {
	Send(ctx context.Context, msg *mail.Message) error
}

// ErrNoEmail says that a user has no e-mail address.
var ErrNoEmail = errors.New("auth: the user has no e-mail address")

// Mail sends a message to a user's address, whatever To the message has. An empty From is the
// mailer's default.
func (us *Users) Mail(ctx context.Context, m Mailer, u Account, msg mail.Message) error {
	if _, err := us.model.value(u); err != nil {
		return err
	}
	address := us.Email(u)
	if address == "" {
		return ErrNoEmail
	}
	msg.To = []string{address}
	return m.Send(ctx, &msg)
}
