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
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
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
		{"G09", testRowG09}, {"G40", testRowG40}, {"G49", testRowG49},
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

// testRowL13: also that a fallback key renews a session once, and that the vectors hold.
func testRowL13(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	v.login("ada")
	oldKey, oldHash := v.key(), v.session()[auth.SessionHash]
	const newSecret = "a-new-key-for-tests-only-0123456789-abcdefghijklmnopqrstu"
	settings := s.Settings()
	settings.Keys = signing.Keys{newSecret, coretest.Key}
	rotated := rebuildWith(t, s, settings, nil, sessionApp)
	v = &visitor{t, rotated, v.b.Visits(rotated.Site)}
	if got := v.user(); got != "ada" {
		t.Fatalf("with the old key as a fallback the user is %q, want ada", got)
	}
	if v.key() == oldKey || v.rows(oldKey) != 0 || v.session()[auth.SessionHash] == oldHash {
		t.Error("the session was not renewed: it has its old key, row or hash")
	}
	renewed := v.key()
	if got := v.user(); got != "ada" || v.key() != renewed {
		t.Errorf("the next request: user %q, renewed again: %v; want ada and no", got, v.key() != renewed)
	}
	settings.Keys = signing.Keys{newSecret}
	alone := rebuildWith(t, s, settings, nil, sessionApp)
	v = &visitor{t, alone, v.b.Visits(alone.Site)}
	if got := v.user(); got != "ada" {
		t.Errorf("without the fallback the renewed session gives %q, want ada", got)
	}
	settings.Keys = signing.Keys{"another-key-for-tests-only-0123456789-abcdefghijklmnopqr"}
	lost := rebuildWith(t, s, settings, nil, sessionApp)
	v = &visitor{t, lost, v.b.Visits(lost.Site)}
	if got := v.user(); got != "" {
		t.Errorf("with another key and no fallback the session gives %q, want nobody", got)
	}
	testFallbackVectors(t, s)
}

// testFallbackVectors shows that a session with each of the vectors' hashes is taken.
func testFallbackVectors(t *testing.T, s *authtest.Site) {
	for _, v := range djangovectors.Section[struct {
		Secret    string
		Fallbacks []string
		Password  string   `json:"password_field"`
		Hash      string   `json:"session_auth_hash"`
		Old       []string `json:"fallback_hashes"`
	}](t, "session_auth_hash_fallbacks") {
		u := newUser(t, s, "vector", nil)
		u.Password = auth.Hash(v.Password)
		if err := s.Auth.Users().Save(t.Context(), u, "password"); err != nil {
			t.Fatal(err)
		}
		sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB(), s.Settings().Keys)})
		a := auth.New(auth.Config{Users: s.Auth.Users(), Sessions: sess, Types: s.Auth.Types(), Keys: append(signing.Keys{v.Secret}, v.Fallbacks...)})
		for _, hash := range append(v.Old, v.Hash) {
			session := sess.Open("")
			for name, value := range map[string]string{auth.SessionUserID: s.Auth.Users().PK(u), auth.SessionBackend: auth.ModelBackendName, auth.SessionHash: hash} {
				if err := session.Set(t.Context(), name, value); err != nil {
					t.Fatal(err)
				}
			}
			if err := session.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
			a.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				ctx := sessions.With(r.Context(), session)
				if got, err := auth.UserOf(ctx); err != nil || got.IsAnonymous() {
					t.Errorf("with the hash %.8s… UserOf = %v, %v, want the user", hash, got, err)
				}
				if got, _, _ := sessions.Get[string](ctx, session, auth.SessionHash); got != v.Hash {
					t.Errorf("with the hash %.8s… the session has %.8s… afterwards, want the first key's", hash, got)
				}
			})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil).WithContext(t.Context()))
		}
	}
}

func testRowL15(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	if page := v.b.Get(t, "/raw/"); page.Location() != "/login/?next=/raw/" {
		t.Errorf("a visitor gets %d to %q, want the login page", page.Status, page.Location())
	}
	v.login("ada")
	if page := v.b.Get(t, "/raw/"); page.Status != http.StatusForbidden || !strings.Contains(page.Body, "Only for staff.") {
		t.Errorf("a user gets %d, want the error page", page.Status)
	}
	u = reload(t, s, u)
	u.IsStaff = true
	if err := s.Auth.Users().Save(t.Context(), u, "is_staff"); err != nil {
		t.Fatal(err)
	}
	if page := v.b.Get(t, "/raw/"); page.Status != http.StatusOK {
		t.Errorf("staff gets %d, want the page", page.Status)
	}
}

