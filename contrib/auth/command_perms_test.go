package auth_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/core"
)

func TestEnsurePermissions(t *testing.T) {
	models := func(t *commandTest, change func(*core.Model)) []core.Model {
		all := slices.DeleteFunc(t.Models(), func(m core.Model) bool { return m.AppLabel() != "auth" })
		for i := range all {
			if all[i].Name == "permission" {
				change(&all[i])
			}
		}
		return all
	}
	ensure := func(t *commandTest, models []core.Model) {
		t.Helper()
		t.noError(auth.EnsurePermissions(t.Context(), t.DB(), models, nil))
	}
	runCommands(t, "django/auth_tests/test_management.py/CreatePermissionsTests.", []commandCase{
		{"test_default_permissions", func(t *commandTest) {
			ct, err := t.Auth.Types().ByName(t.Context(), "auth", "permission")
			t.noError(err)
			custom := []core.Permission{{Codename: "my_custom_permission", Name: "Some permission"}}
			ensure(t, models(t, func(m *core.Model) { m.Permissions = custom }))
			if n := t.count("auth_permission", "content_type_id = ?", ct.ID); n != 5 {
				t.Errorf("%d permissions, want four default ones and the custom one", n)
			}
			_, err = t.DB().NewDelete().Model((*auth.Permission)(nil)).Where("content_type_id = ?", ct.ID).Exec(t.Context())
			t.noError(err)
			ensure(t, models(t, func(m *core.Model) { m.Permissions, m.DefaultPermissions = custom, []string{} }))
			if n := t.count("auth_permission", "content_type_id = ?", ct.ID); n != 1 {
				t.Errorf("%d permissions, want the custom one", n)
			}
		}},
		{"test_unavailable_models", func(t *commandTest) {
			// The receivers run while the tables of one or of both apps are not there.
			for _, have := range [][]core.Model{nil, slices.DeleteFunc(t.Models(), func(m core.Model) bool { return m.AppLabel() == "auth" })} {
				ev := core.Migration{Project: t.Project, DB: t.DB(), Models: have, Logf: func(string, ...any) {}}
				asked := t.Queries.During(func() { t.noError(t.Migrated.Send(t.Context(), ev)) })
				for _, q := range asked {
					if strings.Contains(q, "auth_permission") || have == nil {
						t.Errorf("with %d models: %s", len(have), q)
					}
				}
			}
		}},
		{"test_create_permissions_checks_contenttypes_created", func(t *commandTest) {
			_, err := t.Auth.Types().For(t.Context(), (*auth.Group)(nil)) // is remembered now
			t.noError(err)
			_, err = t.DB().ExecContext(t.Context(), "DELETE FROM auth_permission WHERE content_type_id IN (SELECT id FROM django_content_type WHERE model = 'group')")
			t.noError(err)
			_, err = t.DB().ExecContext(t.Context(), "DELETE FROM django_content_type WHERE app_label = 'auth' AND model = 'group'")
			t.noError(err)
			ensure(t, models(t, func(*core.Model) {}))
			if _, err := t.Auth.Groups().Permission(t.Context(), "auth.add_group"); err != nil {
				t.Error(err)
			}
		}},
		{"test_permission_with_proxy_content_type_created", func(t *commandTest) {
			if n := t.count("auth_permission", "codename = 'add_userproxy' AND content_type_id = "+
				"(SELECT id FROM django_content_type WHERE app_label = 'auth_tests' AND model = 'userproxy')"); n != 1 {
				t.Errorf("%d permissions of the proxy, want 1", n)
			}
		}},
	})
}

