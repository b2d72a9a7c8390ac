package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

func TestDjangoMoreBackends(t *testing.T) {
	t.Parallel()
	runDjango(t, "auth_tests/test_auth_backends.py", []siteCase{
		{"RowlevelBackendTest.test_has_perm", testRowlevelHasPerm},
		{"RowlevelBackendTest.test_get_all_permissions", testRowlevelAll},
		{"RowlevelBackendTest.test_get_group_permissions", testRowlevelGroup},
		{"AnonymousUserBackendTest.test_has_perm", anonymous(func(t *testing.T, a *auth.Auth, u auth.Account) {
			check(t, "perm", false)(a.HasPermFor(t.Context(), u, "perm", object{}))
			check(t, "anon", true)(a.HasPermFor(t.Context(), u, "anon", object{}))
		})},
		{"AnonymousUserBackendTest.test_has_perms", anonymous(func(t *testing.T, a *auth.Auth, u auth.Account) {
			check(t, "anon", true)(a.HasPermsFor(t.Context(), u, object{}, "anon"))
			check(t, "anon and perm", false)(a.HasPermsFor(t.Context(), u, object{}, "anon", "perm"))
		})},
		{"AnonymousUserBackendTest.test_has_module_perms", anonymous(func(t *testing.T, a *auth.Auth, u auth.Account) {
			check(t, "app1", true)(a.HasModulePerms(t.Context(), u, "app1"))
			check(t, "app2", false)(a.HasModulePerms(t.Context(), u, "app2"))
		})},
		{"AnonymousUserBackendTest.test_get_all_permissions", anonymous(func(t *testing.T, a *auth.Auth, u auth.Account) {
			wantSet(t, "AllPermissions", "anon")(a.AllPermissions(t.Context(), u, object{}))
		})},
		{"InActiveUserBackendTest.test_has_perm", inactive(func(t *testing.T, a *auth.Auth, u auth.Account) {
			check(t, "perm", false)(a.HasPermFor(t.Context(), u, "perm", object{}))
			check(t, "inactive", true)(a.HasPermFor(t.Context(), u, "inactive", object{}))
		})},
		{"InActiveUserBackendTest.test_has_module_perms", inactive(func(t *testing.T, a *auth.Auth, u auth.Account) {
			check(t, "app1", false)(a.HasModulePerms(t.Context(), u, "app1"))
			check(t, "app2", false)(a.HasModulePerms(t.Context(), u, "app2"))
		})},
		{"PermissionDeniedBackendTest.test_permission_denied", testDeniedFirst},
		{"PermissionDeniedBackendTest.test_authenticates", testDeniedLast},
		{"PermissionDeniedBackendTest.test_has_perm_denied", denied(true, false)},
		{"PermissionDeniedBackendTest.test_has_perm", denied(false, true)},
		{"SelectingBackendTests.test_backend_path_login_without_authenticate_single_backend", testSelectSingle},
		{"SelectingBackendTests.test_backend_path_login_without_authenticate_multiple_backends", testSelectMultiple},
		{"SelectingBackendTests.test_backend_path_login_with_explicit_backends", testSelectExplicit},
	})
}

// rowlevel grants permissions on objects, by rules of its own.
type rowlevel struct {
	nobody
	users *auth.Users
}

var (
	_ auth.Authorizer       = rowlevel{}
	_ auth.ModuleAuthorizer = rowlevel{}
	_ auth.PermissionLister = rowlevel{}
)

func (b rowlevel) HasPerm(_ context.Context, u auth.Account, perm string, obj any) (bool, error) {
	if _, ok := obj.(object); !ok {
		return false, nil
	}
	switch {
	case b.users.Username(u) == "test2", u.IsAnonymous() && perm == "anon", !b.users.IsActive(u) && perm == "inactive":
		return true, nil
	}
	return false, nil
}