func testRowL16(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	page := v.login("ada")
	if len(page.Cookies) != 1 || len(page.Cookies[0].Value) != 32 {
		t.Fatalf("the log-in sets the cookies %v, want one with a key", page.Cookies)
	}
	for name, value := range v.session() {
		if len(value) > 4 && strings.Contains(fmt.Sprint(page.Header), value) {
			t.Errorf("the answer's headers show the session's %s", name)
		}
	}
}

// testRowL17: there is one Login, Logout and KeepSession; each obeys its request's context.
func testRowL17(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	ctx, cancel := context.WithCancel(sessions.With(auth.WithUser(t.Context(), u), s.Auth.Config().Sessions.Open("")))
	r := httptest.NewRequest(http.MethodPost, "/", nil).WithContext(ctx)
	done := make(chan error)
	for name, f := range map[string]func() error{
		"Login":       func() error { return s.Auth.Login(r, u, auth.LoginOptions{}) },
		"KeepSession": func() error { return s.Auth.KeepSession(r, u) },
		"Logout":      func() error { return s.Auth.Logout(r) },
	} {
		go func() { done <- f() }()
		if err := <-done; err != nil {
			t.Errorf("%s in a goroutine: %v", name, err)
		}
	}
	cancel()
	if err := s.Auth.Login(r, u, auth.LoginOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Login after the context ended: %v, want its error", err)
	}
}

func testRowL18(t *testing.T, s *authtest.Site) {
	s = rebuild(t, s, withBackends(&auth.ModelBackend{AllowInactive: true}))
	newUser(t, s, "test", func(u *auth.User) { u.IsActive = false })
	u := authenticate(t, s)
	if u == nil || s.Auth.Users().IsActive(u) {
		t.Fatalf("Authenticate = %v, want the disabled account", u)
	}
	if data, err := login(t, s, u, auth.LoginOptions{}); err != nil || data[auth.SessionUserID] == "" {
		t.Errorf("Login = %v, %v; that an account is disabled is the view's own business", data, err)
	}
}

func testRowB07(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	recorded := &recording{}
	with := func(list ...auth.Backend) *authtest.Site {
		return rebuild(t, s, withBackends(list...), sessionApp)
	}
	before := with(&auth.ModelBackend{}, recorded)
	v := &visitor{t, before, before.Browser()}
	v.login("ada")
	if got := v.session()[auth.SessionBackend]; got != "django.contrib.auth.backends.ModelBackend" {
		t.Errorf("the session has the backend %q, want Django's name of the first", got)
	}
	if got := v.user(); got != "ada" || recorded.users != 0 {
		t.Errorf("the user is %q, and the other backend was asked for it %d times; want ada and never", got, recorded.users)
	}
	after := with(recorded)
	v = &visitor{t, after, v.b.Visits(after.Site)}
	if page := v.b.Get(t, "/login_required/"); page.Status != http.StatusFound || recorded.users != 0 {
		t.Errorf("after the backend was taken out: status %d, the other asked %d times; want 302 and never", page.Status, recorded.users)
	}
}

// recording knows nobody and counts how often it is asked for a user.
type recording struct {
	nobody
	users int
}

func (r *recording) User(context.Context, string) (auth.Account, error) {
	r.users++
	return nil, nil
}

func testRowB08(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	v.login("ada")
	if _, err := s.DB().NewDelete().Model((*sessions.Row)(nil)).Where("1 = 1").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := v.user(); got != "" {
		t.Errorf("after all sessions were deleted the user is %q, want nobody", got)
	}
}

func testRowG06(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	newUser(t, s, "eve", nil)
	v := newVisitor(t, s)
	v.post("/put/", "name", "planted", "value", "by an attacker")
	planted := v.key()
	v.login("ada")
	attacker := &visitor{t, v.s, v.s.Browser()}
	attacker.b.SetCookie("sessionid", planted)
	if got := attacker.user(); got != "" || v.rows(planted) != 0 {
		t.Errorf("the key from before the log-in gives %q and has %d rows, want nobody and none", got, v.rows(planted))
	}
	// The same user again keeps the session; another one, and one whose password changed, do not.
	key := v.key()
	v.login("ada")
	if v.key() != key || v.session()["planted"] == "" {
		t.Errorf("a second log-in of the same user changed the key (%v) or lost the data", v.key() != key)
	}
	v.login("eve")
	if data := v.session(); v.key() == key || data["planted"] != "" || v.rows(key) != 0 {
		t.Errorf("another user's log-in keeps the key (%v) or the data %v", v.key() == key, data)
	}
	v.login("ada")
	v.post("/put/", "name", "mine", "value", "x")
	key = v.key()
	if err := s.Auth.Users().SetPassword(t.Context(), u, "test"); err != nil { // the same password under a new salt
		t.Fatal(err)
	}
	if err := s.Auth.Users().Save(t.Context(), u, "password"); err != nil {
		t.Fatal(err)
	}
	v.login("ada")
	if data := v.session(); v.key() == key || data["mine"] != "" {
		t.Errorf("a log-in after a change of password keeps the key (%v) or the data %v", v.key() == key, data)
	}
}

