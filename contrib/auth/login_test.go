package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// sessionApp has pages that log in and out and put things into the session.
func sessionApp(a *auth.Auth) core.App {
	handler := func(f func(r *http.Request) error) web.Handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			if err := f(r); err != nil {
				return err
			}
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
	}
	put := func(r *http.Request) error {
		return sessions.Of(r.Context()).Set(r.Context(), r.FormValue("name"), r.FormValue("value"))
	}
	return core.App{Label: "pages", Requires: []string{"auth"}, Routes: func(rt *web.Router) {
		rt.Post("/login/", "login", handler(func(r *http.Request) error {
			u, err := a.Authenticate(r.Context(), r, auth.PasswordCredentials{Username: r.FormValue("username"), Password: r.FormValue("password")})
			if err != nil {
				return err
			}
			if u == nil {
				return web.Forbidden("")
			}
			return a.Login(r, u, auth.LoginOptions{})
		}))
		rt.Post("/logout/", "logout", handler(a.Logout))
		rt.Post("/put/", "put", handler(put))
		rt.Post("/logout-put/", "logout_put", handler(func(r *http.Request) error {
			if err := a.Logout(r); err != nil {
				return err
			}
			return put(r)
		}))
		rt.Post("/password/", "password", handler(func(r *http.Request) error {
			u, err := auth.As[*auth.User](r.Context())
			if err != nil {
				return err
			}
			if err := a.Users().ChangePassword(r.Context(), u, r.FormValue("password")); err != nil {
				return err
			}
			return a.KeepSession(r, u)
		}))
		rt.Get("/raw/", "raw", func(w http.ResponseWriter, r *http.Request) error {
			u, err := auth.UserOf(r.Context())
			switch {
			case err != nil:
				return err
			case u.IsAnonymous():
				return web.Redirect(w, r, "/login/?next="+r.URL.Path, http.StatusFound)
			case !u.(*auth.User).IsStaff:
				return web.Forbidden("Only for staff.")
			}
			return plainView(w, r)
		})
	}}
}

// visitor is a browser at a site with sessionApp.
type visitor struct {
	t *testing.T
	s *authtest.Site
	b *coretest.Browser
}

func newVisitor(t *testing.T, s *authtest.Site) *visitor {
	t.Helper()
	s = rebuild(t, s, nil, sessionApp)
	return &visitor{t, s, s.Browser()}
}

func (v *visitor) post(path string, pairs ...string) *coretest.Page {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	page := v.b.Post(v.t, path, form)
	if page.Status != http.StatusNoContent {
		v.t.Fatalf("POST %s: status %d: %.300s", path, page.Status, page.Body)
	}
	return page
}

func (v *visitor) login(name string) *coretest.Page {
	v.t.Helper()
	return v.post("/login/", "username", name, "password", "test")
}

// user returns the name that pages see, "" for a visitor.
func (v *visitor) user() string {
	v.t.Helper()
	page := v.b.Get(v.t, "/who/")
	if page.Status != http.StatusOK {
		v.t.Fatalf("status %d: %.300s", page.Status, page.Body)
	}
	return page.Body
}

func (v *visitor) key() string                { return v.b.Cookie("sessionid") }
func (v *visitor) session() map[string]string { v.t.Helper(); return sessionOf(v.t, v.s, v.b) }

// rows returns how many of the keys have a row.
func (v *visitor) rows(keys ...string) int {
	v.t.Helper()
	n := 0
	for _, key := range keys {
		n += int(must[int64](v.t)(v.s.DB().NewSelect().Model((*sessions.Row)(nil)).Where("session_key = ?", key).Count(v.t.Context())))
	}
	return n
}

func TestDjangoLogin(t *testing.T) {
	t.Parallel()
	runDjango(t, "auth_tests/test_login.py", []siteCase{
		{"TestLogin.test_user_login", testLoginStores(true)},
		{"TestLogin.test_inactive_user", testLoginStores(false)},
	})
}

func testLoginStores(active bool) func(*testing.T, *authtest.Site) {
	return func(t *testing.T, s *authtest.Site) {
		u := newUser(t, s, "testuser", func(u *auth.User) { u.IsActive = active })
		data, err := login(t, s, u, auth.LoginOptions{})
		if err != nil || data["_auth_user_id"] != s.Auth.Users().PK(u) {
			t.Errorf("the session holds %v, %v, want the user's key %s", data, err, s.Auth.Users().PK(u))
		}
	}
}

