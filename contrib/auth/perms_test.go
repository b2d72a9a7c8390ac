package auth_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/migrate"
)

// The models of the rows: Person has a permission of its own, and Student is a proxy with another.
type (
	Bar     struct{ Checked }
	Person  struct{ Checked }
	Student struct {
		Person `bun:",inherit"`
	}
	BlogPost struct{ Checked }
)

// permModels brings models to the app foo.
func permModels(models ...core.Model) func(*auth.Auth) core.App {
	return func(*auth.Auth) core.App { return core.App{Label: "foo", Models: models} }
}

// permsOf returns the permissions of an app as "codename: name", by model and codename.
func permsOf(t *testing.T, s *authtest.Site, app string) []string {
	t.Helper()
	var found []string
	for _, p := range must[[]*auth.Permission](t)(s.Auth.Groups().AllPermissions(t.Context())) {
		if p.ContentType.AppLabel == app {
			found = append(found, p.Codename+": "+p.Name)
		}
	}
	return found
}

// migrated is a site with these models, after a migrate; it returns what migrate said.
func migrated(t *testing.T, s *authtest.Site, models ...core.Model) (*authtest.Site, []string) {
	t.Helper()
	s = rebuild(t, s, nil, permModels(models...))
	var said []string
	err := s.Migrate(t.Context(), core.MigrateOptions{Logf: func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }})
	if err != nil {
		t.Fatal(err)
	}
	return s, said
}

func TestPermissionRows(t *testing.T) {
	t.Parallel()
	runRows(t, []siteCase{
		{"R01", testRowR01}, {"R02", testRowR02}, {"R04", testRowR04}, {"R05", testRowR05}, {"R06", testRowR06},
		{"R07", testRowR07}, {"R10", testRowR10}, {"R11", testRowR11}, {"R14", testRowR14}, {"R16", testRowR16},
		{"R19", testRowR19}, {"R20", testRowR20}, {"G39", testRowG39},
	})
}

func wantPerms(t *testing.T, s *authtest.Site, app string, want ...string) {
	t.Helper()
	if got := permsOf(t, s, app); !slices.Equal(got, want) {
		t.Errorf("the permissions of %s are %q, want %q", app, got, want)
	}
}

func testRowR01(t *testing.T, s *authtest.Site) {
	s, _ = migrated(t, s, core.Model{Of: (*Bar)(nil)}, core.Model{Of: (*Person)(nil), DefaultPermissions: []string{}},
		core.Model{Of: (*BlogPost)(nil), DefaultPermissions: []string{"publish"}})
	wantPerms(t, s, "foo", "add_bar: Can add bar", "change_bar: Can change bar", "delete_bar: Can delete bar", "view_bar: Can view bar",
		"publish_blogpost: Can publish blog post")
	if ct, err := s.Auth.Types().ByName(t.Context(), "foo", "person"); err != nil {
		t.Errorf("a model without permissions has the content type %v, %v, want one", ct, err)
	}
}

func testRowR02(t *testing.T, s *authtest.Site) {
	s, said := migrated(t, s, core.Model{Of: (*Bar)(nil)})
	if !slices.Contains(said, "Adding permission foo.add_bar") || len(said) != 5 {
		t.Errorf("migrate says %q, want the content type and four permissions", said)
	}
	before := len(permsOf(t, s, "foo"))
	s, said = migrated(t, s, core.Model{Of: (*Bar)(nil)})
	if got := len(permsOf(t, s, "foo")); got != before || len(said) != 0 {
		t.Errorf("another migrate makes %d permissions of %d and says %q, want nothing new", got, before, said)
	}
	s, said = migrated(t, s, core.Model{Of: (*Bar)(nil)}, core.Model{Of: (*Person)(nil)})
	if got := permsOf(t, s, "foo"); len(got) != before+4 || len(said) != 5 {
		t.Errorf("with a new model there are the permissions %q, and migrate says %q; want four more", got, said)
	}
}

func testRowR04(t *testing.T, s *authtest.Site) {
	s, _ = migrated(t, s, core.Model{Of: (*BlogPost)(nil)})
	u := newUser(t, s, "ada", nil)
	for _, name := range []string{"foo.add_blogpost", "foo.change_blogpost", "foo.delete_blogpost", "foo.view_blogpost"} {
		grant(t, s, u, name)
		check(t, name, true)(s.Auth.HasPerm(t.Context(), reload(t, s, u), name))
	}
	if got := core.PermissionCodename("add", "blogpost"); got != "add_blogpost" {
		t.Errorf("PermissionCodename = %q, want add_blogpost", got)
	}
}

