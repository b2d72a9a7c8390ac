package auth_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/core/database"
)

func TestUserPermissionRows(t *testing.T) {
	t.Parallel()
	runPeople(t, "row/", []peopleCase{
		{"U23", func(t *peopleTest) {
			u := t.member()
			t.wantPerms("GroupPermissions", "auth.through_group")(t.Auth.GroupPermissions(t.ctx, u, nil))
			t.wantPerms("GroupPermissions for an object")(t.Auth.GroupPermissions(t.ctx, u, "object"))
		}},
		{"U24", func(t *peopleTest) {
			u := t.member()
			both := []string{"auth.own", "auth.through_group"}
			t.wantPerms("AllPermissions", both...)(t.Auth.AllPermissions(t.ctx, u, nil))
			t = t.asking(&auth.ModelBackend{}, granter{"forum.read"})
			t.wantPerms("AllPermissions of two backends", append(both, "forum.read")...)(t.Auth.AllPermissions(t.ctx, u, nil))
		}},
		{"U25", func(t *peopleTest) {
			u := t.member()
			for perm, want := range map[string]bool{
				"auth.own": true, "auth.through_group": true, "auth.other": false, "own": false, "": false, "auth.": false, "accounts.own": false,
			} {
				t.wantBool("HasPerm("+perm+")", want)(t.Auth.HasPerm(t.ctx, u, perm))
				t.wantBool("HasPermFor an object, "+perm, false)(t.Auth.HasPermFor(t.ctx, u, perm, "object"))
			}
			u.IsActive, u.IsSuperuser = false, true
			t.wantBool("HasPerm of an inactive superuser", false)(t.Auth.HasPerm(t.ctx, u, "auth.own"))
			u.IsActive = true
			t.wantBool("HasPerm of a superuser", true)(t.Auth.HasPerm(t.ctx, u, "auth.other"))
			t.wantBool("HasPerm of a visitor", false)(t.Auth.HasPerm(t.ctx, &auth.AnonymousUser{}, "auth.own"))
		}},
		{"U26", func(t *peopleTest) {
			u := t.member()
			t.wantBool("all of them", true)(t.Auth.HasPerms(t.ctx, u, "auth.own", "auth.through_group"))
			t.wantBool("one of them not", false)(t.Auth.HasPerms(t.ctx, u, "auth.own", "auth.other"))
			t.wantBool("none", true)(t.Auth.HasPerms(t.ctx, u))
			t.wantBool("for an object", false)(t.Auth.HasPermsFor(t.ctx, u, "object", "auth.own"))
		}},
		{"U27", func(t *peopleTest) {
			u := t.member()
			for app, want := range map[string]bool{"auth": true, "aut": false, "accounts": false, "": false, "auth.own": false} {
				t.wantBool("HasModulePerms("+app+")", want)(t.Auth.HasModulePerms(t.ctx, u, app))
			}
			u.IsActive = false
			t.wantBool("HasModulePerms of an inactive user", false)(t.Auth.HasModulePerms(t.ctx, u, "auth"))
			u.IsActive, u.IsSuperuser = true, true
			t.wantBool("HasModulePerms of a superuser", true)(t.Auth.HasModulePerms(t.ctx, u, "accounts"))
		}},
		{"U33", func(t *peopleTest) {
			testAnonymousProperties(t)
			v := &auth.AnonymousUser{}
			_, checked := t.users.CheckPassword(t.ctx, v, "")
			_, groups := t.users.SetGroupIDs(t.ctx, v, 1)
			_, perms := t.users.SetPermissionIDs(t.ctx, v)
			for what, err := range map[string]error{
				"SetPassword": t.users.SetPassword(t.ctx, v, "x"), "CheckPassword": checked, "ChangePassword": t.users.ChangePassword(t.ctx, v, "x"),
				"Insert": t.users.Insert(t.ctx, v), "Save": t.users.Save(t.ctx, v), "Delete": t.users.Delete(t.ctx, v), "Clean": t.users.Clean(v),
				"SetGroupIDs": groups, "SetPermissionIDs": perms, "Groups.Add": t.users.Groups(v).AddIDs(t.ctx, 1),
				"Permissions.Remove": t.users.Permissions(v).RemoveIDs(t.ctx, 1), "Groups.Clear": t.users.Groups(v).Clear(t.ctx),
			} {
				t.wantError(what+" of a visitor", err, auth.ErrAnonymous)
			}
			list, err := t.users.GroupList(t.ctx, v)
			if err != nil || len(list) != 0 {
				t.Errorf("GroupList of a visitor = %v, %v", list, err)
			}
		}},
		{"U34", func(t *peopleTest) {
			v := &auth.AnonymousUser{}
			t.wantBool("the default backend", false)(t.Auth.HasPerm(t.ctx, v, "forum.read"))
			t = t.asking(&auth.ModelBackend{}, granter{"forum.read"})
			t.wantBool("a backend that grants it", true)(t.Auth.HasPerm(t.ctx, v, "forum.read"))
			t.wantBool("a backend that does not", false)(t.Auth.HasPerm(t.ctx, v, "forum.write"))
		}},
		{"U35", func(t *peopleTest) {
			t = t.with((*customUserModel)(nil), nil)
			if got := t.users.UsernameField(); got != "email" {
				t.Errorf("users log in by %q", got)
			}
			if got := t.users.RequiredFields(); len(got) != 1 || got[0] != "date_of_birth" {
				t.Errorf("required are %q", got)
			}
			u, err := t.users.Create(t.ctx, "Ada@EXAMPLE.com", "", "secret", func(u auth.Account) error {
				return t.users.SetText(u, "date_of_birth", "1815-12-10")
			})
			t.noError(err)
			got, err := t.Auth.Authenticate(t.ctx, nil, auth.PasswordCredentials{Username: "Ada@example.com", Password: "secret"})
			t.wantBool("Authenticate finds the user", true)(t.users.Same(got, u), err)
			b := t.Browser()
			authtest.ForceLogin(t, t.Auth, b, u)
			t.wantBool("the session's user", true)(t.users.Same(authtest.User(t, t.Auth, b), u), nil)
		}},
		{"S04", rowCreated},
		{"M06", func(t *peopleTest) {
			u := t.user("john", nil)
			for i, want := range []bool{true, false} {
				_, err := t.DB().NewInsert().Model(&userProfile{UserID: u.ID}).Exec(t.ctx)
				if (err == nil) != want || (err != nil && !database.IsUniqueViolation(err)) {
					t.Errorf("profile %d: %v", i+1, err)
				}
			}
		}},
		{"M07", func(t *peopleTest) {
			u := t.user("john", nil)
			t.addProfile(u, "tea")
			for name, want := range map[string]bool{
				"accounts.UserProfile": true, "accounts.userprofile": true, "accounts.USERPROFILE": true, "Accounts.UserProfile": false,
			} {
				_, err := auth.Profile[userProfile](t.ctx, auth.NewProfiles(t.Auth, name), u)
				if (err == nil) != want || (err != nil && !errors.Is(err, auth.ErrNoProfileModel)) {
					t.Errorf("Profile of %s: %v, want it found: %v", name, err, want)
				}
			}
		}},
		{"M08", rowProfile},
		{"M09", func(t *peopleTest) {
			t.users.Created().Connect(func(ctx context.Context, ev auth.UserCreated) error {
				_, err := ev.DB.NewInsert().Model(&userProfile{UserID: ev.User.(*auth.User).ID, Likes: "tea"}).Exec(ctx)
				return err
			})
			p, err := auth.Profile[userProfile](t.ctx, auth.NewProfiles(t.Auth, "accounts.UserProfile"), t.user("john", nil))
			if err != nil || p.Likes != "tea" {
				t.Errorf("the profile is %+v, %v", p, err)
			}
		}},
	})
}