func TestLoginRows(t *testing.T) {
	t.Parallel()
	runRows(t, []siteCase{
		{"L01", testRowL01}, {"L02", testRowL02}, {"L03", testRowL03}, {"L05", testRowL05}, {"L06", testRowL06},
		{"L07", testRowL07}, {"L08", testRowL08}, {"L09", testRowL09}, {"L10", testRowL10}, {"L11", testRowL11},
		{"L12", testRowL12}, {"L13", testRowL13}, {"L15", testRowL15}, {"L16", testRowL16}, {"L17", testRowL17},
		{"L18", testRowL18}, {"B07", testRowB07}, {"B08", testRowB08}, {"G06", testRowG06}, {"G08", testRowG08},
		{"G09", testRowG09}, {"G40", testRowG40}, {"G41", testRowL13}, {"G49", testRowG49},
		{"Y07", testRowY07},
	})
}

func testRowL01(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	b := s.Browser()
	if page := b.Get(t, "/who/"); page.Body != "" {
		t.Errorf("a visitor is %q, want nobody", page.Body)
	}
	authtest.ForceLogin(t, s.Auth, b, u)
	if page := b.Get(t, "/who/"); page.Body != "ada" {
		t.Errorf("after the log-in the user is %q, want ada", page.Body)
	}
	twice := func(*auth.Auth) core.App {
		return core.App{Label: "twice", Routes: func(r *web.Router) {
			r.Get("/twice/", "twice", func(w http.ResponseWriter, r *http.Request) error {
				first, err := auth.As[*auth.User](r.Context())
				if err != nil {
					return err
				}
				second, err := auth.As[*auth.User](r.Context())
				_, _ = fmt.Fprint(w, first == second)
				return err
			})
		}}
	}
	s = rebuild(t, s, nil, twice)
	b = b.Visits(s.Site)
	s.Queries.AtMost(t, 2, func() { // the session and the user, once each
		if page := b.Get(t, "/twice/"); page.Body != "true" {
			t.Errorf("asking twice gives one value: %s, want true", page.Body)
		}
	})
	s.Queries.AtMost(t, 0, func() { b.Get(t, "/plain/") })
}

func testRowL02(t *testing.T, s *authtest.Site) {
	_, err := core.New(s.Settings(), s.Auth.Types().App(), s.Auth.App())
	if err == nil || !strings.Contains(err.Error(), `"sessions"`) {
		t.Errorf("a project without sessions: error %v, want one that names them", err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if u, err := auth.UserOf(r.Context()); !errors.Is(err, auth.ErrNoMiddleware) {
		t.Errorf("without the middleware UserOf = %v, %v, want ErrNoMiddleware", u, err)
	}
	s.Auth.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if u, err := auth.UserOf(r.Context()); !errors.Is(err, sessions.ErrNoSession) {
			t.Errorf("without a session UserOf = %v, %v, want ErrNoSession", u, err)
		}
	})).ServeHTTP(httptest.NewRecorder(), r)
}

// testRowL03: what Django has twice for its two kinds of views is one here, from any goroutine.
func testRowL03(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	ctx := auth.WithUser(t.Context(), u)
	done := make(chan auth.Account)
	go func() {
		u, _ := auth.UserOf(ctx)
		done <- u
	}()
	if got := <-done; got != auth.Account(u) {
		t.Errorf("UserOf in a goroutine = %v, want the same user", got)
	}
}

func testRowL05(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	v.post("/put/", "name", "cart", "value", "a book")
	before := v.key()
	v.login("ada")
	if got := v.session()["cart"]; got != "a book" {
		t.Errorf("after the log-in the cart holds %q, want a book", got)
	}
	if v.key() == before || v.key() == "" || v.rows(before) != 0 {
		t.Errorf("the key was %s and is %s, and the old one has %d rows; want a new key and none", before, v.key(), v.rows(before))
	}
}

