package authviews_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/web"
)

// row runs a row of the reference on both databases.
func row(t *testing.T, id string, o options, f func(t *testing.T, w *world, b *coretest.Browser)) {
	t.Helper()
	t.Run("row/"+id, func(t *testing.T) {
		t.Parallel()
		each(t, o, func(t *testing.T, w *world) { f(t, w, w.Browser()) })
	})
}

// look lists where pages and their data can be seen.
var look = fstest.MapFS{
	"own.html": {Data: []byte(`own page: {{.greeting}} {{.site_name}} {{.site.Domain}} next={{.next}} follow={{.follow}} title={{.title}}`)},
}

func TestReferenceMounting(t *testing.T) {
	t.Parallel()
	row(t, "W01", options{}, func(t *testing.T, w *world, _ *coretest.Browser) {
		for name, want := range map[string]string{
			"login": "/login/", "logout": "/logout/", "password_change": "/password_change/", "password_change_done": "/password_change/done/",
			"password_reset": "/password_reset/", "password_reset_done": "/password_reset/done/",
			"password_reset_confirm": "/reset/{uidb64}/{token}/", "password_reset_complete": "/reset/done/",
		} {
			if r := w.Project.Site().Router.Lookup(name); r == nil || r.Path != want {
				t.Errorf("the route %s is %+v, want the path %s", name, r, want)
			}
		}
	})
	row(t, "W02", options{templates: look, routes: func(r *web.Router, a *auth.Auth, _ *world) {
		extra := web.Data{"greeting": "hello"}
		authviews.LoginView{Auth: a, TemplateName: "own.html", ExtraContext: extra}.Mount(r, "/1/", "")
		authviews.LogoutView{Auth: a, TemplateName: "own.html", ExtraContext: extra, AllowGet: true}.Mount(r, "/2/", "")
		authviews.PasswordChangeView{Auth: a, TemplateName: "own.html", ExtraContext: extra}.Mount(r, "/3/", "")
		authviews.PasswordChangeDoneView{Auth: a, TemplateName: "own.html", ExtraContext: extra}.Mount(r, "/4/", "")
		authviews.PasswordResetView{Auth: a, TemplateName: "own.html", ExtraContext: extra}.Mount(r, "/5/", "")
		authviews.PasswordResetDoneView{Auth: a, TemplateName: "own.html", ExtraContext: extra}.Mount(r, "/6/", "")
		authviews.PasswordResetConfirmView{Auth: a, TemplateName: "own.html", ExtraContext: extra}.Mount(r, "/7/{uidb64}/{token}/", "")
		authviews.PasswordResetCompleteView{Auth: a, TemplateName: "own.html", ExtraContext: extra}.Mount(r, "/8/", "")
	}}, func(t *testing.T, w *world, b *coretest.Browser) {
		for _, path := range []string{"/1/", "/2/", "/3/", "/4/", "/5/", "/6/", "/7/MQ/x/", "/8/"} {
			w.login(t, b, "testclient", "password") // /2/ logs out
			if p := b.Get(t, path); p.Status != http.StatusOK || !strings.Contains(p.Body, "own page: hello testserver testserver") {
				t.Errorf("%s: status %d, %s", path, p.Status, p.Body)
			}
		}
	})
	row(t, "W03", options{templates: fstest.MapFS{"registration/login.html": {Data: []byte("the project's own page")}}},
		func(t *testing.T, _ *world, b *coretest.Browser) {
			if p := b.Get(t, "/login/"); p.Body != "the project's own page" {
				t.Errorf("body %s", p.Body)
			}
		})
	row(t, "W04", options{templates: look, views: func(v *authviews.Views) {
		v.Login.Prepare = func(r *http.Request, p *authviews.Page) error {
			if r.URL.Query().Has("fail") {
				return web.Forbidden("not today")
			}
			p.TemplateName, p.Status, p.Data["greeting"] = "own.html", http.StatusTeapot, "changed"
			return nil
		}
	}}, func(t *testing.T, _ *world, b *coretest.Browser) {
		if p := b.Get(t, "/login/"); p.Status != http.StatusTeapot || !strings.Contains(p.Body, "own page: changed") {
			t.Errorf("status %d, %s", p.Status, p.Body)
		}
		wantStatus(t, b.Get(t, "/login/?fail"), http.StatusForbidden)
	})
}

