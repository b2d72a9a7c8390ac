package authforms_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/forms"
)

// creationForm is any of the three forms that make users.
type creationForm interface {
	forms.Interface
	Bind(forms.Data)
	Errors() map[string]forms.Errors
	Field(string) (*forms.Bound, error)
	Fields() []*forms.Bound
	Build(context.Context) (auth.Account, error)
	Save(context.Context) (auth.Account, error)
}

// creationForms make a form of each kind, and the base form that is in it.
var creationForms = map[string]func(*auth.Users) (creationForm, *authforms.BaseUserCreationForm){
	"BaseUserCreationFormTest": func(us *auth.Users) (creationForm, *authforms.BaseUserCreationForm) {
		f := authforms.NewBaseUserCreationForm(us)
		return f, f
	},
	"UserCreationFormTest": func(us *auth.Users) (creationForm, *authforms.BaseUserCreationForm) {
		f := authforms.NewUserCreationForm(us)
		return f, &f.BaseUserCreationForm
	},
	"AdminUserCreationFormTest": func(us *auth.Users) (creationForm, *authforms.BaseUserCreationForm) {
		f := authforms.NewAdminUserCreationForm(us)
		return f, &f.BaseUserCreationForm
	},
}

// TestDjangoCreationForms runs the cases that all three forms inherit. They share a database: no
// two make the same user.
func TestDjangoCreationForms(t *testing.T) {
	t.Parallel()
	for class, newForm := range creationForms {
		t.Run(class, func(t *testing.T) {
			t.Parallel()
			project.Each(t, func(t *testing.T, s *coretest.Site) {
				c := creationCase{site: s, users: newAuth(s.Settings(), (*auth.User)(nil)).Users(), newForm: newForm}
				people(t, c.users)
				run := func(name string, f func(t *testing.T, c creationCase)) {
					t.Run("django/auth_tests/test_forms.py/"+class+"."+name, func(t *testing.T) { f(t, c) })
				}
				creationCases(run)
				creationNameCases(run)
				creationPasswordCases(run)
				creationHelpCases(run)
			})
		})
	}
}

// creationCase is what a case works on.
type creationCase struct {
	site    *coretest.Site
	users   *auth.Users
	newForm func(*auth.Users) (creationForm, *authforms.BaseUserCreationForm)
}

// form returns a new form for users that follow other rules.
func (c creationCase) form(change ...func(*auth.Config)) (creationForm, *authforms.BaseUserCreationForm) {
	return c.newForm(newAuth(c.site.Settings(), (*auth.User)(nil), change...).Users())
}

func creationCases(run func(string, func(*testing.T, creationCase))) {
	run("test_user_already_exists", func(t *testing.T, c creationCase) {
		f, _ := c.form()
		if post(t, f, "username", "testclient", "password1", "test123", "password2", "test123") {
			t.Error("the form is valid")
		}
		wantCodes(t, f, map[string][]string{"username": {"unique"}})
	})
	run("test_invalid_data", func(t *testing.T, c creationCase) {
		f, _ := c.form()
		if post(t, f, "username", "jsmith!", "password1", "test123", "password2", "test123") {
			t.Error("the form is valid")
		}
		wantCodes(t, f, map[string][]string{"username": {"invalid"}})
	})
	run("test_success", func(t *testing.T, c creationCase) {
		h := new(history)
		f, _ := c.form(func(a *auth.Config) { a.Validators = []password.Validator{h} })
		if !post(t, f, "username", "jsmith@example.com", "password1", "test123", "password2", "test123") {
			t.Fatalf("the form is not valid: %v", f.Errors())
		}
		if u, err := f.Build(t.Context()); err != nil || h.changed != 0 || c.users.PK(u) != "0" {
			t.Errorf("Build: %v, key %s, validators told %d times; want no key, never", err, c.users.PK(u), h.changed)
		}
		u, err := f.Save(t.Context())
		if err != nil || h.changed != 1 {
			t.Fatalf("Save: %v, validators told %d times, want once", err, h.changed)
		}
		if c.users.Username(u) != "jsmith@example.com" || !c.users.IsActive(u) {
			t.Errorf("saved %v, active %v", u, c.users.IsActive(u))
		}
		checkPassword(t, c.users, "jsmith@example.com", "test123", true)
	})
	run("test_unicode_username", func(t *testing.T, c creationCase) {
		f, _ := c.form()
		if !post(t, f, "username", "宝", "password1", "test123", "password2", "test123") {
			t.Fatalf("the form is not valid: %v", f.Errors())
		}
		if u, err := f.Save(t.Context()); err != nil || c.users.Username(u) != "宝" {
			t.Errorf("Save: %v, %v", u, err)
		}
	})
}

