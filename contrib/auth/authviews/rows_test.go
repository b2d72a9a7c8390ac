package authviews_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/auth/tokens"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/signing"
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

func TestReferenceLogin(t *testing.T) {
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

func TestReferenceReset(t *testing.T) {
	t.Parallel()
	row(t, "W20", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		sleeper := w.create(t, "sleeper", "sleeper@example.com", "password").(*auth.User)
		sleeper.IsActive = false
		if err := w.users.Save(t.Context(), sleeper); err != nil {
			t.Fatal(err)
		}
		if _, err := w.users.CreateWithoutPassword(t.Context(), "single", "single@example.com", nil); err != nil {
			t.Fatal(err)
		}
		for address, mails := range map[string]int{
			"testclient@example.com": 1, "TestClient@EXAMPLE.com": 1, "nobody@example.com": 0, "sleeper@example.com": 0, "single@example.com": 0,
		} {
			w.outbox.Clear()
			wantRedirect(t, b.Post(t, "/password_reset/", form("email", address)), "/password_reset/done/")
			if n := len(w.outbox.Outbox()); n != mails {
				t.Errorf("%s: %d mails, want %d", address, n, mails)
			}
		}
	})
	row(t, "W21", withReset(options{}), func(t *testing.T, w *world, b *coretest.Browser) {
		b.Post(t, "/password_reset/html_email_template/", form("email", "staffmember@example.com"))
		b.Post(t, "/password_reset_from_email/", form("email", "staffmember@example.com"))
		b.Post(t, "/password_reset_extra_email_context/", form("email", "staffmember@example.com"))
		sent := w.outbox.Outbox()
		if len(sent) != 3 || sent[0].HTML == "" || sent[1].From != "staffmember@example.com" || !strings.Contains(sent[2].Text, "Hello!") {
			t.Errorf("sent %+v", sent)
		}
		wantRedirect(t, b.Post(t, "/password_reset/custom_redirect/", form("email", "x@example.com")), "/custom/")
	})
	row(t, "W24", options{}, func(t *testing.T, _ *world, b *coretest.Browser) {
		wantStatus(t, b.Get(t, "/password_reset/done/"), http.StatusOK)
	})
	row(t, "W25", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		path := w.mailedLink(t, "staffmember@example.com")
		uid, token := strings.Split(path, "/")[2], strings.Split(path, "/")[3]
		p := b.Get(t, path)
		wantRedirect(t, p, "/reset/"+uid+"/set-password/")
		if w.sessionText(t, b, authviews.SessionResetToken) != token {
			t.Error("the session has not the token")
		}
		b.Follow(t, p)
		if w.page.Data["validlink"] != true {
			t.Errorf("validlink %v", w.page.Data["validlink"])
		}
		wantRedirect(t, b.Post(t, p.Location(), form("new_password1", "n3w", "new_password2", "n3w")), "/reset/done/")
		w.checkPassword(t, "staff", "n3w", true)
		resetting{world: w}.wantInvalid(t, b.Get(t, path))
		if w.loggedIn(t, b) != "" {
			t.Error("somebody is logged in")
		}
	})
	row(t, "W26", withReset(options{}), func(t *testing.T, w *world, b *coretest.Browser) {
		path := w.mailedLink(t, "staffmember@example.com")
		wantRedirect(t, choose(t, b, strings.Replace(path, "/reset/", "/reset/post_reset_login/", 1), "n3w", "n3w"), "/reset/done/")
		if w.loggedIn(t, b) != w.users.PK(w.find(t, "staff")) {
			t.Errorf("logged in as %q", w.loggedIn(t, b))
		}
		several := openReset(t, w.Site, options{config: func(c *auth.Config) {
			c.Backends = []auth.Backend{&auth.ModelBackend{}, &auth.ModelBackend{AllowInactive: true}}
		}})
		path = several.mailedLink(t, "testclient@example.com")
		p := choose(t, several.Browser(), strings.Replace(path, "/reset/", "/reset/post_reset_login/", 1), "n3w", "n3w")
		wantStatus(t, p, http.StatusInternalServerError)
		several.checkPassword(t, "testclient", "password", true) // nothing half done
		if !strings.Contains(several.log.String(), auth.ErrWhichBackend.Error()) {
			t.Errorf("the log does not say what is missing: %s", several.log.String())
		}
	})
	row(t, "W28", options{config: func(c *auth.Config) { c.LoginURL = "login" }}, func(t *testing.T, w *world, b *coretest.Browser) {
		p := b.Get(t, "/reset/done/")
		if wantStatus(t, p, http.StatusOK); w.page.Data["login_url"] != "/login/" || !strings.Contains(p.Body, `href="/login/"`) {
			t.Errorf("login_url %v", w.page.Data["login_url"])
		}
	})
}

