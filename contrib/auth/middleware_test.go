package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
)

// closedPages are pages of a site on which everybody must log in, and whom each of them asks.
func closedPages(a *auth.Auth) core.App {
	custom := a.Require(auth.Access{Login: true, LoginURL: "/custom_login/", RedirectField: "step"})
	return core.App{
		Label: "closed", Requires: []string{"auth"}, RouteMiddleware: []web.Middleware{a.LoginRequiredByDefault},
		Routes: func(r *web.Router) {
			r.Get("/public_view/", "public_view", plainView, web.Public)
			r.Handle([]string{"GET"}, "/public_function_view/", "public_function_view", web.Public(web.Handler(plainView)))
			r.Get("/protected_view/", "protected_view", plainView)
			r.Handle([]string{"GET"}, "/protected_function_view/", "", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			r.Get("/login_required_cbv_view/", "login_required_cbv_view", plainView, custom)
			r.Handle([]string{"GET"}, "/login_required_decorator_view/", "", custom(web.Handler(plainView)))
			r.Post("/only_post/", "only_post", plainView)
		},
	}
}

// adminPages is the part of an admin that others know: its first page and where to log in.
func adminPages(a *auth.Auth) core.App {
	return core.App{Label: "admin", Routes: func(r *web.Router) {
		r.Get("/admin/", "index", plainView, a.StaffRequired)
		r.Get("/admin/login/", "login", plainView, web.Public)
	}}
}

// closed is the site with these pages and a changed Config.
func closed(t *testing.T, s *authtest.Site, change func(*auth.Config)) *authtest.Site {
	t.Helper()
	return rebuild(t, s, change, closedPages, adminPages)
}

// wantRedirect asks for a page as a visitor.
func wantRedirect(t *testing.T, s *authtest.Site, path, want string) {
	t.Helper()
	if p := s.Browser().Get(t, path); p.Status != 302 || p.Location() != want {
		t.Errorf("%s: status %d, Location %q, want %q", path, p.Status, p.Location(), want)
	}
}

func TestDjangoMiddleware(t *testing.T) {
	t.Parallel()
	const with, closedSite = "TestAuthenticationMiddleware.", "TestLoginRequiredMiddleware."
	runDjango(t, "auth_tests/test_middleware.py", []siteCase{
		{with + "test_no_password_change_doesnt_invalidate_session", testSessionHolds},
		{with + "test_changed_password_invalidates_session", testSessionEnds},
		{with + "test_no_session", testNoSession},
		{closedSite + "test_public_paths", func(t *testing.T, s *authtest.Site) {
			for _, path := range []string{"/public_view/", "/public_function_view/"} {
				if p := closed(t, s, nil).Browser().Get(t, path); p.Status != 200 {
					t.Errorf("%s: status %d, want 200", path, p.Status)
				}
			}
		}},
		{closedSite + "test_protected_paths", func(t *testing.T, s *authtest.Site) {
			s = closed(t, s, nil)
			for _, path := range []string{"/protected_view/", "/protected_function_view/"} {
				wantRedirect(t, s, path, "/accounts/login/?next="+path)
			}
		}},
		{closedSite + "test_login_required_paths", customLogin},
		{closedSite + "test_get_login_url_from_view_func", customLogin},
		{closedSite + "test_get_redirect_field_name_from_view_func", customLogin},
		{closedSite + "test_admin_path", func(t *testing.T, s *authtest.Site) {
			s = closed(t, s, nil)
			wantRedirect(t, s, "/admin/", "/admin/login/?next=/admin/")
			if p := s.Browser().Get(t, "/admin/login/?next=/admin/"); p.Status != 200 {
				t.Errorf("the admin's log-in page: status %d, want 200", p.Status)
			}
		}},
		{closedSite + "test_non_existent_path", func(t *testing.T, s *authtest.Site) {
			b := closed(t, s, nil).Browser()
			if p := b.Get(t, "/non_existent/"); p.Status != 404 {
				t.Errorf("status %d, want 404", p.Status)
			}
			if p := b.Get(t, "/only_post/"); p.Status != 405 {
				t.Errorf("a wrong method: status %d, want 405", p.Status)
			}
		}},
		{closedSite + "test_paths_with_logged_in_user", func(t *testing.T, s *authtest.Site) {
			s = closed(t, s, nil)
			b := s.Browser()
			authtest.ForceLogin(t, s.Auth, b, newUser(t, s, "test_user", nil))
			for _, path := range []string{"public_view", "public_function_view", "protected_view", "protected_function_view", "login_required_cbv_view", "login_required_decorator_view"} {
				if p := b.Get(t, "/"+path+"/"); p.Status != 200 {
					t.Errorf("/%s/: status %d, want 200", path, p.Status)
				}
			}
		}},
		{closedSite + "test_get_login_url_from_settings", func(t *testing.T, s *authtest.Site) {
			s = closed(t, s, func(c *auth.Config) { c.LoginURL = "/settings_login/" })
			wantRedirect(t, s, "/protected_view/", "/settings_login/?next=/protected_view/")
		}},
		{closedSite + "test_get_login_url_no_login_url", testNoLoginURL},
		{closedSite + "test_login_url_resolve_logic", func(t *testing.T, s *authtest.Site) {
			s = closed(t, s, func(c *auth.Config) { c.LoginURL, c.RedirectField = "/settings_login/", "redirect_to" })
			customLogin(t, s)
			for _, path := range []string{"/protected_view/", "/protected_function_view/"} {
				wantRedirect(t, s, path, "/settings_login/?redirect_to="+path)
			}
		}},
		{closedSite + "test_get_redirect_field_name_default", func(t *testing.T, s *authtest.Site) {
			wantRedirect(t, closed(t, s, nil), "/protected_view/", "/accounts/login/?next=/protected_view/")
		}},
	})
}

// customLogin looks at the pages whose own wrapper says where to log in.
func customLogin(t *testing.T, s *authtest.Site) {
	t.Helper()
	s = closed(t, s, func(c *auth.Config) {
		c.LoginURL, c.RedirectField = s.Auth.Config().LoginURL, s.Auth.Config().RedirectField
	})
	for _, path := range []string{"/login_required_cbv_view/", "/login_required_decorator_view/"} {
		wantRedirect(t, s, path, "/custom_login/?step="+path)
	}
}

func testSessionHolds(t *testing.T, s *authtest.Site) {
	u, b := newUser(t, s, "test_user", nil), s.Browser()
	authtest.ForceLogin(t, s.Auth, b, u)
	for range 2 {
		if p := b.Get(t, "/who/"); p.Body != "test_user" {
			t.Errorf("the user is %q, want test_user", p.Body)
		}
	}
}

func testSessionEnds(t *testing.T, s *authtest.Site) {
	u, b := newUser(t, s, "test_user", nil), s.Browser()
	authtest.ForceLogin(t, s.Auth, b, u)
	key := b.Cookie("sessionid")
	if err := s.Auth.Users().SetPassword(t.Context(), u, "new_password"); err != nil {
		t.Fatal(err)
	}
	if err := s.Auth.Users().Save(t.Context(), u, "password"); err != nil {
		t.Fatal(err)
	}
	if p := b.Get(t, "/who/"); p.Body != "" || b.Cookie("sessionid") != "" {
		t.Errorf("the user is %q with the cookie %q, want nobody", p.Body, b.Cookie("sessionid"))
	}
	if _, err := s.Auth.Config().Sessions.Store().Load(t.Context(), key); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("the session is there still: %v", err)
	}
}