func TestInstallPermissions(t *testing.T) {
	gone := func(t *commandTest, where string) {
		t.Helper()
		_, err := t.DB().ExecContext(t.Context(), "DELETE FROM auth_permission WHERE "+where)
		t.noError(err)
	}
	all := func(t *commandTest) (perms []string) {
		t.Helper()
		rows, err := t.Auth.Groups().AllPermissions(t.Context())
		t.noError(err)
		for _, p := range rows {
			perms = append(perms, p.String()+" "+p.Codename)
		}
		return perms
	}
	both := func(t *commandTest) {
		want := all(t)
		gone(t, "codename LIKE '%group' OR codename LIKE 'add_organization'")
		t.calls(nil, "installperms", "auth")
		t.wrote("Adding permission auth.add_group\nAdding permission auth.change_group\nAdding permission auth.delete_group\nAdding permission auth.view_group\n", "")
		t.calls(nil, "installperms", "-v0")
		t.wrote("", "")
		t.calls(nil, "installperms")
		t.wrote("Nothing is missing.\n", "")
		if got := all(t); !slices.Equal(got, want) {
			t.Errorf("permissions are %q, want %q", got, want)
		}
		t.fails(`there is no app "nosuch" in this project`, nil, "installperms", "nosuch")

		for _, command := range [][]string{{"installperms", "--sql"}, {"sqlinitialdata"}, {"sqlinitialdata", "auth_tests", "auth", "contenttypes", "sessions"}} {
			gone(t, "1 = 1")
			_, err := t.DB().ExecContext(t.Context(), "DELETE FROM django_content_type")
			t.noError(err)
			t.calls(nil, command[0], command[1:]...)
			for range 2 { // the second time nothing is to do
				_, err = t.DB().ExecContext(t.Context(), t.stdout)
				t.noError(err)
			}
			if got := all(t); !slices.Equal(got, want) {
				t.Errorf("%q: permissions are %q, want %q", command, got, want)
			}
		}
		t.calls(nil, "sqlinitialdata", "contenttypes")
		if n := strings.Count(t.stdout, "INSERT INTO"); n != 5 || strings.Contains(t.stdout, "auth_tests") {
			t.Errorf("the SQL of one model has %d statements:\n%s", n, t.stdout)
		}
	}
	runCommands(t, "row/", []commandCase{{"R03", both}, {"K06", both}})
}

// oracle is a backend that grants a permission for one row to everybody, and forbids another.
type oracle struct{ auth.ModelBackend }

func (*oracle) Name() string { return "oracle" }

func (*oracle) Authenticate(context.Context, *http.Request, auth.Credentials) (auth.Account, error) {
	return nil, nil
}

func (*oracle) HasPerm(_ context.Context, _ auth.Account, perm string, obj any) (bool, error) {
	if perm == "auth.delete_group" {
		return false, auth.ErrPermissionDenied
	}
	g, ok := obj.(*auth.Group)
	return ok && g.Name == "Readers", nil
}

// silent is a backend that knows nobody and decides nothing.
type silent struct{}

func (silent) Name() string { return "silent" }

func (silent) Authenticate(context.Context, *http.Request, auth.Credentials) (auth.Account, error) {
	return nil, nil
}

func (silent) User(context.Context, string) (auth.Account, error) { return nil, nil }

