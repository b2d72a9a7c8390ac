package djangotest_test

import (
	"slices"
	"testing"
)

func (w *world) permissionSteps(t *testing.T) {
	w.both(t, "permissions", "3.2", w.permissions)
	w.both(t, "superuser", "3.2", w.superuserMade)
	w.step(t, "content types of both", "3.2", w.contentTypes)
}

// permissions: what a user is given here, directly and by a group, counts there, for models of both
// sides, and so does taking it away.
func (w *world) permissions(t *testing.T, here, there site) {
	const goPerm, goOwn, djPerm, groupPerm = "shop.add_item", "shop.sell_item", "beside.change_note", "auth.view_group"
	all := []string{goPerm, goOwn, djPerm, groupPerm}
	name := add(t, here)
	group := "editors of " + name
	p := w.person(t)
	p.mustLogin(t, there, name, secret)
	p.wantPermissions(t, there, all)
	here.createGroup(t, group, djPerm, groupPerm)
	here.grant(t, name, []string{goPerm, goOwn}, []string{group})
	p.wantPermissions(t, there, all, all...)
	p.wantPermissions(t, here, all, all...)
	if got := there.user(t, name); !slices.Equal(got.Groups, []string{group}) {
		t.Errorf("%s says the groups are %q, want %q", there.name(), got.Groups, group)
	}
	here.revoke(t, name, []string{goPerm}, []string{group})
	p.wantPermissions(t, there, all, goOwn)
	here.setActive(t, name, false)
	if got := there.user(t, name); len(got.Permissions) > 0 {
		t.Errorf("%s gives a user who is not active %q", there.name(), got.Permissions)
	}
}

// wantPermissions fails unless the visitor has exactly those permissions at a site, of those asked
// for and in the list of all.
func (p *person) wantPermissions(t *testing.T, s site, asked []string, want ...string) {
	t.Helper()
	who := p.who(t, s, asked...)
	for _, perm := range asked {
		if got := who.Has[perm]; got != slices.Contains(want, perm) {
			t.Errorf("%s says has_perm(%s) is %v, want %v", s.name(), perm, got, !got)
		}
	}
	if want = slices.Sorted(slices.Values(want)); !slices.Equal(who.Permissions, want) {
		t.Errorf("%s says the permissions are %q, want %q", s.name(), who.Permissions, want)
	}
}

// superuserMade: createsuperuser here makes one there, who may do everything and enter the admin.
func (w *world) superuserMade(t *testing.T, here, there site) {
	name := nameOf(t)
	here.createSuperuser(t, name)
	got := there.user(t, name)
	if !got.Superuser || !got.Staff || !got.Active || got.Email != name+"@example.org" {
		t.Errorf("%s says the superuser is %+v", there.name(), got)
	}
	p := w.person(t)
	p.mustLogin(t, there, name, secret)
	who := p.who(t, there, "shop.sell_item", "no.such")
	if !who.Has["shop.sell_item"] || !who.Has["no.such"] {
		t.Errorf("%s does not let the superuser do everything: %v", there.name(), who.Has)
	}
	if mine := p.who(t, here); !slices.Equal(mine.Permissions, who.Permissions) {
		t.Errorf("the superuser's permissions are %q at %s and %q at %s", mine.Permissions, here.name(), who.Permissions, there.name())
	}
	if answer := p.get(t, w.django, "/admin/"); answer.status != 200 {
		t.Errorf("Django's admin answers the superuser %d to %q", answer.status, answer.location())
	}
}

// contentTypes: neither side's migrate, nor Django's clearing up, takes away the other's content
// types and permissions.
func (w *world) contentTypes(t *testing.T) {
	want := struct{ types, permissions []string }{
		[]string{"shop.item", "beside.note", "admin.logentry", "auth.user", "auth.group", "auth.permission", "contenttypes.contenttype", "sessions.session"},
		[]string{"shop.sell_item", "shop.add_item", "shop.view_item", "beside.delete_note", "admin.view_logentry"},
	}
	look := func(when string) {
		t.Helper()
		var got struct{ Types, Permissions []string }
		w.django.order(t, "types", nil, &got)
		for _, name := range want.types {
			if !slices.Contains(got.Types, name) {
				t.Errorf("%s there is no content type %s", when, name)
			}
		}
		for _, name := range want.permissions {
			if !slices.Contains(got.Permissions, name) {
				t.Errorf("%s there is no permission %s", when, name)
			}
		}
		for _, list := range [][]string{got.Types, got.Permissions} {
			if n := len(slices.Compact(slices.Clone(list))); n != len(list) {
				t.Errorf("%s there are some twice: %q", when, list)
			}
		}
	}
	look("After both migrated")
	w.django.mustManage(t, "migrate", "--verbosity=0")
	look("After Django migrated again")
	w.django.mustManage(t, "remove_stale_contenttypes", "--no-input")
	look("After Django removed stale content types")
	w.belleville.migrate(t)
	look("After Belleville migrated again")
}
