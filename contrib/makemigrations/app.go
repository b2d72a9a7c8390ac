// Package makemigrations writes migrations: it compares the models of a project with the tables that
// the migrations so far lead to, and writes what is missing as SQL to be read and committed, for
// SQLite and PostgreSQL. A project has the command by one more app:
//
//	core.New(settings, …, makemigrations.App())
//
//	manage makemigrations            what all apps need
//	manage makemigrations polls      what one app needs
//	manage makemigrations --check    for CI: exit status 1 when something is missing
//
// # Files
//
// An app's migrations lie in the folder migrations beside its models; where one package has
// the models of several apps, each has a folder of its label in there. A migration is
//
//	0002_question_closed.postgres.sql        the statements
//	0002_question_closed.sqlite.sql
//	0002_question_closed.postgres.down.sql   the way back, where there is one
//	0002_question_closed.sqlite.down.sql
//	0002_question_closed.schema.json         the snapshot: the app's tables after it
//
// The next migration starts from the snapshot, so no database is needed. The SQL may be edited as long
// as it leads to the same tables. A migration without its snapshot is refused, and so is one that
// was made after another than the one before it: two branches have been merged.
//
// Apps from other modules and those that write their migrations by hand ([core.App].HandMigrated) are left alone.
//
// # What it takes from the models
//
// A column may be NULL unless its bun tag says notnull or pk. Its type is the tag's, or what suits
// the Go value; a string is a text. Foreign keys are those of [core.Model].References and of
// bun's belongs-to relations; each has the type of the key it refers to, unless its tag says another, and an index
// of its own when no other begins with it. A check of a foreign key waits for the end of the
// transaction.
//
// # What it asks
//
// A column or table that goes while one like it comes may have been renamed: that is asked. Dropping one
// is asked, too, and so is a value for the rows that are there already when a new column may not be
// NULL. Where nobody can be asked, flags answer, and nothing is dropped without --allow-drop.
//
// # What it does not do
//
// It does not change primary keys, convert between types that have no safe way from one to the other,
// or move data: --empty makes a file for statements of your own. Triggers and views made by hand on a table
// that SQLite has to rebuild are lost with the old table.
package makemigrations

import (
	"context"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
)

// Config says where the command works. The zero value is what a project wants.
type Config struct {
	// Root is a folder of the module whose migrations are written; empty means the working folder.
	Root string
}

// App returns the app that brings the command makemigrations. It has no tables and no pages.
func App() core.App { return Config{}.App() }

// App is the function [App] with a configuration.
func (c Config) App() core.App {
	m := &maker{root: c.Root}
	return core.App{
		Label:       "makemigrations",
		VerboseName: "Migrations",
		Commands:    []command.Command{m.command()},
		Ready: func(p *core.Project) error {
			m.project = p
			return nil
		},
	}
}

// maker is the command before it runs.
type maker struct {
	root    string
	project *core.Project
}

// options are the command's flags.
type options struct {
	check, dryRun, empty, snapshot bool
	allowDrop, noInput             bool
	name, dir                      string
	renames, defaults              []string
}

func (m *maker) command() command.Command {
	return command.Command{
		Name: "makemigrations", Args: "[app...]", Summary: "Write the migrations that the models need",
		Details: "Compares the models with the snapshots beside the migrations; no database is used.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			var o options
			fs.BoolVar(&o.check, "check", false, "write nothing; exit with 1 if one is missing")
			fs.BoolVar(&o.dryRun, "dry-run", false, "write nothing; show the statements")
			fs.StringVarP(&o.name, "name", "n", "", "the migration's `name`, without its number")
			fs.BoolVar(&o.empty, "empty", false, "write one without statements")
			fs.StringArrayVar(&o.renames, "rename", nil, "`old=new`, as in app.model.column=new or app.model=new")
			fs.StringArrayVar(&o.defaults, "default", nil, "`column=SQL` for the rows there, as in app.model.column=0")
			fs.BoolVar(&o.allowDrop, "allow-drop", false, "drop columns and tables without asking")
			fs.BoolVar(&o.snapshot, "snapshot", false, "only note what the models say now")
			fs.StringVar(&o.dir, "dir", "", "the `folder` of the one app's migrations")
			noInput, verbosity := command.NoInput(fs), command.Verbosity(fs)
			return func(ctx context.Context, env *command.Env, args []string) error {
				o.noInput = *noInput
				root, err := filepath.Abs(m.root)
				if err != nil {
					return err
				}
				asks := !o.noInput && !o.check && env.Prompt().Interactive()
				r := &run{project: m.project, env: env, root: root, options: o, verbosity: *verbosity, asks: asks}
				return r.run(ctx, args)
			}
		},
	}
}
