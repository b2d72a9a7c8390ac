package auth_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/mail"
)

func TestDjangoUserManager(t *testing.T) {
	t.Parallel()
	const prefix = "django/auth_tests/test_models.py/UserManagerTestCase."
	runPeople(t, prefix, []peopleCase{
		{"test_create_user", func(t *peopleTest) {
			u, err := t.users.CreateWithoutPassword(t.ctx, "user", "normal@normal.com", nil)
			t.noError(err)
			if t.users.Email(u) != "normal@normal.com" || t.users.Username(u) != "user" || t.users.HasUsablePassword(u) {
				t.Errorf("%v %s", u, t.users.Email(u))
			}
		}},
		{"test_empty_username", func(t *peopleTest) {
			_, err := t.users.CreateWithoutPassword(t.ctx, "", "", nil)
			t.wantError("no name", err, auth.ErrUsernameEmpty)
		}},
		{"test_create_user_is_staff", func(t *peopleTest) {
			u, err := t.users.CreateWithoutPassword(t.ctx, "user", "normal@normal.com", func(u auth.Account) error {
				u.(*auth.User).IsStaff = true
				return nil
			})
			t.noError(err)
			if got := t.reload(u).(*auth.User); got.Email != "normal@normal.com" || got.Username != "user" || !got.IsStaff {
				t.Errorf("%+v", got)
			}
		}},
		{"test_create_super_user_raises_error_on_false_is_superuser", func(t *peopleTest) {
			_, err := t.users.CreateSuperuser(t.ctx, "test", "test@test.com", "test", func(u auth.Account) error {
				u.(*auth.User).IsSuperuser = false
				return nil
			})
			wantText(t.T, "no superuser", err, "must have is_superuser")
		}},
		{"test_create_superuser_raises_error_on_false_is_staff", func(t *peopleTest) {
			_, err := t.users.CreateSuperuser(t.ctx, "test", "test@test.com", "test", func(u auth.Account) error {
				u.(*auth.User).IsStaff = false
				return nil
			})
			wantText(t.T, "no staff", err, "must have is_staff")
		}},
	})
	for name, c := range map[string]struct{ in, want string }{
		"test_create_user_email_domain_normalize_rfc3696":         {`Abc\@DEF@EXAMPLE.com`, `Abc\@DEF@example.com`},
		"test_create_user_email_domain_normalize":                 {`normal@DOMAIN.COM`, `normal@domain.com`},
		"test_create_user_email_domain_normalize_with_whitespace": {`email\ with_whitespace@D.COM`, `email\ with_whitespace@d.com`},
	} {
		t.Run(prefix+name, func(t *testing.T) {
			t.Parallel()
			if got := names.NormalizeEmail(c.in); got != c.want {
				t.Errorf("NormalizeEmail(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestDjangoBaseUser(t *testing.T) {
	t.Parallel()
	runPeople(t, "django/auth_tests/test_models.py/AbstractBaseUserTests.", []peopleCase{
		{"test_has_usable_password", func(t *peopleTest) {
			u := &auth.User{}
			u.Password = "some-gibbberish"
			t.wantBool("HasUsablePassword", true)(t.users.HasUsablePassword(u), nil)
		}},
		{"test_normalize_username", func(t *peopleTest) {
			numbers := t.with((*integerUser)(nil), nil)
			u, err := numbers.users.CreateWithoutPassword(t.ctx, "123", "", nil)
			t.noError(err)
			if got := numbers.reload(u).(*integerUser).Username; got != 123 {
				t.Errorf("the name 123 became %d", got)
			}
		}},
		{"test_clean_normalize_username", func(t *peopleTest) {
			user, custom := &auth.User{}, &customUserModel{}
			user.Username, custom.Email = ohmName, ohmName
			t.noError(t.users.Clean(user))
			t.noError(t.with(custom, nil).users.Clean(custom))
			if user.Username != omegaName || custom.Email != omegaName {
				t.Errorf("cleaned names are %q and %q, want %q", user.Username, custom.Email, omegaName)
			}
		}},
		{"test_default_email", func(t *peopleTest) {
			if got := t.users.EmailField(); got != "email" {
				t.Errorf("the column of the address is %q", got)
			}
		}},
		{"test_custom_email", func(t *peopleTest) {
			if got := t.with((*customEmailField)(nil), nil).users.EmailField(); got != "email_address" {
				t.Errorf("the column of the address is %q", got)
			}
		}},
	})
}

func TestDjangoAbstractUser(t *testing.T) {
	t.Parallel()
	runPeople(t, "django/auth_tests/test_models.py/AbstractUserTestCase.", []peopleCase{
		{"test_email_user", func(t *peopleTest) {
			outbox := &mail.Memory{}
			u := &auth.User{}
			u.Email = "foo@bar.com"
			t.noError(t.users.Mail(t.ctx, &mail.Mailer{Transport: outbox}, u,
				mail.Message{Subject: "Subject here", Text: "This is a message", From: "from@domain.com"}))
			sent := outbox.Outbox()
			if len(sent) != 1 {
				t.Fatalf("%d messages were sent, want 1", len(sent))
			}
			m := sent[0]
			if m.Subject != "Subject here" || m.Text != "This is a message" || m.From != "from@domain.com" || len(m.To) != 1 || m.To[0] != "foo@bar.com" {
				t.Errorf("the message is %+v", m)
			}
		}},
		{"test_last_login_default", func(t *peopleTest) {
			filled := &auth.User{}
			filled.Username = "user1"
			t.noError(t.users.Insert(t.ctx, filled))
			for _, u := range []auth.Account{filled, t.user("user2", nil)} {
				if got := t.reload(u).(*auth.User).LastLogin; !got.IsZero() {
					t.Errorf("the last log-in of %v is %v, want none", u, got)
				}
			}
		}},
		{"test_user_clean_normalize_email", func(t *peopleTest) {
			u := &auth.User{}
			u.Username, u.Email, u.Password = "user", "foo@BAR.com", "foo"
			t.noError(t.users.Clean(u))
			if u.Email != "foo@bar.com" {
				t.Errorf("the cleaned address is %q", u.Email)
			}
		}},
		{"test_user_double_save", testDoubleSave},
		{"test_check_password_upgrade", testUpgradeIsNoChange},
	})
}

// history is a rule for passwords that counts which were set.
type history struct{ set []string }

func (*history) Validate(context.Context, string, []password.Attribute) error { return nil }
func (*history) HelpText() string                                             { return "" }

func (h *history) PasswordChanged(_ context.Context, raw string, _ []password.Attribute) error {
	h.set = append(h.set, raw)
	return nil
}

func testDoubleSave(t *peopleTest) {
	h := &history{}
	t = t.with((*auth.User)(nil), func(c *auth.Config) { c.Validators = []password.Validator{h} })
	u, err := t.users.Create(t.ctx, "user", "", "foo", nil)
	t.noError(err)
	h.set = nil
	t.noError(t.users.SetPassword(t.ctx, u, "bar"))
	for range 2 {
		t.noError(t.users.Save(t.ctx, u))
		if len(h.set) != 1 || h.set[0] != "bar" {
			t.Errorf("the rules were told of %q, want bar once", h.set)
		}
	}
}

func testUpgradeIsNoChange(t *peopleTest) {
	h := &history{}
	at := func(iterations int) *peopleTest {
		return t.with((*auth.User)(nil), func(c *auth.Config) {
			c.Hashers = hashers.New(hashers.Config{List: []hashers.Hasher{hashers.PBKDF2SHA256{Iterations: iterations}}})
			c.Validators = []password.Validator{h}
		})
	}
	before, after := at(10), at(11)
	u, err := before.users.Create(t.ctx, "user", "", "foo", nil)
	t.noError(err)
	initial := string(u.(*auth.User).Password)
	t.wantBool("the password", true)(before.users.CheckPassword(t.ctx, u, "foo"))
	if got := string(u.(*auth.User).Password); got != initial || !strings.HasPrefix(got, "pbkdf2_sha256$10$") {
		t.Errorf("the hash went from %s to %s without need", initial, got)
	}
	h.set = nil
	changes := 0
	after.users.PasswordChanged().Connect(func(context.Context, auth.PasswordChanged) error { changes++; return nil })
	t.wantBool("the password at a higher cost", true)(after.users.CheckPassword(t.ctx, u, "foo"))
	if len(h.set) != 0 || changes != 0 {
		t.Errorf("an upgrade of the hash was told as a change, %d and %d times", len(h.set), changes)
	}
	for _, u := range []auth.Account{u, t.reload(u)} {
		if got := string(u.(*auth.User).Password); !strings.HasPrefix(got, "pbkdf2_sha256$11$") {
			t.Errorf("the hash is %s, want one of 11 iterations", got)
		}
	}
}

func TestDjangoUserModels(t *testing.T) {
	t.Parallel()
	runPeople(t, "django/auth_tests/test_models.py/", []peopleCase{
		{"IsActiveTestCase.test_builtin_user_isactive", func(t *peopleTest) {
			u := t.users.New().(*auth.User)
			u.Username, u.Email = "foo", "foo@bar.com"
			t.noError(t.users.Insert(t.ctx, u))
			if !u.IsActive || !t.reload(u).(*auth.User).IsActive {
				t.Error("a new user is not active")
			}
			u.IsActive = false
			t.noError(t.users.Save(t.ctx, u))
			if t.reload(u).(*auth.User).IsActive {
				t.Error("the flag was not saved")
			}
		}},
		{"IsActiveTestCase.test_is_active_field_default", func(t *peopleTest) {
			users := t.with((*alwaysActiveUser)(nil), nil).users
			u := users.New().(*alwaysActiveUser)
			u.Username = "foo"
			t.wantBool("IsActive of a new user", true)(users.IsActive(u), nil)
			u.Disabled = true
			t.wantBool("IsActive of a disabled user", false)(users.IsActive(u), nil)
			t.noError(users.Insert(t.ctx, u))
			again, err := users.ByPK(t.ctx, users.PK(u))
			t.noError(err)
			t.wantBool("IsActive of the user as read again", true)(users.IsActive(again), nil)
		}},
		{"TestCreateSuperUserSignals.test_create_user", func(t *peopleTest) {
			told := t.countCreated()
			t.user("JohnDoe", nil)
			if *told != 1 {
				t.Errorf("Created was sent %d times, want 1", *told)
			}
		}},
		{"TestCreateSuperUserSignals.test_create_superuser", func(t *peopleTest) {
			told := t.countCreated()
			_, err := t.users.CreateSuperuser(t.ctx, "JohnDoe", "mail@example.com", "1", nil)
			t.noError(err)
			if *told != 1 {
				t.Errorf("Created was sent %d times, want 1", *told)
			}
		}},
		{"NaturalKeysTestCase.test_user_natural_key", func(t *peopleTest) {
			u := t.user("staff", nil)
			found, err := t.users.ByUsername(t.ctx, "staff")
			t.wantBool("ByUsername finds the user", true)(t.users.Same(found, u), err)
			if got := t.users.Username(u); got != "staff" {
				t.Errorf("the natural key is %q", got)
			}
		}},
		{"NaturalKeysTestCase.test_group_natural_key", func(t *peopleTest) {
			g := t.group("users")
			found, err := t.groups.ByName(t.ctx, "users")
			t.noError(err)
			if *found != *g {
				t.Errorf("found %v, want %v", found, g)
			}
		}},
		{"PermissionTests.test_str", func(t *peopleTest) {
			p, err := t.groups.Permission(t.ctx, "auth_tests.view_customemailfield")
			t.noError(err)
			if got, want := p.String(), "auth_tests | customemailfield | Can view custom email field"; got != want {
				t.Errorf("the permission is %q, want %q", got, want)
			}
		}},
	})
	t.Run("django/auth_tests/test_models.py/GroupTests.test_str", func(t *testing.T) {
		t.Parallel()
		if got := fmt.Sprint(&auth.Group{Name: "Users"}); got != "Users" {
			t.Errorf("the group is %q", got)
		}
	})
}

func (t *peopleTest) countCreated() *int {
	n := new(int)
	t.users.Created().Connect(func(context.Context, auth.UserCreated) error { *n++; return nil })
	return n
}

func TestDjangoAnonymousUser(t *testing.T) {
	t.Parallel()
	runPeople(t, "django/auth_tests/test_models.py/AnonymousUserTests.", []peopleCase{
		{"test_properties", testAnonymousProperties},
		{"test_str", func(t *peopleTest) {
			if got := fmt.Sprint(&auth.AnonymousUser{}); got != "AnonymousUser" {
				t.Errorf("a visitor is %q", got)
			}
		}},
		{"test_eq", func(t *peopleTest) {
			t.wantBool("a visitor is a visitor", true)(t.users.Same(&auth.AnonymousUser{}, &auth.AnonymousUser{}), nil)
			t.wantBool("a visitor is a user", false)(t.users.Same(&auth.AnonymousUser{}, t.user("super", nil)), nil)
			t.wantBool("a visitor is a user that is not stored", false)(t.users.Same(&auth.AnonymousUser{}, &auth.User{}), nil)
		}},
		{"test_delete", func(t *peopleTest) {
			t.wantError("Delete", t.users.Delete(t.ctx, &auth.AnonymousUser{}), auth.ErrAnonymous)
		}},
		{"test_save", func(t *peopleTest) {
			t.wantError("Save", t.users.Save(t.ctx, &auth.AnonymousUser{}), auth.ErrAnonymous)
			t.wantError("Insert", t.users.Insert(t.ctx, &auth.AnonymousUser{}), auth.ErrAnonymous)
		}},
		{"test_set_password", func(t *peopleTest) {
			t.wantError("SetPassword", t.users.SetPassword(t.ctx, &auth.AnonymousUser{}, "password"), auth.ErrAnonymous)
		}},
		{"test_check_password", func(t *peopleTest) {
			_, err := t.users.CheckPassword(t.ctx, &auth.AnonymousUser{}, "password")
			t.wantError("CheckPassword", err, auth.ErrAnonymous)
		}},
	})
}

func testAnonymousProperties(t *peopleTest) {
	u := &auth.AnonymousUser{}
	if t.users.PK(u) != "" || u.Username != "" || t.users.Username(u) != "" {
		t.Errorf("a visitor has the key %q and the name %q", t.users.PK(u), t.users.Username(u))
	}
	if !u.IsAnonymous() || u.IsAuthenticated() || u.IsStaff || u.IsActive || u.IsSuperuser || t.users.IsActive(u) {
		t.Errorf("a visitor's flags are wrong: %+v", u)
	}
	groups, err := t.users.Groups(u).Count(t.ctx)
	t.noError(err)
	perms, err := t.users.Permissions(u).All(t.ctx)
	t.noError(err)
	if groups != 0 || len(perms) != 0 {
		t.Errorf("a visitor has %d groups and the permissions %v", groups, perms)
	}
	t.wantPerms("UserPermissions")(t.Auth.UserPermissions(t.ctx, u, nil))
	t.wantPerms("GroupPermissions")(t.Auth.GroupPermissions(t.ctx, u, nil))
}

// wantText fails unless an error has a text in it.
func wantText(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want an error with %q in it", what, err, want)
	}
}
