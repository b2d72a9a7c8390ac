package authforms_test

import (
	"context"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// rowsOf runs rows of the reference one after the other in one database, with the people of
// Django's test data.
func rowsOf(t *testing.T, rows map[string]func(t *testing.T, s *coretest.Site, a *auth.Auth)) {
	t.Helper()
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		a := newAuth(s.Settings(), (*auth.User)(nil))
		people(t, a.Users())
		for id, f := range rows {
			t.Run("row/"+id, func(t *testing.T) { f(t, s, a) })
		}
	})
}

func TestReferenceForms(t *testing.T) {
	rowsOf(t, map[string]func(*testing.T, *coretest.Site, *auth.Auth){
		"F01": func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
			create(t, a.Users(), "office", "", " spaced ", nil)
			f := authforms.NewAuthenticationForm(a, nil)
			if !post(t, f, "username", " o\ufb03ce ", "password", " spaced ") || a.Users().Username(f.User()) != "office" { // oﬃce
				t.Errorf("errors %v, user %v", f.Errors(), f.User())
			}
			if post(t, f, "username", "office", "password", "spaced") {
				t.Error("the password is valid without its spaces")
			}
			wantCodes(t, f, map[string][]string{"": {"invalid_login"}})
			f = authforms.NewAuthenticationForm(a, nil)
			post(t, f, "username", strings.Repeat("\ufb03", 151), "password", "x")
			wantCodes(t, f, map[string][]string{"username": {"max_length"}})
		},
		"F02": func(t *testing.T, s *coretest.Site, _ *auth.Auth) {
			a := newAuth(s.Settings(), (*auth.User)(nil), allowAll)
			create(t, a.Users(), "bob", "", "password", nil)
			f := authforms.NewAuthenticationForm(a, nil)
			usual := f.ConfirmLoginAllowed
			f.ConfirmLoginAllowed = func(ctx context.Context, u auth.Account) error {
				if strings.HasPrefix(a.Users().Username(u), "b") {
					return &forms.Error{Code: "no_b_users", Message: "Names with b are full."}
				}
				return usual(ctx, u)
			}
			for name, want := range map[string]map[string][]string{"bob": {"": {"no_b_users"}}, "inactive": {"": {"inactive"}}, "testclient": nil} {
				if ok := post(t, f, "username", name, "password", "password"); ok != (want == nil) {
					t.Errorf("%s: valid %v", name, ok)
				}
				wantCodes(t, f, want)
			}
		},
	})
}

func TestReferencePasswordForms(t *testing.T) {
	rowsOf(t, map[string]func(*testing.T, *coretest.Site, *auth.Auth){
		"F03": func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
			f := authforms.NewPasswordChangeForm(a.Users(), find(t, a.Users(), "testclient"))
			post(t, f, "old_password", "wrong", "new_password1", "a", "new_password2", "b")
			wantCodes(t, f, map[string][]string{"old_password": {"password_incorrect"}, "new_password2": {"password_mismatch"}})
			if got := strings.Join(fieldNames(f), " "); got != "old_password new_password1 new_password2" {
				t.Errorf("fields %s", got)
			}
		},
		"F04": func(t *testing.T, s *coretest.Site, _ *auth.Auth) {
			users := with(s, strictRules()...)
			f := authforms.NewSetPasswordForm(users, find(t, users, "testclient"))
			for _, tt := range []struct {
				first, second string
				want          map[string][]string
			}{
				{"testclient", "x", map[string][]string{"new_password2": {"password_mismatch"}}},
				{"testclient", "testclient", map[string][]string{"new_password2": {"password_too_similar", "password_too_short"}}},
				{"", "", map[string][]string{"new_password1": {"required"}, "new_password2": {"required"}}},
				{"a long and strange text", "a long and strange text", nil},
			} {
				if ok := post(t, f, "new_password1", tt.first, "new_password2", tt.second); ok != (tt.want == nil) {
					t.Errorf("%q and %q: valid %v", tt.first, tt.second, ok)
				}
				wantCodes(t, f, tt.want)
			}
		},
		"F05": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			create(t, a.Users(), "typed", "Typed@Example.com", "password", nil)
			wantTo(t, ask(t, s, a, "tYPED@eXAMPLE.COM"), "Typed@example.com")
			sent := ask(t, s, a, "anybody@example.com", func(f *authforms.PasswordResetForm, _ *authforms.ResetOptions) {
				f.GetUsers = func(context.Context, string) ([]auth.Account, error) {
					return []auth.Account{find(t, a.Users(), "typed")}, nil
				}
			})
			wantTo(t, sent, "Typed@example.com")
		},
	})
}

