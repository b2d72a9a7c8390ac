// Package announcements is a plugin as a third party would write it: notices at the top of every page
// of a site ("We are closed on Friday"), written by those who may, until they end or each user has
// read them. It is a module of its own, and one line installs it:
//
//	func main() { os.Exit(core.Main(polls.With(announcements.App))) }
//
// or, in a project of your own, one argument of core.New: announcements.New(announcements.Config{…}).App().
// The bar shows on all pages that extend base.html and leave its block "messages" alone.
//
//	app.go               what the plugin brings, and its settings
//	model.go             announcements, who has read them, and the queries
//	views.go             the pages
//	command.go           `manage announce`
//	announcementstest/   for the tests of projects that use it
//	cmd/manage/          the demo of Belleville with the plugin in it
package announcements

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/templates"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// Config is what [New] needs. DB and Auth are required.
type Config struct {
	DB   *bun.DB
	Auth *auth.Auth
	// Shown is how many announcements the bar shows at most, the newest first; 0 means 3.
	Shown int
	// Now takes the place of time.Now in tests; nil means time.Now.
	Now func() time.Time
}

// Announcements is the plugin: what its handlers need. It is made by [New] and safe for concurrent use.
type Announcements struct{ cfg Config }

// New returns the plugin. It does no I/O and does not fail: wrong settings are found by its check.
func New(c Config) *Announcements {
	if c.Shown == 0 {
		c.Shown = 3
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Announcements{c}
}

// App is the plugin with its default settings, for projects that take a list of such functions.
func App(s core.Settings, a *auth.Auth) core.App { return New(Config{DB: s.DB, Auth: a}).App() }

//go:embed migrations
var migrations embed.FS

//go:embed pages
var pages embed.FS

// App is what the plugin brings to a project.
func (a *Announcements) App() core.App {
	return core.App{
		Label:    "announcements",
		Requires: []string{"auth"},
		Models: []core.Model{
			{Of: (*Announcement)(nil), Permissions: []core.Permission{{Codename: "withdraw_announcement", Name: "Can withdraw an announcement"}}},
			{
				Of: (*Reading)(nil), DefaultPermissions: []string{},
				Uniques: []core.Unique{{Name: "announcements_reading_once", Columns: []string{"announcement_id", "reader"}}},
			},
		},
		Migrations:        migrate.Files(migrations),
		Templates:         templatesOf(pages),
		ContextProcessors: map[string]templates.Provider{"announcements": a.bar},
		Routes:            a.routes,
		Commands:          []command.Command{a.announce()},
		Checks:            []check.Check{{Tags: []string{"announcements"}, Run: a.check}},
	}
}

// routes says which pages there are and who may see them.
func (a *Announcements) routes(r *web.Router) {
	r.Get("/announcements/", "list", a.list, web.Public)
	r.Form("/announcements/add/", "add", a.add, a.may("add_announcement"))
	r.Post("/announcements/{id:[0-9]+}/withdraw/", "withdraw", a.withdraw, a.may("withdraw_announcement"))
	r.Post("/announcements/{id:[0-9]+}/read/", "read", a.read, a.cfg.Auth.LoginRequired)
}

// may sends visitors to the log-in page, and answers 403 to users without the permission.
func (a *Announcements) may(permission string) web.Middleware {
	return a.cfg.Auth.Require(auth.Access{Permissions: []string{"announcements." + permission}, ForbidUsers: true})
}

// check finds settings with which the plugin could never work.
func (a *Announcements) check(context.Context) []check.Message {
	if a.cfg.Shown > 0 {
		return nil
	}
	return []check.Message{{
		Level: check.Error, ID: "announcements.E001", Object: "announcements.Config",
		Text: fmt.Sprintf("Shown is %d, so no announcement would ever be seen.", a.cfg.Shown),
		Hint: "Set it to the number of announcements at the top of each page, or leave it out for 3.",
	}}
}

func templatesOf(files embed.FS) fs.FS {
	f, err := fs.Sub(files, "pages")
	if err != nil {
		panic("announcements: " + err.Error()) // the folder is embedded above
	}
	return f
}
