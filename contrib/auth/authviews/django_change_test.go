package authviews_test

import (
	"net/http"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/web"
)

// changeRoutes are the pages of Django's tests on which passwords are changed.
func changeRoutes(r *web.Router, a *auth.Auth, _ *world) {
	authviews.PasswordChangeView{Auth: a, SuccessURL: "/custom/"}.Mount(r, "/password_change/custom/", "")
	authviews.PasswordChangeView{Auth: a, SuccessURL: "password_reset"}.Mount(r, "/password_change/custom/named/", "")
}

// hasError reports whether the form of the last page has an error with the code.
func (w *world) hasError(code string) bool {
	f, ok := w.page.Data["form"].(interface {
		Errors() map[string]forms.Errors
	})
	if !ok {
		return false
	}
	for _, list := range f.Errors() {
		if list.Has(code) {
			return true
		}
	}
	return false
}

func TestDjangoChangePassword(t *testing.T) {
	t.Parallel()
	const class = views + "ChangePasswordTest."
	right := form("old_password", "password", "new_password1", "password1", "new_password2", "password1")
	each(t, options{routes: changeRoutes}, func(t *testing.T, w *world) {
		// run gives each case somebody of its own who is logged in.
		run := func(name string, f func(t *testing.T, b *coretest.Browser, user string)) {
			t.Run(class+name, func(t *testing.T) {
				w.create(t, name, "", "password")
				b := w.Browser()
				w.login(t, b, name, "password")
				f(t, b, name)
			})
		}
		run("test_password_change_fails_with_invalid_old_password", func(t *testing.T, b *coretest.Browser, user string) {
			p := b.Post(t, "/password_change/", form("old_password", "donuts", "new_password1", "password1", "new_password2", "password1"))
			if wantStatus(t, p, http.StatusOK); !w.hasError("password_incorrect") {
				t.Error("the form has no error password_incorrect")
			}
			w.checkPassword(t, user, "password", true)
		})
		run("test_password_change_fails_with_mismatched_passwords", func(t *testing.T, b *coretest.Browser, user string) {
			p := b.Post(t, "/password_change/", form("old_password", "password", "new_password1", "password1", "new_password2", "donuts"))
			if wantStatus(t, p, http.StatusOK); !w.hasError("password_mismatch") {
				t.Error("the form has no error password_mismatch")
			}
			w.checkPassword(t, user, "password", true)
		})
		run("test_password_change_succeeds", func(t *testing.T, b *coretest.Browser, user string) {
			b.Post(t, "/password_change/", right)
			other := w.Browser()
			if p := w.enter(t, other, "/login/", user, "password"); p.Status != http.StatusOK || !w.hasError("invalid_login") {
				t.Errorf("the old password: status %d, invalid_login %v", p.Status, w.hasError("invalid_login"))
			}
			w.login(t, other, user, "password1")
		})
		for name, want := range map[string][2]string{
			"test_password_change_done_succeeds":         {"/password_change/", "/password_change/done/"},
			"test_password_change_redirect_default":      {"/password_change/", "/password_change/done/"},
			"test_password_change_redirect_custom":       {"/password_change/custom/", "/custom/"},
			"test_password_change_redirect_custom_named": {"/password_change/custom/named/", "/password_reset/"},
		} {
			run(name, func(t *testing.T, b *coretest.Browser, user string) {
				wantRedirect(t, b.Post(t, want[0], right), want[1])
				w.checkPassword(t, user, "password1", true)
			})
		}
	})
}

func TestDjangoChangePasswordVisitors(t *testing.T) {
	t.Parallel()
	const class = views + "ChangePasswordTest."
	right := form("old_password", "password", "new_password1", "password1", "new_password2", "password1")
	each(t, options{}, func(t *testing.T, w *world) {
		t.Run(class+"test_password_change_done_fails", func(t *testing.T) {
			w := open(t, w.Site, options{config: func(c *auth.Config) { c.LoginURL = "/login/" }})
			wantRedirect(t, w.Browser().Get(t, "/password_change/done/"), "/login/?next=/password_change/done/")
		})
		t.Run(class+"test_access_under_login_required_middleware", func(t *testing.T) {
			w := open(t, w.Site, options{closed: true})
			b := w.Browser()
			wantRedirect(t, b.Post(t, "/password_change/", right), "/accounts/login/?next=/password_change/")
			w.checkPassword(t, "staff", "password", true)
			w.login(t, b, "staff", "password")
			wantRedirect(t, b.Post(t, "/password_change/", right), "/password_change/done/")
		})
	})
}

func TestDjangoSessionAuthentication(t *testing.T) {
	t.Parallel()
	each(t, options{}, func(t *testing.T, w *world) {
		t.Run(views+"SessionAuthenticationTests.test_user_password_change_updates_session", func(t *testing.T) {
			b, other := w.Browser(), w.Browser()
			w.login(t, b, "testclient", "password")
			w.login(t, other, "testclient", "password")
			before := b.Cookie("sessionid")
			p := b.Post(t, "/password_change/", form("old_password", "password", "new_password1", "password1", "new_password2", "password1"))
			wantRedirect(t, p, "/password_change/done/")
			wantStatus(t, b.Follow(t, p), http.StatusOK)
			if b.Cookie("sessionid") == before {
				t.Error("the session has the same key")
			}
			wantRedirect(t, other.Get(t, "/password_change/done/"), "/accounts/login/?next=/password_change/done/")
		})
	})
}
