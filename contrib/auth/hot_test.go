package auth_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/web"
)

// TestStatementsOfARequest holds the figures that the package promises: the session, and the user
// with all permissions.
func TestStatementsOfARequest(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		member, root := newUser(t, s, "member", nil), newUser(t, s, "root", func(u *auth.User) { u.IsSuperuser = true })
		grant(t, s, member, addPerm)
		for _, c := range []struct {
			name   string
			u      auth.Account // nil for a visitor without a cookie
			path   string
			most   int
			status int
			body   string
		}{
			{"a page behind a permission", member, "/add/", 2, 200, "ok"},
			{"login outside, permission inside", member, "/login-add/", 2, 200, "ok"},
			{"permission outside, login inside", member, "/add-login/", 2, 200, "ok"},
			{"login outside, permission or 403 inside", member, "/forbid/", 2, 200, "ok"},
			{"a page behind a login", member, "/login_required/", 2, 200, "ok"},
			{"a hundred checks", member, "/hundred/", 2, 200, "1 of 100"},
			{"a page that ignores the user", member, "/plain/", 0, 200, "ok"},
			{"a superuser's permission", root, "/add/", 2, 200, "ok"},
			{"a superuser's hundred checks", root, "/hundred/", 2, 200, "100 of 100"},
			{"a visitor at a page behind a login", nil, "/login_required/", 0, 302, ""},
			{"a visitor at a page behind a permission", nil, "/add/", 0, 302, ""},
			{"a visitor at an open page", nil, "/who/", 0, 200, ""},
		} {
			b := s.Browser()
			if c.u != nil {
				authtest.ForceLogin(t, s.Auth, b, c.u)
			}
			s.Queries.AtMost(t, c.most, func() {
				if page := b.Get(t, c.path); page.Status != c.status || page.Body != c.body {
					t.Errorf("%s: status %d with %.50q, want %d with %q", c.name, page.Status, page.Body, c.status, c.body)
				}
			})
			if t.Failed() {
				t.Fatalf("the case: %s", c.name)
			}
		}
	})
}

// The same holds on a router that tells nobody what a page will ask for.
func TestStatementsOnAnotherRouter(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		u := newUser(t, s, "member", nil)
		grant(t, s, u, addPerm)
		b := s.Browser()
		authtest.ForceLogin(t, s.Auth, b, u)
		a, view := s.Auth, web.Handler(plainView)
		mux := http.NewServeMux()
		mux.Handle("/perm", a.PermissionRequired(addPerm)(view))
		mux.Handle("/login-perm", a.LoginRequired(a.PermissionRequired(addPerm)(view)))
		mux.Handle("/perm-login", a.PermissionRequired(addPerm)(a.LoginRequired(view)))
		mux.Handle("/hundred", a.LoginRequired(a.PermissionRequired(addPerm)(hundredChecks(a))))
		site := a.Config().Sessions.Middleware(a.Middleware(mux))
		for _, path := range []string{"/perm", "/login-perm", "/perm-login", "/hundred"} {
			s.Queries.AtMost(t, 2, func() {
				r := httptest.NewRequest(http.MethodGet, "http://testserver"+path, nil)
				r.AddCookie(&http.Cookie{Name: "sessionid", Value: b.Cookie("sessionid")})
				w := httptest.NewRecorder()
				site.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					t.Errorf("%s: status %d, want 200", path, w.Code)
				}
			})
		}
	})
}

// A permission that is first asked for inside a view costs a third statement, and no more.
func TestStatementsOfALateQuestion(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		u := newUser(t, s, "member", nil)
		grant(t, s, u, addPerm)
		s.Queries.AtMost(t, 2, func() {
			u := reload(t, s, u)
			for range 100 {
				check(t, addPerm, true)(s.Auth.HasPerm(t.Context(), u, addPerm))
				check(t, changePerm, false)(s.Auth.HasPerm(t.Context(), u, changePerm))
				check(t, "any of the app", true)(s.Auth.HasModulePerms(t.Context(), u, "auth_tests"))
			}
		})
	})
}

// A remote user's request costs no more than another's once the session is there.
func TestStatementsOfARemoteUser(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		u := newUser(t, s, "member", nil)
		grant(t, s, u, addPerm)
		s = rebuild(t, s, withBackends(&auth.RemoteUserBackend{}), remoteApp(auth.RemoteUser{
			Header: "Remote-User", Proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
		}))
		b := s.Browser()
		b.Header.Set("Remote-User", "member")
		b.Get(t, "/add/")
		s.Queries.AtMost(t, 2, func() {
			if page := b.Get(t, "/add/"); page.Status != http.StatusOK {
				t.Errorf("status %d, want 200", page.Status)
			}
		})
		s.Queries.AtMost(t, 0, func() { s.Browser().Get(t, "/plain/") })
	})
}

// A database that is out of reach is an error page and nobody's log-out.
func TestFailureIsNotAnonymous(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		b := s.Browser()
		authtest.ForceLogin(t, s.Auth, b, newUser(t, s, "member", nil))
		s = rebuild(t, s, withBackends(&brokenUsers{}, failing{}))
		key := b.Cookie("sessionid")
		if page := b.Visits(s.Site).Get(t, "/login_required/"); page.Status != http.StatusInternalServerError {
			t.Errorf("status %d to %q, want 500", page.Status, page.Location())
		}
		n := must[int64](t)(s.DB().NewSelect().Model((*sessions.Row)(nil)).Where("session_key = ?", key).Count(t.Context()))
		if n != 1 || b.Cookie("sessionid") != key {
			t.Errorf("the session has %d rows and the cookie %q, want both as they were", n, b.Cookie("sessionid"))
		}
	})
}

// TestStatementsOfALogout: the session, the user that the receivers are told of, and the end of the session.
func TestStatementsOfALogout(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		b := s.Browser()
		authtest.ForceLogin(t, s.Auth, b, newUser(t, s, "member", nil))
		h := s.Auth.Config().Sessions.Middleware(s.Auth.Middleware(web.Handler(func(_ http.ResponseWriter, r *http.Request) error { return s.Auth.Logout(r) })))
		s.Queries.AtMost(t, 3, func() {
			r := httptest.NewRequest(http.MethodPost, "http://testserver/", nil)
			r.AddCookie(&http.Cookie{Name: "sessionid", Value: b.Cookie("sessionid")})
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				t.Errorf("status %d, want 200", w.Code)
			}
		})
		if page := b.Get(t, "/who/"); page.Body != "" {
			t.Errorf("the visitor is %q after the log-out, want nobody", page.Body)
		}
	})
}