func TestReferenceResetMail(t *testing.T) {
	t.Parallel()
	row(t, "W22", options{templates: fstest.MapFS{"registration/password_reset_email.html": {Data: []byte(
		"{{.email}}|{{.user}}|{{.username}}|{{.site_name}}|{{.domain}}|{{.protocol}}|{{.uid}}|{{.token}}|it's & <raw>")}}},
		func(t *testing.T, w *world, b *coretest.Browser) {
			u := w.create(t, "o.connell", "O.Connell@example.com", "password")
			b.Post(t, "/password_reset/", form("email", "o.connell@EXAMPLE.com"))
			sent := w.outbox.Outbox()
			if len(sent) != 1 {
				t.Fatalf("%d mails, want 1", len(sent))
			}
			parts := strings.Split(sent[0].Text, "|")
			want := []string{"O.Connell@example.com", "o.connell", "o.connell", "testserver", "testserver", "http", authforms.EncodeUID(w.users.PK(u))}
			if len(parts) != 9 || !slices.Equal(parts[:7], want) || parts[8] != "it's & <raw>" {
				t.Fatalf("the template got %q, want %q", parts, want)
			}
			if !w.auth.ResetTokens().Check(w.users.TokenSubject(w.find(t, "o.connell")), parts[7]) {
				t.Error("the token is not valid")
			}
		})
	row(t, "W23", options{templates: fstest.MapFS{"registration/password_reset_subject.txt": {Data: []byte("\nNew\r\npassword\u2028 at {{.site_name}}\nBcc: x@evil.example\n")}}},
		func(t *testing.T, w *world, b *coretest.Browser) {
			b.Post(t, "/password_reset/", form("email", "staffmember@example.com"))
			sent := w.outbox.Outbox()
			if len(sent) != 1 || sent[0].Subject != "Newpassword at testserverBcc: x@evil.example" || len(sent[0].Bcc) != 0 {
				t.Errorf("sent %+v", sent)
			}
		})
	row(t, "W27", options{views: func(v *authviews.Views) { v.LegacyLinks = true }}, func(t *testing.T, w *world, b *coretest.Browser) {
		u := w.find(t, "staff")
		uid, err := signing.EncodeBase36(u.(*auth.User).ID)
		if err != nil {
			t.Fatal(err)
		}
		token := w.auth.LegacyResetTokens().Make(w.users.TokenSubject(u))
		path := "/reset/" + uid + "-" + token + "/"
		p := b.Get(t, path)
		wantRedirect(t, p, "/reset/"+uid+"-set-password/")
		wantRedirect(t, b.Post(t, p.Location(), form("new_password1", "n3w", "new_password2", "n3w")), "/reset/done/")
		w.checkPassword(t, "staff", "n3w", true)
		c := resetting{world: w}
		c.wantInvalid(t, b.Get(t, path))
		for _, bad := range []string{"/reset/zzzzzzzzzzzzz-1-1/", "/reset/0-1-1/", "/reset/" + uid + "-set-password/", "/reset/MQ/" + token + "/"} {
			c.wantInvalid(t, w.Browser().Get(t, bad))
		}
		closed := open(t, w.Site, options{})
		wantStatus(t, closed.Browser().Get(t, path), http.StatusNotFound)
	})
	row(t, "T04", options{views: func(v *authviews.Views) {
		own := tokens.Generator{Keys: signing.Keys{"another key of a decent length"}, Salt: "another purpose"}
		v.PasswordReset.Tokens, v.PasswordResetConfirm.Tokens = own, own
	}}, func(t *testing.T, w *world, b *coretest.Browser) {
		path := w.mailedLink(t, "staffmember@example.com")
		resetting{world: w}.wantInvalid(t, b.Get(t, w.resetLink(w.find(t, "staff"))))
		wantRedirect(t, choose(t, b, path, "n3w", "n3w"), "/reset/done/")
	})
}