func (b rowlevel) HasModulePerms(_ context.Context, u auth.Account, app string) (bool, error) {
	return (u.IsAnonymous() || b.users.IsActive(u)) && app == "app1", nil
}

func (b rowlevel) UserPermissions(_ context.Context, u auth.Account, obj any) (auth.PermissionSet, error) {
	if _, ok := obj.(object); !ok {
		return nil, nil
	}
	switch {
	case u.IsAnonymous():
		return auth.PermissionSet{"anon": {}}, nil
	case b.users.Username(u) == "test2":
		return auth.PermissionSet{"simple": {}, "advanced": {}}, nil
	}
	return auth.PermissionSet{"simple": {}}, nil
}

func (b rowlevel) GroupPermissions(ctx context.Context, u auth.Account, obj any) (auth.PermissionSet, error) {
	if _, ok := obj.(object); !ok || u.IsAnonymous() {
		return nil, nil
	}
	groups, err := b.users.Groups(u).All(ctx)
	if err != nil || len(groups) == 0 || groups[0].Name != "test_group" {
		return nil, err
	}
	return auth.PermissionSet{"group_perm": {}}, nil
}

// withRowlevel puts the backend behind the default one, or alone.
func withRowlevel(t *testing.T, s *authtest.Site, alone bool) *authtest.Site {
	t.Helper()
	return rebuild(t, s, func(c *auth.Config) {
		c.Backends = []auth.Backend{&auth.ModelBackend{}, rowlevel{users: c.Users}}
		if alone {
			c.Backends = c.Backends[1:]
		}
	})
}

func anonymous(f func(*testing.T, *auth.Auth, auth.Account)) func(*testing.T, *authtest.Site) {
	return func(t *testing.T, s *authtest.Site) { f(t, withRowlevel(t, s, true).Auth, &auth.AnonymousUser{}) }
}

func inactive(f func(*testing.T, *auth.Auth, auth.Account)) func(*testing.T, *authtest.Site) {
	return func(t *testing.T, s *authtest.Site) {
		s = withRowlevel(t, s, true)
		f(t, s.Auth, newUser(t, s, "test", func(u *auth.User) { u.IsActive = false }))
	}
}

func testRowlevelHasPerm(t *testing.T, s *authtest.Site) {
	s = withRowlevel(t, s, false)
	u1, u2, u3 := newUser(t, s, "test", nil), newUser(t, s, "test2", nil), newUser(t, s, "test3", nil)
	a, ctx := s.Auth, t.Context()
	check(t, "user1 perm", false)(a.HasPermFor(ctx, u1, "perm", object{}))
	check(t, "user2 perm", true)(a.HasPermFor(ctx, u2, "perm", object{}))
	check(t, "user2 perm without an object", false)(a.HasPerm(ctx, u2, "perm"))
	check(t, "user2 simple, advanced", true)(a.HasPermsFor(ctx, u2, object{}, "simple", "advanced"))
	check(t, "user3 perm", false)(a.HasPermFor(ctx, u3, "perm", object{}))
	check(t, "user3 anon", false)(a.HasPermFor(ctx, u3, "anon", object{}))
	check(t, "user3 simple, advanced", false)(a.HasPermsFor(ctx, u3, object{}, "simple", "advanced"))
}

func testRowlevelAll(t *testing.T, s *authtest.Site) {
	s = withRowlevel(t, s, false)
	u1, u2 := newUser(t, s, "test", nil), newUser(t, s, "test2", nil)
	wantSet(t, "user1", "simple")(s.Auth.AllPermissions(t.Context(), u1, object{}))
	wantSet(t, "user2", "simple", "advanced")(s.Auth.AllPermissions(t.Context(), u2, object{}))
	wantSet(t, "user2 without an object")(s.Auth.AllPermissions(t.Context(), u2, nil))
}

