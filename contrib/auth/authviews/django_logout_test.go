package authviews_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/web"
)

// logoutRoutes are the log-out pages of Django's tests.
func logoutRoutes(r *web.Router, a *auth.Auth, w *world) {
	authviews.LogoutView{Auth: a, RedirectField: "follow"}.Mount(r, "/logout/custom_query/", "")
	authviews.LogoutView{Auth: a, NextPage: "/somewhere/"}.Mount(r, "/logout/next_page/", "")
	authviews.LogoutView{Auth: a, NextPage: "password_reset"}.Mount(r, "/logout/next_page/named/", "")
	authviews.LogoutView{Auth: a, SuccessURLAllowedHosts: []string{"otherserver"}}.Mount(r, "/logout/allowed_hosts/", "")
	authviews.LogoutThenLogin{Auth: a}.Mount(r, "/logout_then_login/", "")
	authviews.LogoutThenLogin{Auth: a, LoginURL: "/custom/"}.Mount(r, "/logout_then_login/custom/", "")
}

// leaves posts to a log-out page as somebody who is logged in, and sees that he is no longer.
func (w *world) leaves(t *testing.T, b *coretest.Browser, path string) *coretest.Page {
	t.Helper()
	w.login(t, b, "testclient", "password")
	before := b.Cookie("sessionid")
	p := b.Post(t, path, nil)
	if w.loggedIn(t, b) != "" {
		t.Errorf("%s: still logged in as %q", path, w.loggedIn(t, b))
	}
	old := w.Browser()
	old.SetCookie("sessionid", before)
	if w.loggedIn(t, old) != "" {
		t.Errorf("%s: the old session is alive", path)
	}
	return p
}

func TestDjangoLogout(t *testing.T) {
	t.Parallel()
	each(t, options{routes: logoutRoutes}, func(t *testing.T, w *world) {
		logoutCases(t, w)
		logoutRedirectCases(t, w)
		logoutSettingCases(t, w)
	})
}

func logoutCases(t *testing.T, w *world) {
	run := w.cases(t, "LogoutTest")
	for _, name := range []string{"test_logout_default", "test_logout_with_post"} {
		run(name, func(t *testing.T, b *coretest.Browser) {
			p := w.leaves(t, b, "/logout/")
			if wantStatus(t, p, http.StatusOK); !strings.Contains(p.Body, "Logged out") {
				t.Errorf("the page does not say so: %s", p.Body)
			}
		})
	}
	run("test_14377", func(t *testing.T, b *coretest.Browser) {
		w.leaves(t, b, "/logout/")
		if _, ok := w.page.Data["site"].(authviews.RequestSite); !ok {
			t.Errorf("site is a %T", w.page.Data["site"])
		}
	})
	run("test_logout_doesnt_cache", func(t *testing.T, b *coretest.Browser) {
		if got := b.Post(t, "/logout/", nil).Header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
			t.Errorf("Cache-Control %q", got)
		}
	})
	run("test_logout_preserve_language", func(t *testing.T, b *coretest.Browser) {
		b.SetCookie("django_language", "pl")
		if w.leaves(t, b, "/logout/"); b.Cookie("django_language") != "pl" {
			t.Errorf("the language is %q, want pl", b.Cookie("django_language"))
		}
	})
}

