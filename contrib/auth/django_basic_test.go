package auth_test

import (
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/signing"
)

// The same two names, once with an ohm sign and once with the letter omega.
const (
	ohmName   = "iamthe\u2126"
	omegaName = "iamthe\u03a9"
)

func TestDjangoBasic(t *testing.T) {
	t.Parallel()
	runPeople(t, "django/auth_tests/test_basic.py/", []peopleCase{
		{"BasicTestCase.test_user", testBasicUser},
		{"BasicTestCase.test_unicode_username", func(t *peopleTest) {
			for _, name := range []string{"jörg", "Григорий", ohmName} {
				_, err := t.users.CreateWithoutPassword(t.ctx, name, "", nil)
				t.noError(err)
			}
			_, err := t.users.CreateWithoutPassword(t.ctx, omegaName, "", nil)
			t.wantError("the same name in another spelling", err, auth.ErrUsernameTaken)
		}},
		{"BasicTestCase.test_user_no_email", func(t *peopleTest) {
			u, err := t.users.CreateWithoutPassword(t.ctx, "testuser1", "", nil)
			t.noError(err)
			if got := t.users.Email(t.reload(u)); got != "" {
				t.Errorf("the address is %q, want none", got)
			}
		}},
		{"BasicTestCase.test_superuser", func(t *peopleTest) {
			u, err := t.users.CreateSuperuser(t.ctx, "super", "super@example.com", "super", nil)
			t.noError(err)
			if got := t.reload(u).(*auth.User); !got.IsSuperuser || !got.IsActive || !got.IsStaff {
				t.Errorf("superuser %v, active %v, staff %v; want all", got.IsSuperuser, got.IsActive, got.IsStaff)
			}
		}},
		{"BasicTestCase.test_superuser_no_email_or_password", func(t *peopleTest) {
			u, err := t.users.CreateSuperuserWithoutPassword(t.ctx, "super0", "", nil)
			t.noError(err)
			if u = t.reload(u); t.users.Email(u) != "" || t.users.HasUsablePassword(u) || !u.(*auth.User).IsSuperuser {
				t.Errorf("%v has an address or a password, or is no superuser", u)
			}
		}},
		{"BasicTestCase.test_get_user_model", func(t *peopleTest) {
			if u, ok := t.users.New().(*auth.User); !ok {
				t.Errorf("a new user is a %T, want *auth.User", u)
			}
		}},
		{"BasicTestCase.test_swappable_user", func(t *peopleTest) {
			custom := t.with((*customUserModel)(nil), nil)
			if u, ok := custom.users.New().(*customUserModel); !ok {
				t.Errorf("a new user is a %T, want the other model", u)
			}
			if err := custom.users.Insert(t.ctx, &auth.User{}); err == nil {
				t.Error("a user of the model that was replaced was stored")
			}
		}},
		{"BasicTestCase.test_swappable_user_bad_setting", func(t *peopleTest) {
			users := auth.NewUsers(t.DB(), nil)
			_, err := users.ByUsername(t.ctx, "x")
			wantText(t.T, "users of no model", err, "write auth.NewUsers(db, (*YourUser)(nil))")
			wantText(t.T, "a project with users of no model", t.ready(users), "write auth.NewUsers(db, (*YourUser)(nil))")
		}},
		{"BasicTestCase.test_swappable_user_nonexistent_model", func(t *peopleTest) {
			wantText(t.T, "a project without its user model", t.ready(auth.NewUsers(t.DB(), (*customUserModel)(nil))), "customUserModel is in no app")
		}},
	})
}

// ready says what is wrong with a project of nothing but users.
func (t *peopleTest) ready(users *auth.Users) error {
	t.Helper()
	types := contenttypes.New(t.DB())
	sess := t.Auth.Config().Sessions
	p, err := core.New(t.Settings(), types.App(), sess.App(), auth.New(auth.Config{Users: users, Sessions: sess, Types: types}).App())
	t.noError(err)
	return p.Ready()
}

