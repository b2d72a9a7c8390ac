package main

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// Stock is what the handlers need.
type Stock struct {
	db   *bun.DB
	auth *auth.Auth
}

// New returns the app on a database and the project's users.
func New(db *bun.DB, a *auth.Auth) *Stock { return &Stock{db, a} }

//go:embed migrations
var files embed.FS

// App is what the app brings to a project.
func (s *Stock) App() core.App {
	migrations, err := fs.Sub(files, "migrations")
	if err != nil {
		panic("stock: " + err.Error()) // the folder is embedded above
	}
	return core.App{
		Label:      "stock",
		Requires:   []string{"auth"},
		Models:     []core.Model{{Of: (*Item)(nil)}, {Of: (*Token)(nil)}},
		Migrations: migrate.Files(migrations),
		Routes:     s.routes,
		Middleware: []web.Middleware{answerJSON, s.bearer},
		Commands:   []command.Command{s.createtoken()},
	}
}

const apiPath = "/api/"

// answerJSON makes every error below /api/ JSON, whatever the client says it accepts; also that
// there is no such address.
func answerJSON(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, apiPath) {
			r = r.Clone(r.Context())
			r.Header.Set("Accept", "application/json")
		}
		next.ServeHTTP(w, r)
	})
}

// allow answers 401 to who is nobody and 403 to who lacks a permission: a program has no use for a
// page to log in at.
func (s *Stock) allow(perms ...string) web.Middleware {
	return s.auth.Require(auth.Access{Login: true, Permissions: perms, Challenge: "Bearer"})
}
