package authforms_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/forms"
)

const (
	noPassword      = "No password is set."
	unknownPassword = "The stored password is in a form that is not known here."
)

func TestDjangoUserChangeForm(t *testing.T) {
	passwordCases(t, "UserChangeFormTest", map[string]func(*testing.T, *coretest.Site, *auth.Users){
		"test_username_validity": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewUserChangeForm(users, find(t, users, "testclient"), "")
			if post(t, f, "username", "not valid") {
				t.Error("the form is valid")
			}
			wantCodes(t, f, map[string][]string{"username": {"invalid"}})
		},
		"test_unusable_password": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			wantSummary(t, users, "unusable_password", noPassword)
		},
		"test_bug_17944_empty_password": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			wantSummary(t, users, "empty_password", noPassword)
		},
		"test_bug_17944_unmanageable_password": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			wantSummary(t, users, "unmanageable_password", unknownPassword)
		},
		"test_bug_17944_unknown_password_algorithm": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			wantSummary(t, users, "unknown_password", unknownPassword)
		},
		"test_bug_19133": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			u := find(t, users, "testclient")
			f := authforms.NewUserChangeForm(users, u, "")
			if !post(t, f, "username", "testclient", "email", "testclient@example.com", "password", "new password") {
				t.Fatalf("the form is not valid: %v", f.Errors())
			}
			if f.Password.Value != users.Hash(u) || !strings.Contains(string(f.Password.Value), "$") {
				t.Error("the posted password is not ignored")
			}
			if err := f.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkPassword(t, users, "testclient", "password", true)
		},
		"test_bug_19349_bound_password_field": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			u := find(t, users, "testclient")
			f := authforms.NewUserChangeForm(users, u, "")
			empty := input(t, f, "password")
			post(t, f)
			if bound := input(t, f, "password"); bound != empty || !strings.Contains(bound, "algorithm") {
				t.Errorf("the summary is %q in a bound form and %q before", bound, empty)
			}
		},
	})
}

func TestDjangoUserChangeFormFields(t *testing.T) {
	passwordCases(t, "UserChangeFormTest", map[string]func(*testing.T, *coretest.Site, *auth.Users){
		"test_custom_form": func(t *testing.T, s *coretest.Site, _ *auth.Users) {
			users := newAuth(s.Settings(), (*extensionUser)(nil)).Users()
			u := create(t, users, "testclient", "", "password", nil)
			f := authforms.NewUserChangeForm(users, u, "")
			born := &forms.Field[string]{Name: "date_of_birth"}
			f.Declare(born)
			f.Fill = func(u auth.Account) ([]string, error) {
				day, err := time.Parse(time.DateOnly, born.Value)
				u.(*extensionUser).DateOfBirth = day
				return []string{"date_of_birth"}, err
			}
			if !post(t, f, "username", "testclient", "password", "testclient", "date_of_birth", "1998-02-24") {
				t.Fatalf("the form is not valid: %v", f.Errors())
			}
			if err := f.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := find(t, users, "testclient").(*extensionUser).DateOfBirth.Format(time.DateOnly); got != "1998-02-24" {
				t.Errorf("born on %s", got)
			}
			checkPassword(t, users, "testclient", "password", true)
		},
		"test_password_excluded": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewUserChangeForm(users, find(t, users, "testclient"), "")
			f.Remove("password")
			if slices.Contains(fieldNames(f), "password") {
				t.Error("the form has a field for the password")
			}
		},
		"test_username_field_autocapitalize_none": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			f := authforms.NewUserChangeForm(users, find(t, users, "testclient"), "")
			if html := input(t, f, "username"); !strings.Contains(html, `autocapitalize="none"`) {
				t.Errorf("no autocapitalize: %s", html)
			}
		},
		"test_link_to_password_reset_in_user_change_form": func(t *testing.T, _ *coretest.Site, users *auth.Users) {
			for name, want := range map[string][2]string{
				"testclient":        {"nobody can look it up", `<a class="button" href="../password/">Change the password</a>`},
				"unusable_password": {"Set a password", `<a class="button" href="../password/">Set a password</a>`},
			} {
				f := authforms.NewUserChangeForm(users, find(t, users, name), "../password/")
				b, err := f.Field("password")
				if err != nil || !strings.Contains(string(b.HelpText()), want[0]) || !strings.Contains(string(b.Input()), want[1]) {
					t.Errorf("%s: help %q, summary %q, %v; want %q", name, b.HelpText(), b.Input(), err, want)
				}
			}
		},
	})
}

// wantSummary looks at what the form shows of somebody's password.
func wantSummary(t *testing.T, users *auth.Users, name, want string) {
	t.Helper()
	f := authforms.NewUserChangeForm(users, find(t, users, name), "")
	if html := input(t, f, "password"); !strings.Contains(html, want) {
		t.Errorf("the password of %s is shown as %s, want %q", name, html, want)
	}
}

func TestDjangoReadOnlyPasswordHash(t *testing.T) {
	t.Parallel()
	const class = "django/auth_tests/test_forms.py/ReadOnlyPasswordHashTest."
	users := newAuth(project.SQLite(t).Settings(), (*auth.User)(nil), func(c *auth.Config) {
		c.Hashers = hashers.New(hashers.Config{List: []hashers.Hasher{hashers.PBKDF2SHA256{}}})
	}).Users()
	const encoded = "pbkdf2_sha256$100000$a6Pucb1qSFcD$WmCkn9Hqidj48NVe5x0FEM6A9YiOqQcl/83m2Z5udm0="
	control := forms.Control{Name: "name", ID: "id_password"}

	t.Run(class+"test_bug_19349_render_with_none_value", func(t *testing.T) {
		if html := (authforms.PasswordSummary{}).Render(control); !strings.Contains(string(html), noPassword) {
			t.Errorf("rendered %s", html)
		}
	})
	t.Run(class+"test_render", func(t *testing.T) {
		html := authforms.PasswordSummary{Hashers: users.Hashers(), Hash: encoded, Link: "../password/"}.Render(control)
		const want = `<div id="id_password"><p><strong>algorithm</strong>: <bdi>pbkdf2_sha256</bdi> ` +
			`<strong>iterations</strong>: <bdi>100000</bdi> <strong>salt</strong>: <bdi>a6Pucb******</bdi> ` +
			`<strong>hash</strong>: <bdi>WmCkn9**************************************</bdi></p>` +
			`<p><a class="button" href="../password/">Change the password</a></p></div>`
		if string(html) != want {
			t.Errorf("rendered\n%s\nwant\n%s", html, want)
		}
	})
	t.Run(class+"test_readonly_field_has_changed", func(t *testing.T) {
		field := authforms.PasswordHashField(users, "aaa", "")
		var f struct{ forms.Form }
		f.Declare(&field)
		if !post(t, &f, "password", "bbb") || field.Value != "aaa" {
			t.Errorf("errors %v, value changed: %v", f.Errors(), field.Value != "aaa")
		}
	})
	t.Run(class+"test_label", func(t *testing.T) {
		field := authforms.PasswordHashField(users, encoded, "")
		var f struct{ forms.Form }
		f.Declare(&field)
		if b, err := f.Field("password"); err != nil || strings.Contains(string(b.LabelTag()), "for=") || !strings.Contains(string(b.LabelTag()), "Password") {
			t.Errorf("label %s, %v; want one that is for no element", b.LabelTag(), err)
		}
	})
}