func TestReferenceUserForms(t *testing.T) {
	rowsOf(t, map[string]func(*testing.T, *coretest.Site, *auth.Auth){
		"F06": func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
			base, f := authforms.NewBaseUserCreationForm(a.Users()), authforms.NewUserCreationForm(a.Users())
			pairs := []string{"username", "TESTCLIENT", "password1", "x", "password2", "x"}
			if !post(t, base, pairs...) || post(t, f, pairs...) {
				t.Error("the base form minds case, or the other does not")
			}
			wantCodes(t, f, map[string][]string{"username": {"unique"}})
			if got := strings.Join(fieldNames(f), " "); got != "username password1 password2" {
				t.Errorf("fields %s", got)
			}
			u, err := base.Build(t.Context())
			if err != nil || a.Users().PK(u) != "0" {
				t.Errorf("Build: %v, key %s; want a user who is not stored", err, a.Users().PK(u))
			}
		},
		"F07": func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
			u := find(t, a.Users(), "staff")
			f := authforms.NewUserChangeForm(a.Users(), u, "")
			html, err := f.Render()
			if err != nil || !strings.Contains(string(html), "algorithm") || strings.Contains(string(html), string(a.Users().Hash(u))) {
				t.Errorf("the form shows no summary, or the hash: %v, %s", err, html)
			}
			if !post(t, f, "username", "staff", "first_name", "Ada", "last_name", "L", "email", "a@EXAMPLE.com", "password", "posted") {
				t.Fatalf("the form is not valid: %v", f.Errors())
			}
			if err := f.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := find(t, a.Users(), "staff").(*auth.User)
			if got.FirstName != "Ada" || got.Email != "a@example.com" || got.Password != a.Users().Hash(u) {
				t.Errorf("stored %q, %q; same password %v", got.FirstName, got.Email, got.Password == a.Users().Hash(u))
			}
			post(t, f, "username", "testclient")
			wantCodes(t, f, map[string][]string{"username": {"unique"}})
		},
		"F08": func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
			f := authforms.NewAdminPasswordChangeForm(a.Users(), find(t, a.Users(), "staff"))
			if got := strings.Join(fieldNames(f), " "); got != "password1 password2 usable_password" {
				t.Errorf("fields %s", got)
			}
			if !post(t, f, "password1", "changed", "password2", "changed", "usable_password", "true") {
				t.Fatalf("the form is not valid: %v", f.Errors())
			}
			if err := f.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkPassword(t, a.Users(), "staff", "changed", true)
		},
		"F09": func(t *testing.T, s *coretest.Site, _ *auth.Auth) {
			for _, model := range []auth.Account{(*uuidUser)(nil), (*textUser)(nil), (*customUser)(nil), (*extensionUser)(nil)} {
				wholeLife(t, s, newAuth(s.Settings(), model))
			}
		},
	})
}

// wholeLife takes a user of any model through all forms.
func wholeLife(t *testing.T, s *coretest.Site, a *auth.Auth) {
	t.Helper()
	users := a.Users()
	name := "ada"
	if users.UsernameField() == "email" {
		name = "ada@example.com"
	}
	sign := authforms.NewUserCreationForm(users)
	sign.Fill = func(u auth.Account) error {
		switch u := u.(type) {
		case *textUser:
			u.Code, u.Email = "ada/1", "ada@example.com"
			return nil
		case *uuidUser:
			u.ID = database.NewUUID()
		}
		return users.SetText(u, "email", "ada@example.com")
	}
	if !post(t, sign, users.UsernameField(), name, "password1", "first", "password2", "first") {
		t.Fatalf("%T: sign up: %v", users.New(), sign.Errors())
	}
	u, err := sign.Save(t.Context())
	if err != nil {
		t.Fatalf("%T: sign up: %v", users.New(), err)
	}
	enter := authforms.NewAuthenticationForm(a, nil)
	if !post(t, enter, "username", name, "password", "first") || users.PK(enter.User()) != users.PK(u) {
		t.Errorf("%T: log in: %v", u, enter.Errors())
	}
	change := authforms.NewPasswordChangeForm(users, find(t, users, name))
	if !post(t, change, "old_password", "first", "new_password1", "second", "new_password2", "second") {
		t.Errorf("%T: change: %v", u, change.Errors())
	}
	if err := change.Save(t.Context()); err != nil {
		t.Errorf("%T: change: %v", u, err)
	}
	checkPassword(t, users, name, "second", true)
	sent := ask(t, s, a, "ADA@example.com")
	if len(sent) != 1 || !strings.Contains(sent[0].Text, "/reset/"+authforms.EncodeUID(users.PK(u))+"/") {
		t.Errorf("%T: reset: sent %+v", u, sent)
	}
	edit := authforms.NewUserChangeForm(users, find(t, users, name), "")
	if !post(t, edit, users.UsernameField(), "new"+name, users.EmailField(), "newada@example.com") {
		t.Fatalf("%T: edit: %v", u, edit.Errors())
	}
	if err := edit.Save(t.Context()); err != nil {
		t.Errorf("%T: edit: %v", u, err)
	}
	checkPassword(t, users, "new"+name, "second", true)
}

