package auth_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/hashers/hasherstest"
)

// siteCase is a test on both databases.
type siteCase struct {
	name string
	run  func(t *testing.T, s *authtest.Site)
}

// runDjango runs cases of one of Django's files.
func runDjango(t *testing.T, file string, cases []siteCase) {
	t.Helper()
	for _, c := range cases {
		t.Run("django/"+file+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			guarded.Each(t, c.run)
		})
	}
}

// runRows runs rows of the reference.
func runRows(t *testing.T, cases []siteCase) {
	t.Helper()
	for _, c := range cases {
		t.Run("row/"+c.name, func(t *testing.T) {
			t.Parallel()
			guarded.Each(t, c.run)
		})
	}
}

// object is what single permissions are asked for in Django's cases.
type object struct{}

func TestDjangoBackends(t *testing.T) {
	t.Parallel()
	runDjango(t, "auth_tests/test_auth_backends.py", []siteCase{
		{"BaseBackendTest.test_get_user_permissions", simpleBackend(func(t *testing.T, a *auth.Auth, u auth.Account) {
			wantSet(t, "UserPermissions", "user_perm")(a.UserPermissions(t.Context(), u, nil))
		})},
		{"BaseBackendTest.test_get_group_permissions", simpleBackend(func(t *testing.T, a *auth.Auth, u auth.Account) {
			wantSet(t, "GroupPermissions", "group_perm")(a.GroupPermissions(t.Context(), u, nil))
		})},
		{"BaseBackendTest.test_get_all_permissions", simpleBackend(func(t *testing.T, a *auth.Auth, u auth.Account) {
			wantSet(t, "AllPermissions", "user_perm", "group_perm")(a.AllPermissions(t.Context(), u, nil))
		})},
		{"BaseBackendTest.test_has_perm", simpleBackend(func(t *testing.T, a *auth.Auth, u auth.Account) {
			check(t, "user_perm", true)(a.HasPerm(t.Context(), u, "user_perm"))
			check(t, "group_perm", true)(a.HasPerm(t.Context(), u, "group_perm"))
			check(t, "other_perm", false)(a.HasPermFor(t.Context(), u, "other_perm", object{}))
		})},
		{"ModelBackendTest.test_has_perm", testHasPerm},
		{"ModelBackendTest.test_custom_perms", testCustomPerms},
		{"ModelBackendTest.test_has_no_object_perm", testNoObjectPerm},
		{"ModelBackendTest.test_anonymous_has_no_permissions", testAnonymousHasNone},
		{"ModelBackendTest.test_inactive_has_no_permissions", testInactiveHasNone},
		{"ModelBackendTest.test_get_all_superuser_permissions", testSuperuserHasAll},
		{"ModelBackendTest.test_authentication_timing", testTiming},
		{"ModelBackendTest.test_authentication_without_credentials", testWithoutCredentials},
		{"ModelBackendTest.test_authenticate_inactive", testInactiveCannotLogIn},
		{"AllowAllUsersModelBackendTest.test_authenticate", testAllowAllAuthenticate},
		{"AllowAllUsersModelBackendTest.test_get_user", testAllowAllGetUser},
		{"NoBackendsTest.test_raises_exception", testNoBackends},
		{"AuthenticateTests.test_type_error_raised", testBackendError},
		{"AuthenticateTests.test_skips_backends_without_arguments", testSkippedBackend},
		{"ChangedBackendSettingsTest.test_changed_backend_settings", testChangedBackends},
	})
}

// lister lists permissions and does nothing else.
type lister struct{ nobody }

func (lister) UserPermissions(context.Context, auth.Account, any) (auth.PermissionSet, error) {
	return auth.PermissionSet{"user_perm": {}}, nil
}

func (lister) GroupPermissions(context.Context, auth.Account, any) (auth.PermissionSet, error) {
	return auth.PermissionSet{"group_perm": {}}, nil
}

// nobody is a backend that knows nobody.
type nobody struct{}

func (nobody) Name() string { return "tests.nobody" }

func (nobody) Authenticate(context.Context, *http.Request, auth.Credentials) (auth.Account, error) {
	return nil, nil
}

func (nobody) User(context.Context, string) (auth.Account, error) { return nil, nil }

// simpleBackend is a case about a user of the site whose one backend is lister.
func simpleBackend(f func(*testing.T, *auth.Auth, auth.Account)) func(*testing.T, *authtest.Site) {
	return func(t *testing.T, s *authtest.Site) {
		s = rebuild(t, s, withBackends(lister{}))
		f(t, s.Auth, newUser(t, s, "test", nil))
	}
}