func TestExplainPermission(t *testing.T) {
	prepare := func(t *commandTest) {
		for _, name := range []string{"ada", "bob", "root", "gone"} {
			_, err := t.users.CreateWithoutPassword(t.Context(), name, "", func(u auth.Account) error {
				u.(*auth.User).IsSuperuser, u.(*auth.User).IsActive = name == "root", name != "gone"
				return nil
			})
			t.noError(err)
		}
		for name, perms := range map[string][]string{"Editors": {"auth.add_group", "auth.change_group"}, "Writers": {"auth.add_group"}, "Readers": {"auth.view_group"}} {
			g, err := t.Auth.Groups().Create(t.Context(), name)
			t.noError(err)
			for _, perm := range perms {
				p, err := t.Auth.Groups().Permission(t.Context(), perm)
				t.noError(err)
				t.noError(t.Auth.Groups().Permissions(g).Add(t.Context(), p))
			}
			if name != "Readers" {
				t.noError(t.users.Groups(t.user("ada")).Add(t.Context(), g))
			}
		}
		p, err := t.Auth.Groups().Permission(t.Context(), "auth.change_group")
		t.noError(err)
		t.noError(t.users.Permissions(t.user("ada")).Add(t.Context(), p))
	}
	const backend = auth.ModelBackendName
	explains := func(t *commandTest, want string, args ...string) {
		t.Helper()
		t.calls(nil, "explainperm", args...)
		t.wrote(want, "")
	}
	runCommands(t, "", []commandCase{
		{"by the default backend", func(t *commandTest) {
			prepare(t)
			explains(t, "Yes: ada has auth.add_group.\n  "+backend+" grants it through a group: Editors, Writers.\n", "ada", "auth.add_group")
			explains(t, "Yes: ada has auth.change_group.\n  "+backend+" grants it: it was given to the user.\n  "+
				backend+" grants it through a group: Editors.\n", "ada", "auth.change_group")
			explains(t, "No: bob does not have auth.add_group.\n  "+backend+" does not grant it: neither the user nor one of the user's groups has it.\n"+
				"  These groups have it: Editors, Writers.\n", "bob", "auth.add_group")
			explains(t, "No: bob does not have auth.delete_group.\n  "+backend+" does not grant it: neither the user nor one of the user's groups has it.\n"+
				"  No group has it: give it to the user or to a group.\n", "bob", "auth.delete_group")
			explains(t, "Yes: root has auth.add_group.\n  The user is a superuser, who may do everything.\n", "root", "auth.add_group")
			explains(t, "No: gone does not have auth.add_group.\n  The user is not active, so what was given to user and groups does not count.\n  "+
				backend+" does not grant it.\n", "gone", "auth.add_group")
			explains(t, "No: bob does not have auth.Add_group.\n  "+backend+" does not grant it: neither the user nor one of the user's groups has it.\n"+
				"  No app declares auth.Add_group, and the database has no such permission (did you mean auth.add_group?).\n", "bob", "auth.Add_group")
			t.fails("there is no user 'eve'", nil, "explainperm", "eve", "auth.add_group")
			t.fails(`"add_group" is no permission: write app.codename`, nil, "explainperm", "ada", "add_group")
			t.fails("explainperm takes a user and a permission, got 1 argument(s)", nil, "explainperm", "ada")
		}},
		{"for an object, by other backends", func(t *commandTest) {
			prepare(t)
			g, err := t.Auth.Groups().ByName(t.Context(), "Readers")
			t.noError(err)
			object := fmt.Sprintf("--object=auth.group:%d", g.ID)
			explains(t, "No: ada does not have auth.add_group for this row.\n  "+backend+" grants nothing for a single row.\n", "ada", "auth.add_group", object)
			t.fails("there is no auth.group with the key 99", nil, "explainperm", "ada", "auth.add_group", "--object=auth.group:99")
			t.fails("there is no model auth.grupp", nil, "explainperm", "ada", "auth.add_group", "--object=auth.grupp:1")
			t.fails(`"group" is no row: write app.model:key, as in polls.question:7`, nil, "explainperm", "ada", "auth.add_group", "--object=group")

			c := t.Auth.Config()
			c.Backends = []auth.Backend{silent{}, &oracle{}, &auth.ModelBackend{}}
			a := auth.New(c)
			p, err := core.New(t.Settings(), a.Types().App(), c.Sessions.App(), a.App())
			t.noError(err)
			t.Site = &authtest.Site{Site: t.Site.On(t.T, p), Auth: a}
			explains(t, "Yes: bob has auth.add_group for this row.\n  silent does not decide on permissions.\n  oracle grants it.\n", "bob", "auth.add_group", object)
			explains(t, "No: bob does not have auth.delete_group.\n  silent does not decide on permissions.\n"+
				"  oracle refuses it, and nobody after it is asked.\n", "bob", "auth.delete_group")
		}},
	})
}