func TestReferenceValidators(t *testing.T) {
	type address struct {
		Email string
		Valid bool
	}
	rowsOf(t, map[string]func(*testing.T, *coretest.Site, *auth.Auth){
		"V01": func(t *testing.T, s *coretest.Site, _ *auth.Auth) {
			users := with(s, password.UserAttributeSimilarity{}, password.MinimumLength{}, password.CommonPassword{}, password.Numeric{})
			for raw, want := range map[string][]string{
				"1234":             {"password_too_short", "password_too_common", "password_entirely_numeric"},
				"rosalind-1":       {"password_too_similar"},
				"a sound password": nil,
			} {
				f := authforms.NewUserCreationForm(users)
				if ok := post(t, f, "username", "rosalind", "password1", raw, "password2", raw); ok != (want == nil) {
					t.Errorf("%q: valid %v", raw, ok)
				}
				codes := map[string][]string{"password2": want}
				if want == nil {
					codes = nil
				}
				wantCodes(t, f, codes)
			}
		},
		"V02": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			for _, v := range djangovectors.Section[username](t, "username_validators") {
				if strings.TrimSpace(v.Username) != v.Username {
					continue // forms take the spaces off; the validator is shown with them elsewhere
				}
				f := authforms.NewUserCreationForm(a.Users())
				if ok := post(t, f, "username", v.Username, "password1", "a sound password", "password2", "a sound password"); ok != v.Unicode {
					t.Errorf("the form takes %q: %v, want %v; errors %v", v.Username, ok, v.Unicode, f.Errors())
				}
			}
			env := &command.Env{Program: "manage"}
			for name, want := range map[string]bool{"o'connell": false, "a b": false, "fine.name+x@y-z_1": true} {
				err := s.Project.Run(t.Context(), env, []string{"createsuperuser", "--noinput", "--username", name, "--email", "x@example.com"})
				if (err == nil) != want {
					t.Errorf("createsuperuser makes %q: %v, want allowed %v", name, err, want)
				}
			}
		},
		"V03": func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
			for _, v := range append(djangovectors.Section[address](t, "email_validator"), address{"a@b", false}, address{"a@localhost", true}) {
				f := authforms.NewPasswordResetForm(a)
				if ok := post(t, f, "email", v.Email); ok != v.Valid && strings.TrimSpace(v.Email) == v.Email {
					t.Errorf("%q: valid %v, want %v", v.Email, ok, v.Valid)
				}
			}
		},
		"V04": func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
			create(t, a.Users(), "John", "", "x", nil)
			for name, taken := range map[string]bool{"john": true, "JOHN": true, "John": true, "johnny": false, "jo_n": false, "j%": true} {
				f := authforms.NewUserCreationForm(a.Users())
				if ok := post(t, f, "username", name, "password1", "x", "password2", "x"); ok == taken {
					t.Errorf("%q: valid %v", name, ok)
				}
			}
		},
	})
}

func TestSecurityNames(t *testing.T) {
	rowsOf(t, map[string]func(*testing.T, *coretest.Site, *auth.Auth){
		"G32": func(t *testing.T, s *coretest.Site, a *auth.Auth) {
			create(t, a.Users(), "\u03a9mega", "", "x", nil)
			create(t, a.Users(), "Élodie", "", "x", nil)
			refused := map[string]bool{"\u2126mega": true, "\u03a9MEGA": true, "ÉLODIE": true}
			if !database.IsPostgres(s.DB()) { // there it is the collation's business
				refused["\u03c9mega"], refused["élodie"] = true, true
			}
			for name := range refused {
				f := authforms.NewUserCreationForm(a.Users())
				if post(t, f, "username", name, "password1", "x", "password2", "x") {
					t.Errorf("%q is taken, as it looks", name)
				}
				wantCodes(t, f, map[string][]string{"username": {"unique"}})
			}
		},
		"G31": func(t *testing.T, _ *coretest.Site, a *auth.Auth) {
			login, creation := authforms.NewAuthenticationForm(a, nil), authforms.NewUserCreationForm(a.Users())
			for form, field := range map[bound]*forms.Field[string]{login: &login.Username, creation: &creation.Username} {
				namesAreNormalised(t, form, field)
			}
		},
	})
}

// bound is a form to post to.
type bound interface {
	forms.Interface
	Bind(forms.Data)
	Errors() map[string]forms.Errors
}

// namesAreNormalised posts a name that is too long to be normalised, and one that looks like another.
func namesAreNormalised(t *testing.T, form bound, field *forms.Field[string]) {
	t.Helper()
	text := field.Type.(forms.Char)
	normalize, calls := text.Normalize, 0
	text.Normalize = func(name string) string {
		calls++
		return normalize(name)
	}
	field.Type = text
	post(t, form, "username", strings.Repeat("\ufb03", 1<<20/3), "password", "x", "password1", "x", "password2", "x")
	wantCodes(t, form, map[string][]string{"username": {"max_length"}})
	if calls != 0 {
		t.Error("a megabyte was normalised before its length was looked at")
	}
	post(t, form, "username", "\ufb01\uff46\uff46y", "password", "x", "password1", "x", "password2", "x")
	if field.Value != "fiffy" || calls != 1 {
		t.Errorf("the name is %q after %d calls, want fiffy and one", field.Value, calls)
	}
}

type username struct {
	Username string `json:"username"`
	Unicode  bool   `json:"unicode"`
}