func TestReferenceLogin(t *testing.T) {
	t.Parallel()
	row(t, "W05", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		p := b.Get(t, "/login/?next=/polls/%3Fa%3Db")
		wantStatus(t, p, http.StatusOK)
		if d := w.page.Data; d["form"] == nil || d["next"] != "/polls/?a=b" || d["site"] == nil || d["site_name"] != "testserver" {
			t.Errorf("data %v", d)
		}
		wantUncached(t, p)
	})
	row(t, "W06", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		wantRedirect(t, w.enter(t, b, "/login/", "testclient", "password"), "/accounts/profile/")
		wantRedirect(t, w.enter(t, b, "/login/?next=/polls/", "testclient", "password"), "/polls/")
		if w.loggedIn(t, b) != w.users.PK(w.find(t, "testclient")) || w.find(t, "testclient").(*auth.User).LastLogin.IsZero() {
			t.Errorf("logged in as %q, last login %v", w.loggedIn(t, b), w.find(t, "testclient").(*auth.User).LastLogin)
		}
	})
	row(t, "W07", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		p := w.enter(t, b, "/login/", "testclient", "wrong")
		if wantStatus(t, p, http.StatusOK); !w.hasError("invalid_login") || w.loggedIn(t, b) != "" || b.Cookie("sessionid") != "" {
			t.Errorf("invalid_login %v, logged in as %q", w.hasError("invalid_login"), w.loggedIn(t, b))
		}
		if !strings.Contains(p.Body, `value="testclient"`) || strings.Contains(p.Body, "wrong\"") {
			t.Errorf("the page has not the name, or the password: %s", p.Body)
		}
	})
	row(t, "W08", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		wantRedirect(t, w.enter(t, b, "/login/?next=/got/", "testclient", "password", "next", "/posted/?a=b&c=d"), "/posted/?a=b&c=d")
		wantRedirect(t, w.enter(t, b, "/login/?next=/got/", "testclient", "password", "next", "http://evil/"), "/accounts/profile/")
	})
}

func TestReferenceLoginOptions(t *testing.T) {
	t.Parallel()
	row(t, "W09", options{templates: look, routes: func(r *web.Router, a *auth.Auth, _ *world) {
		authviews.LoginView{Auth: a, TemplateName: "own.html", RedirectField: "follow", NextPage: "/n/"}.Mount(r, "/own/", "")
	}}, func(t *testing.T, w *world, b *coretest.Browser) {
		if p := b.Get(t, "/own/?follow=/f/&next=/x/"); !strings.Contains(p.Body, "next= follow=/f/") {
			t.Errorf("body %s", p.Body)
		}
		wantRedirect(t, w.enter(t, b, "/own/?follow=/f/", "testclient", "password"), "/f/")
		wantRedirect(t, w.enter(t, b, "/own/?next=/x/", "testclient", "password"), "/n/")
	})
	row(t, "W10", options{routes: loginRoutes}, func(t *testing.T, w *world, b *coretest.Browser) {
		const page = "/login/redirect_authenticated_user/"
		wantStatus(t, b.Get(t, page), http.StatusOK)
		w.login(t, b, "testclient", "password")
		wantRedirect(t, b.Get(t, page), "/accounts/profile/")
		wantRedirect(t, w.enter(t, b, page+"?next=/got/", "staff", "password", "next", "/posted/"), "/posted/")
		if w.loggedIn(t, b) != w.users.PK(w.find(t, "testclient")) {
			t.Error("somebody who was logged in was logged in as another")
		}
		wantRedirect(t, b.Get(t, page+"?next=//evil/"), "/accounts/profile/")
		looping := open(t, w.Site, options{routes: loginRoutes, config: func(c *auth.Config) { c.LoginRedirectURL = page }})
		wantStatus(t, b.Visits(looping.Site).Get(t, page), http.StatusInternalServerError)
	})
	row(t, "W11", options{routes: loginRoutes}, func(t *testing.T, w *world, b *coretest.Browser) {
		wantRedirect(t, w.enter(t, b, "/login/allowed_hosts/?next=https://otherserver/x", "testclient", "password"), "https://otherserver/x")
		wantRedirect(t, w.enter(t, b, "/login/allowed_hosts/?next=https://third/x", "testclient", "password"), "/accounts/profile/")
		wantRedirect(t, w.enter(t, b, "/login/?next=https://otherserver/x", "testclient", "password"), "/accounts/profile/")
	})
	row(t, "W12", options{views: func(v *authviews.Views) {
		v.Login.DefaultRedirect = func(r *http.Request) (string, error) {
			u, err := auth.UserOf(r.Context())
			return "/home/of/" + r.PostForm.Get("username"), errors.Join(err, map[bool]error{true: errors.New("logged in too early")}[u.IsAuthenticated()])
		}
	}}, func(t *testing.T, w *world, b *coretest.Browser) {
		wantRedirect(t, w.enter(t, b, "/login/", "testclient", "password"), "/home/of/testclient")
	})
}

