package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/hashers/hasherstest"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/coretest"
)

// suiteModel is a user model under the cases that Django runs once for each.
type suiteModel struct {
	class    string
	model    auth.Account
	username string // of the ordinary user; the superuser's has a 2
	flags    func(u auth.Account) flags
}

// flags point at what the cases set on a user; nil for what the model has not.
type flags struct {
	staff, superuser, visitor *bool
	setActive                 func(bool)
}

func suiteModels() []suiteModel {
	return []suiteModel{
		{"ExtensionUserModelBackendTest", (*extensionUser)(nil), "test", func(u auth.Account) flags {
			x := u.(*extensionUser)
			return flags{&x.IsStaff, &x.IsSuperuser, &x.visitor, func(on bool) { x.IsActive = on }}
		}},
		{"CustomPermissionsUserModelBackendTest", (*permissionsUser)(nil), "test@example.com", func(u auth.Account) flags {
			x := u.(*permissionsUser)
			return flags{new(bool), &x.IsSuperuser, &x.visitor, func(on bool) { x.Disabled = !on }}
		}},
	}
}

// suiteTest is one of the cases on one of the models.
type suiteTest struct {
	*peopleTest
	suiteModel
	user, superuser auth.Account
	hashed          *hasherstest.Counting
}

func TestDjangoCustomUsers(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*suiteTest){
		"test_has_perm":                           (*suiteTest).hasPerm,
		"test_custom_perms":                       (*suiteTest).customPerms,
		"test_has_no_object_perm":                 (*suiteTest).noObjectPerm,
		"test_anonymous_has_no_permissions":       (*suiteTest).anonymousHasNone,
		"test_inactive_has_no_permissions":        (*suiteTest).inactiveHasNone,
		"test_get_all_superuser_permissions":      (*suiteTest).superuserHasAll,
		"test_authentication_timing":              (*suiteTest).timing,
		"test_authentication_without_credentials": (*suiteTest).withoutCredentials,
	}
	for _, m := range suiteModels() {
		for name, run := range cases {
			runPeople(t, "django/auth_tests/test_auth_backends.py/"+m.class+".", []peopleCase{{name, func(t *peopleTest) {
				run(newSuiteTest(t, m))
			}}})
		}
	}
}

// newSuiteTest makes the two users of the cases.
func newSuiteTest(t *peopleTest, m suiteModel) *suiteTest {
	s := &suiteTest{suiteModel: m, hashed: &hasherstest.Counting{Hasher: hashers.MD5{}}}
	s.peopleTest = t.with(m.model, func(c *auth.Config) {
		c.Hashers = hashers.New(hashers.Config{List: []hashers.Hasher{s.hashed}})
	})
	born := func(u auth.Account) error {
		return s.users.SetText(u, "date_of_birth", "2006-04-25")
	}
	var err error
	s.user, err = s.users.Create(t.ctx, m.username, "test@example.com", "test", born)
	t.noError(err)
	s.superuser, err = s.users.CreateSuperuser(t.ctx, "2"+m.username, "test2@example.com", "test", born)
	t.noError(err)
	return s
}

func (t *suiteTest) hasPerm() {
	u := t.reload(t.user)
	f := t.flags(u)
	for _, c := range []struct{ staff, superuser, active, want bool }{
		{false, false, true, false}, {true, false, true, false}, {true, true, true, true}, {true, true, false, false},
	} {
		*f.staff, *f.superuser = c.staff, c.superuser
		f.setActive(c.active)
		t.noError(t.users.Save(t.ctx, u))
		t.wantBool("HasPerm", c.want)(t.Auth.HasPerm(t.ctx, u, "auth.test"))
	}
}

