package core

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/scaffold"
)

// allCommands lists the project's own commands and then the apps', each name once.
func (p *Project) allCommands() ([]command.Command, error) {
	all := p.ownCommands()
	owner := map[string]string{}
	for _, c := range all {
		owner[c.Name] = "core"
	}
	for _, app := range p.apps {
		for _, c := range app.Commands {
			if err := c.Err(); err != nil {
				return nil, fmt.Errorf("the app %q: %w", app.Label, err)
			}
			if owner[c.Name] != "" {
				return nil, fmt.Errorf("the apps %q and %q both have a command named %q: give one of them another name", owner[c.Name], app.Label, c.Name)
			}
			owner[c.Name] = app.Label
			all = append(all, c)
		}
	}
	return all, nil
}

func (p *Project) ownCommands() []command.Command {
	migrate := p.migrateCommand()
	labels := make([]string, len(p.apps))
	for i, app := range p.apps {
		labels[i] = app.Label
	}
	return []command.Command{
		p.help(), p.version(), p.checkCommand(), p.runserver(), p.sendtestemail(), p.showroutes(),
		migrate, migrate.As("syncdb"), migrate.As("install"), migrate.As("init"), p.showmigrations(), p.sqlmigrate(),
		scaffold.StartProject(), scaffold.StartApp(labels),
	}
}

func (p *Project) help() command.Command {
	return command.Command{
		Name: "help", Args: "[command...]", Summary: "List the commands, or explain one", Standalone: true,
		Setup: func(*pflag.FlagSet) command.Run {
			return func(ctx context.Context, env *command.Env, args []string) error {
				if len(args) == 0 {
					p.listCommands(env)
					return nil
				}
				c, err := p.command(env, args[0])
				if err != nil {
					return err
				}
				return c.Execute(ctx, env, append(args[1:], "--help"))
			}
		},
	}
}

// listCommands fits a terminal of 24 lines as long as the apps have not too many commands.
func (p *Project) listCommands(env *command.Env) {
	env.Printf("usage: %s command [options] [arguments]\n", env.Program)
	sorted := slices.DeleteFunc(slices.Clone(p.commands), func(c command.Command) bool { return c.Hidden })
	slices.SortFunc(sorted, func(a, b command.Command) int { return cmp.Compare(a.Name, b.Name) })
	width := 0
	for _, c := range sorted {
		width = max(width, len(c.Name))
	}
	for _, c := range sorted {
		env.Printf("  %-*s  %s\n", width, c.Name, c.Summary)
	}
	env.Printf("\n`%s help command` explains one. Settings: DATABASE_URL, SECRET_KEY, DEBUG, …\n", env.Program)
}

func (p *Project) version() command.Command {
	return command.Command{
		Name: "version", Summary: "Print the versions of the program and of Belleville", Standalone: true,
		Setup: func(*pflag.FlagSet) command.Run {
			return func(_ context.Context, env *command.Env, _ []string) error {
				env.Printf("%s\n", versionText())
				return nil
			}
		},
	}
}

const modulePath = "github.com/go-belleville/belleville"

// versionText names this module's version as the build recorded it.
func versionText() string {
	version := "(unknown version)"
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Path == modulePath {
			version = info.Main.Version
		}
		for _, dep := range info.Deps {
			if dep.Path == modulePath {
				version = dep.Version
			}
		}
	}
	return fmt.Sprintf("Belleville %s, %s %s/%s", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// ownChecks are the checks of the settings themselves.
func (p *Project) ownChecks() []check.Check {
	return []check.Check{
		{Tags: []string{"database"}, Run: p.checkDatabase},
		{Tags: []string{"security"}, Run: p.checkDebug},
		{Tags: []string{"security"}, Deploy: true, Run: p.checkDeploy},
		{Tags: []string{"database"}, Run: p.checkCache},
		{Tags: []string{"database"}, Deploy: true, Run: p.tryCache},
	}
}

// checkCache looks whether the feed can hear of changes at all.
func (p *Project) checkCache(context.Context) []check.Message {
	if err := p.settings.Cache.Problem(); err != nil {
		return []check.Message{{Level: check.Error, ID: "core.E001", Object: "core.Settings", Text: fmt.Sprintf("The cache cannot work: %v.", err),
			Hint: "Open DB by core.OpenDB, set changes.Config.URL, or leave Settings.Cache out."}}
	}
	return nil
}

// tryCache listens once. Served without, a project reads everything from the database and says so in its log.
func (p *Project) tryCache(ctx context.Context) []check.Message {
	if p.settings.Cache.Problem() != nil {
		return nil // checkCache says so
	}
	if err := p.settings.Cache.Try(ctx); err != nil {
		return []check.Message{{Level: check.Warning, ID: "core.W003", Object: "core.Settings", Text: fmt.Sprintf("The cache keeps nothing: %v.", err)}}
	}
	return nil
}

// checkDatabase warns about a database that is out of reach; commands that need it say so themselves.
func (p *Project) checkDatabase(ctx context.Context) []check.Message {
	if err := database.Check(ctx, p.settings.DB); err != nil {
		return []check.Message{{Level: check.Warning, ID: "core.W001", Text: err.Error()}}
	}
	return nil
}
