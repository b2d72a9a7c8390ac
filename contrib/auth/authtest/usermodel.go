package authtest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/sessions"
)

// UserModel tells [TestUserModel] what it cannot know of a user model. The zero value is right for
// a model whose further columns may be empty.
type UserModel struct {
	// Username returns the nth name to log in by, as it is stored; nil makes "user1", or
	// "user1@example.org" where users log in by their address.
	Username func(n int) string
	// Fill sets what the nth user must have besides, the key of a model that makes none for
	// instance. nil sets nothing.
	Fill func(u auth.Account, n int) error
}

// TestUserModel tests that a project works with its user model on both databases: users are made,
// found, authenticated, kept in sessions, given groups and permissions, changed and deleted. The
// tables are those that the project's migrate makes. It should be called from a test function
// that has called t.Parallel; give the project a cheap hasher.
func TestUserModel(t *testing.T, p *T, m UserModel) {
	t.Helper()
	tests := []struct {
		name string
		run  func(*modelTest)
	}{
		{"create", (*modelTest).create},
		{"find", (*modelTest).find},
		{"save", (*modelTest).save},
		{"authenticate", (*modelTest).authenticate},
		{"session", (*modelTest).session},
		{"permissions", (*modelTest).permissions},
		{"groups", (*modelTest).groups},
		{"delete", (*modelTest).delete},
	}
	p.Each(t, func(t *testing.T, s *Site) {
		for i, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				test.run(&modelTest{T: t, site: s, users: s.Auth.Users(), model: m, ctx: t.Context(), first: 10 * i})
			})
		}
	})
}

// modelTest is one test on one database.
type modelTest struct {
	*testing.T
	site  *Site
	users *auth.Users
	model UserModel
	ctx   context.Context
	first int // the number of the test's first user, since all tests share a database
}

// secret is the password of all users.
const secret = "correct horse battery"

func (t *modelTest) name(n int) string {
	n += t.first
	switch {
	case t.model.Username != nil:
		return t.model.Username(n)
	case t.users.UsernameField() == t.users.EmailField():
		return fmt.Sprintf("user%d@example.org", n)
	}
	return fmt.Sprintf("user%d", n)
}

func (t *modelTest) fill(n int) func(auth.Account) error {
	if t.model.Fill == nil {
		return nil
	}
	return func(u auth.Account) error { return t.model.Fill(u, t.first+n) }
}

func (t *modelTest) add(n int) auth.Account {
	t.Helper()
	u, err := t.users.Create(t.ctx, t.name(n), "", secret, t.fill(n))
	t.must(err)
	return u
}

func (t *modelTest) must(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reload reads a user again.
func (t *modelTest) reload(u auth.Account) auth.Account {
	t.Helper()
	again, err := t.users.ByPK(t.ctx, t.users.PK(u))
	t.must(err)
	return again
}

// same fails unless both are one user of the model's type.
func (t *modelTest) same(what string, got, want auth.Account) {
	t.Helper()
	if reflect.TypeOf(got) != reflect.TypeOf(want) || t.users.PK(got) != t.users.PK(want) || t.users.Username(got) != t.users.Username(want) {
		t.Errorf("%s: %T %q with the key %q, want %T %q with the key %q", what,
			got, t.users.Username(got), t.users.PK(got), want, t.users.Username(want), t.users.PK(want))
	}
}

func (t *modelTest) create() {
	u := t.add(1)
	if t.users.PK(u) == "" || t.users.Username(u) != t.name(1) {
		t.Errorf("the new user has the key %q and the name %q, want a key and %q", t.users.PK(u), t.users.Username(u), t.name(1))
	}
	if !t.users.IsActive(u) || !t.users.HasUsablePassword(u) || u.IsAnonymous() || !u.IsAuthenticated() {
		t.Error("the new user is not an active one with a password")
	}
	if _, err := t.users.Create(t.ctx, t.name(1), "", secret, t.fill(2)); !errors.Is(err, auth.ErrUsernameTaken) {
		t.Errorf("a second user of the name: %v, want ErrUsernameTaken", err)
	}
	if _, err := t.users.Create(t.ctx, "", "", secret, t.fill(2)); !errors.Is(err, auth.ErrUsernameEmpty) {
		t.Errorf("a user without a name: %v, want ErrUsernameEmpty", err)
	}
	other, err := t.users.CreateWithoutPassword(t.ctx, t.name(2), "", t.fill(2))
	t.must(err)
	if t.users.HasUsablePassword(other) || t.users.PK(other) == t.users.PK(u) {
		t.Errorf("the second user has a password or the key of the first, %q", t.users.PK(u))
	}
	root, err := t.users.CreateSuperuser(t.ctx, t.name(3), "", secret, t.fill(3))
	t.must(err)
	if ok, err := t.site.Auth.HasPerm(t.ctx, t.reload(root), "no.such"); err != nil || ok != t.hasPermissions() {
		t.Errorf("HasPerm of a superuser = %v, %v; want %v", ok, err, t.hasPermissions())
	}
}

func (t *modelTest) find() {
	u, other := t.add(1), t.add(2)
	byName, err := t.users.ByUsername(t.ctx, t.name(2))
	t.must(err)
	t.same("ByUsername", byName, other)
	t.same("ByPK", t.reload(u), u)
	for _, pk := range []string{"", "x y", "0", "-1", "99999999999999999999", "9223372036854775807", "\x00", "\xff", "' OR 1=1",
		"00000000-0000-4000-8000-000000000000", t.users.PK(u) + "0"} {
		if _, err := t.users.ByPK(t.ctx, pk); !errors.Is(err, auth.ErrNoUser) {
			t.Errorf("ByPK(%q): %v, want ErrNoUser", pk, err)
		}
	}
	for _, name := range []string{"", "nobody", "\x00", "\xff", "' OR 1=1", "99999999999"} {
		if _, err := t.users.ByUsername(t.ctx, name); !errors.Is(err, auth.ErrNoUser) {
			t.Errorf("ByUsername(%q): %v, want ErrNoUser", name, err)
		}
	}
	t.must(t.site.DB().RunInTx(t.ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		inTx, err := t.users.In(tx).ByPK(ctx, t.users.PK(u))
		if err == nil {
			t.same("ByPK in a transaction", inTx, u)
		}
		return err
	}))
}

