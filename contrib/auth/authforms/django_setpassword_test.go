package authforms_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/forms"
)

// passwordCases runs the cases of a class one after the other in one database with the people of
// Django's test data.
func passwordCases(t *testing.T, class string, cases map[string]func(t *testing.T, s *coretest.Site, users *auth.Users)) {
	t.Helper()
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		users := newAuth(s.Settings(), (*auth.User)(nil)).Users()
		people(t, users)
		for name, f := range cases {
			t.Run("django/auth_tests/test_forms.py/"+class+"."+name, func(t *testing.T) { f(t, s, users) })
		}
	})
}

// with returns users that follow other rules for passwords.
func with(s *coretest.Site, rules ...password.Validator) *auth.Users {
	return newAuth(s.Settings(), (*auth.User)(nil), func(c *auth.Config) { c.Validators = rules }).Users()
}

func strictRules() []password.Validator {
	return []password.Validator{password.UserAttributeSimilarity{}, password.MinimumLength{Min: 12}}
}

func TestDjangoSetPasswordForm(t *testing.T) {
	passwordCases(t, "SetPasswordFormTest", map[string]func(*testing.T, *coretest.Site, *auth.Users){
		"test_password_verification": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewSetPasswordForm(users, find(t, users, "testclient"))
			if post(t, f, "new_password1", "abc123", "new_password2", "abc") {
				t.Error("the form is valid")
			}
			wantCodes(t, f, map[string][]string{"new_password2": {"password_mismatch"}})
		},
		"test_success": func(t *testing.T, s *coretest.Site, _ *auth.Users) {
			h := new(history)
			users := with(s, h)
			create(t, users, "setter", "", "password", nil)
			before := h.changed
			f := authforms.NewSetPasswordForm(users, find(t, users, "setter"))
			if !post(t, f, "new_password1", "abc123", "new_password2", "abc123") {
				t.Fatalf("the form is not valid: %v", f.Errors())
			}
			if err := f.Apply(t.Context()); err != nil || h.changed != before {
				t.Errorf("Apply: %v, validators told %d times, want never", err, h.changed-before)
			}
			checkPassword(t, users, "setter", "password", true)
			if err := f.Save(t.Context()); err != nil || h.changed != before+1 {
				t.Errorf("Save: %v, validators told %d times, want once", err, h.changed-before)
			}
			checkPassword(t, users, "setter", "abc123", true)
		},
		"test_validates_password": func(t *testing.T, s *coretest.Site, _ *auth.Users) {
			users := with(s, strictRules()...)
			f := authforms.NewSetPasswordForm(users, find(t, users, "testclient"))
			if post(t, f, "new_password1", "testclient", "new_password2", "testclient") {
				t.Error("the form is valid")
			}
			wantCodes(t, f, map[string][]string{"new_password2": {"password_too_similar", "password_too_short"}})
		},
		"test_no_password": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewSetPasswordForm(users, find(t, users, "testclient"))
			if post(t, f, "new_password1", "new-password") {
				t.Error("the form without the second password is valid")
			}
			wantCodes(t, f, map[string][]string{"new_password2": {"required"}})
			f = authforms.NewSetPasswordForm(users, find(t, users, "testclient"))
			if post(t, f) {
				t.Error("the form without passwords is valid")
			}
			wantCodes(t, f, map[string][]string{"new_password1": {"required"}, "new_password2": {"required"}})
		},
	})
}

func TestDjangoSetPasswordFormFields(t *testing.T) {
	passwordCases(t, "SetPasswordFormTest", map[string]func(*testing.T, *coretest.Site, *auth.Users){
		"test_password_whitespace_not_stripped": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewSetPasswordForm(users, find(t, users, "testclient"))
			const raw = "   password   "
			if !post(t, f, "new_password1", raw, "new_password2", raw) {
				t.Errorf("the form is not valid: %v", f.Errors())
			}
			if f.NewPassword1.Value != raw || f.NewPassword2.Value != raw {
				t.Errorf("passwords %q and %q, want %q", f.NewPassword1.Value, f.NewPassword2.Value, raw)
			}
		},
		"test_password_extra_validations": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			for _, fields := range [][]string{{"new_password1"}, {"new_password2"}, {"new_password1", "new_password2"}} {
				f := authforms.NewSetPasswordForm(users, find(t, users, "testclient"))
				want := map[string][]string{}
				for _, name := range fields {
					want[name] = []string{"extra"}
					field := map[string]*forms.Field[string]{"new_password1": &f.NewPassword1, "new_password2": &f.NewPassword2}[name]
					field.Validators = append(field.Validators, refuseAll)
				}
				if post(t, f, "new_password1", "abc", "new_password2", "abc") {
					t.Errorf("the form that fails %q is valid", fields)
				}
				wantCodes(t, f, want)
			}
		},
		"test_html_autocomplete_attributes": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewSetPasswordForm(users, find(t, users, "testclient"))
			for _, name := range []string{"new_password1", "new_password2"} {
				if html := input(t, f, name); !strings.Contains(html, `autocomplete="new-password"`) {
					t.Errorf("%s: no autocomplete: %s", name, html)
				}
			}
		},
	})
}