// member is a user with a permission, and another through a group.
func (t *peopleTest) member() *auth.User {
	t.Helper()
	u := t.user("member", nil)
	t.noError(t.users.Permissions(u).Add(t.ctx, t.permission("own")))
	t.noError(t.users.Groups(u).Add(t.ctx, t.group("members", t.permission("through_group"))))
	return t.reload(u).(*auth.User)
}

// granter is a backend that grants one permission to everybody.
type granter struct{ perm string }

func (granter) Name() string { return "tests.granter" }

func (granter) Authenticate(context.Context, *http.Request, auth.Credentials) (auth.Account, error) {
	return nil, nil
}

func (granter) User(context.Context, string) (auth.Account, error) { return nil, nil }

func (g granter) HasPerm(_ context.Context, _ auth.Account, perm string, _ any) (bool, error) {
	return perm == g.perm, nil
}

func (g granter) UserPermissions(context.Context, auth.Account, any) (auth.PermissionSet, error) {
	return auth.PermissionSet{g.perm: {}}, nil
}

func (granter) GroupPermissions(context.Context, auth.Account, any) (auth.PermissionSet, error) {
	return auth.PermissionSet{}, nil
}

func (t *peopleTest) addProfile(u *auth.User, likes string) {
	t.Helper()
	_, err := t.DB().NewInsert().Model(&userProfile{UserID: u.ID, Likes: likes}).Exec(t.ctx)
	t.noError(err)
}

