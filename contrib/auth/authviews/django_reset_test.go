package authviews_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/web"
)

// resetRoutes are the pages of Django's tests on which passwords are reset. Most need the mailer
// of the views, so they are made from those.
func resetRoutes(v *authviews.Views) func(r *web.Router, a *auth.Auth, w *world) {
	return func(r *web.Router, a *auth.Auth, _ *world) {
		ask := func(path string, change func(*authviews.PasswordResetView)) {
			view := v.PasswordReset
			change(&view)
			view.Mount(r, path, "")
		}
		ask("/password_reset_from_email/", func(v *authviews.PasswordResetView) { v.From = "staffmember@example.com" })
		ask("/password_reset_extra_email_context/", func(v *authviews.PasswordResetView) {
			v.EmailTemplate = "extra.txt"
			v.ExtraEmailContext = web.Data{"greeting": "Hello!", "domain": "custom.example.com"}
		})
		ask("/password_reset/custom_redirect/", func(v *authviews.PasswordResetView) { v.SuccessURL = "/custom/" })
		ask("/password_reset/custom_redirect/named/", func(v *authviews.PasswordResetView) { v.SuccessURL = "password_reset" })
		ask("/password_reset/html_email_template/", func(v *authviews.PasswordResetView) {
			v.HTMLEmailTemplate = "registration/html_password_reset_email.html"
		})
		confirm := func(path string, change func(*authviews.PasswordResetConfirmView)) {
			view := v.PasswordResetConfirm
			change(&view)
			view.Mount(r, path, "")
		}
		const vars = "{uidb64}/{token}/"
		confirm("/reset/custom/"+vars, func(v *authviews.PasswordResetConfirmView) { v.SuccessURL = "/custom/" })
		confirm("/reset/custom/named/"+vars, func(v *authviews.PasswordResetConfirmView) { v.SuccessURL = "password_reset" })
		confirm("/reset/custom/token/"+vars, func(v *authviews.PasswordResetConfirmView) { v.ResetURLToken = "set-passwordcustom" })
		confirm("/reset/post_reset_login/"+vars, func(v *authviews.PasswordResetConfirmView) { v.PostResetLogin = true })
		confirm("/reset/post_reset_login_custom_backend/"+vars, func(v *authviews.PasswordResetConfirmView) {
			v.PostResetLogin, v.PostResetLoginBackend = true, auth.AllowAllUsersBackendName
		})
		confirm("/reset/missing_parameters/", func(*authviews.PasswordResetConfirmView) {})
	}
}

// withReset are the options of a site with those pages.
func withReset(o options) options {
	var made *authviews.Views
	o.views = func(v *authviews.Views) { made = v }
	o.routes = func(r *web.Router, a *auth.Auth, w *world) { resetRoutes(made)(r, a, w) }
	o.templates = fstest.MapFS{
		"registration/html_password_reset_email.html": {Data: []byte(`<html><a href="{{.protocol}}://{{.domain}}/reset/{{.uid}}/{{.token}}/">Link</a></html>`)},
		"extra.txt": {Data: []byte(`Greeting: "{{.greeting}}" {{.protocol}}://{{.domain}}/reset/{{.uid}}/{{.token}}/`)},
	}
	return o
}

// openReset is open with those pages.
func openReset(t *testing.T, s *coretest.Site, o options) *world {
	t.Helper()
	return open(t, s, withReset(o))
}

var linkPattern = regexp.MustCompile(`https?://[^/]*(/.*reset/\S*)`)

// mailedLink asks for a mail as a visitor and returns the path of the link in it.
func (w *world) mailedLink(t *testing.T, address string) string {
	t.Helper()
	w.outbox.Clear()
	if p := w.Browser().Post(t, "/password_reset/", form("email", address)); p.Status != http.StatusFound {
		t.Fatalf("status %d, want a redirect", p.Status)
	}
	sent := w.outbox.Outbox()
	if len(sent) != 1 {
		t.Fatalf("%d mails, want 1", len(sent))
	}
	found := linkPattern.FindStringSubmatch(sent[0].Text)
	if found == nil {
		t.Fatalf("no link in the mail: %s", sent[0].Text)
	}
	return found[1]
}