func TestDjangoPasswordChangeForm(t *testing.T) {
	passwordCases(t, "PasswordChangeFormTest", map[string]func(*testing.T, *coretest.Site, *auth.Users){
		"test_incorrect_password": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewPasswordChangeForm(users, find(t, users, "testclient"))
			if post(t, f, "old_password", "test", "new_password1", "abc123", "new_password2", "abc123") {
				t.Error("the form is valid")
			}
			wantCodes(t, f, map[string][]string{"old_password": {"password_incorrect"}})
		},
		"test_password_verification": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewPasswordChangeForm(users, find(t, users, "testclient"))
			if post(t, f, "old_password", "password", "new_password1", "abc123", "new_password2", "abc") {
				t.Error("the form is valid")
			}
			wantCodes(t, f, map[string][]string{"new_password2": {"password_mismatch"}})
		},
		"test_success": func(t *testing.T, s *coretest.Site, _ *auth.Users) {
			h := new(history)
			users := with(s, h)
			create(t, users, "changer", "", "password", nil)
			before := h.changed
			f := authforms.NewPasswordChangeForm(users, find(t, users, "changer"))
			if !post(t, f, "old_password", "password", "new_password1", "abc123", "new_password2", "abc123") {
				t.Fatalf("the form is not valid: %v", f.Errors())
			}
			if err := f.Apply(t.Context()); err != nil || h.changed != before {
				t.Errorf("Apply: %v, validators told %d times, want never", err, h.changed-before)
			}
			if err := f.Save(t.Context()); err != nil || h.changed != before+1 {
				t.Errorf("Save: %v, validators told %d times, want once", err, h.changed-before)
			}
			checkPassword(t, users, "changer", "abc123", true)
		},
		"test_field_order": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewPasswordChangeForm(users, find(t, users, "testclient"))
			if got := fieldNames(f); !slices.Equal(got, []string{"old_password", "new_password1", "new_password2"}) {
				t.Errorf("fields %q", got)
			}
		},
		"test_password_whitespace_not_stripped": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			u := find(t, users, "testclient")
			if err := users.SetPassword(t.Context(), u, "   oldpassword   "); err != nil {
				t.Fatal(err)
			}
			f := authforms.NewPasswordChangeForm(users, u)
			if !post(t, f, "old_password", "   oldpassword   ", "new_password1", " pass ", "new_password2", " pass ") {
				t.Errorf("the form is not valid: %v", f.Errors())
			}
			if f.OldPassword.Value != "   oldpassword   " || f.NewPassword1.Value != " pass " || f.NewPassword2.Value != " pass " {
				t.Errorf("passwords %q, %q, %q", f.OldPassword.Value, f.NewPassword1.Value, f.NewPassword2.Value)
			}
		},
		"test_html_autocomplete_attributes": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewPasswordChangeForm(users, find(t, users, "testclient"))
			if html := input(t, f, "old_password"); !strings.Contains(html, `autocomplete="current-password"`) {
				t.Errorf("no autocomplete: %s", html)
			}
		},
	})
}

func TestDjangoAdminPasswordChangeForm(t *testing.T) {
	passwordCases(t, "AdminPasswordChangeFormTest", map[string]func(*testing.T, *coretest.Site, *auth.Users){
		"test_success": func(t *testing.T, s *coretest.Site, _ *auth.Users) {
			h := new(history)
			users := with(s, h)
			create(t, users, "member", "", "password", nil)
			before := h.changed
			f := authforms.NewAdminPasswordChangeForm(users, find(t, users, "member"))
			if !post(t, f, "password1", "test123", "password2", "test123") {
				t.Fatalf("the form is not valid: %v", f.Errors())
			}
			if err := f.Apply(t.Context()); err != nil || h.changed != before {
				t.Errorf("Apply: %v, validators told %d times, want never", err, h.changed-before)
			}
			if err := f.Save(t.Context()); err != nil || h.changed != before+1 || !f.Changed() {
				t.Errorf("Save: %v, validators told %d times, want once; changed %v", err, h.changed-before, f.Changed())
			}
			checkPassword(t, users, "member", "test123", true)
		},
		"test_password_whitespace_not_stripped": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewAdminPasswordChangeForm(users, find(t, users, "testclient"))
			if !post(t, f, "password1", " pass ", "password2", " pass ") || f.Password1.Value != " pass " || f.Password2.Value != " pass " {
				t.Errorf("errors %v, passwords %q and %q", f.Errors(), f.Password1.Value, f.Password2.Value)
			}
			if !f.Changed() {
				t.Error("Changed() = false, want true")
			}
		},
	})
}