func testHasPerm(t *testing.T, s *authtest.Site) {
	u := reload(t, s, newUser(t, s, "test", nil))
	for _, c := range []struct {
		staff, superuser, active, want bool
	}{{false, false, true, false}, {true, false, true, false}, {true, true, true, true}, {true, true, false, false}} {
		u.IsStaff, u.IsSuperuser, u.IsActive = c.staff, c.superuser, c.active
		if err := s.Auth.Users().Save(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		check(t, "HasPerm with the flags of the case", c.want)(s.Auth.HasPerm(t.Context(), u, "auth.test"))
	}
}

func testCustomPerms(t *testing.T, s *authtest.Site) {
	a, ctx := s.Auth, t.Context()
	u := newUser(t, s, "test", nil)
	newPerm(t, s, "test")
	grant(t, s, u, "auth.test")

	u = reload(t, s, u)
	wantSet(t, "AllPermissions", "auth.test")(a.AllPermissions(ctx, u, nil))
	wantSet(t, "UserPermissions", "auth.test")(a.UserPermissions(ctx, u, nil))
	wantSet(t, "GroupPermissions")(a.GroupPermissions(ctx, u, nil))
	check(t, "HasModulePerms(Group)", false)(a.HasModulePerms(ctx, u, "Group"))
	check(t, "HasModulePerms(auth)", true)(a.HasModulePerms(ctx, u, "auth"))

	newPerm(t, s, "test2")
	newPerm(t, s, "test3")
	grant(t, s, u, "auth.test2", "auth.test3")
	u = reload(t, s, u)
	wantSet(t, "AllPermissions", "auth.test", "auth.test2", "auth.test3")(a.AllPermissions(ctx, u, nil))
	check(t, "HasPerm(test)", false)(a.HasPerm(ctx, u, "test"))
	check(t, "HasPerm(auth.test)", true)(a.HasPerm(ctx, u, "auth.test"))
	check(t, "HasPerms", true)(a.HasPerms(ctx, u, "auth.test2", "auth.test3"))

	g := must[*auth.Group](t)(a.Groups().Create(ctx, "test_group"))
	if err := a.Groups().Permissions(g).Add(ctx, newPerm(t, s, "test_group")); err != nil {
		t.Fatal(err)
	}
	if err := a.Users().Groups(u).Add(ctx, g); err != nil {
		t.Fatal(err)
	}
	u = reload(t, s, u)
	wantSet(t, "AllPermissions", "auth.test", "auth.test2", "auth.test3", "auth.test_group")(a.AllPermissions(ctx, u, nil))
	wantSet(t, "UserPermissions", "auth.test", "auth.test2", "auth.test3")(a.UserPermissions(ctx, u, nil))
	wantSet(t, "GroupPermissions", "auth.test_group")(a.GroupPermissions(ctx, u, nil))
	check(t, "HasPerms", true)(a.HasPerms(ctx, u, "auth.test3", "auth.test_group"))

	visitor := &auth.AnonymousUser{}
	check(t, "a visitor's HasPerm", false)(a.HasPerm(ctx, visitor, "test"))
	check(t, "a visitor's HasPerms", false)(a.HasPerms(ctx, visitor, "auth.test2", "auth.test3"))
}

func testNoObjectPerm(t *testing.T, s *authtest.Site) {
	a, ctx := s.Auth, t.Context()
	u := newUser(t, s, "test", nil)
	newPerm(t, s, "test")
	grant(t, s, u, "auth.test")
	u = reload(t, s, u)
	check(t, "HasPerm of an object", false)(a.HasPermFor(ctx, u, "auth.test", "object"))
	wantSet(t, "AllPermissions of an object")(a.AllPermissions(ctx, u, "object"))
	check(t, "HasPerm", true)(a.HasPerm(ctx, u, "auth.test"))
	wantSet(t, "AllPermissions", "auth.test")(a.AllPermissions(ctx, u, nil))
}

// given stores a user with a permission of their own and one through a group.
func given(t *testing.T, s *authtest.Site) *auth.User {
	t.Helper()
	u := newUser(t, s, "test", nil)
	newPerm(t, s, "test_user")
	grant(t, s, u, "auth.test_user")
	g := must[*auth.Group](t)(s.Auth.Groups().Create(t.Context(), "test_group"))
	if err := s.Auth.Groups().Permissions(g).Add(t.Context(), newPerm(t, s, "test_group")); err != nil {
		t.Fatal(err)
	}
	if err := s.Auth.Users().Groups(u).Add(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	return reload(t, s, u)
}

// wantLists fails the test unless ModelBackend lists these permissions of a user.
func wantLists(t *testing.T, s *authtest.Site, u auth.Account, own, group []string) {
	t.Helper()
	b := s.Auth.Backends()[0].(*auth.ModelBackend)
	wantSet(t, "UserPermissions", own...)(b.UserPermissions(t.Context(), u, nil))
	wantSet(t, "GroupPermissions", group...)(b.GroupPermissions(t.Context(), u, nil))
	wantSet(t, "AllPermissions", slices.Concat(own, group)...)(s.Auth.AllPermissions(t.Context(), u, nil))
}

func testAnonymousHasNone(t *testing.T, s *authtest.Site) {
	u := given(t, s)
	wantLists(t, s, u, []string{"auth.test_user"}, []string{"auth.test_group"})
	// The same user, with all that is remembered of it, says that it is nobody.
	wantLists(t, s, &auth.AnonymousUser{AbstractUser: u.AbstractUser}, nil, nil)
}

func testInactiveHasNone(t *testing.T, s *authtest.Site) {
	u := given(t, s)
	wantLists(t, s, u, []string{"auth.test_user"}, []string{"auth.test_group"})
	u.IsActive = false
	if err := s.Auth.Users().Save(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	wantLists(t, s, u, nil, nil)
	wantLists(t, s, reload(t, s, u), nil, nil)
}

func testSuperuserHasAll(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "test2", func(u *auth.User) { u.IsSuperuser = true })
	rows := must[[]*auth.Permission](t)(s.Auth.Groups().AllPermissions(t.Context()))
	if len(rows) == 0 {
		t.Fatal("there are no permissions to have")
	}
	b := s.Auth.Backends()[0].(*auth.ModelBackend)
	for name, u := range map[string]auth.Account{
		"read alone":            reload(t, s, u),
		"read with permissions": must[auth.Account](t)(b.LoadUser(t.Context(), s.Auth.Users().PK(u), true)),
	} {
		if got := must[auth.PermissionSet](t)(s.Auth.AllPermissions(t.Context(), u, nil)); len(got) != len(rows) {
			t.Errorf("a superuser %s has %d permissions, want all %d", name, len(got), len(rows))
		}
	}
}

// counting is a change of Config whose hash runs are counted.
func counting() (*hasherstest.Counting, func(*auth.Config)) {
	counted := &hasherstest.Counting{Hasher: hashers.MD5{}}
	return counted, func(c *auth.Config) {
		c.Hashers = hashers.New(hashers.Config{List: []hashers.Hasher{counted}})
	}
}

func testTiming(t *testing.T, s *authtest.Site) {
	counted, change := counting()
	s = rebuild(t, s, change)
	newUser(t, s, "test", nil)
	for _, name := range []string{"test", "no_such_user"} {
		counted.Take()
		u := must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, auth.PasswordCredentials{Username: name, Password: "test"}))
		if (u != nil) != (name == "test") {
			t.Errorf("Authenticate(%s) = %v", name, u)
		}
		if n := counted.Take().Total(); n != 1 {
			t.Errorf("Authenticate(%s) hashes %d times, want once", name, n)
		}
	}
}

