package authforms_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/forms"
)

// allowAll is the backend that most of these cases run with.
func allowAll(c *auth.Config) { c.Backends = []auth.Backend{&auth.ModelBackend{AllowInactive: true}} }

func TestDjangoAuthenticationForm(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		a := newAuth(s.Settings(), (*auth.User)(nil), allowAll)
		people(t, a.Users())
		run := func(name string, f func(t *testing.T, s *coretest.Site, a *auth.Auth)) {
			t.Run("django/auth_tests/test_forms.py/AuthenticationFormTest."+name, func(t *testing.T) { f(t, s, a) })
		}
		authenticationCases(run)
		authenticationHookCases(run)
		authenticationValueCases(run)
		authenticationModelCases(run)
	})
}

// authenticationCases run one after the other in one database: no two make the same user.
func authenticationCases(run func(string, func(*testing.T, *coretest.Site, *auth.Auth))) {
	run("test_invalid_username", func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
		f := authforms.NewAuthenticationForm(a, nil)
		if post(t, f, "username", "jsmith_does_not_exist", "password", "test123") {
			t.Error("the form is valid")
		}
		wantCodes(t, f, map[string][]string{"": {"invalid_login"}})
		if !strings.Contains(f.NonFieldErrors()[0].Message, "username") {
			t.Errorf("the message does not say what is asked for: %q", f.NonFieldErrors()[0].Message)
		}
	})
	run("test_inactive_user", func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
		f := authforms.NewAuthenticationForm(a, nil)
		if post(t, f, "username", "inactive", "password", "password") || f.User() != nil {
			t.Errorf("the form is valid, user %v", f.User())
		}
		wantCodes(t, f, map[string][]string{"": {"inactive"}})
	})
	run("test_inactive_user_incorrect_password", func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
		a = newAuth2(a, func(c *auth.Config) { c.Backends = nil })
		f := authforms.NewAuthenticationForm(a, nil)
		if post(t, f, "username", "inactive", "password", "incorrect") {
			t.Error("the form is valid")
		}
		wantCodes(t, f, map[string][]string{"": {"invalid_login"}})
	})
}

func authenticationHookCases(run func(string, func(*testing.T, *coretest.Site, *auth.Auth))) {
	run("test_login_failed", func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
		var heard []*http.Request
		a.LoginFailed().Connect(func(_ context.Context, f auth.LoginFailed) error {
			heard = append(heard, f.Request)
			return nil
		})
		r := httptest.NewRequest("POST", "/", nil)
		f := authforms.NewAuthenticationForm(a, r)
		if post(t, f, "username", "testclient", "password", "incorrect") {
			t.Error("the form is valid")
		}
		if len(heard) != 1 || heard[0] != r || f.Request() != r {
			t.Errorf("LoginFailed came with the requests %v, want %p once", heard, r)
		}
	})
	run("test_custom_login_allowed_policy", func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
		f := authforms.NewAuthenticationForm(a, nil)
		f.ConfirmLoginAllowed = func(context.Context, auth.Account) error { return nil }
		if !post(t, f, "username", "inactive", "password", "password") {
			t.Errorf("the form that lets inactive users in is not valid: %v", f.Errors())
		}
		picky := func(name string) string {
			f := authforms.NewAuthenticationForm(a, nil)
			f.ConfirmLoginAllowed = func(_ context.Context, u auth.Account) error {
				if a.Users().Username(u) == "inactive" {
					return &forms.Error{Message: "You are not wanted."}
				}
				return &forms.Error{Message: "Nobody is wanted."}
			}
			if post(t, f, "username", name, "password", "password") {
				t.Errorf("the form is valid for %s", name)
			}
			return f.NonFieldErrors().Error()
		}
		if got := picky("inactive"); got != "You are not wanted." {
			t.Errorf("errors for inactive: %q", got)
		}
		if got := picky("testclient"); got != "Nobody is wanted." {
			t.Errorf("errors for testclient: %q", got)
		}
	})
}

func authenticationValueCases(run func(string, func(*testing.T, *coretest.Site, *auth.Auth))) {
	run("test_success", func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
		f := authforms.NewAuthenticationForm(a, nil)
		if !post(t, f, "username", "testclient", "password", "password") || a.Users().Username(f.User()) != "testclient" {
			t.Errorf("errors %v, user %v", f.Errors(), f.User())
		}
		wantCodes(t, f, nil)
	})
	run("test_unicode_username", func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
		create(t, a.Users(), "Σαρα", "", "pwd", nil)
		f := authforms.NewAuthenticationForm(a, nil)
		if !post(t, f, "username", "Σαρα", "password", "pwd") {
			t.Errorf("the form is not valid: %v", f.Errors())
		}
		wantCodes(t, f, nil)
	})
	run("test_password_whitespace_not_stripped", func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
		f := authforms.NewAuthenticationForm(a, nil)
		post(t, f, "username", "testuser", "password", " pass ")
		if f.Password.Value != " pass " {
			t.Errorf("password %q, want the spaces kept", f.Password.Value)
		}
	})
	run("test_no_password", func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
		f := authforms.NewAuthenticationForm(a, nil)
		if post(t, f, "username", "username") {
			t.Error("the form is valid")
		}
		wantCodes(t, f, map[string][]string{"password": {"required"}})
	})
}

