package core

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/migrate"
)

// Installation tells that the command migrate has made an app's tables for the first time.
type Installation struct {
	Project *Project
	// Env is the command's: what is written comes after what migrate has said.
	Env *command.Env
	// Apps are the labels of the apps whose first migration has run. One that was only recorded, or
	// that another program was quicker with, is not among them.
	Apps []string
	// NoInput says that nothing may be asked.
	NoInput bool
}

func (p *Project) migrateCommand() command.Command {
	return command.Command{
		Name: "migrate", Args: "[app [migration | zero]]",
		Summary: "Bring the database up to date",
		Details: "With an app, only its migrations and what they need; with a migration, as far as that one,\n" +
			"forwards or backwards; zero takes all of the app's back. Then the content types and\n" +
			"permissions that are missing are made, also when there was nothing to apply.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			r := migrateRun{project: p}
			plan := fs.Bool("plan", false, "only show what would be done")
			check := fs.Bool("check", false, "do nothing; exit with 1 when something is to be done")
			fs.BoolVar(&r.options.Fake, "fake", false, "record the migrations without running them")
			fs.BoolVar(&r.options.FakeInitial, "fake-initial", false, "record an app's first migration without running it when its tables are there")
			noInput, verbosity := command.NoInput(fs), command.Verbosity(fs)
			return func(ctx context.Context, env *command.Env, args []string) error {
				var err error
				if r.options.Target, err = migrateTarget(args); err != nil {
					return err
				}
				if err := database.Check(ctx, p.settings.DB); err != nil {
					return err
				}
				if *plan || *check {
					return p.showPlan(ctx, env, r.options.Target, *check)
				}
				r.env, r.noInput, r.verbosity = env, *noInput, *verbosity
				return r.run(ctx)
			}
		},
	}
}

// migrateRun is one run of the command migrate.
type migrateRun struct {
	project   *Project
	env       *command.Env
	options   MigrateOptions
	noInput   bool
	verbosity int

	done      int
	installed []string
}

func (r *migrateRun) run(ctx context.Context) error {
	r.options.Progress = r.progress
	if r.verbosity > 1 {
		r.options.Logf = func(format string, args ...any) { r.env.Printf("  "+format+"\n", args...) }
	}
	if err := r.project.Migrate(ctx, r.options); err != nil {
		return err
	}
	if r.done == 0 && r.verbosity > 0 {
		r.env.Printf("Nothing to apply: the database is up to date.\n")
	}
	if len(r.installed) == 0 {
		return nil
	}
	return r.project.Installed.Send(ctx, Installation{r.project, r.env, r.installed, r.noInput})
}

// progress hears of each migration.
func (r *migrateRun) progress(ev migrate.Event) {
	if ev.Kind == migrate.Finished {
		r.done++
		if ev.Step.Initial() && !ev.Step.Backwards && !ev.Faked {
			r.installed = append(r.installed, ev.Step.App)
		}
	}
	if r.verbosity > 0 {
		printProgress(r.env, ev)
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
	took := ev.Took.Round(time.Millisecond)
	switch ev.Kind {
	case migrate.Waiting:
		env.Printf("Waiting for another program that is migrating…\n")
	case migrate.Started:
		env.Printf("%s %s… ", verb, ev.Step)
	case migrate.Finished:
		switch {
		case ev.Faked && ev.Step.Backwards:
			env.Printf("only its record was removed (%s)\n", took)
		case ev.Faked:
			env.Printf("only recorded (%s)\n", took)
		default:
			env.Printf("done (%s)\n", took)
		}
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
		return fmt.Errorf("%d migration(s) are to be applied", len(steps))
	}
	return nil
}
