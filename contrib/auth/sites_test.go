package auth_test

import (
	"net/http"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/web"
)

// CustomUser lends its permissions to tests; nobody reads its table.
type CustomUser struct {
	bun.BaseModel `bun:"table:auth_tests_customuser"`

	ID int64 `bun:"id,pk,autoincrement"`
}

// guarded is a project with an app auth_tests, whose pages are guarded in all ways.
var guarded = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) { return newGuarded(s, nil) })

// newGuarded makes the project with a changed Config of auth and further apps.
func newGuarded(s core.Settings, change func(*auth.Config), apps ...func(*auth.Auth) core.App) (*auth.Auth, *core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	c := auth.Config{
		Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types,
		Hashers: hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}}),
	}
	if change != nil {
		change(&c)
	}
	a := auth.New(c)
	all := []core.App{types.App(), sess.App(), a.App(), {
		Label:  "auth_tests",
		Models: []core.Model{{Of: (*CustomUser)(nil)}},
		Routes: func(r *web.Router) { guardedRoutes(a, r) },
	}}
	for _, app := range apps {
		all = append(all, app(a))
	}
	p, err := core.New(s, all...)
	return a, p, err
}

// rebuild is the same site after a change: another Config of auth, further apps, other settings.
func rebuild(t *testing.T, s *authtest.Site, change func(*auth.Config), apps ...func(*auth.Auth) core.App) *authtest.Site {
	t.Helper()
	return rebuildWith(t, s, s.Settings(), change, apps...)
}

func rebuildWith(t *testing.T, s *authtest.Site, settings core.Settings, change func(*auth.Config), apps ...func(*auth.Auth) core.App) *authtest.Site {
	t.Helper()
	a, p, err := newGuarded(settings, change, apps...)
	if err != nil {
		t.Fatal(err)
	}
	return &authtest.Site{Site: s.On(t, p), Auth: a}
}

// withBackends is a change of Config.Backends.
func withBackends(list ...auth.Backend) func(*auth.Config) {
	return func(c *auth.Config) { c.Backends = append([]auth.Backend{}, list...) }
}

// who answers with the name of the user, "" for a visitor.
func who(a *auth.Auth) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		u, err := auth.UserOf(r.Context())
		if err != nil {
			return err
		}
		_, err = w.Write([]byte(a.Users().Username(u)))
		return err
	}
}

// must fails the test on an error.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// newUser stores an ordinary user whose password is "test".
func newUser(t *testing.T, s *authtest.Site, name string, fill func(*auth.User)) *auth.User {
	t.Helper()
	u := must[auth.Account](t)(s.Auth.Users().Create(t.Context(), name, name+"@example.com", "test", func(u auth.Account) error {
		if fill != nil {
			fill(u.(*auth.User))
		}
		return nil
	}))
	return u.(*auth.User)
}

// reload reads a user again, without what was remembered of permissions.
func reload(t *testing.T, s *authtest.Site, u auth.Account) *auth.User {
	t.Helper()
	return must[auth.Account](t)(s.Auth.Users().ByPK(t.Context(), s.Auth.Users().PK(u))).(*auth.User)
}

// newPerm stores a permission on groups: "auth.<codename>".
func newPerm(t *testing.T, s *authtest.Site, codename string) *auth.Permission {
	t.Helper()
	ct := must[*contenttypes.ContentType](t)(s.Auth.Types().For(t.Context(), (*auth.Group)(nil)))
	p := &auth.Permission{Name: codename, ContentTypeID: ct.ID, Codename: codename}
	if _, err := s.DB().NewInsert().Model(p).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// grant gives a user stored permissions by name.
func grant(t *testing.T, s *authtest.Site, u auth.Account, names ...string) {
	t.Helper()
	for _, name := range names {
		p := must[*auth.Permission](t)(s.Auth.Groups().Permission(t.Context(), name))
		if err := s.Auth.Users().Permissions(u).Add(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
}

// check fails the test unless a question has the wanted answer.
func check(t *testing.T, what string, want bool) func(bool, error) {
	return func(got bool, err error) {
		t.Helper()
		if err != nil || got != want {
			t.Errorf("%s = %v, %v, want %v", what, got, err, want)
		}
	}
}

// wantSet fails the test unless a set of permissions holds exactly these.
func wantSet(t *testing.T, what string, want ...string) func(auth.PermissionSet, error) {
	return func(got auth.PermissionSet, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		ok := len(got) == len(want)
		for _, name := range want {
			ok = ok && got.Has(name)
		}
		if !ok {
			t.Errorf("%s = %v, want %q", what, got, want)
		}
	}
}

// cookie is the session that a browser carries, read back from the store.
func sessionOf(t *testing.T, s *authtest.Site, b *coretest.Browser) map[string]string {
	t.Helper()
	session := s.Auth.Config().Sessions.Open(b.Cookie("sessionid"))
	names := must[[]string](t)(session.Names(t.Context()))
	data := map[string]string{}
	for _, name := range names {
		var v any
		if _, err := session.Get(t.Context(), name, &v); err != nil {
			t.Fatal(err)
		}
		if text, ok := v.(string); ok {
			data[name] = text
		}
	}
	return data
}