// follow opens a link and goes on to where it leads, as Django's client for these tests does.
func follow(t *testing.T, b *coretest.Browser, path string) *coretest.Page {
	t.Helper()
	p := b.Get(t, path)
	if p.Status == http.StatusFound {
		p = b.Get(t, p.Location())
	}
	return p
}

// choose posts two passwords to where a link leads.
func choose(t *testing.T, b *coretest.Browser, path, first, second string) *coretest.Page {
	t.Helper()
	to := path
	if p := b.Get(t, path); p.Status == http.StatusFound {
		to = p.Location()
	}
	return b.Post(t, to, form("new_password1", first, "new_password2", second))
}

func TestDjangoPasswordResetMail(t *testing.T) {
	t.Parallel()
	each(t, options{}, func(t *testing.T, w *world) {
		w = openReset(t, w.Site, options{})
		run := func(name string, f func(t *testing.T, b *coretest.Browser)) {
			t.Run(views+"PasswordResetTest."+name, func(t *testing.T) {
				w.outbox.Clear()
				f(t, w.Browser())
			})
		}
		known := form("email", "staffmember@example.com")
		run("test_email_not_found", func(t *testing.T, b *coretest.Browser) {
			wantStatus(t, b.Get(t, "/password_reset/"), http.StatusOK)
			wantStatus(t, b.Post(t, "/password_reset/", form("email", "not_a_real_email@email.com")), http.StatusFound)
			if n := len(w.outbox.Outbox()); n != 0 {
				t.Errorf("%d mails, want none", n)
			}
		})
		run("test_email_found", func(t *testing.T, b *coretest.Browser) {
			wantStatus(t, b.Post(t, "/password_reset/", known), http.StatusFound)
			sent := w.outbox.Outbox()
			if len(sent) != 1 {
				t.Fatalf("%d mails, want 1", len(sent))
			}
			if m := sent[0]; !strings.Contains(m.Text, "http://testserver/reset/") || m.From != "site@example.com" || m.HTML != "" || m.To[0] != "staffmember@example.com" {
				t.Errorf("sent %+v", m)
			}
		})
		run("test_extra_email_context", func(t *testing.T, b *coretest.Browser) {
			wantStatus(t, b.Post(t, "/password_reset_extra_email_context/", known), http.StatusFound)
			sent := w.outbox.Outbox()
			if len(sent) != 1 || !strings.Contains(sent[0].Text, `Greeting: "Hello!"`) || !strings.Contains(sent[0].Text, "http://custom.example.com/reset/") {
				t.Errorf("sent %+v", sent)
			}
		})
		run("test_html_mail_template", func(t *testing.T, b *coretest.Browser) {
			wantStatus(t, b.Post(t, "/password_reset/html_email_template/", known), http.StatusFound)
			sent := w.outbox.Outbox()
			if len(sent) != 1 || strings.Contains(sent[0].Text, "<html>") || !strings.Contains(sent[0].HTML, "<html>") {
				t.Errorf("sent %+v", sent)
			}
		})
		run("test_email_found_custom_from", func(t *testing.T, b *coretest.Browser) {
			wantStatus(t, b.Post(t, "/password_reset_from_email/", known), http.StatusFound)
			if sent := w.outbox.Outbox(); len(sent) != 1 || sent[0].From != "staffmember@example.com" {
				t.Errorf("sent %+v", sent)
			}
		})
		mailPageCases(t, w)
	})
}

