package authviews_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/web"
)

const views = "django/auth_tests/test_views.py/"

// The addresses of Django's security check.
var (
	badURLs = []string{
		"http://example.com", "http:///example.com", "https://example.com", "ftp://example.com",
		"///example.com", "//example.com", `javascript:alert("XSS")`,
	}
	goodURLs = []string{
		"/view/?param=http://example.com", "/view/?param=https://example.com", "/view?param=ftp://example.com",
		"view/?param=//example.com", "https://testserver/", "HTTPS://testserver/", "//testserver/", "/url%20with%20spaces/",
	}
)

// loginRoutes are the log-in pages of Django's tests.
func loginRoutes(r *web.Router, a *auth.Auth, w *world) {
	authviews.LoginView{Auth: a, Prepare: w.see}.Mount(r, "/login/redirect_authenticated_user_default/", "")
	authviews.LoginView{Auth: a, RedirectAuthenticatedUser: true}.Mount(r, "/login/redirect_authenticated_user/", "")
	authviews.LoginView{Auth: a, SuccessURLAllowedHosts: []string{"otherserver"}}.Mount(r, "/login/allowed_hosts/", "")
	custom := func(*http.Request) (string, error) { return "/custom/", nil }
	authviews.LoginView{Auth: a, DefaultRedirect: custom}.Mount(r, "/login/get_default_redirect_url/", "")
	authviews.LoginView{Auth: a, NextPage: "/somewhere/"}.Mount(r, "/login/next_page/", "")
	authviews.LoginView{Auth: a, NextPage: "password_reset"}.Mount(r, "/login/next_page/named/", "")
	authviews.LoginView{Auth: a, Form: func(r *http.Request) authviews.LoginForm {
		if r == nil {
			panic("no request")
		}
		return authforms.NewAuthenticationForm(a, r)
	}}.Mount(r, "/custom_request_auth_login/", "")
	page := func(w http.ResponseWriter, _ *http.Request) error {
		_, err := w.Write([]byte("passed"))
		return err
	}
	missing := auth.Access{Permissions: []string{"auth.nonexistent"}}
	refusing := missing
	refusing.RaiseException = true
	r.Get("/login_required/", "", page, a.LoginRequired)
	r.Get("/permission_required_redirect/", "", page, a.Require(missing))
	r.Get("/permission_required_exception/", "", page, a.Require(refusing))
	r.Get("/login_and_permission_required_exception/", "", page, a.LoginRequired, a.Require(refusing))
}

func TestDjangoLogin(t *testing.T) {
	t.Parallel()
	each(t, options{routes: loginRoutes}, func(t *testing.T, w *world) {
		loginCases(t, w)
		loginSessionCases(t, w)
		loginRedirectCases(t, w)
	})
}

func loginCases(t *testing.T, w *world) {
	run := w.cases(t, "LoginTest")
	run("test_current_site_in_context_after_login", func(t *testing.T, b *coretest.Browser) {
		wantStatus(t, b.Get(t, "/login/"), http.StatusOK)
		if got := w.page.Data["site"]; got != (authviews.RequestSite{Name: "testserver", Domain: "testserver"}) || w.page.Data["site_name"] != "testserver" {
			t.Errorf("site %v, site_name %v", got, w.page.Data["site_name"])
		}
		if _, ok := w.page.Data["form"].(*authforms.AuthenticationForm); !ok {
			t.Errorf("form is a %T", w.page.Data["form"])
		}
	})
	run("test_security_check", func(t *testing.T, b *coretest.Browser) {
		for _, bad := range badURLs {
			p := w.enter(t, b, "/login/?next="+url.QueryEscape(bad), "testclient", "password")
			if p.Status != http.StatusFound || strings.Contains(p.Location(), bad) {
				t.Errorf("next %q: status %d, Location %q; want it blocked", bad, p.Status, p.Location())
			}
		}
		for _, good := range goodURLs {
			p := w.enter(t, b, "/login/?next="+url.QueryEscape(good), "testclient", "password")
			if p.Status != http.StatusFound || !strings.Contains(p.Location(), good) {
				t.Errorf("next %q: status %d, Location %q; want it allowed", good, p.Status, p.Location())
			}
		}
	})
	run("test_security_check_https", func(t *testing.T, b *coretest.Browser) {
		body := strings.NewReader(form("username", "testclient", "password", "password").Encode())
		r := httptest.NewRequest(http.MethodPost, "https://testserver/login/?next=http%3A//testserver/path", body)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		wantRedirect(t, b.Send(t, r), "/accounts/profile/")
	})
	run("test_login_form_contains_request", func(t *testing.T, b *coretest.Browser) {
		wantRedirect(t, w.enter(t, b, "/custom_request_auth_login/", "testclient", "password"), "/accounts/profile/")
	})
}

