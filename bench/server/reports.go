package main

import (
	"io"
	"net/http"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// reports is the app with the page.
type reports struct {
	db   *bun.DB
	auth *auth.Auth
}

// Report and the models after it are there for their permissions: four each.
type Report struct {
	bun.BaseModel `bun:"table:reports_report"`

	ID    int64  `bun:"id,pk,autoincrement"`
	Title string `bun:"title,notnull"`
}

// Chart belongs to a report.
type Chart struct {
	bun.BaseModel `bun:"table:reports_chart"`

	ID    int64  `bun:"id,pk,autoincrement"`
	Title string `bun:"title,notnull"`
}

// Source is where figures come from.
type Source struct {
	bun.BaseModel `bun:"table:reports_source"`

	ID    int64  `bun:"id,pk,autoincrement"`
	Title string `bun:"title,notnull"`
}

// Comment is what somebody says of a report.
type Comment struct {
	bun.BaseModel `bun:"table:reports_comment"`

	ID    int64  `bun:"id,pk,autoincrement"`
	Title string `bun:"title,notnull"`
}

func (p *reports) app() core.App {
	return core.App{
		Label:    "reports",
		Requires: []string{"auth"},
		Models: []core.Model{
			{Of: (*Report)(nil), Permissions: []core.Permission{
				{Codename: "publish_report", Name: "Can publish a report"},
				{Codename: "archive_report", Name: "Can archive a report"},
				{Codename: "export_report", Name: "Can export a report"},
				{Codename: "share_report", Name: "Can share a report"},
			}},
			{Of: (*Chart)(nil)}, {Of: (*Source)(nil)}, {Of: (*Comment)(nil)},
		},
		Migrations: migrate.Files(sub("migrations")),
		Templates:  sub("pages"),
		Routes: func(r *web.Router) {
			r.Get("/", "home", p.home)
			r.Get("/report/", "report", p.report, p.auth.PermissionRequired("reports.view_report"))
		},
		Commands: []command.Command{p.loadpeople()},
	}
}

// home says what this is, to anybody.
func (p *reports) home(w http.ResponseWriter, _ *http.Request) error {
	_, err := io.WriteString(w, "reports\n")
	return err
}

// report shows a page that says who is looking and whether they may change it.
func (p *reports) report(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, "reports/report.html", nil)
}
