package directory

import (
	"fmt"
	"net/http"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
)

// Site is the project with what its tests change.
type Site struct {
	Auth    *auth.Auth
	Backend *Backend
}

// NewProject puts the site together. h may be nil.
func NewProject(s core.Settings, d Directory, h *hashers.Hashers) (*Site, *core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	users := auth.NewUsers(s.DB, (*auth.User)(nil))
	people := &Backend{
		ModelBackend: auth.ModelBackend{Users: users},
		Directory:    d,
		Base:         "ou=people,dc=example,dc=org",
	}
	a := auth.New(auth.Config{
		Users: users, Sessions: sess, Types: types, Hashers: h,
		Backends: []auth.Backend{people, &auth.ModelBackend{}}, // asked in this order
	})
	papers := core.App{
		Label:       "papers",
		Permissions: []core.Permission{{Codename: "read", Name: "Can read the papers"}},
		Routes: func(r *web.Router) {
			r.Get("/papers/", "list", list, a.LoginRequired)
		},
	}
	p, err := core.New(s, types.App(), sess.App(), a.App(), authviews.New(a).App("/accounts/"), papers)
	return &Site{a, people}, p, err
}

// list greets who came by whichever back end.
func list(w http.ResponseWriter, r *http.Request) error {
	user, err := auth.As[*auth.User](r.Context())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "papers of %s, %s", user.Username, user.Email)
	return err
}
