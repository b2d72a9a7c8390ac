package core

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/signals"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// Project is settings and apps put together: the site, its commands, its checks and its models.
// It is made by [New] and safe for concurrent use from then on.
type Project struct {
	// Migrating is sent before a migrate that has something to apply or not, Migrated after it,
	// once each and within its lock; AppMigrated follows for each app, in order.
	Migrating, Migrated signals.Signal[Migration]
	AppMigrated         signals.Signal[AppMigration]
	// Installed is sent by the command migrate at its end, when all locks are given back and if it
	// made an app's first tables: the moment to ask the person at the terminal something.
	Installed signals.Signal[Installation]

	settings Settings
	apps     []App
	models   []Model
	site     *web.Site
	handler  http.Handler
	commands []command.Command
	files    *staticFiles
	health   *health

	ready    sync.Once
	readyErr error
}

// Migration is what a migrate tells its receivers. Everything they write goes through DB.
type Migration struct {
	Project *Project
	// DB runs on the connection that holds migrate's lock.
	DB bun.IDB
	// Steps are what this run is about to do in Migrating, and what it did in Migrated; empty when
	// there is nothing to do.
	Steps []migrate.Step
	// Models are those whose tables the database has: without those of an app none of whose
	// migrations is applied.
	Models []Model
	// Logf tells the person at the terminal what is done; never nil.
	Logf func(format string, args ...any)
}

// HasTable reports whether a model, given as a typed pointer to its struct, is one of Models.
func (m Migration) HasTable(model any) bool {
	t := structType(model)
	return slices.ContainsFunc(m.Models, func(have Model) bool { return have.Type() == t })
}

// AppMigration is a Migration for one app.
type AppMigration struct {
	Migration
	App string
}

// New puts a project together. It does no I/O; it returns an error for what can never work: two
// apps with one label, a missing required app, two routes or commands with one name, a model
// that is no struct or belongs to two apps, a cycle of migrations.
func New(s Settings, apps ...App) (*Project, error) {
	p := &Project{settings: s.withDefaults(), apps: named(apps)}
	err := errors.Join(p.checkLabels(), p.resolveModels())
	if err != nil {
		return nil, err
	}
	if _, err := p.migrator(); err != nil {
		return nil, err
	}
	if err := p.buildSite(); err != nil {
		return nil, err
	}
	if p.commands, err = p.allCommands(); err != nil {
		return nil, err
	}
	return p, nil
}

// named returns the apps with their names for people filled in.
func named(apps []App) []App {
	apps = slices.Clone(apps)
	for i, app := range apps {
		if app.VerboseName == "" && app.Label != "" {
			apps[i].VerboseName = strings.ToUpper(app.Label[:1]) + strings.ReplaceAll(app.Label[1:], "_", " ")
		}
	}
	return apps
}

var labelPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (p *Project) checkLabels() error {
	var errs []error
	seen := map[string]bool{}
	for _, app := range p.apps {
		switch {
		case !labelPattern.MatchString(app.Label):
			errs = append(errs, fmt.Errorf("the app label %q is not a name in lower case: letters, digits and _, beginning with a letter", app.Label))
		case seen[app.Label]:
			errs = append(errs, fmt.Errorf("two apps have the label %q: give one of them another, or take one out of core.New", app.Label))
		}
		seen[app.Label] = true
	}
	for _, app := range p.apps {
		for _, need := range app.Requires {
			if !seen[need] {
				errs = append(errs, fmt.Errorf("the app %q needs the app %q: add it to core.New", app.Label, need))
			}
		}
	}
	return errors.Join(errs...)
}

func (p *Project) resolveModels() error {
	var errs []error
	seen := map[string]bool{}
	owner := map[reflect.Type]string{}
	for _, app := range p.apps {
		for _, m := range app.Models {
			m, err := m.resolve(app.Label)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if seen[m.Label()] {
				errs = append(errs, fmt.Errorf("the app %q has two models named %q: set Name on one of them", app.Label, m.Name))
			}
			if other := owner[m.Type()]; other != "" && other != app.Label {
				errs = append(errs, fmt.Errorf("the apps %q and %q both bring the model %s: is one app in core.New twice, under two labels?", other, app.Label, m.Type()))
			}
			seen[m.Label()], owner[m.Type()] = true, app.Label
			p.models = append(p.models, m)
		}
	}
	return errors.Join(errs...)
}

func (p *Project) migrator() (*migrate.Migrator, error) {
	var sources []migrate.App
	for _, app := range p.apps {
		if app.Migrations != nil {
			sources = append(sources, migrate.App{Label: app.Label, Source: app.Migrations})
		}
	}
	return migrate.New(p.settings.DB, sources...)
}

// Settings returns the settings with their defaults filled in.
func (p *Project) Settings() Settings { return p.settings }

// DB returns the database.
func (p *Project) DB() *bun.DB { return p.settings.DB }

// Site returns what views and commands ask for pages and addresses.
func (p *Project) Site() *web.Site { return p.site }