func TestDjangoAdminPasswordChangeFormValidation(t *testing.T) {
	passwordCases(t, "AdminPasswordChangeFormTest", map[string]func(*testing.T, *coretest.Site, *auth.Users){
		"test_password_extra_validations": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			for _, fields := range [][]string{{"password1"}, {"password2"}, {"password1", "password2"}} {
				f := authforms.NewAdminPasswordChangeForm(users, find(t, users, "testclient"))
				want := map[string][]string{}
				for _, name := range fields {
					want[name] = []string{"extra"}
					field := map[string]*forms.Field[string]{"password1": &f.Password1, "password2": &f.Password2}[name]
					field.Validators = append(field.Validators, refuseAll)
				}
				if post(t, f, "password1", "abc", "password2", "abc") {
					t.Errorf("the form that fails %q is valid", fields)
				}
				wantCodes(t, f, want)
			}
		},
		"test_validates_password": func(t *testing.T, s *coretest.Site, _ *auth.Users) {
			users := with(s, strictRules()...)
			f := authforms.NewAdminPasswordChangeForm(users, find(t, users, "testclient"))
			if post(t, f, "password1", "testclient", "password2", "testclient") {
				t.Error("the form is valid")
			}
			wantCodes(t, f, map[string][]string{"password2": {"password_too_similar", "password_too_short"}})
			// Without a password there is nothing to judge.
			f = authforms.NewAdminPasswordChangeForm(users, find(t, users, "testclient"))
			if !post(t, f, "password1", "testclient", "password2", "testclient", "usable_password", "false") {
				t.Errorf("the form that takes the password away is not valid: %v", f.Errors())
			}
		},
		"test_missing_passwords": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewAdminPasswordChangeForm(users, find(t, users, "testclient"))
			if post(t, f, "password1", "", "password2", "") || f.Changed() {
				t.Errorf("the form is valid, or changed: %v", f.Changed())
			}
			wantCodes(t, f, map[string][]string{"password1": {"required"}, "password2": {"required"}})
		},
		"test_one_password": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewAdminPasswordChangeForm(users, find(t, users, "testclient"))
			if post(t, f, "password1", "", "password2", "test") || f.Changed() {
				t.Errorf("the form is valid, or changed: %v", f.Changed())
			}
			wantCodes(t, f, map[string][]string{"password1": {"required"}})
			f = authforms.NewAdminPasswordChangeForm(users, find(t, users, "testclient"))
			if post(t, f, "password1", "test", "password2", "") || f.Changed() {
				t.Errorf("the form is valid, or changed: %v", f.Changed())
			}
			wantCodes(t, f, map[string][]string{"password2": {"required"}})
		},
	})
}

func TestDjangoAdminPasswordChangeFormUsable(t *testing.T) {
	passwordCases(t, "AdminPasswordChangeFormTest", map[string]func(*testing.T, *coretest.Site, *auth.Users){
		"test_html_autocomplete_attributes": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewAdminPasswordChangeForm(users, find(t, users, "testclient"))
			for _, name := range []string{"password1", "password2"} {
				if html := input(t, f, name); !strings.Contains(html, `autocomplete="new-password"`) {
					t.Errorf("%s: no autocomplete: %s", name, html)
				}
			}
		},
		"test_enable_password_authentication": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewAdminPasswordChangeForm(users, find(t, users, "unusable_password"))
			if slices.Contains(fieldNames(f), "usable_password") {
				t.Error("the form asks a user without a password whether to have one")
			}
			if !post(t, f, "password1", "complexpassword", "password2", "complexpassword") {
				t.Fatalf("the form is not valid: %v", f.Errors())
			}
			if err := f.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !users.HasUsablePassword(find(t, users, "unusable_password")) {
				t.Error("the password is not usable")
			}
			users.SetUnusablePassword(f.User())
			if err := users.Save(t.Context(), f.User(), "password"); err != nil {
				t.Fatal(err)
			}
		},
		"test_disable_password_authentication": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			create(t, users, "disabled", "", "password", nil)
			f := authforms.NewAdminPasswordChangeForm(users, find(t, users, "disabled"))
			if b, err := f.Field("usable_password"); err != nil || !strings.Contains(string(b.HelpText()), "is then lost") {
				t.Errorf("help %q, %v; want a warning", b.HelpText(), err)
			}
			if !post(t, f, "usable_password", "false", "password1", "", "password2", "test") {
				t.Fatalf("the form is not valid: %v", f.Errors())
			}
			if err := f.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
			if users.HasUsablePassword(find(t, users, "disabled")) {
				t.Error("the password is usable")
			}
		},
		"test_non_matching_passwords": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewAdminPasswordChangeForm(users, find(t, users, "testclient"))
			if post(t, f, "password1", "password1", "password2", "password2") {
				t.Error("the form is valid")
			}
			wantCodes(t, f, map[string][]string{"password2": {"password_mismatch"}})
			if !f.Changed() {
				t.Error("Changed() = false, want true")
			}
		},
	})
}