func TestReferenceLoginPage(t *testing.T) {
	t.Parallel()
	row(t, "W13", options{views: func(v *authviews.Views) {
		v.Login.Form = func(r *http.Request) authviews.LoginForm {
			f := authforms.NewAuthenticationForm(v.Login.Auth, r)
			f.ConfirmLoginAllowed = func(_ context.Context, u auth.Account) error {
				if strings.HasPrefix(v.Login.Auth.Users().Username(u), "s") {
					return errors.New("the staff's door is elsewhere")
				}
				return nil
			}
			return f
		}
	}}, func(t *testing.T, w *world, b *coretest.Browser) {
		wantStatus(t, w.enter(t, b, "/login/", "staff", "password"), http.StatusInternalServerError)
		w.login(t, b, "testclient", "password")
	})
	row(t, "W29", options{settings: nil}, func(t *testing.T, w *world, b *coretest.Browser) {
		b.Get(t, "/login/")
		if site := w.page.Data["site"].(authviews.RequestSite); site.Name != coretest.Host || site.Domain != coretest.Host || site.String() != coretest.Host {
			t.Errorf("site %+v", site)
		}
	})
	row(t, "W30", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		p := w.enter(t, b, "/login/?next=/polls/", "testclient", "wrong")
		for _, want := range []string{
			`role="alert"`, "That page is for people who are logged in", `<input type="hidden" name="next" value="/polls/">`,
			`href="/password_reset/"`, `<form method="post"`,
		} {
			if !strings.Contains(p.Body, want) {
				t.Errorf("the page has no %s: %s", want, p.Body)
			}
		}
	})
	// Where Django 1.4 named a view by its dotted path, a route's name leads to it here.
	row(t, "W31", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		w.login(t, b, "testclient", "password")
		for name, title := range map[string]string{
			"login": "Log in", "password_change": "Change your password", "password_reset": "password",
		} {
			path, err := w.Project.Site().Reverse(name)
			if err != nil {
				t.Fatal(err)
			}
			if p := b.Get(t, path); p.Status != http.StatusOK || !strings.Contains(p.Body, title) {
				t.Errorf("the route %s leads to %s: status %d, %s", name, path, p.Status, p.Body)
			}
		}
		if _, err := w.Project.Site().Reverse("django.contrib.auth.views.login"); err == nil {
			t.Error("a dotted path leads somewhere")
		}
	})
}

// wantUncached sees that no cache may keep an answer.
func wantUncached(t *testing.T, p *coretest.Page) {
	t.Helper()
	got := strings.Split(p.Header.Get("Cache-Control"), ", ")
	for _, want := range []string{"max-age=0", "no-cache", "no-store", "must-revalidate", "private"} {
		if !slices.Contains(got, want) {
			t.Errorf("Cache-Control %q has no %s", got, want)
		}
	}
	if p.Header.Get("Expires") == "" {
		t.Error("no Expires")
	}
}