func testNoSession(t *testing.T, s *authtest.Site) {
	_, err := core.New(s.Settings(), s.Auth.Types().App(), s.Auth.App())
	if err == nil || !strings.Contains(err.Error(), `"auth" needs the app "sessions"`) {
		t.Errorf("core.New without sessions = %v, want an error that names the app", err)
	}
	var got error
	s.Auth.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, got = auth.UserOf(r.Context()) })).
		ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if !errors.Is(got, sessions.ErrNoSession) {
		t.Errorf("UserOf without the middleware of sessions = %v, want ErrNoSession", got)
	}
}

// testNoLoginURL has a login page that cannot be found: an empty LoginURL is the default here.
func testNoLoginURL(t *testing.T, s *authtest.Site) {
	s = closed(t, s, func(c *auth.Config) { c.LoginURL = "no_such_route" })
	found := ""
	for _, m := range s.Check(t.Context(), false) {
		found += m.String() + "\n"
	}
	if !strings.Contains(found, "auth.E106") || !strings.Contains(found, "no_such_route") {
		t.Errorf("the checks find %q, want auth.E106", found)
	}
	if p := s.Browser().Get(t, "/protected_view/"); p.Status != 500 {
		t.Errorf("a protected page: status %d, want 500", p.Status)
	}
}

