package authforms_test

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/forms"
)

func TestDjangoUserCreationForm(t *testing.T) {
	t.Parallel()
	const class = "django/auth_tests/test_forms.py/UserCreationFormTest."
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		t.Run(class+"test_case_insensitive_username", func(t *testing.T) {
			users := newAuth(s.Settings(), (*auth.User)(nil)).Users()
			people(t, users)
			f := authforms.NewUserCreationForm(users)
			if post(t, f, "username", "TeStClIeNt", "password1", "test123", "password2", "test123") {
				t.Error("the form is valid")
			}
			wantCodes(t, f, map[string][]string{"username": {"unique"}})
		})
		t.Run(class+"test_case_insensitive_username_custom_user_and_error_message", func(t *testing.T) {
			users := newAuth(s.Settings(), (*extensionUser)(nil)).Users()
			create(t, users, "testclient", "testclient@example.com", "password", nil)
			f := newExtensionForm(users)
			f.Username.Messages = map[string]string{"unique": "Somebody was quicker."}
			if post(t, f, "username", "TeStClIeNt", "password1", "test123", "password2", "test123", "date_of_birth", "1980-01-01") {
				t.Error("the form is valid")
			}
			if got := f.Username.Errors().Error(); got != "Somebody was quicker." {
				t.Errorf("errors %q", got)
			}
		})
	})
}

// extensionForm is a sign-up form with a field of its own.
type extensionForm struct {
	*authforms.UserCreationForm
	DateOfBirth forms.Field[string]
}

func newExtensionForm(users *auth.Users) *extensionForm {
	f := &extensionForm{UserCreationForm: authforms.NewUserCreationForm(users)}
	f.DateOfBirth = forms.Field[string]{Name: "date_of_birth", Widget: forms.Line{Type: "date"}}
	f.Declare(&f.DateOfBirth)
	f.Fill = func(u auth.Account) error {
		day, err := time.Parse(time.DateOnly, f.DateOfBirth.Value)
		if err != nil {
			f.DateOfBirth.AddError(&forms.Error{Code: "invalid", Message: "Please enter a day."})
			return nil
		}
		u.(*extensionUser).DateOfBirth = day
		return nil
	}
	return f
}

// membersForm makes a user together with rows of another table.
type membersForm struct {
	*authforms.BaseUserCreationForm
	Organizations forms.Field[[]int64]
	db            bun.IDB
}

func newMembersForm(users *auth.Users, db bun.IDB, ids ...int64) *membersForm {
	f := &membersForm{BaseUserCreationForm: authforms.NewBaseUserCreationForm(users), db: db}
	options := []forms.Option[int64]{}
	for _, id := range ids {
		options = append(options, forms.Option[int64]{Value: id})
	}
	f.Organizations = forms.Field[[]int64]{Name: "orgs", Type: forms.MultipleChoice[int64]{Options: options}}
	f.Declare(&f.Organizations)
	return f
}

func (f *membersForm) Save(ctx context.Context) (auth.Account, error) {
	u, err := f.BaseUserCreationForm.Save(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range f.Organizations.Value {
		row := &membership{UserID: u.(*extensionUser).ID, OrganizationID: id}
		if _, err := f.db.NewInsert().Model(row).Exec(ctx); err != nil {
			return nil, err
		}
	}
	return u, nil
}

func TestDjangoCustomUserCreationForm(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		run := func(name string, f func(t *testing.T, s *coretest.Site)) {
			t.Run("django/auth_tests/test_forms.py/CustomUserCreationFormTest."+name, func(t *testing.T) { f(t, s) })
		}
		customCreationCases(run)
		customCreationMoreCases(run)
	})
}