func TestReferenceLogout(t *testing.T) {
	t.Parallel()
	row(t, "W14", options{routes: func(r *web.Router, a *auth.Auth, _ *world) {
		authviews.LogoutView{Auth: a, AllowGet: true}.Mount(r, "/old/", "")
	}}, func(t *testing.T, w *world, b *coretest.Browser) {
		p := w.leaves(t, b, "/logout/")
		wantTitles(t, p, "Logged out – testserver", "Logged out")
		if d := w.page.Data; d["title"] != "Logged out" || d["site"] == nil || d["site_name"] != "testserver" {
			t.Errorf("data %v", d)
		}
		w.login(t, b, "testclient", "password")
		wantStatus(t, b.Get(t, "/logout/"), http.StatusMethodNotAllowed)
		if w.loggedIn(t, b) == "" {
			t.Error("GET logged out")
		}
		wantStatus(t, b.Get(t, "/old/"), http.StatusOK)
		if w.loggedIn(t, b) != "" {
			t.Error("still logged in after GET where that is allowed")
		}
	})
	row(t, "W15", options{routes: logoutRoutes}, func(t *testing.T, w *world, b *coretest.Browser) {
		wantRedirect(t, w.leaves(t, b, "/logout/next_page/?next=/bye/"), "/bye/")
		wantRedirect(t, w.leaves(t, b, "/logout/next_page/?next=//evil/"), "/somewhere/")
	})
	row(t, "W16", options{routes: logoutRoutes}, func(t *testing.T, w *world, b *coretest.Browser) {
		wantRedirect(t, w.leaves(t, b, "/logout_then_login/"), "/accounts/login/")
		wantStatus(t, b.Get(t, "/logout_then_login/"), http.StatusMethodNotAllowed)
	})
	row(t, "G30", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		w.login(t, b, "testclient", "password")
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete} {
			p := b.Do(t, method, "/logout/", nil)
			if wantStatus(t, p, http.StatusMethodNotAllowed); p.Header.Get("Allow") != "POST, OPTIONS" {
				t.Errorf("%s: Allow %q", method, p.Header.Get("Allow"))
			}
		}
		if p := b.Do(t, http.MethodOptions, "/logout/", nil); p.Status != http.StatusOK || w.loggedIn(t, b) == "" {
			t.Errorf("OPTIONS: status %d, logged in as %q", p.Status, w.loggedIn(t, b))
		}
		// Behind a router that does not look at methods.
		answer := httptest.NewRecorder()
		authviews.LogoutView{Auth: w.auth}.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://testserver/logout/", nil))
		if answer.Code != http.StatusMethodNotAllowed {
			t.Errorf("GET behind another router: status %d, want 405", answer.Code)
		}
	})
}

func TestReferenceChange(t *testing.T) {
	t.Parallel()
	right := form("old_password", "password", "new_password1", "n3w", "new_password2", "n3w")
	row(t, "W17", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		wantRedirect(t, b.Get(t, "/password_change/"), "/accounts/login/?next=/password_change/")
		wantRedirect(t, b.Post(t, "/password_change/", right), "/accounts/login/?next=/password_change/")
		w.login(t, b, "testclient", "password")
		wantStatus(t, b.Get(t, "/password_change/"), http.StatusOK)
		b.Post(t, "/password_change/", form("old_password", "wrong", "new_password1", "n3w", "new_password2", "n3w"))
		if !w.hasError("password_incorrect") {
			t.Error("no error for a wrong old password")
		}
		wantRedirect(t, b.Post(t, "/password_change/", right), "/password_change/done/")
		wantStatus(t, b.Get(t, "/password_change/"), http.StatusOK)
		w.checkPassword(t, "testclient", "n3w", true)
	})
	row(t, "W18", options{templates: look, routes: func(r *web.Router, a *auth.Auth, _ *world) {
		authviews.PasswordChangeView{Auth: a, TemplateName: "own.html", Title: "mine", SuccessURL: "login",
			Form: func(_ *http.Request, u auth.Account) authviews.PasswordForm {
				return authforms.NewSetPasswordForm(a.Users(), u)
			}}.Mount(r, "/own/", "")
	}}, func(t *testing.T, w *world, b *coretest.Browser) {
		w.login(t, b, "testclient", "password")
		if p := b.Get(t, "/own/"); !strings.Contains(p.Body, "title=mine") {
			t.Errorf("body %s", p.Body)
		}
		wantRedirect(t, b.Post(t, "/own/", form("new_password1", "n3w", "new_password2", "n3w")), "/login/")
		w.checkPassword(t, "testclient", "n3w", true)
	})
	row(t, "W19", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		wantRedirect(t, b.Get(t, "/password_change/done/"), "/accounts/login/?next=/password_change/done/")
		w.login(t, b, "testclient", "password")
		wantStatus(t, b.Get(t, "/password_change/done/"), http.StatusOK)
	})
	row(t, "L14", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		other := w.Browser()
		w.login(t, b, "testclient", "password")
		w.login(t, other, "testclient", "password")
		before := b.Cookie("sessionid")
		b.Post(t, "/password_change/", right)
		wantStatus(t, b.Get(t, "/password_change/done/"), http.StatusOK)
		wantStatus(t, other.Get(t, "/password_change/done/"), http.StatusFound)
		if b.Cookie("sessionid") == before {
			t.Error("the session has the same key")
		}
	})
}
