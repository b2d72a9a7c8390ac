package core

import (
	"context"
	"io/fs"

	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/templates"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// App is one plugin: a label and whatever it brings. Only Label is required. An App is made by
// the plugin's own constructor, which does no I/O, and handed to [New]; the order of the apps is
// the order of everything below that has one.
type App struct {
	// Label is the app's short, unique name in lower case: "polls". It is the first half of its
	// permissions ("polls.can_vote"), its route names ("polls:index") and its rows in
	// django_migrations and django_content_type, so changing it later means a migration.
	Label string
	// VerboseName is for people; empty is made from the label: "Polls".
	VerboseName string
	// Requires names the labels of apps that must be in the project too, in any order.
	Requires []string

	// Models are the tables the app brings, for content types and permissions.
	Models []Model
	// Permissions are declared without a model: owned by a backend or by another program.
	// Codename is completed to "<label>.<codename>"; no row is made for them.
	Permissions []Permission
	// Migrations make the app's tables; nil when it has none.
	Migrations migrate.Source
	// HandMigrated says that the migrations are written by hand: makemigrations leaves the app alone.
	HandMigrated bool

	// Routes registers the app's pages. Names are in the app's namespace, see [web.Router].
	Routes func(*web.Router)
	// Middleware goes around the whole router, so it sees 404 and 405 too.
	Middleware []web.Middleware
	// RouteMiddleware goes around every matched route of the site, inside the router.
	RouteMiddleware []web.Middleware

	// Templates and Static hold the app's pages and files; a project's file of the same name
	// wins, then the app that comes first.
	Templates, Static fs.FS
	// ContextProcessors are values for every template, computed only when a page uses them.
	ContextProcessors map[string]templates.Provider
	// TemplateFuncs are functions for every template of the project.
	TemplateFuncs map[string]any

	// Commands are added to the project's manage program.
	Commands []command.Command
	// Checks run before every command that needs a sound project.
	Checks []check.Check

	// Ready is called once before the first command or request, in order, without I/O: the place
	// to connect to signals and to look at the project's models.
	Ready func(*Project) error
	// Probe tells /readyz whether the app can do its work: nil is yes. It is asked at most once a
	// second and has two seconds; the error is logged, visitors see the label only.
	Probe func(ctx context.Context) error
	// Start begins background work, only when serving; ctx ends when the server stops.
	Start func(ctx context.Context) error
	// Close ends it, in reverse order, within ctx's deadline.
	Close func(ctx context.Context) error
}