func testRowG08(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	v.login("ada")
	v.post("/put/", "name", "secret", "value", "x")
	old := v.key()
	page := v.post("/logout/")
	if len(page.Cookies) != 1 || page.Cookies[0].MaxAge >= 0 || v.rows(old) != 0 {
		t.Errorf("the log-out sets the cookies %v and leaves %d rows, want the cookie expired and none", page.Cookies, v.rows(old))
	}
	v.b.SetCookie("sessionid", old)
	if v.user() != "" || len(v.session()) != 0 {
		t.Errorf("the old cookie gives the user %q and the data %v, want nothing", v.user(), v.session())
	}
}

func testRowG09(t *testing.T, s *authtest.Site) { testRowL12(t, s) }

func testRowG40(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	v.login("ada")
	without := rebuild(t, s, withBackends(&auth.RemoteUserBackend{}))
	v = &visitor{t, without, v.b.Visits(without.Site)}
	if got := v.user(); got != "" {
		t.Errorf("a session of a backend that is not configured gives %q, want nobody", got)
	}
}

// testRowG49: a session that names a user and has no hash, or something else in its place.
func testRowG49(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	for _, spoil := range []func(context.Context, *sessions.Session) error{
		func(ctx context.Context, s *sessions.Session) error { return s.Delete(ctx, auth.SessionHash) },
		func(ctx context.Context, s *sessions.Session) error { return s.Set(ctx, auth.SessionHash, "") },
		func(ctx context.Context, s *sessions.Session) error { return s.Set(ctx, auth.SessionHash, true) },
	} {
		v := newVisitor(t, s)
		v.login("ada")
		session := s.Auth.Config().Sessions.Open(v.key())
		if err := errors.Join(spoil(t.Context(), session), session.Save(t.Context())); err != nil {
			t.Fatal(err)
		}
		key := v.key()
		if got := v.user(); got != "" || v.rows(key) != 0 {
			t.Errorf("a session without a good hash gives %q and has %d rows, want nobody and none", got, v.rows(key))
		}
	}
}

func testRowY07(t *testing.T, s *authtest.Site) {
	sess := s.Auth.Config().Sessions
	a := auth.New(auth.Config{Users: auth.NewUsers(s.DB(), (*auth.User)(nil)), Sessions: sess, Types: s.Auth.Types()})
	p, err := core.New(s.Settings(), s.Auth.Types().App(), a.App(), sess.App())
	if err == nil {
		err = p.Ready()
	}
	if err == nil || !strings.Contains(err.Error(), `"sessions" before "auth"`) {
		t.Errorf("auth before sessions: error %v, want one that says how to order them", err)
	}
}

// A deactivated user is nobody, and is somebody again when reactivated: the session stays.
func TestDeactivatedInASession(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		u := newUser(t, s, "ada", nil)
		v := newVisitor(t, s)
		v.login("ada")
		for _, active := range []bool{false, true} {
			u.IsActive = active
			if err := s.Auth.Users().Save(t.Context(), u, "is_active"); err != nil {
				t.Fatal(err)
			}
			want := map[bool]string{true: "ada", false: ""}[active]
			if got := v.user(); got != want {
				t.Errorf("with is_active %v the user is %q, want %q", active, got, want)
			}
		}
	})
}

// What a session holds under auth's names is not taken on trust.
func TestStrangeSessions(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		u := newUser(t, s, "ada", nil)
		for _, strange := range []any{7, nil, true, []string{"1"}, "", "x", "1; --", "\x00", strings.Repeat("9", 400)} {
			for _, name := range []string{auth.SessionUserID, auth.SessionBackend} {
				v := newVisitor(t, s)
				v.login("ada")
				session := s.Auth.Config().Sessions.Open(v.key())
				if err := errors.Join(session.Set(t.Context(), name, strange), session.Save(t.Context())); err != nil {
					t.Fatal(err)
				}
				if got := v.user(); got != "" {
					t.Errorf("a session with %s = %v gives %q, want nobody", name, strange, got)
				}
				v.login("ada")
				if got := v.user(); got != "ada" {
					t.Errorf("after a log-in over %s = %v the user is %q, want ada", name, strange, got)
				}
			}
		}
		_ = u
	})
}
