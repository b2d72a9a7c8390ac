package sessions

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/command"
)

func (s *Sessions) clearsessions() command.Command {
	return command.Command{
		Name:    "clearsessions",
		Summary: "Delete the sessions whose time is over",
		Details: "It works in short steps that hold nobody up, and may be stopped at any point.",
		Setup: func(*pflag.FlagSet) command.Run {
			return func(ctx context.Context, env *command.Env, _ []string) error {
				store, ok := s.cfg.Store.(Expirer)
				if !ok {
					return fmt.Errorf("the session store %T cannot clear expired sessions: delete them where they are kept", s.cfg.Store)
				}
				var progress func(int64)
				if env.Prompt().Interactive() {
					progress = func(n int64) { env.Errorf("\r%d deleted", n) }
				}
				n, err := store.DeleteExpired(ctx, s.cfg.Now(), progress)
				if progress != nil {
					env.Errorf("\r")
				}
				env.Printf("%d expired session(s) deleted.\n", n)
				if errors.Is(err, context.Canceled) {
					return command.ErrInterrupted
				}
				return err
			}
		},
	}
}