func authenticationModelCases(run func(string, func(*testing.T, *coretest.Site, *auth.Auth))) {
	run("test_username_field_max_length_matches_user_model", func(t *testing.T, s *coretest.Site, _ *auth.Auth) {
		a := otherModel(s, (*customEmailField)(nil))
		name := strings.Repeat("u", 255)
		create(t, a.Users(), name, "test@example.com", "pwd", nil)
		f := authforms.NewAuthenticationForm(a, nil)
		if !post(t, f, "username", name, "password", "pwd") {
			t.Errorf("the form is not valid: %v", f.Errors())
		}
		if html := input(t, f, "username"); !strings.Contains(html, `maxlength="255"`) {
			t.Errorf("no maxlength of 255: %s", html)
		}
	})
	run("test_username_field_max_length_defaults_to_254", func(t *testing.T, s *coretest.Site, _ *auth.Auth) {
		a := otherModel(s, (*integerUser)(nil))
		create(t, a.Users(), "123456", "", "password", nil)
		f := authforms.NewAuthenticationForm(a, nil)
		if !post(t, f, "username", "123456", "password", "password") {
			t.Errorf("the form is not valid: %v", f.Errors())
		}
		if html := input(t, f, "username"); !strings.Contains(html, `maxlength="254"`) {
			t.Errorf("no maxlength of 254: %s", html)
		}
	})
	run("test_integer_username", func(t *testing.T, s *coretest.Site, _ *auth.Auth) {
		a := otherModel(s, (*integerUser)(nil))
		u := create(t, a.Users(), "7", "", "pwd", nil)
		f := authforms.NewAuthenticationForm(a, nil)
		if !post(t, f, "username", "7", "password", "pwd") {
			t.Fatalf("the form is not valid: %v", f.Errors())
		}
		if f.Username.Value != "7" || f.Password.Value != "pwd" || a.Users().PK(f.User()) != a.Users().PK(u) {
			t.Errorf("username %q, password %q, user %v", f.Username.Value, f.Password.Value, f.User())
		}
		f = authforms.NewAuthenticationForm(a, nil)
		if post(t, f, "username", "seven", "password", "pwd") {
			t.Error("the form is valid for a name that is no number")
		}
		wantCodes(t, f, map[string][]string{"": {"invalid_login"}})
	})
}

func TestDjangoAuthenticationFormFields(t *testing.T) {
	t.Parallel()
	const class = "django/auth_tests/test_forms.py/AuthenticationFormTest."
	a := newAuth(project.SQLite(t).Settings(), (*auth.User)(nil))

	t.Run(class+"test_username_field_label", func(t *testing.T) {
		f := authforms.NewAuthenticationForm(a, nil)
		f.Username.Label = "Name"
		if b, err := f.Field("username"); err != nil || b.Label() != "Name" {
			t.Errorf("label %q, %v; want Name", b.Label(), err)
		}
	})
	t.Run(class+"test_username_field_label_not_set", func(t *testing.T) {
		f := authforms.NewAuthenticationForm(a, nil)
		if b, err := f.Field("username"); err != nil || b.Label() != "Username" {
			t.Errorf("label %q, %v; want Username", b.Label(), err)
		}
	})
	t.Run(class+"test_username_field_label_empty_string", func(t *testing.T) {
		f := authforms.NewAuthenticationForm(a, nil)
		f.Username.NoLabel = true
		if b, err := f.Field("username"); err != nil || b.Label() != "" {
			t.Errorf("label %q, %v; want none", b.Label(), err)
		}
	})
	t.Run(class+"test_username_field_autocapitalize_none", func(t *testing.T) {
		if html := input(t, authforms.NewAuthenticationForm(a, nil), "username"); !strings.Contains(html, `autocapitalize="none"`) {
			t.Errorf("no autocapitalize: %s", html)
		}
	})
	t.Run(class+"test_get_invalid_login_error", func(t *testing.T) {
		e := authforms.NewAuthenticationForm(a, nil).InvalidLogin()
		if e.Code != "invalid_login" || e.Params["username"] != "username" || !strings.Contains(e.Message, "username") {
			t.Errorf("error %+v", e)
		}
	})
	t.Run(class+"test_html_autocomplete_attributes", func(t *testing.T) {
		f := authforms.NewAuthenticationForm(a, nil)
		for name, want := range map[string]string{"username": "username", "password": "current-password"} {
			if html := input(t, f, name); !strings.Contains(html, `autocomplete="`+want+`"`) {
				t.Errorf("%s: no autocomplete %q: %s", name, want, html)
			}
		}
	})
}

func TestAuthenticationFormFailure(t *testing.T) {
	t.Parallel()
	s := project.SQLite(t)
	a := newAuth(s.Settings(), (*auth.User)(nil))
	f := authforms.NewAuthenticationForm(a, nil)
	f.ConfirmLoginAllowed = func(context.Context, auth.Account) error { return errDatabase }
	create(t, a.Users(), "ada", "", "pwd", nil)
	f.Bind(forms.Data{Values: map[string][]string{"username": {"ada"}, "password": {"pwd"}}})
	if ok, err := forms.Validate(t.Context(), f); ok || err == nil || f.User() != nil {
		t.Errorf("valid %v, error %v, user %v; want an error and nobody", ok, err, f.User())
	}
	f = authforms.NewAuthenticationForm(a, nil)
	if !post(t, f, "username", "ada", "password", "pwd") || post(t, f, "username", "ada", "password", "wrong") || f.User() != nil {
		t.Errorf("a form that was valid before still knows %v", f.User())
	}
	if err := s.DB().Close(); err != nil {
		t.Fatal(err)
	}
	f = authforms.NewAuthenticationForm(a, nil)
	f.Bind(forms.Data{Values: map[string][]string{"username": {"ada"}, "password": {"pwd"}}})
	if ok, err := forms.Validate(t.Context(), f); ok || err == nil {
		t.Errorf("without a database: valid %v, error %v; want an error", ok, err)
	}
}
