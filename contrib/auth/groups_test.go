package auth_test

import (
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	runPeople(t, "", []peopleCase{
		{"names", testGroupNames},
		{"finding", testFindGroups},
		{"deleting", testDeleteGroup},
		{"members", testMembers},
		{"permissions by their natural key", testNaturalKeys},
		{"relations of what is not stored", func(t *peopleTest) {
			wantText(t.T, "a group", t.groups.Permissions(&auth.Group{}).AddIDs(t.ctx, 1), "not stored yet")
			if err := t.users.Groups(t.user("john", nil)).Add(t.ctx, &auth.Group{Name: "new"}); err == nil {
				t.Error("a user was put into a group that is not stored")
			}
			_, err := t.users.Groups(&auth.User{}).All(t.ctx)
			wantText(t.T, "a user", err, "not stored yet")
		}},
	})
}

func testGroupNames(t *peopleTest) {
	for _, name := range []string{"Awesome Users", "Ünï ☃", strings.Repeat("é", 150), "' OR 1=1", "a\nb"} {
		g := t.group(name)
		if got, err := t.groups.ByName(t.ctx, name); err != nil || *got != *g {
			t.Errorf("ByName(%q) = %v, %v", name, got, err)
		}
		if got, err := t.groups.ByID(t.ctx, g.ID); err != nil || *got != *g {
			t.Errorf("ByID(%d) = %v, %v", g.ID, got, err)
		}
	}
	for name, want := range map[string]error{
		"": auth.ErrGroupEmpty, "Awesome Users": auth.ErrGroupTaken, strings.Repeat("é", 151): auth.ErrText, "a\x00": auth.ErrText, "\xff": auth.ErrText,
	} {
		_, err := t.groups.Create(t.ctx, name)
		t.wantError("Create", err, want)
		g, err := t.groups.ByName(t.ctx, "a\nb")
		t.noError(err)
		t.wantError("Rename", t.groups.Rename(t.ctx, g, name), want)
		if g.Name != "a\nb" {
			t.Errorf("the name is %q after a failure", g.Name)
		}
	}
	g := t.group("old")
	t.noError(t.groups.Rename(t.ctx, g, "new"))
	if got, err := t.groups.ByID(t.ctx, g.ID); err != nil || got.Name != "new" || g.Name != "new" {
		t.Errorf("the name is %q, stored as %v, %v", g.Name, got, err)
	}
	t.wantError("Rename of no group", t.groups.Rename(t.ctx, &auth.Group{ID: 1000}, "x"), auth.ErrNoGroup)
}

func testFindGroups(t *peopleTest) {
	for _, name := range []string{"b", "a", "c"} {
		t.group(name)
	}
	groups, err := t.groups.All(t.ctx)
	t.noError(err)
	var names []string
	for _, g := range groups {
		names = append(names, g.Name)
	}
	if strings.Join(names, "") != "abc" {
		t.Errorf("All returns %q", names)
	}
	_, err = t.groups.ByName(t.ctx, "d")
	t.wantError("ByName", err, auth.ErrNoGroup)
	_, err = t.groups.ByID(t.ctx, 1<<40)
	t.wantError("ByID", err, auth.ErrNoGroup)
}

func testDeleteGroup(t *peopleTest) {
	p := t.permission("p")
	g, other := t.group("g", p), t.group("other", p)
	u := t.user("john", nil)
	t.noError(t.users.Groups(u).Add(t.ctx, g, other))
	t.noError(t.groups.Delete(t.ctx, t.users, g))
	_, err := t.groups.ByName(t.ctx, "g")
	t.wantError("after Delete", err, auth.ErrNoGroup)
	t.wantIDs("the user's groups", other.ID)(t.users.Groups(u).IDs(t.ctx))
	t.wantIDs("the other group's permissions", p.ID)(t.groups.Permissions(other).IDs(t.ctx))
}

func testMembers(t *peopleTest) {
	g, other := t.group("g"), t.group("other")
	for name, groups := range map[string][]*auth.Group{"john": {g}, "paul": {g, other}, "george": {other}, "ringo": nil} {
		t.noError(t.users.Groups(t.user(name, nil)).Add(t.ctx, groups...))
	}
	t.wantUsers("InGroup", "john", "paul")(t.users.InGroup(t.ctx, g))
	t.wantUsers("InGroup of no group")(t.users.InGroup(t.ctx, &auth.Group{}))
	custom := t.with((*customUserModel)(nil), nil)
	custom.wantUsers("InGroup of a model without groups")(custom.users.InGroup(t.ctx, g))
}

func testNaturalKeys(t *peopleTest) {
	for _, name := range []string{"auth.change_user", "accounts.add_userprofile", "contenttypes.view_contenttype"} {
		p, err := t.groups.Permission(t.ctx, name)
		t.noError(err)
		codename, app, model := p.NaturalKey()
		again, err := t.groups.PermissionOf(t.ctx, codename, app, model)
		if err != nil || again.ID != p.ID || app+"."+codename != name {
			t.Errorf("PermissionOf(%s, %s, %s) = %v, %v; want %v", codename, app, model, again, err, p)
		}
		ct, err := t.Auth.Types().ByName(t.ctx, app, model)
		t.noError(err)
		if a, m := ct.NaturalKey(); a != app || m != model {
			t.Errorf("the content type's natural key is %s, %s", a, m)
		}
	}
	for _, key := range [][3]string{{"change_user", "auth", "group"}, {"x", "auth", "user"}, {"change_user", "x", "user"}, {"\x00", "auth", "user"}} {
		_, err := t.groups.PermissionOf(t.ctx, key[0], key[1], key[2])
		t.wantError("PermissionOf", err, auth.ErrNoPermission)
	}
	_, err := t.groups.Permission(t.ctx, "auth.x")
	t.wantError("Permission", err, auth.ErrNoPermission)
	_, err = t.groups.Permission(t.ctx, "auth")
	t.wantError("Permission without a dot", err, auth.ErrPermissionName)
}