func testRowlevelGroup(t *testing.T, s *authtest.Site) {
	s = withRowlevel(t, s, false)
	u := newUser(t, s, "test3", nil)
	g := must[*auth.Group](t)(s.Auth.Groups().Create(t.Context(), "test_group"))
	if err := s.Auth.Users().Groups(u).Add(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	wantSet(t, "user3", "group_perm")(s.Auth.GroupPermissions(t.Context(), u, object{}))
}

// denying has the final say, which is no.
type denying struct{ nobody }

func (denying) Name() string { return "tests.denying" }

func (denying) Authenticate(context.Context, *http.Request, auth.Credentials) (auth.Account, error) {
	return nil, auth.ErrPermissionDenied
}

func (denying) HasPerm(context.Context, auth.Account, string, any) (bool, error) {
	return false, auth.ErrPermissionDenied
}

func (denying) HasModulePerms(context.Context, auth.Account, string) (bool, error) {
	return false, auth.ErrPermissionDenied
}

func testDeniedFirst(t *testing.T, s *authtest.Site) {
	newUser(t, s, "test", nil)
	s = rebuild(t, s, withBackends(denying{}, &auth.ModelBackend{}))
	var failed []map[string]string
	s.Auth.LoginFailed().Connect(func(_ context.Context, f auth.LoginFailed) error {
		failed = append(failed, f.Credentials)
		return nil
	})
	if u := authenticate(t, s); u != nil {
		t.Errorf("Authenticate = %v, want nobody", u)
	}
	if len(failed) != 1 || len(failed[0]) != 2 || failed[0]["Username"] != "test" || failed[0]["Password"] != "********************" {
		t.Errorf("LoginFailed was sent with %q, want once with the name and without the password", failed)
	}
}

func testDeniedLast(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "test", nil)
	s = rebuild(t, s, withBackends(&auth.ModelBackend{}, denying{}))
	if got := authenticate(t, s); got == nil || s.Auth.Users().PK(got) != s.Auth.Users().PK(u) {
		t.Errorf("Authenticate = %v, want the user", got)
	}
}

// denied asks for a permission that the user has, with the denying backend first or last.
func denied(first, want bool) func(*testing.T, *authtest.Site) {
	return func(t *testing.T, s *authtest.Site) {
		u := newUser(t, s, "test", nil)
		newPerm(t, s, "test")
		grant(t, s, u, "auth.test")
		list := []auth.Backend{&auth.ModelBackend{}, denying{}}
		if first {
			list[0], list[1] = list[1], list[0]
		}
		s = rebuild(t, s, withBackends(list...))
		check(t, "HasPerm", want)(s.Auth.HasPerm(t.Context(), u, "auth.test"))
		check(t, "HasModulePerms", want)(s.Auth.HasModulePerms(t.Context(), u, "auth"))
	}
}

// The two backends of Django's SelectingBackendTests.
const customBackend, otherBackend = "auth_tests.test_auth_backends.CustomModelBackend", "auth_tests.test_auth_backends.OtherModelBackend"

func selecting(t *testing.T, s *authtest.Site, names ...string) *authtest.Site {
	t.Helper()
	var list []auth.Backend
	for _, name := range names {
		list = append(list, &auth.ModelBackend{StoredName: name})
	}
	return rebuild(t, s, withBackends(list...))
}

// login logs a user in by a request of its own, and returns the error and the session.
func login(t *testing.T, s *authtest.Site, u auth.Account, o auth.LoginOptions) (map[string]string, error) {
	t.Helper()
	session := s.Auth.Config().Sessions.Open("")
	r := httptest.NewRequest(http.MethodPost, "http://testserver/", nil)
	ctx := sessions.With(auth.WithUser(t.Context(), nil), session)
	if err := s.Auth.Login(r.WithContext(ctx), u, o); err != nil {
		return nil, err
	}
	data := map[string]string{}
	for _, name := range must[[]string](t)(session.Names(ctx)) {
		value, _, err := sessions.Get[string](ctx, session, name)
		if err != nil {
			t.Fatal(err)
		}
		data[name] = value
	}
	return data, nil
}