// testWithoutCredentials: a password without a name, a name without a password (which is another
// type of credentials), and nothing at all.
func testWithoutCredentials(t *testing.T, s *authtest.Site) {
	counted, change := counting()
	s = rebuild(t, s, change)
	newUser(t, s, "test", nil)
	for _, c := range []auth.Credentials{
		nil, struct{}{}, auth.PasswordCredentials{}, struct{ Username string }{"test"}, auth.PasswordCredentials{Password: "test"},
	} {
		counted.Take()
		s.Queries.AtMost(t, 0, func() {
			if u, err := s.Auth.Authenticate(t.Context(), nil, c); u != nil || err != nil {
				t.Errorf("Authenticate(%#v) = %v, %v, want nobody", c, u, err)
			}
		})
		if n := counted.Take().Total(); n != 0 {
			t.Errorf("Authenticate(%#v) hashes %d times, want never", c, n)
		}
	}
}

// authenticate asks for the name "test" with the password "test".
func authenticate(t *testing.T, s *authtest.Site) auth.Account {
	t.Helper()
	return must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, auth.PasswordCredentials{Username: "test", Password: "test"}))
}

func testInactiveCannotLogIn(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "test", nil)
	if got := authenticate(t, s); got == nil || s.Auth.Users().PK(got) != s.Auth.Users().PK(u) {
		t.Fatalf("Authenticate = %v, want the user", got)
	}
	u.IsActive = false
	if err := s.Auth.Users().Save(t.Context(), u, "is_active"); err != nil {
		t.Fatal(err)
	}
	if got := authenticate(t, s); got != nil {
		t.Errorf("Authenticate of an inactive user = %v, want nobody", got)
	}
}