func testRowR05(t *testing.T, s *authtest.Site) {
	s, _ = migrated(t, s, core.Model{Of: (*Bar)(nil), DefaultPermissions: []string{}, Permissions: []core.Permission{{Codename: "can_drive", Name: "Can drive"}}})
	wantPerms(t, s, "foo", "can_drive: Can drive")
	p := must[*auth.Permission](t)(s.Auth.Groups().Permission(t.Context(), "foo.can_drive"))
	if p.ContentType.Model != "bar" {
		t.Errorf("it belongs to the model %q, want bar", p.ContentType.Model)
	}
}

func testRowR06(t *testing.T, s *authtest.Site) {
	ct := must[*contenttypes.ContentType](t)(s.Auth.Types().For(t.Context(), (*auth.Group)(nil)))
	long := &auth.Permission{Name: strings.Repeat("ü", 255), Codename: strings.Repeat("ü", 100), ContentTypeID: ct.ID}
	if _, err := s.DB().NewInsert().Model(long).Exec(t.Context()); err != nil {
		t.Errorf("255 and 100 characters: %v", err)
	}
	twice := &auth.Permission{Name: "again", Codename: long.Codename, ContentTypeID: ct.ID}
	if _, err := s.DB().NewInsert().Model(twice).Exec(t.Context()); err == nil {
		t.Error("a second permission of one codename and content type was stored")
	}
	var labels []string
	for _, p := range must[[]*auth.Permission](t)(s.Auth.Groups().AllPermissions(t.Context())) {
		labels = append(labels, p.ContentType.AppLabel+"."+p.ContentType.Model+"."+p.Codename)
	}
	if !slices.IsSorted(labels) {
		t.Errorf("the order is %q, want app, model, codename", labels)
	}
	if got, want := must[*auth.Permission](t)(s.Auth.Groups().Permission(t.Context(), "auth.add_group")).String(), "auth | group | Can add group"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}

func testRowR07(t *testing.T, s *authtest.Site) {
	s, _ = migrated(t, s, core.Model{Of: (*BlogPost)(nil)})
	ct := must[*contenttypes.ContentType](t)(s.Auth.Types().For(t.Context(), (*BlogPost)(nil)))
	p := &auth.Permission{Codename: "can_publish", Name: "Can publish posts", ContentTypeID: ct.ID}
	if _, err := s.DB().NewInsert().Model(p).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	byUser, byGroup := newUser(t, s, "ada", nil), newUser(t, s, "eve", nil)
	g := must[*auth.Group](t)(s.Auth.Groups().Create(t.Context(), "authors"))
	err := errors.Join(s.Auth.Users().Permissions(byUser).Add(t.Context(), p), s.Auth.Groups().Permissions(g).Add(t.Context(), p),
		s.Auth.Users().Groups(byGroup).Add(t.Context(), g))
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range []auth.Account{byUser, byGroup} {
		check(t, "foo.can_publish", true)(s.Auth.HasPerm(t.Context(), reload(t, s, u), "foo.can_publish"))
	}
}

func testRowR10(t *testing.T, s *authtest.Site) {
	s, _ = migrated(t, s,
		core.Model{Of: (*Person)(nil), Permissions: []core.Permission{{Codename: "can_eat_pizzas", Name: "Can eat pizzas"}}},
		core.Model{Of: (*Student)(nil), ProxyOf: (*Person)(nil), Permissions: []core.Permission{{Codename: "can_deliver_pizzas", Name: "Can deliver pizzas"}}})
	u := newUser(t, s, "ada", nil)
	own := []string{"foo.add_student", "foo.change_student", "foo.delete_student", "foo.view_student", "foo.can_deliver_pizzas"}
	grant(t, s, u, own...)
	u = reload(t, s, u)
	for _, name := range own {
		check(t, name, true)(s.Auth.HasPerm(t.Context(), u, name))
	}
	for _, name := range []string{"foo.add_person", "foo.can_eat_pizzas"} {
		check(t, name, false)(s.Auth.HasPerm(t.Context(), u, name))
	}
}

func testRowR11(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	check(t, "before it is given", false)(s.Auth.HasPerm(t.Context(), u, addPerm))
	grant(t, s, u, addPerm)
	check(t, "of the same value", false)(s.Auth.HasPerm(t.Context(), u, addPerm))
	check(t, "of a value read again", true)(s.Auth.HasPerm(t.Context(), reload(t, s, u), addPerm))
}