func (t *suiteTest) customPerms() {
	a, perms := t.Auth, t.users.Permissions(t.user)
	t.noError(perms.Add(t.ctx, t.permission("test")))
	u := t.reload(t.user)
	t.wantPerms("AllPermissions", "auth.test")(a.AllPermissions(t.ctx, u, nil))
	t.wantPerms("UserPermissions", "auth.test")(a.UserPermissions(t.ctx, u, nil))
	t.wantPerms("GroupPermissions")(a.GroupPermissions(t.ctx, u, nil))
	t.wantBool("HasModulePerms(Group)", false)(a.HasModulePerms(t.ctx, u, "Group"))
	t.wantBool("HasModulePerms(auth)", true)(a.HasModulePerms(t.ctx, u, "auth"))

	t.noError(perms.Add(t.ctx, t.permission("test2"), t.permission("test3")))
	u = t.reload(t.user)
	own := []string{"auth.test", "auth.test2", "auth.test3"}
	t.wantPerms("AllPermissions", own...)(a.AllPermissions(t.ctx, u, nil))
	t.wantBool("HasPerm(test)", false)(a.HasPerm(t.ctx, u, "test"))
	t.wantBool("HasPerm(auth.test)", true)(a.HasPerm(t.ctx, u, "auth.test"))
	t.wantBool("HasPerms", true)(a.HasPerms(t.ctx, u, "auth.test2", "auth.test3"))

	t.noError(t.users.Groups(u).Add(t.ctx, t.group("test_group", t.permission("test_group"))))
	u = t.reload(t.user)
	t.wantPerms("AllPermissions", append(own, "auth.test_group")...)(a.AllPermissions(t.ctx, u, nil))
	t.wantPerms("UserPermissions", own...)(a.UserPermissions(t.ctx, u, nil))
	t.wantPerms("GroupPermissions", "auth.test_group")(a.GroupPermissions(t.ctx, u, nil))
	t.wantBool("HasPerms through a group", true)(a.HasPerms(t.ctx, u, "auth.test3", "auth.test_group"))

	visitor := &auth.AnonymousUser{}
	t.wantBool("HasPerm of a visitor", false)(a.HasPerm(t.ctx, visitor, "test"))
	t.wantBool("HasPerms of a visitor", false)(a.HasPerms(t.ctx, visitor, "auth.test2", "auth.test3"))
}

func (t *suiteTest) noObjectPerm() {
	t.noError(t.users.Permissions(t.user).Add(t.ctx, t.permission("test")))
	u := t.reload(t.user)
	t.wantBool("HasPermFor an object", false)(t.Auth.HasPermFor(t.ctx, u, "auth.test", "object"))
	t.wantPerms("AllPermissions for an object")(t.Auth.AllPermissions(t.ctx, u, "object"))
	t.wantBool("HasPerm", true)(t.Auth.HasPerm(t.ctx, u, "auth.test"))
	t.wantPerms("AllPermissions", "auth.test")(t.Auth.AllPermissions(t.ctx, u, nil))
}

// given is the ordinary user with one permission, and one more through a group.
func (t *suiteTest) given() auth.Account {
	t.Helper()
	t.noError(t.users.Permissions(t.user).Add(t.ctx, t.permission("test_user")))
	t.noError(t.users.Groups(t.user).Add(t.ctx, t.group("test_group", t.permission("test_group"))))
	return t.reload(t.user)
}

func (t *suiteTest) wantLists(u auth.Account, own, group []string) {
	t.Helper()
	b := &auth.ModelBackend{Users: t.users}
	t.wantPerms("UserPermissions", own...)(b.UserPermissions(t.ctx, u, nil))
	t.wantPerms("GroupPermissions", group...)(b.GroupPermissions(t.ctx, u, nil))
	t.wantPerms("AllPermissions", append(append([]string{}, own...), group...)...)(t.Auth.AllPermissions(t.ctx, u, nil))
}

func (t *suiteTest) anonymousHasNone() {
	u := t.given()
	t.wantLists(u, []string{"auth.test_user"}, []string{"auth.test_group"})
	*t.flags(u).visitor = true
	t.wantLists(u, nil, nil)
}

func (t *suiteTest) inactiveHasNone() {
	u := t.given()
	t.wantLists(u, []string{"auth.test_user"}, []string{"auth.test_group"})
	t.flags(u).setActive(false)
	t.noError(t.users.Save(t.ctx, u))
	t.wantLists(u, nil, nil)
}

func (t *suiteTest) superuserHasAll() {
	rows, err := t.groups.AllPermissions(t.ctx)
	t.noError(err)
	set, err := t.Auth.AllPermissions(t.ctx, t.reload(t.superuser), nil)
	t.noError(err)
	if len(set) != len(rows) || len(rows) < 20 {
		t.Errorf("a superuser has %d permissions of %d", len(set), len(rows))
	}
}

func (t *suiteTest) timing() {
	for _, name := range []string{t.username, "no_such_user"} {
		t.hashed.Take()
		u, err := t.Auth.Authenticate(t.ctx, nil, auth.PasswordCredentials{Username: name, Password: "test"})
		t.wantBool("Authenticate("+name+") finds the user", name == t.username)(t.users.Same(u, t.user), err)
		if n := t.hashed.Take().Total(); n != 1 {
			t.Errorf("Authenticate(%s) hashes %d times, want once", name, n)
		}
	}
}

