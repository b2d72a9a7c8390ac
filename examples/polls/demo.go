package polls

import (
	"context"
	"errors"

	"github.com/spf13/pflag"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/command"
)

// demoUsers are the people of the demo, with the group they are in.
var demoUsers = []struct{ name, password, group string }{
	{"ada", "countess-of-code", "Editors"},
	{"bob", "votes-on-tuesdays", "Voters"},
}

// demoGroups are the groups with their permissions.
var demoGroups = map[string][]string{
	"Editors": {"polls.add_question", "polls.can_vote", "polls.close_question"},
	"Voters":  {"polls.can_vote"},
}

// demoQuestions are the questions with their choices.
var demoQuestions = []struct {
	text    string
	choices []string
}{
	{"Which database does your next project begin on?", []string{"SQLite", "PostgreSQL", "One that is already there"}},
	{"Tabs or spaces?", []string{"Tabs", "Spaces", "Whatever gofmt says"}},
	{"When is the best time to deploy?", []string{"Monday morning", "Friday afternoon", "Every time the tests pass"}},
}

func (p *Polls) loaddemo() command.Command {
	return command.Command{
		Name: "loaddemo", Summary: "Load the demo's users and questions, once",
		Setup: func(*pflag.FlagSet) command.Run {
			return func(ctx context.Context, env *command.Env, _ []string) error {
				if err := p.loadDemo(ctx); err != nil {
					return err
				}
				env.Printf("Demo log-ins:\n")
				for _, u := range demoUsers {
					env.Printf("  %-4s password %-18s (%s)\n", u.name, u.password, u.group)
				}
				return nil
			}
		},
	}
}

// loadDemo makes everything at once, or nothing when it was made before.
func (p *Polls) loadDemo(ctx context.Context) error {
	_, err := p.auth.Users().ByUsername(ctx, demoUsers[0].name)
	if !errors.Is(err, auth.ErrNoUser) {
		return err
	}
	return p.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := p.makeDemoUsers(ctx, tx); err != nil {
			return err
		}
		for _, q := range demoQuestions {
			if _, err := create(ctx, tx, q.text, q.choices); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *Polls) makeDemoUsers(ctx context.Context, tx bun.IDB) error {
	users, groups := p.auth.Users().In(tx), p.auth.Groups().In(tx)
	for _, d := range demoUsers {
		g, err := groups.Create(ctx, d.group)
		if err != nil {
			return err
		}
		for _, name := range demoGroups[d.group] {
			perm, err := groups.Permission(ctx, name)
			if err != nil {
				return err
			}
			if err := groups.Permissions(g).Add(ctx, perm); err != nil {
				return err
			}
		}
		u, err := users.Create(ctx, d.name, d.name+"@example.com", d.password, nil)
		if err != nil {
			return err
		}
		if err := users.Groups(u).Add(ctx, g); err != nil {
			return err
		}
	}
	return nil
}
