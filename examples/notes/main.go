// Command notes is the smallest site with users: one open page and one that needs a permission.
// It is the app of the README.
package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
)

// home is open to anyone.
func home(w http.ResponseWriter, _ *http.Request) error {
	_, err := fmt.Fprintln(w, "There is a secret at /secret/.")
	return err
}

// NewProject puts the site together.
func NewProject(s core.Settings) (*core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types})
	notes := core.App{
		Label:       "notes",
		Permissions: []core.Permission{{Codename: "read_secret", Name: "Can read the secret"}},
		Routes: func(r *web.Router) {
			r.Get("/", "home", home)
			r.Get("/secret/", "secret", secret, a.LoginRequired, a.PermissionRequired("notes.read_secret"))
		},
	}
	return core.New(s, types.App(), sess.App(), a.App(), authviews.New(a).App("/accounts/"), notes)
}

// secret needs a user with a permission.
func secret(w http.ResponseWriter, r *http.Request) error {
	user, err := auth.As[*auth.User](r.Context())
	if err != nil {
		return err // an error page; a database that is gone makes nobody anonymous
	}
	return web.JSON(w, http.StatusOK, map[string]string{"for": user.Username, "secret": "42"})
}

func main() { os.Exit(core.Main(NewProject)) } // migrate, createsuperuser, runserver, …
