package core

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/migrate"
)

func (p *Project) showmigrations() command.Command {
	return command.Command{
		Name: "showmigrations", Args: "[app...]", Summary: "List the migrations and which of them are applied",
		Details: "[X] is applied, [ ] is not; [-] stands for several migrations of which only some are.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			list := fs.BoolP("list", "l", false, "one app after the other; without options it is this")
			plan := fs.BoolP("plan", "p", false, "all in the order in which they run")
			verbosity := command.Verbosity(fs)
			return func(ctx context.Context, env *command.Env, args []string) error {
				if *list && *plan {
					return command.Usagef("showmigrations: give only one of --list, --plan")
				}
				for _, label := range args {
					if _, ok := p.App(label); !ok {
						return command.Usagef("there is no app %q in this project", label)
					}
				}
				if err := database.Check(ctx, p.settings.DB); err != nil {
					return err
				}
				m, err := p.migrator()
				if err != nil {
					return err
				}
				history, err := m.History(ctx)
				if err != nil {
					return err
				}
				if *plan {
					printPlan(env, history, args, *verbosity)
					return nil
				}
				p.printHistory(env, history, args, *verbosity)
				return nil
			}
		},
	}
}

// printPlan lists all migrations in the order in which they run.
func printPlan(env *command.Env, history []migrate.Status, labels []string, verbosity int) {
	none := true
	for _, h := range history {
		if len(labels) == 0 || slices.Contains(labels, h.App) {
			none = false
			env.Printf("[%s] %s.%s%s\n", historyMark(h), h.App, h.Name, historyNotes(h, verbosity))
		}
	}
	if none {
		env.Printf("(no migrations)\n")
	}
}

// printHistory lists the migrations app by app.
func (p *Project) printHistory(env *command.Env, history []migrate.Status, labels []string, verbosity int) {
	for _, app := range p.apps {
		if len(labels) > 0 && !slices.Contains(labels, app.Label) {
			continue
		}
		env.Printf("%s\n", app.Label)
		none := true
		for _, h := range history {
			if h.App == app.Label {
				none = false
				env.Printf(" [%s] %s%s\n", historyMark(h), h.Name, historyNotes(h, verbosity))
			}
		}
		if none {
			env.Printf(" (no migrations)\n")
		}
	}
}

func historyMark(h migrate.Status) string {
	switch {
	case !h.Applied.IsZero():
		return "X"
	case len(h.Missing) > 0:
		return "-"
	}
	return " "
}

// historyNotes are what there is to say behind a migration's name.
func historyNotes(h migrate.Status, verbosity int) string {
	var notes []string
	if len(h.Replaces) > 1 {
		notes = append(notes, fmt.Sprintf("stands for %d", len(h.Replaces)))
	}
	if len(h.Missing) > 0 {
		notes = append(notes, "not recorded: "+strings.Join(h.Missing, ", "))
	}
	if verbosity > 1 && !h.Applied.IsZero() {
		notes = append(notes, "applied "+h.Applied.UTC().Format(time.DateTime))
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, "; ") + ")"
}
