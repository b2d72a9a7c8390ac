package auth_test

import (
	"context"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
)

func TestDjangoWithPerm(t *testing.T) {
	t.Parallel()
	runPeople(t, "django/auth_tests/test_models.py/UserWithPermTestCase.", []peopleCase{
		{"test_invalid_permission_name", func(t *peopleTest) {
			t.holders()
			for _, perm := range []string{"nodots", "too.many.dots", "...", ""} {
				_, err := t.Auth.WithPerm(t.ctx, perm, auth.WithPermOptions{})
				t.wantError("WithPerm("+perm+")", err, auth.ErrPermissionName)
			}
		}},
		{"test_basic", testWithPermBasic},
		{"test_backend_without_with_perm", func(t *peopleTest) {
			t.holders()
			t = t.asking(withoutFinder{})
			t.wantUsers("a backend that cannot tell")(t.Auth.WithPerm(t.ctx, "auth.test", auth.WithPermOptions{}))
		}},
		{"test_nonexistent_permission", func(t *peopleTest) {
			t.holders()
			t.wantUsers("a permission that does not exist", "superuser")(t.Auth.WithPerm(t.ctx, "auth.perm", auth.WithPermOptions{}))
		}},
		{"test_nonexistent_backend", func(t *peopleTest) {
			t.holders()
			_, err := t.Auth.WithPerm(t.ctx, "auth.test", auth.WithPermOptions{Backend: "invalid.backend.CustomModelBackend"})
			wantText(t.T, "a backend that does not exist", err, "there is no backend")
		}},
		{"test_custom_backend", func(t *peopleTest) {
			p := t.holders()
			t = t.asking(&charlies{})
			for _, perm := range []string{"auth.test", p.Label()} {
				t.wantUsers(perm, "charlie", "charliebrown")(t.Auth.WithPerm(t.ctx, perm, auth.WithPermOptions{}))
			}
		}},
		{"test_custom_backend_pass_obj", func(t *peopleTest) {
			p := t.holders()
			brown, err := t.users.ByUsername(t.ctx, "charliebrown")
			t.noError(err)
			t = t.asking(&charlies{})
			for _, perm := range []string{"auth.test", p.Label()} {
				t.wantUsers(perm, "charliebrown")(t.Auth.WithPerm(t.ctx, perm, auth.WithPermOptions{Object: brown}))
			}
		}},
		{"test_multiple_backends", func(t *peopleTest) {
			t.holders()
			t = t.asking(&charlies{}, &auth.ModelBackend{})
			_, err := t.Auth.WithPerm(t.ctx, "auth.test", auth.WithPermOptions{})
			t.wantError("no backend named", err, auth.ErrNameBackend)
			t.wantUsers("the named backend", "charlie", "charliebrown")(
				t.Auth.WithPerm(t.ctx, "auth.test", auth.WithPermOptions{Backend: charliesName}))
		}},
	})
}

func testWithPermBasic(t *peopleTest) {
	p := t.holders()
	user1, err := t.users.ByUsername(t.ctx, "user 1")
	t.noError(err)
	for _, c := range []struct {
		name    string
		options auth.WithPermOptions
		want    []string
	}{
		{"by default", auth.WithPermOptions{}, []string{"user 1", "user 2", "superuser"}},
		{"for an object", auth.WithPermOptions{Object: user1}, nil},
		{"inactive", auth.WithPermOptions{Activity: auth.OnlyInactive}, []string{"inactive_user"}},
		{"active or not", auth.WithPermOptions{Activity: auth.ActiveOrNot}, []string{"user 1", "user 2", "superuser", "inactive_user"}},
		{"no superusers", auth.WithPermOptions{NoSuperusers: true}, []string{"user 1", "user 2"}},
		{"no superusers, inactive", auth.WithPermOptions{NoSuperusers: true, Activity: auth.OnlyInactive}, []string{"inactive_user"}},
		{"no superusers, active or not", auth.WithPermOptions{NoSuperusers: true, Activity: auth.ActiveOrNot},
			[]string{"user 1", "user 2", "inactive_user"}},
	} {
		for _, perm := range []string{"auth.test", p.Label()} {
			t.wantUsers(c.name, c.want...)(t.Auth.WithPerm(t.ctx, perm, c.options))
		}
	}
}

// holders makes the users of the case and the permission that some of them have.
func (t *peopleTest) holders() *auth.Permission {
	t.Helper()
	p := t.permission("test")
	t.noError(t.users.Permissions(t.user("user 1", nil)).Add(t.ctx, p))
	group1, group2 := t.group("group 1", p), t.group("group 2", p)
	t.noError(t.users.Groups(t.user("user 2", nil)).Add(t.ctx, group1, group2))
	t.user("charlie", nil)
	t.user("charliebrown", nil)
	_, err := t.users.CreateSuperuser(t.ctx, "superuser", "superuser@example.com", "superpassword", nil)
	t.noError(err)
	inactive := t.user("inactive_user", func(u *auth.User) { u.IsActive = false })
	t.noError(t.users.Permissions(inactive).Add(t.ctx, p))
	return p
}

// asking is the same test with other backends.
func (t *peopleTest) asking(backends ...auth.Backend) *peopleTest {
	return t.with((*auth.User)(nil), func(c *auth.Config) { c.Backends = backends })
}

const charliesName = "auth_tests.test_models.CustomModelBackend"

// charlies is a backend to which permissions are what users named Charlie have.
type charlies struct{ auth.ModelBackend }

func (*charlies) Name() string { return charliesName }

func (b *charlies) WithPerm(ctx context.Context, _ string, o auth.WithPermOptions) ([]auth.Account, error) {
	if u, ok := o.Object.(*auth.User); ok && u.Username == "charliebrown" {
		return []auth.Account{u}, nil
	}
	var all []auth.Account
	for _, name := range []string{"charlie", "charliebrown"} {
		u, err := b.Users.ByUsername(ctx, name)
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

// withoutFinder is a backend that can do nothing.
type withoutFinder struct{ auth.Backend }

func (withoutFinder) Name() string { return "auth_tests.nothing" }