func mailPageCases(t *testing.T, w *world) {
	run := w.cases(t, "PasswordResetTest")
	known := form("email", "staffmember@example.com")
	w.outbox.Clear()
	run("test_poisoned_http_host", func(t *testing.T, b *coretest.Browser) {
		r := httptest.NewRequest(http.MethodPost, "http://testserver/password_reset/", strings.NewReader(known.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Host = "www.example:dr.frankenstein@evil.tld"
		wantStatus(t, b.Send(t, r), http.StatusBadRequest)
		if n := len(w.outbox.Outbox()); n != 0 {
			t.Errorf("%d mails, want none", n)
		}
	})
	for name, want := range map[string][2]string{
		"test_reset_redirect_default":      {"/password_reset/", "/password_reset/done/"},
		"test_reset_custom_redirect":       {"/password_reset/custom_redirect/", "/custom/"},
		"test_reset_custom_redirect_named": {"/password_reset/custom_redirect/named/", "/password_reset/"},
	} {
		run(name, func(t *testing.T, b *coretest.Browser) { wantRedirect(t, b.Post(t, want[0], known), want[1]) })
	}
	run("test_access_under_login_required_middleware", func(t *testing.T, _ *coretest.Browser) {
		w := open(t, w.Site, options{closed: true})
		b := w.Browser()
		for _, path := range []string{"/password_reset/", "/password_reset/done/", "/reset/abc/def/", "/reset/done/"} {
			wantStatus(t, b.Get(t, path), http.StatusOK)
		}
		wantRedirect(t, b.Post(t, "/password_reset/", known), "/password_reset/done/")
	})
}

func TestDjangoPasswordResetConfirm(t *testing.T) {
	t.Parallel()
	each(t, options{}, func(t *testing.T, w *world) {
		w = openReset(t, w.Site, options{})
		// run gives each case somebody of its own with a link.
		run := func(name string, f func(t *testing.T, c resetting)) {
			t.Run(views+"PasswordResetTest."+name, func(t *testing.T) {
				address := name + "@example.com"
				w.create(t, name, address, "password")
				f(t, resetting{w, w.Browser(), w.mailedLink(t, address), name})
			})
		}
		confirmCases(run)
		confirmRedirectCases(run)
		confirmTokenCases(run)
	})
}

// resetting is somebody with a link.
type resetting struct {
	*world
	b          *coretest.Browser
	path, user string
}

// below moves the link to another page.
func (c resetting) below(prefix string) string { return strings.Replace(c.path, "/reset/", prefix, 1) }

// wantInvalid sees that the last page was the one for a link that does not work.
func (c resetting) wantInvalid(t *testing.T, p *coretest.Page) {
	t.Helper()
	if wantStatus(t, p, http.StatusOK); c.page.Data["validlink"] != false || !strings.Contains(p.Body, "This link does not work") {
		t.Errorf("validlink %v, want the page for a link that does not work: %s", c.page.Data["validlink"], p.Body)
	}
}

func confirmCases(run func(string, func(*testing.T, resetting))) {
	run("test_confirm_valid", func(t *testing.T, c resetting) {
		p := follow(t, c.b, c.path)
		if c.page.Data["validlink"] != true || !strings.Contains(p.Body, `name="new_password1"`) {
			t.Errorf("validlink %v: %s", c.page.Data["validlink"], p.Body)
		}
	})
	run("test_confirm_invalid", func(t *testing.T, c resetting) {
		c.wantInvalid(t, follow(t, c.b, c.path[:len(c.path)-5]+"0000/"))
	})
	run("test_confirm_invalid_user", func(t *testing.T, c resetting) {
		c.wantInvalid(t, c.b.Get(t, "/reset/123456/1-1/"))
	})
	run("test_confirm_overflow_user", func(t *testing.T, c resetting) {
		c.wantInvalid(t, c.b.Get(t, "/reset/zzzzzzzzzzzzz/1-1/"))
	})
	run("test_confirm_invalid_post", func(t *testing.T, c resetting) {
		choose(t, c.b, c.path[:len(c.path)-5]+"0000/", "anewpassword", " anewpassword")
		c.checkPassword(t, c.user, "anewpassword", false)
	})
	run("test_confirm_invalid_hash", func(t *testing.T, c resetting) {
		before := c.users.Hash(c.find(t, c.user))
		cut := c.path[:strings.LastIndexByte(c.path, '-')+1]
		p := choose(t, c.b, cut+strings.Repeat("0", 20)+"/", "anewpassword", "anewpassword")
		c.wantInvalid(t, p)
		if c.users.Hash(c.find(t, c.user)) != before {
			t.Error("the password changed")
		}
	})
	run("test_confirm_complete", func(t *testing.T, c resetting) {
		wantStatus(t, choose(t, c.b, c.path, "anewpassword", "anewpassword"), http.StatusFound)
		c.checkPassword(t, c.user, "anewpassword", true)
		if got := c.sessionText(t, c.b, authviews.SessionResetToken); got != "" {
			t.Error("the token is still in the session")
		}
		c.wantInvalid(t, follow(t, c.b, c.path))
	})
	run("test_confirm_different_passwords", func(t *testing.T, c resetting) {
		choose(t, c.b, c.path, "anewpassword", "x")
		if !c.hasError("password_mismatch") {
			t.Error("the form has no error password_mismatch")
		}
	})
	run("test_confirm_display_user_from_form", func(t *testing.T, c resetting) {
		follow(t, c.b, c.path)
		f, ok := c.page.Data["form"].(*authforms.SetPasswordForm)
		if !ok || c.users.Username(f.User()) != c.user {
			t.Errorf("form %T, want one that knows its user", c.page.Data["form"])
		}
		c.b.Get(t, "/reset/zzzzzzzzzzzzz/1-1/")
		if c.page.Data["form"] != nil || c.page.Data["username"] != nil {
			t.Errorf("form %v, username %v of a link that does not work", c.page.Data["form"], c.page.Data["username"])
		}
	})
}

func confirmRedirectCases(run func(string, func(*testing.T, resetting))) {
	for name, want := range map[string][2]string{
		"test_confirm_redirect_default":       {"/reset/", "/reset/done/"},
		"test_confirm_redirect_custom":        {"/reset/custom/", "/custom/"},
		"test_confirm_redirect_custom_named":  {"/reset/custom/named/", "/password_reset/"},
		"test_confirm_custom_reset_url_token": {"/reset/custom/token/", "/reset/done/"},
	} {
		run(name, func(t *testing.T, c resetting) {
			wantRedirect(t, choose(t, c.b, c.below(want[0]), "anewpassword", "anewpassword"), want[1])
			c.checkPassword(t, c.user, "anewpassword", true)
		})
	}
	run("test_confirm_login_post_reset", func(t *testing.T, c resetting) {
		wantRedirect(t, choose(t, c.b, c.below("/reset/post_reset_login/"), "anewpassword", "anewpassword"), "/reset/done/")
		if got, want := c.loggedIn(t, c.b), c.users.PK(c.find(t, c.user)); got != want {
			t.Errorf("logged in as %q, want %q", got, want)
		}
	})
	run("test_confirm_login_post_reset_custom_backend", func(t *testing.T, c resetting) {
		c.world = openReset(t, c.Site, options{config: func(c *auth.Config) {
			c.Backends = []auth.Backend{&auth.ModelBackend{}, &auth.ModelBackend{AllowInactive: true}}
		}})
		c.b = c.Browser()
		p := choose(t, c.b, c.below("/reset/post_reset_login_custom_backend/"), "anewpassword", "anewpassword")
		wantRedirect(t, p, "/reset/done/")
		if got := c.sessionText(t, c.b, auth.SessionBackend); got != auth.AllowAllUsersBackendName || c.loggedIn(t, c.b) == "" {
			t.Errorf("logged in as %q by %q", c.loggedIn(t, c.b), got)
		}
	})
	run("test_confirm_login_post_reset_already_logged_in", func(t *testing.T, c resetting) {
		c.login(t, c.b, "testclient", "password")
		wantRedirect(t, choose(t, c.b, c.below("/reset/post_reset_login/"), "anewpassword", "anewpassword"), "/reset/done/")
		if got, want := c.loggedIn(t, c.b), c.users.PK(c.find(t, c.user)); got != want {
			t.Errorf("logged in as %q, want %q whose password was reset", got, want)
		}
	})
}

func confirmTokenCases(run func(string, func(*testing.T, resetting))) {
	for name, pages := range map[string][2]string{
		"test_confirm_link_redirects_to_set_password_page":                        {"/reset/", "set-password"},
		"test_confirm_custom_reset_url_token_link_redirects_to_set_password_page": {"/reset/custom/token/", "set-passwordcustom"},
	} {
		run(name, func(t *testing.T, c resetting) {
			path := c.below(pages[0])
			parts := strings.Split(strings.Trim(path, "/"), "/")
			uid, token := parts[len(parts)-2], parts[len(parts)-1]
			wantRedirect(t, c.b.Get(t, path), pages[0]+uid+"/"+pages[1]+"/")
			if got := c.sessionText(t, c.b, "_password_reset_token"); got != token {
				t.Error("the session has not the token of the link")
			}
		})
	}
	run("test_invalid_link_if_going_directly_to_the_final_reset_password_url", func(t *testing.T, c resetting) {
		uid := strings.Split(c.path, "/")[2]
		c.wantInvalid(t, c.b.Get(t, "/reset/"+uid+"/set-password/"))
	})
	run("test_missing_kwargs", func(t *testing.T, c resetting) {
		wantStatus(t, c.b.Get(t, "/reset/missing_parameters/"), http.StatusInternalServerError)
		if !strings.Contains(c.log.String(), authviews.ErrNoResetVariables.Error()) {
			t.Errorf("the log does not say what is missing: %s", c.log.String())
		}
	})
}

func TestDjangoNamedURLs(t *testing.T) {
	t.Parallel()
	t.Run(views+"AuthViewNamedURLTests.test_named_urls", func(t *testing.T) {
		w := open(t, tables.SQLite(t), options{})
		for name, want := range map[string]string{
			"login": "/login/", "logout": "/logout/", "password_change": "/password_change/", "password_change_done": "/password_change/done/",
			"password_reset": "/password_reset/", "password_reset_done": "/password_reset/done/", "password_reset_complete": "/reset/done/",
		} {
			if got, err := w.Project.Site().Reverse(name); err != nil || got != want {
				t.Errorf("Reverse(%q) = %q, %v; want %q", name, got, err, want)
			}
		}
		got, err := w.Project.Site().Reverse("password_reset_confirm", "uidb64", "aaaaaaa", "token", "1111-aaaaa")
		if err != nil || got != "/reset/aaaaaaa/1111-aaaaa/" {
			t.Errorf("Reverse(password_reset_confirm) = %q, %v", got, err)
		}
	})
}

// resetsWholly goes from the address to the new password.
func resetsWholly(t *testing.T, w *world, address, username string) {
	t.Helper()
	path := w.mailedLink(t, address)
	b := w.Browser()
	if follow(t, b, path); w.page.Data["validlink"] != true {
		t.Errorf("validlink %v", w.page.Data["validlink"])
	}
	p := choose(t, b, path, "anewpassword", "anewpassword")
	wantRedirect(t, p, "/reset/done/")
	wantStatus(t, b.Follow(t, p), http.StatusOK)
	w.checkPassword(t, username, "anewpassword", true)
}

func TestDjangoCustomUserPasswordReset(t *testing.T) {
	t.Parallel()
	tables.Each(t, func(t *testing.T, s *coretest.Site) {
		t.Run(views+"CustomUserPasswordResetTest.test_confirm_valid_custom_user", func(t *testing.T) {
			w := open(t, s, options{model: (*customUser)(nil)})
			w.create(t, "staffmember@example.com", "", "password")
			resetsWholly(t, w, "staffmember@example.com", "staffmember@example.com")
		})
		const class = views + "UUIDUserPasswordResetTest."
		w := open(t, s, options{model: (*uuidUser)(nil)})
		w.create(t, "foo", "staffmember@example.com", "foo")
		t.Run(class+"test_confirm_valid_custom_user", func(t *testing.T) {
			resetsWholly(t, w, "staffmember@example.com", "foo")
		})
		t.Run(class+"test_confirm_invalid_uuid", func(t *testing.T) {
			parts := strings.Split(w.mailedLink(t, "staffmember@example.com"), "/")
			c := resetting{world: w}
			c.wantInvalid(t, w.Browser().Get(t, "/reset/"+authforms.EncodeUID("INVALID_UUID")+"/"+parts[3]+"/"))
		})
	})
}
