package authtest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/coretest"
)

// Login logs a browser in if the credentials are right, and reports whether they were. No page of
// the site takes part: it is for tests of other things than logging in.
func Login(t testing.TB, a *auth.Auth, b *coretest.Browser, c auth.Credentials) bool {
	t.Helper()
	u, err := a.Authenticate(t.Context(), nil, c)
	if err != nil {
		t.Fatalf("authtest: authenticate: %v", err)
	}
	if u == nil {
		return false
	}
	ForceLogin(t, a, b, u)
	return true
}

// ForceLogin logs a browser in as a stored user, without asking for anything. It stores a session
// and gives the browser its cookie. The backend is the one that authenticated the user, or the
// first of the project. LastLogin is set and LoggedIn is sent, as in any log-in.
func ForceLogin(t testing.TB, a *auth.Auth, b *coretest.Browser, u auth.Account) {
	t.Helper()
	var o auth.LoginOptions
	if x, ok := u.(interface{ Backend() string }); ok && x.Backend() == "" && len(a.Backends()) > 0 {
		o.Backend = a.Backends()[0].Name()
	}
	visit(t, a, b, func(r *http.Request) error { return a.Login(r, u, o) })
}

// Logout ends the browser's session, whoever is logged in or nobody.
func Logout(t testing.TB, a *auth.Auth, b *coretest.Browser) {
	t.Helper()
	visit(t, a, b, a.Logout)
}

// User returns who the browser is to the site: a stored user or *auth.AnonymousUser.
func User(t testing.TB, a *auth.Auth, b *coretest.Browser) auth.Account {
	t.Helper()
	var u auth.Account
	visit(t, a, b, func(r *http.Request) (err error) {
		u, err = auth.UserOf(r.Context())
		return err
	})
	return u
}

// visit makes a request of the browser that passes through the sessions and the users of the
// project, and nothing else of it.
func visit(t testing.TB, a *auth.Auth, b *coretest.Browser, f func(*http.Request) error) {
	t.Helper()
	sessions := a.Config().Sessions
	name := sessions.Config().CookieName
	var err error
	view := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { err = f(r) })
	r := httptest.NewRequest(http.MethodPost, "http://"+coretest.Host+"/", nil).WithContext(t.Context())
	if value := b.Cookie(name); value != "" {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	sessions.Middleware(a.Middleware(view)).ServeHTTP(w, r)
	if err != nil {
		t.Fatalf("authtest: %v", err)
	}
	if w.Code != http.StatusOK {
		t.Fatalf("authtest: the session could not be saved: status %d, %.300s", w.Code, w.Body)
	}
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			c.Value = ""
		}
		b.SetCookie(c.Name, c.Value)
	}
}
