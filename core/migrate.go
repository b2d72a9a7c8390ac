package core

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/pflag"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/migrate"
)

// MigrateOptions say how far to migrate and who hears of it. The zero value applies everything.
type MigrateOptions struct {
	// Target says how far; zero is all of it.
	Target migrate.Target
	// Fake records the migrations without running them.
	Fake bool
	// Progress hears of each migration; nil for nobody.
	Progress func(migrate.Event)
	// Logf is told what the apps do after the migrations; nil for nobody.
	Logf func(format string, args ...any)
}

// Migrate brings the database up to date and sends Migrating, Migrated and AppMigrated, whether
// there was anything to apply or not. Several processes may do it at once.
func (p *Project) Migrate(ctx context.Context, o MigrateOptions) error {
	if err := p.Ready(); err != nil {
		return err
	}
	m, err := p.migrator()
	if err != nil {
		return err
	}
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	event := func(ctx context.Context, db bun.IDB, steps []migrate.Step) (Migration, error) {
		models, err := p.migratedModels(ctx, m, db)
		return Migration{Project: p, DB: db, Steps: steps, Models: models, Logf: o.Logf}, err
	}
	return m.Migrate(ctx, migrate.Options{
		Target: o.Target, Fake: o.Fake, Progress: o.Progress,
		Before: func(ctx context.Context, db bun.IDB, steps []migrate.Step) error {
			ev, err := event(ctx, db, steps)
			if err != nil {
				return err
			}
			return p.Migrating.Send(ctx, ev)
		},
		After: func(ctx context.Context, db bun.IDB, steps []migrate.Step) error {
			ev, err := event(ctx, db, steps)
			if err != nil {
				return err
			}
			if err := p.Migrated.Send(ctx, ev); err != nil {
				return err
			}
			for _, app := range p.apps {
				if err := p.AppMigrated.Send(ctx, AppMigration{ev, app.Label}); err != nil {
					return err
				}
			}
			return nil
		},
	})
}

// migratedModels returns the models of the apps that have no migrations of their own, or have one
// that is applied.
func (p *Project) migratedModels(ctx context.Context, m *migrate.Migrator, db bun.IDB) ([]Model, error) {
	history, err := m.HistoryIn(ctx, db)
	if err != nil {
		return nil, err
	}
	waiting := map[string]bool{}
	for _, h := range history {
		if _, seen := waiting[h.App]; !seen || !h.Applied.IsZero() {
			waiting[h.App] = h.Applied.IsZero()
		}
	}
	return slices.DeleteFunc(p.Models(), func(model Model) bool { return waiting[model.AppLabel()] }), nil
}

func (p *Project) migrateCommand() command.Command {
	return command.Command{
		Name: "migrate", Args: "[app [migration | zero]]",
		Summary: "Bring the database up to date",
		Details: "With an app, only its migrations and what they need; with a migration, as far as that one,\n" +
			"forwards or backwards; zero takes all of the app's back. Then the content types and\n" +
			"permissions that are missing are made, also when there was nothing to apply.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			plan := fs.Bool("plan", false, "only show what would be done")
			check := fs.Bool("check", false, "do nothing; exit with 1 when something is to be done")
			fake := fs.Bool("fake", false, "record the migrations without running them")
			verbosity := fs.IntP("verbosity", "v", 1, "0 says nothing, 2 names each content type and permission")
			return func(ctx context.Context, env *command.Env, args []string) error {
				target, err := migrateTarget(args)
				if err != nil {
					return err
				}
				if err := database.Check(ctx, p.settings.DB); err != nil {
					return err
				}
				if *plan || *check {
					return p.showPlan(ctx, env, target, *check)
				}
				o := MigrateOptions{Target: target, Fake: *fake}
				done := 0
				o.Progress = func(ev migrate.Event) {
					if ev.Kind == migrate.Finished {
						done++
					}
					if *verbosity > 0 {
						printProgress(env, ev)
					}
				}
				if *verbosity > 1 {
					o.Logf = func(format string, args ...any) { env.Printf("  "+format+"\n", args...) }
				}
				if err := p.Migrate(ctx, o); err != nil {
					return err
				}
				if done == 0 && *verbosity > 0 {
					env.Printf("Nothing to apply: the database is up to date.\n")
				}
				return nil
			}
		},
	}
}

func migrateTarget(args []string) (migrate.Target, error) {
	switch len(args) {
	case 0:
		return migrate.Target{}, nil
	case 1:
		return migrate.Target{App: args[0]}, nil
	case 2:
		return migrate.Target{App: args[0], Name: args[1]}, nil
	}
	return migrate.Target{}, command.Usagef("migrate takes an app and a migration, got %d arguments", len(args))
}

func printProgress(env *command.Env, ev migrate.Event) {
	verb := "Applying"
	if ev.Step.Backwards {
		verb = "Taking back"
	}
	switch ev.Kind {
	case migrate.Waiting:
		env.Printf("Waiting for another program that is migrating…\n")
	case migrate.Started:
		env.Printf("%s %s… ", verb, ev.Step)
	case migrate.Finished:
		env.Printf("done (%s)\n", ev.Took.Round(time.Millisecond))
	case migrate.Skipped:
		env.Printf("another program was quicker\n")
	}
}

func (p *Project) showPlan(ctx context.Context, env *command.Env, target migrate.Target, check bool) error {
	m, err := p.migrator()
	if err != nil {
		return err
	}
	steps, err := m.PlanTo(ctx, target)
	if err != nil {
		return err
	}
	if len(steps) == 0 {
		env.Printf("Nothing to apply: the database is up to date.\n")
		return nil
	}
	for _, s := range steps {
		mark := "apply"
		if s.Backwards {
			mark = "take back"
		}
		env.Printf("%s %s\n", mark, s)
	}
	if check {
		return &command.Exit{Code: 1, Err: fmt.Errorf("%d migration(s) are to be applied", len(steps))}
	}
	return nil
}

func (p *Project) showmigrations() command.Command {
	return command.Command{
		Name: "showmigrations", Args: "[app...]", Summary: "List the migrations and which of them are applied",
		Setup: func(*pflag.FlagSet) command.Run {
			return func(ctx context.Context, env *command.Env, args []string) error {
				if err := database.Check(ctx, p.settings.DB); err != nil {
					return err
				}
				return p.printHistory(ctx, env, args)
			}
		},
	}
}

func (p *Project) printHistory(ctx context.Context, env *command.Env, labels []string) error {
	m, err := p.migrator()
	if err != nil {
		return err
	}
	history, err := m.History(ctx)
	if err != nil {
		return err
	}
	for _, label := range labels {
		if _, ok := p.App(label); !ok {
			return command.Usagef("there is no app %q in this project", label)
		}
	}
	for _, app := range p.apps {
		if len(labels) > 0 && !slices.Contains(labels, app.Label) {
			continue
		}
		env.Printf("%s\n", app.Label)
		none := true
		for _, h := range history {
			if h.App != app.Label {
				continue
			}
			none = false
			mark := " "
			if !h.Applied.IsZero() {
				mark = "X"
			}
			env.Printf(" [%s] %s\n", mark, h.Name)
		}
		if none {
			env.Printf(" (no migrations)\n")
		}
	}
	return nil
}
