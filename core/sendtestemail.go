package core

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/mail"
)

func (p *Project) sendtestemail() command.Command {
	return command.Command{
		Name: "sendtestemail", Args: "address...", Summary: "Send a message to see whether mail arrives",
		Setup: func(*pflag.FlagSet) command.Run {
			return func(ctx context.Context, env *command.Env, addresses []string) error {
				if len(addresses) == 0 {
					return command.Usagef("name at least one address to send to")
				}
				if p.settings.Mail == nil {
					return errors.New("this project sends no mail: set Settings.Mail, or EMAIL_URL in the environment")
				}
				now := time.Now().UTC().Format(time.RFC3339)
				message := &mail.Message{
					Subject: "A test, sent " + now,
					Text:    "If you can read this, mail from this site arrives.\n",
					To:      addresses,
				}
				if err := p.settings.Mail.Send(ctx, message); err != nil {
					return err
				}
				// What waits in a queue is sent now, so that its error is this command's.
				if err := p.sendWaiting(ctx); err != nil {
					return fmt.Errorf("the message was not sent: %w", err)
				}
				env.Printf("Sent to %d address(es).\n", len(addresses))
				return nil
			}
		},
	}
}