func (t *modelTest) save() {
	u := t.add(1)
	t.must(t.users.ChangePassword(t.ctx, u, "another "+secret))
	if ok, err := t.users.CheckPassword(t.ctx, t.reload(u), "another "+secret); err != nil || !ok {
		t.Errorf("the changed password: %v, %v", ok, err)
	}
	t.must(t.users.Save(t.ctx, u))
	t.same("after Save", t.reload(u), u)
	t.must(t.users.SetText(u, t.users.UsernameField(), t.name(2)))
	t.must(t.users.Save(t.ctx, u, t.users.UsernameField()))
	if got := t.users.Username(t.reload(u)); got != t.name(2) {
		t.Errorf("the saved name is %q, want %q", got, t.name(2))
	}
	t.add(3)
	t.must(t.users.SetText(u, t.users.UsernameField(), t.name(3)))
	if err := t.users.Save(t.ctx, u); !errors.Is(err, auth.ErrUsernameTaken) {
		t.Errorf("saving the name of another: %v, want ErrUsernameTaken", err)
	}
}

func (t *modelTest) authenticate() {
	u := t.add(1)
	ask := func(name, password string) auth.Account {
		t.Helper()
		got, err := t.site.Auth.Authenticate(t.ctx, nil, auth.PasswordCredentials{Username: name, Password: password})
		t.must(err)
		return got
	}
	if got := ask(t.name(1), secret); got == nil {
		t.Error("the right password was refused")
	} else {
		t.same("Authenticate", got, u)
	}
	if ask(t.name(1), secret+"x") != nil || ask("nobody", secret) != nil || ask("", "") != nil {
		t.Error("a wrong name or password was accepted")
	}
	if t.users.HasColumn("is_active") {
		_, err := t.site.DB().NewUpdate().Model(u).Set("is_active = ?", false).WherePK().Exec(t.ctx)
		t.must(err)
		if ask(t.name(1), secret) != nil || t.users.IsActive(t.reload(u)) {
			t.Error("an inactive user was accepted")
		}
	}
}

func (t *modelTest) session() {
	u, a, b := t.add(1), t.site.Auth, t.site.Browser()
	if who := User(t, a, b); !who.IsAnonymous() {
		t.Errorf("a new visitor is %v", who)
	}
	if Login(t, a, b, auth.PasswordCredentials{Username: t.name(1), Password: "wrong"}) {
		t.Error("a wrong password logs in")
	}
	if !Login(t, a, b, auth.PasswordCredentials{Username: t.name(1), Password: secret}) {
		t.Fatal("the right password does not log in")
	}
	t.same("the session's user", User(t, a, b), u)
	s := a.Config().Sessions.Open(b.Cookie(a.Config().Sessions.Config().CookieName))
	if pk, _, err := sessions.Get[string](t.ctx, s, auth.SessionUserID); err != nil || pk != t.users.PK(u) {
		t.Errorf("the session holds the key %q, %v; want %q", pk, err, t.users.PK(u))
	}
	Logout(t, a, b)
	if who := User(t, a, b); !who.IsAnonymous() {
		t.Errorf("after the log-out the visitor is %v", who)
	}
	ForceLogin(t, a, b, t.reload(u))
	t.same("the forced session's user", User(t, a, b), u)
	t.must(t.users.ChangePassword(t.ctx, t.reload(u), "another "+secret))
	if who := User(t, a, b); !who.IsAnonymous() {
		t.Error("the session outlived a change of the password")
	}
	again := t.site.Browser()
	ForceLogin(t, a, again, t.reload(u))
	t.must(t.users.Delete(t.ctx, u))
	if who := User(t, a, again); !who.IsAnonymous() {
		t.Error("the session outlived the user")
	}
}