func customCreationCases(run func(string, func(*testing.T, *coretest.Site))) {
	run("test_custom_form", func(t *testing.T, s *coretest.Site) {
		users := newAuth(s.Settings(), (*extensionUser)(nil)).Users()
		f := newExtensionForm(users)
		if !post(t, f, "username", "testclient", "password1", "testclient", "password2", "testclient", "date_of_birth", "1988-02-24") {
			t.Fatalf("the form is not valid: %v", f.Errors())
		}
		u, err := f.Save(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := find(t, users, "testclient").(*extensionUser).DateOfBirth.Format(time.DateOnly); got != "1988-02-24" {
			t.Errorf("born on %s, %v", got, u)
		}
	})
	run("test_custom_form_with_different_username_field", func(t *testing.T, s *coretest.Site) {
		users := newAuth(s.Settings(), (*customUser)(nil)).Users()
		f := authforms.NewBaseUserCreationForm(users)
		if !post(t, f, "email", "test@Client222.com", "password1", "testclient", "password2", "testclient", "date_of_birth", "1988-02-24") {
			t.Fatalf("the form is not valid: %v", f.Errors())
		}
		if _, err := f.Save(t.Context()); err != nil {
			t.Fatal(err)
		}
		checkPassword(t, users, "test@client222.com", "testclient", true)
	})
	run("test_custom_form_hidden_username_field", func(t *testing.T, s *coretest.Site) {
		users := newAuth(s.Settings(), (*withoutActive)(nil)).Users()
		f := authforms.NewBaseUserCreationForm(users)
		email := &forms.Field[string]{Name: "email", Type: forms.Email{}}
		f.Remove("username")
		f.Declare(email)
		f.Fill = func(u auth.Account) error {
			u.(*withoutActive).Email, u.(*withoutActive).Username = email.Value, email.Value
			return nil
		}
		if !post(t, f, "email", "testclient@example.com", "password1", "testclient", "password2", "testclient") {
			t.Fatalf("the form is not valid: %v", f.Errors())
		}
		if _, err := f.Save(t.Context()); err != nil {
			t.Fatal(err)
		}
		checkPassword(t, users, "testclient@example.com", "testclient", true)
	})
}

func customCreationMoreCases(run func(string, func(*testing.T, *coretest.Site))) {
	run("test_custom_form_saves_many_to_many_field", func(t *testing.T, s *coretest.Site) {
		users := newAuth(s.Settings(), (*extensionUser)(nil)).Users()
		org := &organization{Name: "organization 1"}
		if _, err := s.DB().NewInsert().Model(org).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		f := newMembersForm(users, s.DB(), org.ID)
		if !post(t, f, "username", "testclient@example.com", "password1", "testclient", "password2", "testclient", "orgs", "1") {
			t.Fatalf("the form is not valid: %v", f.Errors())
		}
		u, err := f.Save(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var rows []membership
		if err := s.DB().NewSelect().Model(&rows).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(rows) != 1 || rows[0].UserID != u.(*extensionUser).ID || rows[0].OrganizationID != org.ID {
			t.Errorf("memberships %+v, want the user in the organization", rows)
		}
	})
	run("test_custom_form_with_non_required_password", func(t *testing.T, s *coretest.Site) {
		users := newAuth(s.Settings(), (*auth.User)(nil)).Users()
		f := authforms.NewBaseUserCreationForm(users)
		f.Password1.Optional, f.Password2.Optional = true, true
		f.Declare(&forms.Field[string]{Name: "another_field"})
		if !post(t, f, "username", "testclientnew", "another_field", "Content") {
			t.Fatalf("the form is not valid: %v", f.Errors())
		}
		u, err := f.Save(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if users.HasUsablePassword(u) {
			t.Error("a user without a password can log in with the empty one")
		}
	})
}

func TestDjangoAdminUserCreationForm(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		run := func(name string, change func(*auth.Config), f func(t *testing.T, users *auth.Users)) {
			t.Run("django/auth_tests/test_forms.py/AdminUserCreationFormTest."+name, func(t *testing.T) {
				f(t, newAuth(s.Settings(), (*auth.User)(nil), change).Users())
			})
		}
		run("test_unusable_password", func(*auth.Config) {}, func(t *testing.T, users *auth.Users) {
			f := authforms.NewAdminUserCreationForm(users)
			if !post(t, f, "username", "new-user-which-does-not-exist", "usable_password", "false") {
				t.Fatalf("the form is not valid: %v", f.Errors())
			}
			if u, err := f.Save(t.Context()); err != nil || users.HasUsablePassword(u) {
				t.Errorf("Save: %v; the password is usable: %v", err, users.HasUsablePassword(u))
			}
		})
		run("test_no_password_validation_if_unusable_password_set", strict, func(t *testing.T, users *auth.Users) {
			f := authforms.NewAdminUserCreationForm(users)
			if !post(t, f, "username", "otherclient", "password1", "otherclient", "password2", "otherclient", "usable_password", "false") {
				t.Errorf("the form is not valid: %v", f.Errors())
			}
			f = authforms.NewAdminUserCreationForm(users)
			withNames(&f.BaseUserCreationForm)
			if !post(t, f, "username", "testuser", "password1", "testpassword", "password2", "testpassword",
				"first_name", "testpassword", "last_name", "lastname", "usable_password", "false") {
				t.Errorf("the form with names is not valid: %v", f.Errors())
			}
		})
	})
}

// Two people may take a name at the same time; the second gets the form back.
func TestCreationRace(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		users := newAuth(s.Settings(), (*auth.User)(nil)).Users()
		f := authforms.NewUserCreationForm(users)
		if !post(t, f, "username", "ada", "password1", "x", "password2", "x") {
			t.Fatalf("the form is not valid: %v", f.Errors())
		}
		create(t, users, "ada", "", "y", nil)
		if _, err := f.Save(t.Context()); err == nil {
			t.Error("Save took a name that was taken")
		}
		wantCodes(t, f, map[string][]string{"username": {"unique"}})
		checkPassword(t, users, "ada", "y", true)
	})
}