func testRowR14(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	g := must[*auth.Group](t)(s.Auth.Groups().Create(t.Context(), "Site editors"))
	p := newPerm(t, s, "can_edit_home_page")
	if err := errors.Join(s.Auth.Groups().Permissions(g).Add(t.Context(), p), s.Auth.Users().Groups(u).Add(t.Context(), g)); err != nil {
		t.Fatal(err)
	}
	check(t, "a member", true)(s.Auth.HasPerm(t.Context(), reload(t, s, u), "auth.can_edit_home_page"))
	if err := s.Auth.Users().Groups(u).Remove(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	check(t, "somebody who left", false)(s.Auth.HasPerm(t.Context(), reload(t, s, u), "auth.can_edit_home_page"))
}

// testRowR16: a permission is given or not, and holds for all rows of its model.
func testRowR16(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	grant(t, s, u, addPerm, addPerm)
	if ids := must[[]int64](t)(s.Auth.Users().Permissions(u).IDs(t.Context())); len(ids) != 1 {
		t.Errorf("a permission given twice has %d rows, want 1", len(ids))
	}
	u = reload(t, s, u)
	check(t, "the permission", true)(s.Auth.HasPerm(t.Context(), u, addPerm))
	check(t, "the permission of one row", false)(s.Auth.HasPermFor(t.Context(), u, addPerm, &CustomUser{ID: 1}))
}

func testRowR19(t *testing.T, s *authtest.Site) {
	member := newUser(t, s, "member", nil)
	grant(t, s, member, addPerm)
	root := newUser(t, s, "root", func(u *auth.User) { u.IsSuperuser = true })
	idle := newUser(t, s, "idle", func(u *auth.User) { u.IsSuperuser, u.IsActive = true, false })
	for _, c := range []struct {
		u    auth.Account
		perm string
		want bool
	}{
		{reload(t, s, member), addPerm, true}, {reload(t, s, member), changePerm, false},
		{reload(t, s, member), "no.such", false}, {reload(t, s, member), "add_customuser", false}, {reload(t, s, member), "", false},
		{reload(t, s, root), "no.such", true}, {reload(t, s, idle), addPerm, false}, {reload(t, s, idle), "no.such", false},
		{&auth.AnonymousUser{}, addPerm, false},
	} {
		check(t, fmt.Sprintf("HasPerm(%v, %q)", c.u, c.perm), c.want)(s.Auth.HasPerm(t.Context(), c.u, c.perm))
	}
}

func testRowR20(t *testing.T, s *authtest.Site) {
	s, _ = migrated(t, s, core.Model{Of: (*Bar)(nil), Permissions: []core.Permission{{Codename: "can_vote", Name: "Can vote"}}})
	p := must[*auth.Permission](t)(s.Auth.Groups().Permission(t.Context(), "foo.can_vote"))
	if p.Label() != "foo.can_vote" {
		t.Errorf("Label() = %q, want foo.can_vote", p.Label())
	}
	u := newUser(t, s, "ada", nil)
	grant(t, s, u, "foo.can_vote")
	wantSet(t, "AllPermissions", "foo.can_vote")(s.Auth.AllPermissions(t.Context(), reload(t, s, u), nil))
}

func testRowG39(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "root", func(u *auth.User) { u.IsSuperuser, u.IsActive = true, false })
	grant(t, s, u, addPerm)
	u = reload(t, s, u)
	check(t, "HasPerm", false)(s.Auth.HasPerm(t.Context(), u, addPerm))
	check(t, "HasPerms", false)(s.Auth.HasPerms(t.Context(), u, addPerm))
	check(t, "HasModulePerms", false)(s.Auth.HasModulePerms(t.Context(), u, "auth_tests"))
	wantSet(t, "AllPermissions")(s.Auth.AllPermissions(t.Context(), u, nil))
	perms := s.Auth.Perms(t.Context(), u)
	check(t, "the template's Has", false)(perms.Has(addPerm))
	check(t, "the template's Has", false)(perms.Has("auth_tests"))
}

// A renamed model keeps its permissions, under their new codenames, and whoever had them.
func TestRenamedModelKeepsPermissions(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		s, _ = migrated(t, s, core.Model{Of: (*Bar)(nil), Name: "client", VerboseName: "client",
			Permissions: []core.Permission{{Codename: "call", Name: "Can call"}, {Codename: "sell_client", Name: "Can sell"}}})
		u := newUser(t, s, "ada", nil)
		grant(t, s, u, "foo.change_client", "foo.call", "foo.sell_client")
		renamed := core.Model{Of: (*Bar)(nil), Name: "customer", VerboseName: "customer", RenamedFrom: []string{"buyer", "client"},
			Permissions: []core.Permission{{Codename: "call", Name: "Can call"}, {Codename: "sell_client", Name: "Can sell"}}}
		s, _ = migrated(t, s, renamed)
		wantPerms(t, s, "foo", "add_customer: Can add customer", "call: Can call", "change_customer: Can change customer",
			"delete_customer: Can delete customer", "sell_client: Can sell", "view_customer: Can view customer")
		wantSet(t, "AllPermissions", "foo.change_customer", "foo.call", "foo.sell_client")(s.Auth.AllPermissions(t.Context(), reload(t, s, u), nil))
		if _, said := migrated(t, s, renamed); len(said) > 0 {
			t.Errorf("another migrate says %q, want nothing", said)
		}
	})
}

