package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// APIKey is what a program sends to be known.
type APIKey struct{ Key string }

// KeyBackend knows programs by their keys.
type KeyBackend struct {
	Users  *auth.Users
	Owners map[string]string // key -> user name
}

var _ auth.Backend = KeyBackend{}

// Name is stored in sessions and never changes.
func (KeyBackend) Name() string { return "example.KeyBackend" }

// Authenticate skips credentials of other types.
func (b KeyBackend) Authenticate(ctx context.Context, _ *http.Request, c auth.Credentials) (auth.Account, error) {
	key, ok := c.(APIKey)
	if !ok || b.Owners[key.Key] == "" {
		return nil, nil
	}
	return b.active(b.Users.ByUsername(ctx, b.Owners[key.Key]))
}

// User finds the user of a session.
func (b KeyBackend) User(ctx context.Context, pk string) (auth.Account, error) {
	return b.active(b.Users.ByPK(ctx, pk))
}

func (b KeyBackend) active(u auth.Account, err error) (auth.Account, error) {
	if errors.Is(err, auth.ErrNoUser) || (err == nil && !b.Users.IsActive(u)) {
		return nil, nil
	}
	return u, err
}

// A backend knows its own credentials by their type.
func ExampleBackend() {
	b := KeyBackend{Owners: map[string]string{"k-1": "robot"}}
	u, err := b.Authenticate(context.Background(), nil, auth.PasswordCredentials{Username: "robot", Password: "k-1"})
	fmt.Println(u, err)
	fmt.Println(auth.CleanCredentials(APIKey{"k-1"}))
	// Output:
	// <nil> <nil>
	// map[Key:********************]
}

// Wrappers are plain middleware, and work on any router.
func ExampleAuth_Require() {
	a := auth.New(auth.Config{Users: auth.NewUsers(exampleDB(), (*auth.User)(nil))})
	members := a.Require(auth.Access{Login: true, LoginURL: "/sign-in/", RedirectField: "back"})
	mux := http.NewServeMux()
	mux.Handle("/members/", members(http.FileServer(http.Dir("."))))

	r := httptest.NewRequest(http.MethodGet, "/members/?page=2", nil)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r.WithContext(auth.WithUser(r.Context(), nil))) // a.Middleware does this
	fmt.Println(w.Code, w.Header().Get("Location"))
	// Output:
	// 302 /sign-in/?back=/members/%3Fpage%3D2
}

// An app of the project's own puts the middleware behind that of auth.
func ExampleAuth_RemoteUserMiddleware() {
	a := auth.New(auth.Config{
		Users:    auth.NewUsers(exampleDB(), (*auth.User)(nil)),
		Backends: []auth.Backend{&auth.ModelBackend{}, &auth.RemoteUserBackend{}},
	})
	sso := core.App{Label: "sso", Requires: []string{"auth"}, Middleware: []web.Middleware{
		a.RemoteUserMiddleware(auth.RemoteUser{
			Header: "X-Remote-User", Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.5/32")},
		}),
	}}
	fmt.Println(sso.Label, a.Backends()[1].Name())
	// Output:
	// sso django.contrib.auth.backends.RemoteUserBackend
}

// A migration gives a permission of a model that it has just made.
func ExampleEnsurePermissions() {
	var project *core.Project // set once core.New has returned
	grant := migrate.Migration{
		Name: "0002_editors", Requires: []string{"auth.0001_initial"},
		Up: func(ctx context.Context, db bun.IDB) error {
			if err := auth.EnsurePermissions(ctx, db, project.Models(), nil); err != nil {
				return err
			}
			groups := auth.NewGroups(db)
			p, err := groups.Permission(ctx, "polls.close_question")
			if err != nil {
				return err
			}
			editors, err := groups.Create(ctx, "editors")
			if err != nil {
				return err
			}
			return groups.Permissions(editors).Add(ctx, p)
		},
	}
	fmt.Println(grant.Name)
	// Output:
	// 0002_editors
}

// exampleDB is a database that the examples do not use.
func exampleDB() *bun.DB {
	db, err := core.OpenDB("sqlite:unused.sqlite3")
	if err != nil {
		panic(err)
	}
	return db
}
