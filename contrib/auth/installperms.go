package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/database"
)

func (a *Auth) installperms() command.Command {
	return command.Command{
		Name: "installperms", Args: "[app...]", Summary: "Make the permissions that are missing",
		Details: "Without apps it is those of all. migrate does the same at its end.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			sql := fs.Bool("sql", false, "print SQL that makes all, and changes nothing where they are there")
			verbosity := command.Verbosity(fs)
			return func(ctx context.Context, env *command.Env, args []string) error {
				models, err := a.modelsOf(args)
				if err != nil {
					return err
				}
				if *sql {
					env.Printf("%s", permissionSQL(models))
					return nil
				}
				return a.makePermissions(ctx, env, models, *verbosity)
			}
		},
	}
}

// sqlinitialdata is installperms --sql under its old name.
func (a *Auth) sqlinitialdata() command.Command {
	return command.Command{
		Name: "sqlinitialdata", Args: "[app...]", Summary: "Print the SQL of permissions (installperms --sql)", Hidden: true,
		Setup: func(*pflag.FlagSet) command.Run {
			return func(_ context.Context, env *command.Env, args []string) error {
				models, err := a.modelsOf(args)
				env.Printf("%s", permissionSQL(models))
				return err
			}
		},
	}
}

// modelsOf are the models of apps, or of all.
func (a *Auth) modelsOf(labels []string) ([]core.Model, error) {
	for _, label := range labels {
		if !slices.ContainsFunc(a.project.apps, func(app core.App) bool { return app.Label == label }) {
			return nil, command.Usagef("there is no app %q in this project", label)
		}
	}
	return slices.DeleteFunc(slices.Clone(a.project.models), func(m core.Model) bool {
		return len(labels) > 0 && !slices.Contains(labels, m.AppLabel())
	}), nil
}

func (a *Auth) makePermissions(ctx context.Context, env *command.Env, models []core.Model, verbosity int) error {
	if err := database.Check(ctx, a.users.db.NewSelect().DB()); err != nil {
		return err
	}
	made := 0
	logf := func(format string, args ...any) {
		made++
		if verbosity > 0 {
			env.Printf(format+"\n", args...)
		}
	}
	err := a.users.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := EnsurePermissions(ctx, tx, models, logf); err != nil {
			return err
		}
		return a.users.In(tx).TellChanged(ctx)
	})
	if err != nil {
		return fmt.Errorf("no permission was made; has `%s migrate` run? %w", env.Program, err)
	}
	a.cfg.Types.ClearCache()
	if made == 0 && verbosity > 0 {
		env.Printf("Nothing is missing.\n")
	}
	return nil
}

// permissionSQL are statements that make the content types and permissions of models on both
// databases, where they are not there.
func permissionSQL(models []core.Model) string {
	var b strings.Builder
	for _, m := range models {
		app, model := quoteText(m.AppLabel()), quoteText(m.Name)
		fmt.Fprintf(&b, "INSERT INTO django_content_type (app_label, model) VALUES (%s, %s) ON CONFLICT (app_label, model) DO NOTHING;\n", app, model)
		for _, p := range m.AllPermissions() {
			fmt.Fprintf(&b, "INSERT INTO auth_permission (name, content_type_id, codename) SELECT %s, id, %s FROM django_content_type"+
				" WHERE app_label = %s AND model = %s ON CONFLICT (content_type_id, codename) DO NOTHING;\n",
				quoteText(p.Name), quoteText(p.Codename), app, model)
		}
	}
	return b.String()
}

// quoteText writes a text in SQL.
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