func TestMiddlewareRows(t *testing.T) {
	t.Parallel()
	runRows(t, []siteCase{
		{"L04", testRowL04},
		{"Y02", testRowY02},
		{"Y05", testRowY05},
	})
}

func testRowL04(t *testing.T, s *authtest.Site) {
	u, b := newUser(t, s, "ada", nil), s.Browser()
	var told []string
	s.Auth.LoggedIn().Connect(func(_ context.Context, e auth.LoggedIn) error {
		told = append(told, s.Auth.Users().Username(e.User))
		return nil
	})
	if !u.LastLogin.IsZero() {
		t.Fatal("a new user has logged in")
	}
	authtest.ForceLogin(t, s.Auth, b, u)
	data := sessionOf(t, s, b)
	if data["_auth_user_id"] != s.Auth.Users().PK(u) || data["_auth_user_backend"] != "django.contrib.auth.backends.ModelBackend" ||
		data["_auth_user_hash"] != s.Auth.SessionHash(u) || len(data["_auth_user_hash"]) != 64 || len(data) != 3 {
		t.Errorf("the session holds %v", data)
	}
	if reload(t, s, u).LastLogin.IsZero() {
		t.Error("last_login is not set")
	}
	if len(told) != 1 || told[0] != "ada" {
		t.Errorf("LoggedIn told of %v, want ada once", told)
	}
}

// testRowY02 costs nothing until somebody asks for the user.
func testRowY02(t *testing.T, s *authtest.Site) {
	u, b := newUser(t, s, "ada", nil), s.Browser()
	authtest.ForceLogin(t, s.Auth, b, u)
	s.Queries.AtMost(t, 0, func() { b.Get(t, "/plain/") })
	s.Queries.AtMost(t, 0, func() { s.Browser().Get(t, "/who/") })
	s.Queries.AtMost(t, 2, func() {
		if p := b.Get(t, "/who/"); p.Body != "ada" {
			t.Errorf("the user is %q, want ada", p.Body)
		}
	})
	if p := s.Browser().Get(t, "/who/"); p.Body != "" {
		t.Errorf("a visitor is %q, want nobody", p.Body)
	}
}

// testRowY05 looks at every route of the site as a visitor, and at the list of routes.
func testRowY05(t *testing.T, s *authtest.Site) {
	s = closed(t, s, nil)
	public := map[string]bool{"/public_view/": true, "/public_function_view/": true, "/admin/login/": true,
		"/healthz": true, "/readyz": true} // a load balancer logs in nowhere
	for _, route := range s.Site.Project.Site().Router.Routes() {
		if strings.Contains(route.Path, "{") || route.Methods[0] != "GET" {
			continue
		}
		p := s.Browser().Get(t, route.Path)
		if open := p.Status == 200; open != public[route.Path] {
			t.Errorf("%s: status %d, open %v", route.Path, p.Status, open)
		}
		if listed := route.Rules[0].Kind == web.KindPublic; listed != public[route.Path] {
			t.Errorf("%s is listed with the rules %v", route.Path, route.Rules)
		}
	}
	if p := s.Browser().Post(t, "/protected_view/", nil); p.Status != 405 {
		t.Errorf("a wrong method: status %d, want 405", p.Status)
	}
	if p := s.Browser().Get(t, "/static/nothing.css"); p.Status != 404 {
		t.Errorf("a static file: status %d, want 404 and not the log-in page", p.Status)
	}
}