func testSelectSingle(t *testing.T, s *authtest.Site) {
	s = selecting(t, s, customBackend)
	data, err := login(t, s, newUser(t, s, "username", nil), auth.LoginOptions{})
	if err != nil || data[auth.SessionBackend] != customBackend {
		t.Errorf("the session has the backend %q, %v, want %q", data[auth.SessionBackend], err, customBackend)
	}
}

func testSelectMultiple(t *testing.T, s *authtest.Site) {
	s = selecting(t, s, customBackend, otherBackend)
	if data, err := login(t, s, newUser(t, s, "username", nil), auth.LoginOptions{}); !errors.Is(err, auth.ErrWhichBackend) {
		t.Errorf("Login = %v, %v, want ErrWhichBackend", data, err)
	}
}

func testSelectExplicit(t *testing.T, s *authtest.Site) {
	s = selecting(t, s, customBackend, otherBackend)
	data, err := login(t, s, newUser(t, s, "username", nil), auth.LoginOptions{Backend: otherBackend})
	if err != nil || data[auth.SessionBackend] != otherBackend {
		t.Errorf("the session has the backend %q, %v, want %q", data[auth.SessionBackend], err, otherBackend)
	}
}

// Minimal is a user model without is_active, whose users are all active, and without last_login:
// a field that bun ignores hides the column of that name.
type Minimal struct {
	bun.BaseModel `bun:"table:minimal,alias:minimal"`

	ID int64 `bun:"id,pk,autoincrement"`
	auth.BaseUser

	Username string `bun:"username,notnull,unique,type:varchar(150)"`
	//lint:ignore ST1003 its name is the column's
	last_login struct{} `bun:"-"`
}

var _ = Minimal{}.last_login

// minimalTables makes the table of Minimal.
type minimalTables struct{}

func (minimalTables) Migrations(d dialect.Name) ([]migrate.Migration, error) {
	key := "integer PRIMARY KEY AUTOINCREMENT"
	if d == dialect.PG {
		key = "integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
	}
	return []migrate.Migration{{Name: "0001_initial",
		UpSQL: "CREATE TABLE minimal (id " + key + ", password varchar(128) NOT NULL, username varchar(150) NOT NULL UNIQUE)"}}, nil
}

var minimal = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{
		Users: auth.NewUsers(s.DB, (*Minimal)(nil)), Sessions: sess, Types: types,
		Hashers: hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}}),
	})
	p, err := core.New(s, types.App(), sess.App(), a.App(), core.App{
		Label: "minimal", Models: []core.Model{auth.Model((*Minimal)(nil))}, Migrations: minimalTables{},
	})
	return a, p, err
})

