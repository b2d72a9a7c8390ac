package authviews_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/core/coretest"
)

// wantTitles compares the title and the heading of a page.
func wantTitles(t *testing.T, p *coretest.Page, title, heading string) {
	t.Helper()
	wantStatus(t, p, http.StatusOK)
	for _, want := range []string{"<title>" + title + "</title>", "<h1>" + heading + "</h1>"} {
		if !strings.Contains(p.Body, want) {
			t.Errorf("the page has no %s: %s", want, p.Body)
		}
	}
}

// resetLink makes a link for a user as the mail would have it.
func (w *world) resetLink(u auth.Account) string {
	return "/reset/" + authforms.EncodeUID(w.users.PK(u)) + "/" + w.auth.ResetTokens().Make(w.users.TokenSubject(u)) + "/"
}

func TestDjangoTemplates(t *testing.T) {
	t.Parallel()
	const class = "django/auth_tests/test_templates.py/AuthTemplateTests."
	tables.Each(t, func(t *testing.T, s *coretest.Site) {
		w := open(t, s, options{})
		u := w.create(t, "jsmith", "jsmith@example.com", "pass")
		b := w.Browser()
		w.login(t, b, "jsmith", "pass")
		u = w.find(t, w.users.Username(u))
		pages := []struct{ name, path, heading string }{
			{"test_password_reset_view", "/password_reset/", "Forgot your password?"},
			{"test_password_reset_done_view", "/password_reset/done/", "Look into your mailbox"},
			{"test_password_reset_confirm_view_invalid_token", "/reset/Bad/Bad-Token/", "Your password was not changed"},
			{"test_password_reset_complete_view", "/reset/done/", "Your new password is saved"},
			{"test_password_reset_change_view", "/password_change/", "Change your password"},
			{"test_password_change_done_view", "/password_change/done/", "Password changed"},
		}
		for _, tt := range pages {
			t.Run(class+tt.name, func(t *testing.T) { wantTitles(t, b.Get(t, tt.path), tt.heading, tt.heading) })
		}
		t.Run(class+"test_password_reset_view_error_title", func(t *testing.T) {
			wantTitles(t, b.Post(t, "/password_reset/", form()), "Error: Forgot your password?", "Forgot your password?")
		})
		const choosing = "Choose a new password"
		t.Run(class+"test_password_reset_confirm_view_valid_token", func(t *testing.T) {
			p := follow(t, w.Browser(), w.resetLink(u))
			wantTitles(t, p, choosing, choosing)
			wantUsernameHint(t, p, "jsmith")
		})
		t.Run(class+"test_password_reset_confirm_view_error_title", func(t *testing.T) {
			wantTitles(t, choose(t, w.Browser(), w.resetLink(u), "", ""), "Error: "+choosing, choosing)
		})
		t.Run(class+"test_password_reset_confirm_view_custom_username_hint", func(t *testing.T) {
			w := open(t, s, options{model: (*customUser)(nil)})
			joe := w.create(t, "joe@example.com", "", "pass")
			p := follow(t, w.Browser(), w.resetLink(joe))
			wantTitles(t, p, choosing, choosing)
			wantUsernameHint(t, p, "joe@example.com")
		})
	})
}

// wantUsernameHint looks for what tells a password manager whose password it is.
func wantUsernameHint(t *testing.T, p *coretest.Page, name string) {
	t.Helper()
	if want := `autocomplete="username" value="` + name + `"`; !strings.Contains(p.Body, want) {
		t.Errorf("the page has no %s: %s", want, p.Body)
	}
}