func creationNameCases(run func(string, func(*testing.T, creationCase))) {
	run("test_normalize_username", func(t *testing.T, c creationCase) {
		f, _ := c.form()
		if !post(t, f, "username", "test\u2126", "password1", "pwd2", "password2", "pwd2") { // OHM SIGN
			t.Fatalf("the form is not valid: %v", f.Errors())
		}
		if u, err := f.Save(t.Context()); err != nil || c.users.Username(u) != "test\u03a9" { // OMEGA
			t.Errorf("Save: %+q, %v; want the letter omega", c.users.Username(u), err)
		}
	})
	run("test_invalid_username_no_normalize", func(t *testing.T, c creationCase) {
		f, base := c.form()
		post(t, f, "username", strings.Repeat("½", 151))
		wantCodes(t, f, map[string][]string{"username": {"max_length"}, "password1": {"required"}, "password2": {"required"}})
		if got := base.Username.Errors()[0].Params["length"]; got != 151 {
			t.Errorf("the length that was refused is %v, want 151: it was normalised before", got)
		}
		f, base = c.form()
		post(t, f, "username", strings.Repeat("ﬀ", 75))
		if want := strings.Repeat("ff", 75); base.Username.Value != want {
			t.Errorf("the name is %q, want %q", base.Username.Value, want)
		}
	})
	run("test_duplicate_normalized_unicode", func(t *testing.T, c creationCase) {
		create(t, c.users, "iamthe\u03a9", "", "pwd", nil)
		f, _ := c.form()
		if post(t, f, "username", "iamthe\u2126", "password1", "pwd2", "password2", "pwd2") {
			t.Error("the form is valid")
		}
		wantCodes(t, f, map[string][]string{"username": {"unique"}})
	})
	run("test_username_field_autocapitalize_none", func(t *testing.T, c creationCase) {
		f, _ := c.form()
		if html := input(t, f, "username"); !strings.Contains(html, `autocapitalize="none"`) {
			t.Errorf("no autocapitalize: %s", html)
		}
	})
	run("test_html_autocomplete_attributes", func(t *testing.T, c creationCase) {
		f, _ := c.form()
		for name, want := range map[string]string{"username": "username", "password1": "new-password", "password2": "new-password"} {
			if html := input(t, f, name); !strings.Contains(html, `autocomplete="`+want+`"`) {
				t.Errorf("%s: no autocomplete %q: %s", name, want, html)
			}
		}
	})
	run("test_form_fields", func(t *testing.T, c creationCase) {
		f, _ := c.form()
		want := []string{"username", "password1", "password2"}
		if _, ok := f.(*authforms.AdminUserCreationForm); ok {
			want = append(want, "usable_password")
		}
		if got := fieldNames(f); !slices.Equal(got, want) {
			t.Errorf("fields %q, want %q", got, want)
		}
	})
}