// withoutCredentials: what is not given makes credentials of another type.
func (t *suiteTest) withoutCredentials() {
	for _, c := range []auth.Credentials{nil, struct{ Username string }{t.username}, struct{ Password string }{"test"}} {
		t.hashed.Take()
		t.Queries.AtMost(t.T, 0, func() {
			if u, err := t.Auth.Authenticate(t.ctx, nil, c); u != nil || err != nil {
				t.Errorf("Authenticate(%#v) = %v, %v", c, u, err)
			}
		})
		if n := t.hashed.Take().Total(); n != 0 {
			t.Errorf("Authenticate(%#v) hashes %d times, want never", c, n)
		}
	}
}

func TestDjangoCustomUserBackends(t *testing.T) {
	t.Parallel()
	runPeople(t, "django/auth_tests/test_auth_backends.py/", []peopleCase{
		{"CustomUserModelBackendAuthenticateTest.test_authenticate", func(t *peopleTest) {
			t = t.with((*customUserModel)(nil), nil)
			u, err := t.users.Create(t.ctx, "test@example.com", "", "test", func(u auth.Account) error {
				u.(*customUserModel).DateOfBirth = time.Date(2006, 4, 25, 0, 0, 0, 0, time.UTC)
				return nil
			})
			t.noError(err)
			got, err := t.Auth.Authenticate(t.ctx, nil, auth.PasswordCredentials{Username: "test@example.com", Password: "test"})
			t.wantBool("Authenticate finds the user", true)(t.users.Same(got, u), err)
			if born := t.reload(u).(*customUserModel).DateOfBirth; born.Format(time.DateOnly) != "2006-04-25" {
				t.Errorf("the date of birth is %v", born)
			}
		}},
		{"UUIDUserTests.test_login", func(t *peopleTest) {
			t = t.with((*uuidUser)(nil), nil)
			u, err := t.users.Create(t.ctx, "uuid", "", "test", nil)
			t.noError(err)
			b := t.Browser()
			if !authtest.Login(t, t.Auth, b, auth.PasswordCredentials{Username: "uuid", Password: "test"}) {
				t.Fatal("the user cannot log in")
			}
			session := t.Auth.Config().Sessions.Open(b.Cookie("sessionid"))
			pk, _, err := sessions.Get[string](t.ctx, session, auth.SessionUserID)
			t.noError(err)
			if pk != u.(*uuidUser).ID.String() || len(pk) != 36 {
				t.Errorf("the session holds %q, want %q", pk, u.(*uuidUser).ID)
			}
			found, err := t.users.ByPK(t.ctx, pk)
			t.wantBool("the session's key finds the user", true)(t.users.Same(found, u), err)
		}},
		{"ModelBackendTest.test_authenticate_user_without_is_active_field", func(t *peopleTest) {
			t = t.with((*withoutActive)(nil), nil)
			u, err := t.users.Create(t.ctx, "test", "test@example.com", "test", nil)
			t.noError(err)
			got, err := t.Auth.Authenticate(t.ctx, nil, auth.PasswordCredentials{Username: "test", Password: "test"})
			t.wantBool("Authenticate finds the user", true)(t.users.Same(got, u), err)
		}},
		{"ImproperlyConfiguredUserModelTest.test_does_not_shadow_exception", func(t *peopleTest) {
			_, err := t.users.Create(t.ctx, "test", "test@example.com", "test", nil)
			t.noError(err)
			b := t.Browser()
			t.wantBool("Login", true)(authtest.Login(t, t.Auth, b, auth.PasswordCredentials{Username: "test", Password: "test"}), nil)
			_, err = t.with(nil, nil).userOf(b)
			wantText(t.T, "the user of a request", err, "write auth.NewUsers(db, (*YourUser)(nil))")
		}},
	})
}

// withoutActive is a model that nobody can be switched off in.
type withoutActive struct {
	bun.BaseModel `bun:"table:auth_tests_isactivetestuser1,alias:without_active"`

	ID int64 `bun:"id,pk,autoincrement"`
	auth.BaseUser
	Username string `bun:"username,notnull,unique,type:varchar(30)"`
}

// userOf asks who makes a request of a browser.
func (t *peopleTest) userOf(b *coretest.Browser) (u auth.Account, err error) {
	view := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { u, err = auth.UserOf(r.Context()) })
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "sessionid", Value: b.Cookie("sessionid")})
	t.Auth.Config().Sessions.Middleware(t.Auth.Middleware(view)).ServeHTTP(httptest.NewRecorder(), r)
	return u, err
}