// The permissions of the app auth itself are in every project.
const (
	ownPerm   = "auth.add_group"
	groupPerm = "auth.delete_permission"
)

// hasPermissions reports whether the model embeds auth.Permissions.
func (t *modelTest) hasPermissions() bool { return len(auth.Model(t.users.New()).Joins) > 0 }

// wantPerms asks a freshly read user for both permissions, alone and together with the user.
func (t *modelTest) wantPerms(u auth.Account, own, group bool) {
	t.Helper()
	loaded, err := (&auth.ModelBackend{Users: t.users}).LoadUser(t.ctx, t.users.PK(u), true)
	t.must(err)
	for _, u := range []auth.Account{t.reload(u), loaded} {
		for perm, want := range map[string]bool{ownPerm: own, groupPerm: group, "auth.no": false, "auth": false} {
			if got, err := t.site.Auth.HasPerm(t.ctx, u, perm); err != nil || got != want {
				t.Errorf("HasPerm(%s) = %v, %v; want %v", perm, got, err, want)
			}
		}
		if got, err := t.site.Auth.HasModulePerms(t.ctx, u, "auth"); err != nil || got != (own || group) {
			t.Errorf("HasModulePerms(auth) = %v, %v; want %v", got, err, own || group)
		}
	}
}

func (t *modelTest) permission(name string) *auth.Permission {
	t.Helper()
	p, err := t.site.Auth.Groups().Permission(t.ctx, name)
	t.must(err)
	return p
}

func (t *modelTest) permissions() {
	u := t.add(1)
	t.wantPerms(u, false, false)
	r := t.users.Permissions(u)
	if !t.hasPermissions() {
		if r.Add(t.ctx, t.permission(ownPerm)) == nil {
			t.Error("a model without auth.Permissions was given one")
		}
		return
	}
	t.must(r.Add(t.ctx, t.permission(ownPerm), t.permission(ownPerm)))
	t.wantPerms(u, true, false)
	all, err := r.All(t.ctx)
	t.must(err)
	if len(all) != 1 || all[0].Label() != ownPerm {
		t.Errorf("the user's permissions are %v, want %s", all, ownPerm)
	}
	holders, err := t.users.WithPerm(t.ctx, ownPerm, auth.WithPermOptions{})
	t.must(err)
	if !slices.ContainsFunc(holders, func(h auth.Account) bool { return t.users.PK(h) == t.users.PK(u) }) {
		t.Errorf("WithPerm finds %v, which is not the user", holders)
	}
	t.must(r.Set(t.ctx, t.permission(groupPerm)))
	t.wantPerms(u, false, true)
	t.must(r.Clear(t.ctx))
	t.wantPerms(u, false, false)
	t.wantPerms(t.add(2), false, false)
}

func (t *modelTest) groups() {
	u := t.add(1)
	if !t.hasPermissions() {
		if err := t.users.Groups(u).AddIDs(t.ctx, 1); err == nil {
			t.Error("a model without auth.Permissions was put into a group")
		}
		return
	}
	g, err := t.site.Auth.Groups().Create(t.ctx, t.Name())
	t.must(err)
	t.must(t.site.Auth.Groups().Permissions(g).Add(t.ctx, t.permission(groupPerm)))
	t.must(t.users.Groups(u).Add(t.ctx, g))
	t.wantPerms(u, false, true)
	members, err := t.users.InGroup(t.ctx, g)
	t.must(err)
	if len(members) != 1 {
		t.Fatalf("the group has %d members, want 1", len(members))
	}
	t.same("InGroup", members[0], u)
	if err := t.users.Groups(u).AddIDs(t.ctx, g.ID+1000); err == nil {
		t.Error("the user was put into a group that does not exist")
	}
	t.must(t.site.Auth.Groups().Delete(t.ctx, t.users, g))
	t.wantPerms(u, false, false)
}

func (t *modelTest) delete() {
	u, other := t.add(1), t.add(2)
	if t.hasPermissions() {
		g, err := t.site.Auth.Groups().Create(t.ctx, t.Name())
		t.must(err)
		t.must(t.users.Groups(u).Add(t.ctx, g))
		t.must(t.users.Permissions(u).Add(t.ctx, t.permission(ownPerm)))
	}
	t.must(t.users.Delete(t.ctx, u))
	if _, err := t.users.ByPK(t.ctx, t.users.PK(u)); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("ByPK of a deleted user: %v, want ErrNoUser", err)
	}
	if err := t.users.Save(t.ctx, u); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("Save of a deleted user: %v, want ErrNoUser", err)
	}
	t.same("the other user", t.reload(other), other)
}