func creationPasswordCases(run func(string, func(*testing.T, creationCase))) {
	run("test_password_verification", func(t *testing.T, c creationCase) {
		f, _ := c.form()
		if post(t, f, "username", "jsmith", "password1", "test123", "password2", "test") {
			t.Error("the form is valid")
		}
		wantCodes(t, f, map[string][]string{"password2": {"password_mismatch"}})
	})
	run("test_both_passwords", func(t *testing.T, c creationCase) {
		f, _ := c.form()
		if post(t, f, "username", "jsmith") {
			t.Error("the form without passwords is valid")
		}
		wantCodes(t, f, map[string][]string{"password1": {"required"}, "password2": {"required"}})
		f, _ = c.form()
		if post(t, f, "username", "jsmith", "password2", "test123") {
			t.Error("the form without the first password is valid")
		}
		wantCodes(t, f, map[string][]string{"password1": {"required"}})
	})
	run("test_validates_password", func(t *testing.T, c creationCase) {
		f, _ := c.form(strict)
		if post(t, f, "username", "otherclient", "password1", "otherclient", "password2", "otherclient") {
			t.Error("the form is valid")
		}
		wantCodes(t, f, map[string][]string{"password2": {"password_too_similar", "password_too_short"}})
	})
	run("test_password_whitespace_not_stripped", func(t *testing.T, c creationCase) {
		f, base := c.form()
		const raw = "   testpassword   "
		if !post(t, f, "username", "testuser", "password1", raw, "password2", raw) {
			t.Errorf("the form is not valid: %v", f.Errors())
		}
		if base.Password1.Value != raw || base.Password2.Value != raw {
			t.Errorf("passwords %q and %q, want %q", base.Password1.Value, base.Password2.Value, raw)
		}
	})
}

func creationHelpCases(run func(string, func(*testing.T, creationCase))) {
	run("test_password_help_text", func(t *testing.T, c creationCase) {
		rule := password.UserAttributeSimilarity{}
		f, _ := c.form(func(a *auth.Config) { a.Validators = []password.Validator{rule} })
		b, err := f.Field("password1")
		if want := "<ul><li>" + rule.HelpText() + "</li></ul>"; err != nil || string(b.HelpText()) != want {
			t.Errorf("help %q, %v; want %q", b.HelpText(), err, want)
		}
	})
	run("test_password_extra_validations", func(t *testing.T, c creationCase) {
		for _, fields := range [][]string{{"password1"}, {"password2"}, {"password1", "password2"}} {
			f, base := c.form()
			want := map[string][]string{}
			for _, name := range fields {
				want[name] = []string{"extra"}
				field := map[string]*forms.Field[string]{"password1": &base.Password1, "password2": &base.Password2}[name]
				field.Validators = append(field.Validators, refuseAll)
			}
			if post(t, f, "username", "extra", "password1", "abc", "password2", "abc") {
				t.Errorf("the form that fails %q is valid", fields)
			}
			wantCodes(t, f, want)
		}
	})
	run("test_user_create_form_validates_password_with_all_data", func(t *testing.T, c creationCase) {
		f, base := c.form(func(a *auth.Config) { a.Validators = []password.Validator{password.UserAttributeSimilarity{}} })
		withNames(base)
		if post(t, f, "username", "testuser", "password1", "testpassword", "password2", "testpassword",
			"first_name", "testpassword", "last_name", "lastname") {
			t.Error("the form is valid")
		}
		wantCodes(t, f, map[string][]string{"password2": {"password_too_similar"}})
		if got := f.Errors()["password2"][0].Params["verbose_name"]; got != "first name" {
			t.Errorf("the password is like the %v, want the first name", got)
		}
	})
}

// withNames adds fields for more of the user.
func withNames(f *authforms.BaseUserCreationForm) {
	first := &forms.Field[string]{Name: "first_name"}
	last := &forms.Field[string]{Name: "last_name"}
	f.Declare(first, last)
	f.Fill = func(u auth.Account) error {
		u.(*auth.User).FirstName, u.(*auth.User).LastName = first.Value, last.Value
		return nil
	}
}

func refuseAll(context.Context, string) error { return &forms.Error{Code: "extra", Message: "No."} }