// structOf returns a typed nil pointer to a struct that differs from app to app.
func structOf(app int) any {
	field := reflect.StructField{Name: fmt.Sprintf("Of%d", app), Type: reflect.TypeFor[int]()}
	return reflect.Zero(reflect.PointerTo(reflect.StructOf([]reflect.StructField{field}))).Interface()
}

// The number of statements does not grow with the number of models.
func TestPermissionsOfManyModels(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		var apps []func(*auth.Auth) core.App
		for a := range 20 {
			apps = append(apps, func(*auth.Auth) core.App {
				app := core.App{Label: fmt.Sprintf("many%d", a)}
				for m := range 50 {
					app.Models = append(app.Models, core.Model{Of: structOf(a), Name: fmt.Sprintf("model%d", m), VerboseName: "model"})
				}
				return app
			})
		}
		s = rebuild(t, s, nil, apps...)
		statements := s.Queries.During(func() {
			if err := s.Migrate(t.Context(), core.MigrateOptions{}); err != nil {
				t.Fatal(err)
			}
		})
		// Locks, and settings of the connection, aside.
		statements = slices.DeleteFunc(statements, func(q string) bool {
			return strings.Contains(q, "advisory") || strings.HasSuffix(q, "WHERE 0") || strings.HasPrefix(strings.ToUpper(q), "PRAGMA") || strings.HasPrefix(q, "SET ") ||
				strings.HasPrefix(q, "BEGIN") || strings.HasPrefix(q, "COMMIT")
		})
		if len(statements) > 10 {
			for _, q := range statements {
				t.Logf("%.150s", q)
			}
			t.Errorf("a migrate with 1,000 new models takes %d statements, want at most 10", len(statements))
		}
		if n := must[int64](t)(s.DB().NewSelect().Model((*auth.Permission)(nil)).Count(t.Context())); n < 4000 {
			t.Errorf("there are %d permissions, want over 4,000", n)
		}
	})
}

// granting is a project whose second migration gives a permission of a model that the first one made.
var granting = coretest.New(func(s core.Settings) (*core.Project, error) {
	var project *core.Project
	grants := migrate.Migration{Name: "0002_editors", Requires: []string{"auth.0001_initial"}, Up: func(ctx context.Context, db bun.IDB) error {
		if err := auth.EnsurePermissions(ctx, db, project.Models(), nil); err != nil {
			return err
		}
		groups := auth.NewGroups(db)
		p, err := groups.Permission(ctx, "foo.change_bar")
		if err != nil {
			return err
		}
		g, err := groups.Create(ctx, "editors")
		if err != nil {
			return err
		}
		return groups.Permissions(g).Add(ctx, p)
	}}
	_, p, err := newGuarded(s, nil, func(*auth.Auth) core.App {
		return core.App{Label: "foo", Models: []core.Model{{Of: (*Bar)(nil)}}, Migrations: migrate.List(
			migrate.Migration{Name: "0001_initial", UpSQL: "CREATE TABLE bar (id integer PRIMARY KEY)"}, grants)}
	})
	project = p
	return p, err
})

func TestMigrationGrantsAPermission(t *testing.T) {
	t.Parallel()
	granting.Each(t, func(t *testing.T, s *coretest.Site) {
		groups := auth.NewGroups(s.DB())
		g, err := groups.ByName(t.Context(), "editors")
		if err != nil {
			t.Fatal(err)
		}
		perms, err := groups.Permissions(g).All(t.Context())
		if err != nil || len(perms) != 1 || perms[0].Label() != "foo.change_bar" {
			t.Errorf("the group has %v, %v, want foo.change_bar", perms, err)
		}
	})
}

// The app of content types may come last: permissions are made by the first migrate all the same.
func TestOrderOfAppsAndPermissions(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		for _, table := range []string{"auth_permission", "django_content_type"} {
			if _, err := s.DB().NewRaw("DELETE FROM ?", bun.Ident(table)).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		types := contenttypes.New(s.DB())
		sess := s.Auth.Config().Sessions
		a := auth.New(auth.Config{Users: auth.NewUsers(s.DB(), (*auth.User)(nil)), Sessions: sess, Types: types})
		p, err := core.New(s.Settings(), sess.App(), a.App(), types.App())
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Migrate(t.Context(), core.MigrateOptions{}); err != nil {
			t.Fatal(err)
		}
		if p, err := a.Groups().Permission(t.Context(), "auth.add_user"); err != nil {
			t.Errorf("after the migrate the permission is %v, %v", p, err)
		}
	})
}