func logoutRedirectCases(t *testing.T, w *world) {
	run := w.cases(t, "LogoutTest")
	run("test_logout_with_overridden_redirect_url", func(t *testing.T, b *coretest.Browser) {
		wantRedirect(t, w.leaves(t, b, "/logout/next_page/"), "/somewhere/")
		wantRedirect(t, b.Post(t, "/logout/next_page/?next=/login/", nil), "/login/")
	})
	for _, tt := range []struct{ name, path, want string }{
		{"test_logout_with_next_page_specified", "/logout/next_page/", "/somewhere/"},
		{"test_logout_with_redirect_argument", "/logout/?next=/login/", "/login/"},
		{"test_logout_with_custom_redirect_argument", "/logout/custom_query/?follow=/somewhere/", "/somewhere/"},
		{"test_logout_with_named_redirect", "/logout/next_page/named/", "/password_reset/"},
		{"test_success_url_allowed_hosts_same_host", "/logout/allowed_hosts/?next=https://testserver/", "https://testserver/"},
		{"test_success_url_allowed_hosts_safe_host", "/logout/allowed_hosts/?next=https://otherserver/", "https://otherserver/"},
		{"test_success_url_allowed_hosts_unsafe_host", "/logout/allowed_hosts/?next=https://evil/", "/logout/allowed_hosts/"},
	} {
		run(tt.name, func(t *testing.T, b *coretest.Browser) { wantRedirect(t, w.leaves(t, b, tt.path), tt.want) })
	}
	run("test_security_check", func(t *testing.T, b *coretest.Browser) {
		for _, bad := range badURLs {
			p := w.leaves(t, b, "/logout/?next="+url.QueryEscape(bad))
			if p.Status != http.StatusFound || strings.Contains(p.Location(), bad) {
				t.Errorf("next %q: status %d, Location %q; want it blocked", bad, p.Status, p.Location())
			}
		}
		for _, good := range goodURLs {
			p := w.leaves(t, b, "/logout/?next="+url.QueryEscape(good))
			if p.Status != http.StatusFound || !strings.Contains(p.Location(), good) {
				t.Errorf("next %q: status %d, Location %q; want it allowed", good, p.Status, p.Location())
			}
		}
	})
	run("test_security_check_https", func(t *testing.T, b *coretest.Browser) {
		w.login(t, b, "testclient", "password")
		r := httptest.NewRequest(http.MethodPost, "https://testserver/logout/?next=http%3A//testserver/", nil)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		wantRedirect(t, b.Send(t, r), "/logout/")
		if w.loggedIn(t, b) != "" {
			t.Error("still logged in")
		}
	})
}

func logoutSettingCases(t *testing.T, w *world) {
	for _, tt := range []struct{ name, setting, path, want string }{
		{"test_logout_redirect_url_setting", "/custom/", "/logout/", "/custom/"},
		{"test_logout_redirect_url_setting_allowed_hosts_unsafe_host", "/custom/", "/logout/allowed_hosts/?next=https://evil/", "/custom/"},
		{"test_logout_redirect_url_named_setting", "logout", "/logout/", ""},
	} {
		t.Run(views+"LogoutTest."+tt.name, func(t *testing.T) {
			w := open(t, w.Site, options{routes: logoutRoutes, config: func(c *auth.Config) { c.LogoutRedirectURL = tt.setting }})
			p := w.leaves(t, w.Browser(), tt.path)
			if tt.want != "" {
				wantRedirect(t, p, tt.want)
			} else if wantStatus(t, p, http.StatusOK); !strings.Contains(p.Body, "Logged out") {
				t.Errorf("the page does not say so: %s", p.Body)
			}
		})
	}
	t.Run(views+"LogoutTest.test_access_under_login_required_middleware", func(t *testing.T) {
		w := open(t, w.Site, options{closed: true})
		b := w.Browser()
		wantRedirect(t, b.Post(t, "/logout/", nil), "/accounts/login/?next=/logout/")
		wantStatus(t, w.leaves(t, b, "/logout/"), http.StatusOK)
	})
}

func TestDjangoLogoutThenLogin(t *testing.T) {
	t.Parallel()
	const class = views + "LogoutThenLoginTests."
	each(t, options{routes: logoutRoutes, config: func(c *auth.Config) { c.LoginURL = "/login/" }}, func(t *testing.T, w *world) {
		t.Run(class+"test_default_logout_then_login", func(t *testing.T) {
			wantRedirect(t, w.leaves(t, w.Browser(), "/logout_then_login/"), "/login/")
		})
		t.Run(class+"test_logout_then_login_with_custom_login", func(t *testing.T) {
			wantRedirect(t, w.leaves(t, w.Browser(), "/logout_then_login/custom/"), "/custom/")
		})
		t.Run(class+"test_default_logout_then_login_get", func(t *testing.T) {
			b := w.Browser()
			w.login(t, b, "testclient", "password")
			p := b.Get(t, "/logout_then_login/")
			if wantStatus(t, p, http.StatusMethodNotAllowed); p.Header.Get("Allow") != "POST, OPTIONS" || w.loggedIn(t, b) == "" {
				t.Errorf("Allow %q, logged in as %q", p.Header.Get("Allow"), w.loggedIn(t, b))
			}
		})
	})
}