func rowCreated(t *peopleTest) {
	var told []string
	stop := t.users.Created().Connect(func(ctx context.Context, ev auth.UserCreated) error {
		stored, err := t.users.In(ev.DB).ByPK(ctx, t.users.PK(ev.User))
		if err == nil {
			told = append(told, t.users.Username(stored))
		}
		return err
	})
	u := t.user("john", nil)
	_, err := t.users.CreateSuperuser(t.ctx, "root", "", "x", nil)
	t.noError(err)
	t.noError(t.users.Save(t.ctx, u))
	if len(told) != 2 || told[0] != "john" || told[1] != "root" {
		t.Errorf("told of %q, want john and root", told)
	}
	stop()
	refused := errors.New("refused")
	t.users.Created().Connect(func(context.Context, auth.UserCreated) error { return refused })
	_, err = t.users.CreateWithoutPassword(t.ctx, "paul", "", nil)
	t.wantError("a receiver that fails", err, refused)
	_, err = t.users.ByUsername(t.ctx, "paul")
	t.wantError("after the failure", err, auth.ErrNoUser)
}

func rowProfile(t *peopleTest) {
	u := t.user("john", nil)
	for name, text := range map[string]string{
		"":                      "give its name",
		"accounts":              "has not one dot",
		"accounts.user.Profile": "has not one dot",
		"accounts.Nothing":      "no app of the project has a model",
		"nothing.UserProfile":   "no app of the project has a model",
		"accounts.plain":        "has no column user_id",
	} {
		_, err := auth.Profile[userProfile](t.ctx, auth.NewProfiles(t.Auth, name), u)
		t.wantError("Profile of "+name, err, auth.ErrNoProfileModel)
		wantText(t.T, "Profile of "+name, err, text)
	}
	profiles := auth.NewProfiles(t.Auth, "accounts.UserProfile")
	_, err := auth.Profile[plainModel](t.ctx, profiles, u)
	t.wantError("Profile of another type", err, auth.ErrNoProfileModel)
	_, err = auth.Profile[userProfile](t.ctx, profiles, &auth.AnonymousUser{})
	t.wantError("Profile of a visitor", err, auth.ErrAnonymous)
	_, err = auth.Profile[userProfile](t.ctx, profiles, u)
	t.wantError("no profile", err, auth.ErrNoProfile)
	if n, err := t.DB().NewSelect().Model((*userProfile)(nil)).Count(t.ctx); err != nil || n != 0 {
		t.Errorf("asking made %d profiles, %v", n, err)
	}
	t.addProfile(t.user("paul", nil), "coffee")
	t.addProfile(u, "tea")
	first, err := auth.Profile[userProfile](t.ctx, profiles, u)
	if err != nil || first.Likes != "tea" {
		t.Fatalf("the profile is %+v, %v", first, err)
	}
	t.Queries.AtMost(t.T, 0, func() {
		if again, err := auth.Profile[userProfile](t.ctx, profiles, u); err != nil || again != first {
			t.Errorf("the profile is another value, %v", err)
		}
	})
}
