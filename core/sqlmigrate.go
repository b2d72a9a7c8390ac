package core

import (
	"context"
	"strings"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/command"
)

func (p *Project) sqlmigrate() command.Command {
	return command.Command{
		Name: "sqlmigrate", Args: "app migration", Summary: "Print the SQL of a migration",
		Details: "The beginning of the migration's name is enough. Nothing is read from the database, and\n" +
			"nothing is changed in it.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			backwards := fs.Bool("backwards", false, "print the way back")
			return func(_ context.Context, env *command.Env, args []string) error {
				if len(args) != 2 {
					return command.Usagef("sqlmigrate takes an app and a migration, got %d argument(s)", len(args))
				}
				m, err := p.migrator()
				if err != nil {
					return err
				}
				step, err := m.Find(args[0], args[1])
				if err != nil {
					return err
				}
				text, err := m.SQL(step.App, step.Name, *backwards)
				if err != nil {
					return err
				}
				text = strings.TrimSpace(text)
				if !strings.HasSuffix(text, ";") {
					text += "\n;" // on a line of its own: the last one may be a comment
				}
				if !step.NonAtomic() {
					text = "BEGIN;\n" + text + "\nCOMMIT;"
				}
				env.Printf("%s\n", text)
				return nil
			}
		},
	}
}
