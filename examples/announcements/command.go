package announcements

import (
	"context"
	"strings"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/command"
)

// announce is for whoever is about to stop the server and has no time for a browser.
func (a *Announcements) announce() command.Command {
	return command.Command{
		Name: "announce", Args: "text", Summary: "Show an announcement on every page", ChecksMigrations: true,
		Setup: func(fs *pflag.FlagSet) command.Run {
			lasts := fs.Duration("for", 0, "how long, as in 90m or 2h; 0 means until it is withdrawn")
			return func(ctx context.Context, env *command.Env, args []string) error {
				m, err := a.Add(ctx, strings.Join(args, " "), *lasts)
				if err != nil {
					return err
				}
				if m.Ends.IsZero() {
					env.Printf("Announcement %d is shown until it is withdrawn.\n", m.ID)
					return nil
				}
				env.Printf("Announcement %d is shown for %s.\n", m.ID, *lasts)
				return nil
			}
		},
	}
}