func testRowL06(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	one, two := selecting(t, s, customBackend), selecting(t, s, customBackend, otherBackend)
	read := func() auth.Account { return reload(t, s, u) }
	authenticated := func() auth.Account {
		return must[auth.Account](t)(two.Auth.Authenticate(t.Context(), nil, auth.PasswordCredentials{Username: "ada", Password: "test"}))
	}
	for _, c := range []struct {
		name string
		s    *authtest.Site
		user func() auth.Account
		o    auth.LoginOptions
		want string // "" for ErrWhichBackend
	}{
		{"the argument", two, read, auth.LoginOptions{Backend: otherBackend}, otherBackend},
		{"the argument before the user's own", two, authenticated, auth.LoginOptions{Backend: otherBackend}, otherBackend},
		{"the user's own", two, authenticated, auth.LoginOptions{}, customBackend},
		{"the only one", one, read, auth.LoginOptions{}, customBackend},
		{"none", two, read, auth.LoginOptions{}, ""},
	} {
		data, err := login(t, c.s, c.user(), c.o)
		if data[auth.SessionBackend] != c.want || errors.Is(err, auth.ErrWhichBackend) != (c.want == "") {
			t.Errorf("%s: backend %q, %v, want %q", c.name, data[auth.SessionBackend], err, c.want)
		}
	}
	if _, err := login(t, two, u, auth.LoginOptions{Backend: "no.such.Backend"}); err == nil {
		t.Error("a backend that is not configured was taken")
	}
}

func testRowL07(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	v.login("ada")
	key := v.key()
	page := v.post("/logout/")
	cookie := strings.Join(page.Header.Values("Set-Cookie"), "\n")
	for _, part := range []string{"sessionid=", "expires=Thu, 01 Jan 1970 00:00:00 GMT", "Max-Age=0", "Path=/"} {
		if !strings.Contains(strings.ToLower(cookie), strings.ToLower(part)) {
			t.Errorf("the cookie is %q, want one with %s", cookie, part)
		}
	}
	if v.rows(key) != 0 || v.key() != "" || v.user() != "" {
		t.Errorf("after the log-out there are %d rows, the cookie %q and the user %q; want none", v.rows(key), v.key(), v.user())
	}
}

func testRowL08(t *testing.T, s *authtest.Site) {
	v := newVisitor(t, s)
	var told []auth.Account
	v.s.Auth.LoggedOut().Connect(func(_ context.Context, o auth.LoggedOut) error {
		told = append(told, o.User)
		return nil
	})
	v.post("/logout/")
	if len(told) != 1 || told[0] != nil {
		t.Errorf("LoggedOut was sent with %v, want once with no user", told)
	}
}

func testRowL09(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	v.login("ada")
	v.post("/put/", "name", "old", "value", "gone")
	before := v.key()
	v.post("/logout-put/", "name", "x", "value", "kept")
	if got := v.session(); len(got) != 1 || got["x"] != "kept" || v.key() == before {
		t.Errorf("the session %s holds %v, want a new one with x alone", v.key(), got)
	}
}

func testRowL10(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	v.login("ada")
	key := v.key()
	if err := s.Auth.Users().ChangePassword(t.Context(), u, "another one"); err != nil {
		t.Fatal(err)
	}
	if got := v.user(); got != "" || v.rows(key) != 0 {
		t.Errorf("after a change of password the user is %q and the session has %d rows, want nobody and none", got, v.rows(key))
	}
}

func testRowL11(t *testing.T, s *authtest.Site) {
	for _, v := range djangovectors.Section[struct {
		Secret   string
		Password string `json:"password_field"`
		Hash     string `json:"session_auth_hash"`
	}](t, "session_auth_hash") {
		a := auth.New(auth.Config{Users: s.Auth.Users(), Keys: signing.Keys{v.Secret}})
		u := &auth.User{AbstractUser: auth.AbstractUser{BaseUser: auth.BaseUser{Password: auth.Hash(v.Password)}}}
		if got := a.SessionHash(u); got != v.Hash {
			t.Errorf("SessionHash of %.20q… = %s, want %s", v.Password, got, v.Hash)
		}
	}
}

func testRowL12(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	other := &visitor{t, v.s, v.s.Browser()}
	v.login("ada")
	other.login("ada")
	key, hash := v.key(), v.session()[auth.SessionHash]
	v.post("/password/", "password", "another one")
	if v.key() == key || v.session()[auth.SessionHash] == hash || v.user() != "ada" {
		t.Errorf("the session kept its key (%v) or hash (%v), or lost its user (%q)", v.key() == key, v.session()[auth.SessionHash] == hash, v.user())
	}
	if got := other.user(); got != "" {
		t.Errorf("the user's other session still gives %q, want nobody", got)
	}
}