func allowAll(t *testing.T, s *authtest.Site) (*authtest.Site, *auth.User) {
	t.Helper()
	s = rebuild(t, s, withBackends(&auth.ModelBackend{AllowInactive: true}))
	return s, newUser(t, s, "test", func(u *auth.User) { u.IsActive = false })
}

func testAllowAllAuthenticate(t *testing.T, s *authtest.Site) {
	s, u := allowAll(t, s)
	if got := authenticate(t, s); got == nil || s.Auth.Users().PK(got) != s.Auth.Users().PK(u) {
		t.Errorf("Authenticate = %v, want the inactive user", got)
	}
}

func testAllowAllGetUser(t *testing.T, s *authtest.Site) {
	s, u := allowAll(t, s)
	b := s.Browser()
	authtest.ForceLogin(t, s.Auth, b, u)
	if got := authtest.User(t, s.Auth, b); s.Auth.Users().PK(got) != s.Auth.Users().PK(u) {
		t.Errorf("the user of the session is %v, want the inactive user", got)
	}
}

func testNoBackends(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "test", nil)
	s = rebuild(t, s, withBackends())
	for what, f := range map[string]func() error{
		"HasPerm":        func() error { _, err := s.Auth.HasPermFor(t.Context(), u, "perm", object{}); return err },
		"HasModulePerms": func() error { _, err := s.Auth.HasModulePerms(t.Context(), u, "auth"); return err },
		"AllPermissions": func() error { _, err := s.Auth.AllPermissions(t.Context(), u, nil); return err },
		"Authenticate":   func() error { _, err := s.Auth.Authenticate(t.Context(), nil, nil); return err },
	} {
		if err := f(); !errors.Is(err, auth.ErrNoBackends) {
			t.Errorf("%s: error %v, want ErrNoBackends", what, err)
		}
	}
}

// failing is a backend that cannot find out.
type failing struct{ nobody }

var errFailing = errors.New("the directory is out of reach")

func (failing) Authenticate(context.Context, *http.Request, auth.Credentials) (auth.Account, error) {
	return nil, errFailing
}

func testBackendError(t *testing.T, s *authtest.Site) {
	newUser(t, s, "test", nil)
	s = rebuild(t, s, withBackends(failing{}, &auth.ModelBackend{}))
	u, err := s.Auth.Authenticate(t.Context(), nil, auth.PasswordCredentials{Username: "test", Password: "test"})
	if u != nil || !errors.Is(err, errFailing) {
		t.Errorf("Authenticate = %v, %v, want the backend's own error", u, err)
	}
}

// testSkippedBackend: the first backend does not know the type of the credentials.
func testSkippedBackend(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "test", nil)
	s = rebuild(t, s, withBackends(&auth.RemoteUserBackend{}, &auth.ModelBackend{}))
	if got := authenticate(t, s); got == nil || s.Auth.Users().PK(got) != s.Auth.Users().PK(u) {
		t.Errorf("Authenticate = %v, want the user from the second backend", got)
	}
}

func testChangedBackends(t *testing.T, s *authtest.Site) {
	newUser(t, s, "test_user", nil)
	before := rebuild(t, s, withBackends(&auth.ModelBackend{StoredName: "auth_tests.test_auth_backends.NewModelBackend"}))
	b := before.Browser()
	if !authtest.Login(t, before.Auth, b, auth.PasswordCredentials{Username: "test_user", Password: "test"}) {
		t.Fatal("the log-in was refused")
	}
	if u := authtest.User(t, before.Auth, b); u.IsAnonymous() {
		t.Fatal("nobody is logged in while the backend is there")
	}
	after := rebuild(t, s, withBackends(&auth.ModelBackend{}))
	if u := authtest.User(t, after.Auth, b); u == nil || !u.IsAnonymous() {
		t.Errorf("after the backend was taken out the user is %v, want a visitor", u)
	}
}