func TestDjangoMinimalUsers(t *testing.T) {
	t.Parallel()
	const file = "django/auth_tests/test_auth_backends.py/"
	t.Run(file+"ModelBackendTest.test_authenticate_user_without_is_active_field", func(t *testing.T) {
		t.Parallel()
		minimal.Each(t, func(t *testing.T, s *authtest.Site) {
			u := must[auth.Account](t)(s.Auth.Users().Create(t.Context(), "test", "", "test", nil))
			if got := authenticate(t, s); got == nil || s.Auth.Users().PK(got) != s.Auth.Users().PK(u) {
				t.Errorf("Authenticate = %v, want the user", got)
			}
		})
	})
	// A user model that is none is said to be one, by whoever asks for the user.
	t.Run(file+"ImproperlyConfiguredUserModelTest.test_does_not_shadow_exception", func(t *testing.T) {
		t.Parallel()
		guarded.Each(t, func(t *testing.T, s *authtest.Site) {
			b := s.Browser()
			authtest.ForceLogin(t, s.Auth, b, newUser(t, s, "test", nil))
			type keyless struct{ auth.BaseUser }
			sess := s.Auth.Config().Sessions
			broken := auth.New(auth.Config{
				Users: auth.NewUsers(s.DB(), (*keyless)(nil)), Sessions: sess, Types: s.Auth.Types(), Keys: s.Settings().Keys,
			})
			var got error
			h := sess.Middleware(broken.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, got = auth.UserOf(r.Context())
			})))
			r := httptest.NewRequest(http.MethodGet, "http://testserver/", nil)
			r.AddCookie(&http.Cookie{Name: "sessionid", Value: b.Cookie("sessionid")})
			h.ServeHTTP(httptest.NewRecorder(), r)
			if got == nil || !strings.Contains(got.Error(), "keyless has 0 primary keys") {
				t.Errorf("UserOf: error %v, want the one about the user model", got)
			}
			if _, err := core.New(s.Settings(), s.Auth.Types().App(), sess.App(), broken.App()); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// bearer is who sends a token in a header; tokens is a backend that knows the tokens' owners. They
// show that credentials, requests and users without a session need no change of the interfaces.
type bearer struct{ Token string }

type tokens struct {
	users  *auth.Users
	owners map[string]string // token -> user name
}

var _ auth.Backend = tokens{}

func (tokens) Name() string { return "tests.tokens" }

func (b tokens) Authenticate(ctx context.Context, _ *http.Request, c auth.Credentials) (auth.Account, error) {
	sent, ok := c.(bearer)
	if !ok || b.owners[sent.Token] == "" {
		return nil, nil
	}
	return active(b.users)(b.users.ByUsername(ctx, b.owners[sent.Token]))
}

func (b tokens) User(ctx context.Context, pk string) (auth.Account, error) {
	return active(b.users)(b.users.ByPK(ctx, pk))
}

// active turns "no such user" and inactive users into nobody.
func active(users *auth.Users) func(auth.Account, error) (auth.Account, error) {
	return func(u auth.Account, err error) (auth.Account, error) {
		if errors.Is(err, auth.ErrNoUser) || (err == nil && !users.IsActive(u)) {
			return nil, nil
		}
		return u, err
	}
}

// bearerMiddleware finds the user of a token, for this request alone.
func bearerMiddleware(a *auth.Auth) web.Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
				u, err := a.Authenticate(r.Context(), r, bearer{token})
				if err != nil {
					web.Error(w, r, err)
					return
				}
				if u == nil {
					web.Error(w, r, &web.StatusError{Code: http.StatusUnauthorized})
					return
				}
				r = r.WithContext(auth.WithUser(r.Context(), u))
			}
			next.ServeHTTP(w, r)
		})
	}
}

func TestTokenInAHeader(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		u := newUser(t, s, "robot", nil)
		grant(t, s, u, addPerm)
		s = rebuild(t, s, func(c *auth.Config) {
			c.Backends = []auth.Backend{&auth.ModelBackend{}, tokens{c.Users, map[string]string{"s3cret": "robot"}}}
		}, func(a *auth.Auth) core.App {
			return core.App{Label: "api", Requires: []string{"auth"}, Middleware: []web.Middleware{bearerMiddleware(a)}}
		})
		for token, want := range map[string]int{"s3cret": http.StatusOK, "guessed": http.StatusUnauthorized, "": http.StatusFound} {
			b := s.Browser()
			if token != "" {
				b.Header.Set("Authorization", "Bearer "+token)
			}
			page := b.Get(t, "/add/")
			if page.Status != want {
				t.Errorf("with the token %q: status %d, want %d", token, page.Status, want)
			}
			if len(page.Cookies) > 0 {
				t.Errorf("with the token %q the answer sets cookies: %v", token, page.Cookies)
			}
		}
		if got := auth.CleanCredentials(bearer{"s3cret"})["Token"]; strings.Contains(got, "s3cret") {
			t.Errorf("the cleaned credentials show the token: %q", got)
		}
	})
}