// Apps returns the apps in order.
func (p *Project) Apps() []App { return slices.Clone(p.apps) }

// App returns the app of a label.
func (p *Project) App(label string) (App, bool) {
	i := slices.IndexFunc(p.apps, func(a App) bool { return a.Label == label })
	if i < 0 {
		return App{}, false
	}
	return p.apps[i], true
}

// Models returns all apps' models with their names filled in, in order.
func (p *Project) Models() []Model { return slices.Clone(p.models) }

// ModelOf returns the description of a model given as a typed pointer to its struct.
func (p *Project) ModelOf(model any) (Model, bool) {
	t := structType(model)
	for _, m := range p.models {
		if t != nil && m.Type() == t {
			return m, true
		}
	}
	return Model{}, false
}

// Model returns the description of a model by its name "app.model": the app's label as it is, the
// model's name in any case.
func (p *Project) Model(name string) (Model, error) {
	app, model, ok := strings.Cut(name, ".")
	if !ok {
		return Model{}, fmt.Errorf("%q is no name of a model: write app.model", name)
	}
	for _, m := range p.models {
		if m.app == app && m.Name == strings.ToLower(model) {
			return m, nil
		}
	}
	return Model{}, fmt.Errorf("there is no model %s in this project", name)
}

// Commands returns all commands, the project's own first.
func (p *Project) Commands() []command.Command { return slices.Clone(p.commands) }

// Ready calls each app's Ready in order, once; later calls return the same error. Handler and
// Run call it by themselves.
func (p *Project) Ready() error {
	p.ready.Do(func() {
		for _, app := range p.apps {
			if app.Ready == nil {
				continue
			}
			if err := app.Ready(p); err != nil {
				p.readyErr = fmt.Errorf("the app %q is not ready: %w", app.Label, err)
				return
			}
		}
	})
	return p.readyErr
}

// Check runs the system checks of the project and its apps and returns their messages in order.
// With deploy it runs those that only matter in production too.
func (p *Project) Check(ctx context.Context, deploy bool) []check.Message {
	return p.check(ctx, deploy, nil)
}

// check is Check of the checks that have one of the tags; nil means all.
func (p *Project) check(ctx context.Context, deploy bool, tags []string) []check.Message {
	var found []check.Message
	for _, c := range p.checks() {
		tagged := tags == nil || slices.ContainsFunc(c.Tags, func(tag string) bool { return slices.Contains(tags, tag) })
		if tagged && (deploy || !c.Deploy) {
			found = append(found, c.Run(ctx)...)
		}
	}
	return found
}

// checks are the project's own and then those of the apps.
func (p *Project) checks() []check.Check {
	all := p.ownChecks()
	for _, app := range p.apps {
		all = append(all, app.Checks...)
	}
	return all
}

// Start begins the apps' background work, in order. When one fails, those before it are closed.
func (p *Project) Start(ctx context.Context) error {
	working := p.working()
	for i, app := range working {
		if app.Start == nil {
			continue
		}
		if err := app.Start(ctx); err != nil {
			closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.settings.ShutdownTimeout)
			defer cancel()
			return errors.Join(fmt.Errorf("start the app %q: %w", app.Label, err), closeApps(closing, working[:i]))
		}
	}
	return nil
}

// Close ends the apps' background work in reverse order and then sends the mail that still waits.
// Every app is asked, even when one fails or the deadline of ctx has passed.
func (p *Project) Close(ctx context.Context) error { return closeApps(ctx, p.working()) }

// sendWaiting sends the mail that still waits, for commands: nothing else of theirs is started.
func (p *Project) sendWaiting(ctx context.Context) error {
	return closeApps(ctx, p.working()[:len(p.working())-len(p.apps)])
}

// working lists what is started and closed: the queue of mails and the cache, which all apps may use
// until they are closed, and then the apps.
func (p *Project) working() []App {
	var first []App
	if p.settings.Mail != nil {
		queue, ok := p.settings.Mail.Transport.(interface {
			Start(context.Context) error
			Close(context.Context) error
		})
		if ok {
			first = append(first, App{Label: "mail", Start: queue.Start, Close: queue.Close})
		}
	}
	if feed := p.settings.Cache; feed != nil {
		feed.LogTo(p.settings.Log)
		first = append(first, App{Label: "cache", Start: feed.Start, Close: feed.Close})
	}
	return append(first, p.apps...)
}

func closeApps(ctx context.Context, apps []App) error {
	var errs []error
	for _, app := range slices.Backward(apps) {
		if app.Close == nil {
			continue
		}
		if err := app.Close(ctx); err != nil {
			errs = append(errs, fmt.Errorf("close the app %q: %w", app.Label, err))
		}
	}
	return errors.Join(errs...)
}

// shutdownContext gives the apps and requests under way their time after the server stopped.
func (p *Project) shutdownContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), p.settings.ShutdownTimeout+time.Second)
}