func loginSessionCases(t *testing.T, w *world) {
	run := w.cases(t, "LoginTest")
	run("test_session_key_flushed_on_login", func(t *testing.T, b *coretest.Browser) {
		w.login(t, b, "testclient", "password")
		before := b.Cookie("sessionid")
		w.login(t, b, "staff", "password")
		if b.Cookie("sessionid") == before {
			t.Error("another user has the same session")
		}
	})
	run("test_session_key_flushed_on_login_after_password_change", func(t *testing.T, b *coretest.Browser) {
		u := w.create(t, "changing", "", "password")
		w.login(t, b, "changing", "password")
		before := b.Cookie("sessionid")
		w.login(t, b, "changing", "password")
		if b.Cookie("sessionid") != before {
			t.Error("the session has another key after the same user logged in again")
		}
		if err := w.users.ChangePassword(t.Context(), u, "foobar"); err != nil {
			t.Fatal(err)
		}
		w.login(t, b, "changing", "foobar")
		if b.Cookie("sessionid") == before {
			t.Error("the session has the same key after the password changed")
		}
	})
	run("test_login_session_without_hash_session_key", func(t *testing.T, b *coretest.Browser) {
		s := w.auth.Config().Sessions.Open("")
		if err := s.Set(t.Context(), auth.SessionUserID, w.users.PK(w.find(t, "testclient"))); err != nil {
			t.Fatal(err)
		}
		if err := s.Save(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.SetCookie("sessionid", s.Key())
		w.login(t, b, "testclient", "password")
		if b.Cookie("sessionid") == s.Key() {
			t.Error("the session has the same key")
		}
	})
}

func loginRedirectCases(t *testing.T, w *world) {
	run := w.cases(t, "LoginTest")
	for _, tt := range []struct{ name, path, want string }{
		{"test_login_get_default_redirect_url", "/login/get_default_redirect_url/", "/custom/"},
		{"test_login_next_page", "/login/next_page/", "/somewhere/"},
		{"test_login_named_next_page_named", "/login/next_page/named/", "/password_reset/"},
		{"test_login_redirect_url_overrides_next_page", "/login/next_page/?next=/test/", "/test/"},
		{"test_login_redirect_url_overrides_get_default_redirect_url", "/login/get_default_redirect_url/?next=/test/", "/test/"},
	} {
		run(tt.name, func(t *testing.T, b *coretest.Browser) {
			wantRedirect(t, w.enter(t, b, tt.path, "testclient", "password"), tt.want)
		})
	}
	t.Run(views+"LoginTest.test_login_next_page_overrides_login_redirect_url_setting", func(t *testing.T) {
		w := open(t, w.Site, options{routes: loginRoutes, config: func(c *auth.Config) { c.LoginRedirectURL = "/custom/" }})
		wantRedirect(t, w.enter(t, w.Browser(), "/login/next_page/", "testclient", "password"), "/somewhere/")
	})
	t.Run(views+"LoginTest.test_login_csrf_rotate", func(t *testing.T) {
		w := open(t, w.Site, options{settings: func(s *core.Settings) { s.CSRF = &csrf.Tokens{} }})
		b := w.Browser()
		b.Get(t, "/login/")
		before := b.Cookie("csrftoken")
		wantStatus(t, w.enter(t, b, "/login/", "testclient", "password"), http.StatusForbidden)
		wantStatus(t, w.enter(t, b, "/login/", "testclient", "password", "csrfmiddlewaretoken", before), http.StatusFound)
		if after := b.Cookie("csrftoken"); before == "" || after == "" || after == before {
			t.Errorf("the token was %q and is %q, want another one", before, after)
		}
	})
	t.Run(views+"LoginTest.test_access_under_login_required_middleware", func(t *testing.T) {
		w := open(t, w.Site, options{closed: true})
		wantStatus(t, w.Browser().Get(t, "/login/"), http.StatusOK)
	})
}

func TestDjangoLoginAllowedHosts(t *testing.T) {
	t.Parallel()
	each(t, options{routes: loginRoutes}, func(t *testing.T, w *world) {
		for _, tt := range []struct{ name, next, want string }{
			{"test_success_url_allowed_hosts_same_host", "https://testserver/home", "https://testserver/home"},
			{"test_success_url_allowed_hosts_safe_host", "https://otherserver/home", "https://otherserver/home"},
			{"test_success_url_allowed_hosts_unsafe_host", "https://evil/home", "/accounts/profile/"},
		} {
			t.Run(views+"LoginSuccessURLAllowedHostsTest."+tt.name, func(t *testing.T) {
				b := w.Browser()
				wantRedirect(t, w.enter(t, b, "/login/allowed_hosts/", "testclient", "password", "next", tt.next), tt.want)
				if w.loggedIn(t, b) == "" {
					t.Error("nobody is logged in")
				}
			})
		}
	})
}

func TestDjangoLoginURLSettings(t *testing.T) {
	t.Parallel()
	each(t, options{}, func(t *testing.T, w *world) {
		for _, tt := range []struct{ name, setting, want string }{
			{"test_standard_login_url", "/login/", "/login/?next=/login_required/"},
			{"test_named_login_url", "login", "/login/?next=/login_required/"},
			{"test_remote_login_url", "http://remote.example.com/login", "http://remote.example.com/login?next=http%3A//testserver/login_required/"},
			{"test_https_login_url", "https:///login/", "https:///login/?next=http%3A//testserver/login_required/"},
			{"test_login_url_with_querystring", "/login/?pretty=1", "/login/?pretty=1&next=/login_required/"},
			{"test_remote_login_url_with_next_querystring", "http://remote.example.com/login/?next=/default/",
				"http://remote.example.com/login/?next=http%3A//testserver/login_required/"},
		} {
			t.Run(views+"LoginURLSettings."+tt.name, func(t *testing.T) {
				w := open(t, w.Site, options{routes: loginRoutes, config: func(c *auth.Config) { c.LoginURL = tt.setting }})
				wantRedirect(t, w.Browser().Get(t, "/login_required/"), tt.want)
			})
		}
		for _, tt := range []struct{ name, setting, want string }{
			{"test_default", "", "/accounts/profile/"},
			{"test_custom", "/custom/", "/custom/"},
			{"test_named", "password_reset", "/password_reset/"},
			{"test_remote", "http://remote.example.com/welcome/", "http://remote.example.com/welcome/"},
		} {
			t.Run(views+"LoginRedirectUrlTest."+tt.name, func(t *testing.T) {
				w := open(t, w.Site, options{config: func(c *auth.Config) { c.LoginRedirectURL = tt.setting }})
				b := w.Browser()
				wantRedirect(t, w.login(t, b, "testclient", "password"), tt.want)
			})
		}
		t.Run(views+"RedirectToLoginTests.test_redirect_to_login_with_lazy_and_unicode", func(t *testing.T) {
			w := open(t, w.Site, options{config: func(c *auth.Config) { c.LoginURL = "login" }, routes: func(r *web.Router, a *auth.Auth, _ *world) {
				r.Get("/else/where/{letter}/", "", func(w http.ResponseWriter, r *http.Request) error {
					return auth.RedirectToLogin(w, r, a.Config().LoginURL, a.Config().RedirectField)
				})
			}})
			p := w.Browser().Get(t, "/else/where/झ/")
			to, err := url.Parse(p.Location())
			if err != nil || to.Path != "/login/" || to.Query().Get("next") != "/else/where/%E0%A4%9D/" {
				t.Errorf("Location %q, %v; want one that comes back to the page", p.Location(), err)
			}
			if got := web.LoginRedirectURL("/login/", "/else/where/झ/", "next"); got != "/login/?next=/else/where/%E0%A4%9D/" {
				t.Errorf("LoginRedirectURL = %q", got)
			}
		})
	})
}

func TestDjangoLoginRedirectAuthenticatedUser(t *testing.T) {
	t.Parallel()
	const class = views + "LoginRedirectAuthenticatedUser."
	const page = "/login/redirect_authenticated_user/"
	each(t, options{routes: loginRoutes}, func(t *testing.T, w *world) {
		run := func(name string, config func(*auth.Config), f func(t *testing.T, w *world, b *coretest.Browser)) {
			t.Run(class+name, func(t *testing.T) {
				w := open(t, w.Site, options{routes: loginRoutes, config: config})
				f(t, w, w.Browser())
			})
		}
		run("test_default", nil, func(t *testing.T, w *world, b *coretest.Browser) {
			w.login(t, b, "testclient", "password")
			wantStatus(t, b.Get(t, "/login/redirect_authenticated_user_default/"), http.StatusOK)
			if next, there := w.page.Data["next"]; !there || next != "" {
				t.Errorf("next is %v, %v; want the empty text", next, there)
			}
		})
		run("test_guest", nil, func(t *testing.T, _ *world, b *coretest.Browser) {
			wantStatus(t, b.Get(t, page), http.StatusOK)
		})
		run("test_redirect", nil, func(t *testing.T, w *world, b *coretest.Browser) {
			w.login(t, b, "testclient", "password")
			wantRedirect(t, b.Get(t, page), "/accounts/profile/")
		})
		run("test_redirect_url", func(c *auth.Config) { c.LoginRedirectURL = "/custom/" }, func(t *testing.T, w *world, b *coretest.Browser) {
			w.login(t, b, "testclient", "password")
			wantRedirect(t, b.Get(t, page), "/custom/")
		})
		run("test_redirect_param", nil, func(t *testing.T, w *world, b *coretest.Browser) {
			w.login(t, b, "testclient", "password")
			wantRedirect(t, b.Get(t, page+"?next=/custom_next/"), "/custom_next/")
		})
		run("test_redirect_loop", func(c *auth.Config) { c.LoginRedirectURL = page }, func(t *testing.T, w *world, b *coretest.Browser) {
			w.login(t, b, "testclient", "password")
			for _, path := range []string{page, page + "?bla=2"} {
				wantStatus(t, b.Get(t, path), http.StatusInternalServerError)
			}
			if got := strings.Count(w.log.String(), authviews.ErrRedirectLoop.Error()); got != 2 {
				t.Errorf("the log names the loop %d times, want 2:\n%s", got, w.log.String())
			}
		})
		here := func(c *auth.Config) { c.LoginURL = page }
		run("test_permission_required_not_logged_in", here, func(t *testing.T, _ *world, b *coretest.Browser) {
			wantStatus(t, b.Follow(t, b.Get(t, "/permission_required_redirect/")), http.StatusOK)
			wantStatus(t, b.Get(t, "/permission_required_exception/"), http.StatusForbidden)
			wantStatus(t, b.Follow(t, b.Get(t, "/login_and_permission_required_exception/")), http.StatusOK)
		})
		run("test_permission_required_logged_in", here, func(t *testing.T, w *world, b *coretest.Browser) {
			w.login(t, b, "testclient", "password")
			p := b.Get(t, "/permission_required_redirect/")
			if p = b.Follow(t, p); p.Location() != "/permission_required_redirect/" {
				t.Errorf("the login page leads to %q; Django's goes round in circles", p.Location())
			}
			wantStatus(t, b.Get(t, "/permission_required_exception/"), http.StatusForbidden)
			wantStatus(t, b.Get(t, "/login_and_permission_required_exception/"), http.StatusForbidden)
		})
	})
}

func TestDjangoRedirectURLMixin(t *testing.T) {
	t.Parallel()
	const class = views + "RedirectURLMixinTests."
	w := open(t, tables.SQLite(t), options{})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r = r.WithContext(web.WithSite(r.Context(), w.Project.Site()))
	t.Run(class+"test_get_default_redirect_url_next_page", func(t *testing.T) {
		if got, err := (authviews.Redirect{NextPage: "/custom/"}).DefaultURL(r); err != nil || got != "/custom/" {
			t.Errorf("DefaultURL() = %q, %v", got, err)
		}
	})
	t.Run(class+"test_get_default_redirect_url_no_next_page", func(t *testing.T) {
		if got, err := (authviews.Redirect{}).DefaultURL(r); err != authviews.ErrNoNextPage || got != "" { //nolint:errorlint // not wrapped
			t.Errorf("DefaultURL() = %q, %v; want %v", got, err, authviews.ErrNoNextPage)
		}
	})
}

// What a visitor had in the session stays, under a key that nobody else has seen.
func TestLoginKeepsAnonymousData(t *testing.T) {
	t.Parallel()
	each(t, options{routes: func(r *web.Router, _ *auth.Auth, _ *world) {
		r.Get("/cart/", "", func(_ http.ResponseWriter, r *http.Request) error {
			return sessions.Of(r.Context()).Set(r.Context(), "cart", "tea")
		})
	}}, func(t *testing.T, w *world) {
		b := w.Browser()
		b.Get(t, "/cart/")
		before := b.Cookie("sessionid")
		w.login(t, b, "testclient", "password")
		if got := w.sessionText(t, b, "cart"); got != "tea" || b.Cookie("sessionid") == before {
			t.Errorf("cart %q, same key %v; want the data under a new key", got, b.Cookie("sessionid") == before)
		}
	})
}