func testBasicUser(t *peopleTest) {
	u, err := t.users.Create(t.ctx, "testuser", "test@example.com", "testpw", nil)
	t.noError(err)
	password := func(raw string, want bool) {
		t.Helper()
		t.wantBool("CheckPassword("+raw+")", want)(t.users.CheckPassword(t.ctx, u, raw))
	}
	if !t.users.HasUsablePassword(u) {
		t.Error("the password cannot be used")
	}
	password("bad", false)
	password("testpw", true)

	t.users.SetUnusablePassword(u)
	t.noError(t.users.Save(t.ctx, u))
	password("testpw", false)
	if t.users.HasUsablePassword(u) || t.users.HasUsablePassword(t.reload(u)) {
		t.Error("the unusable password can be used")
	}
	t.noError(t.users.SetPassword(t.ctx, u, "testpw"))
	password("testpw", true)
	t.users.SetUnusablePassword(u)
	if t.users.HasUsablePassword(u) {
		t.Error("the password that was taken away can be used")
	}

	if got := t.users.Username(u); got != "testuser" {
		t.Errorf("the name is %q, want testuser", got)
	}
	if x := u.(*auth.User); x.IsAnonymous() || !x.IsAuthenticated() || x.IsStaff || !x.IsActive || x.IsSuperuser {
		t.Errorf("the new user's flags are wrong: %+v", x)
	}
	other, err := t.users.CreateWithoutPassword(t.ctx, "testuser2", "test2@example.com", nil)
	t.noError(err)
	if t.users.HasUsablePassword(other) {
		t.Error("a user made without a password has one")
	}
}

func TestDjangoGetUser(t *testing.T) {
	t.Parallel()
	credentials := auth.PasswordCredentials{Username: "testuser", Password: "testpw"}
	runPeople(t, "django/auth_tests/test_basic.py/TestGetUser.", []peopleCase{
		{"test_get_user_anonymous", func(t *peopleTest) {
			if u, ok := authtest.User(t, t.Auth, t.Browser()).(*auth.AnonymousUser); !ok {
				t.Errorf("a visitor is a %T", u)
			}
		}},
		{"test_get_user", func(t *peopleTest) {
			_, err := t.users.Create(t.ctx, "testuser", "test@example.com", "testpw", nil)
			t.noError(err)
			b := t.Browser()
			t.wantBool("Login", true)(authtest.Login(t, t.Auth, b, credentials), nil)
			if u, ok := authtest.User(t, t.Auth, b).(*auth.User); !ok || u.Username != "testuser" {
				t.Errorf("the user is a %T, %v", u, u)
			}
		}},
		{"test_get_user_fallback_secret", func(t *peopleTest) {
			_, err := t.users.Create(t.ctx, "testuser", "test@example.com", "testpw", nil)
			t.noError(err)
			b := t.Browser()
			t.wantBool("Login", true)(authtest.Login(t, t.Auth, b, credentials), nil)
			before := b.Cookie("sessionid")
			old := t.Settings().Keys[0]
			rotated := t.with((*auth.User)(nil), func(c *auth.Config) { c.Keys = signing.Keys{"newsecret", old} })
			if u := authtest.User(t, rotated.Auth, b); t.users.Username(u) != "testuser" {
				t.Errorf("with a new key and the old one as fallback the user is %v", u)
			}
			if after := b.Cookie("sessionid"); after == before || after == "" {
				t.Errorf("the session's key was %q and is %q, want another", before, after)
			}
			fresh := t.with((*auth.User)(nil), func(c *auth.Config) { c.Keys = signing.Keys{"newsecret"} })
			if u := authtest.User(t, fresh.Auth, b); t.users.Username(u) != "testuser" {
				t.Errorf("without the fallback the user is %v", u)
			}
		}},
	})
}
