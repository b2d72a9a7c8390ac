package auth_test

import (
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/djangovectors"
	"github.com/go-belleville/belleville/internal/testdb"
)

// runOnEmpty runs cases on databases in which there is nothing yet.
func runOnEmpty(t *testing.T, prefix string, cases []commandCase) {
	t.Helper()
	t.Parallel()
	for _, c := range cases {
		t.Run(prefix+c.name, func(t *testing.T) {
			t.Parallel()
			testdb.Each(t, func(t *testing.T, db *bun.DB) {
				a, p, err := newCommandProject(core.Settings{DB: db, Keys: []string{coretest.Key}}, (*auth.User)(nil), password.Numeric{})
				if err != nil {
					t.Fatal(err)
				}
				c.run(&commandTest{T: t, Site: &authtest.Site{Site: &coretest.Site{Project: p}, Auth: a}, users: a.Users(), env: map[string]string{}})
			})
		})
	}
}

// made counts content types and permissions.
func (t *commandTest) made() [2]int64 {
	t.Helper()
	return [2]int64{t.count("django_content_type", "1 = 1"), t.count("auth_permission", "1 = 1")}
}

func TestMigrateCommand(t *testing.T) {
	runOnEmpty(t, "row/", []commandCase{
		{"K01", func(t *commandTest) {
			t.calls(nil, "install", "contenttypes")
			if !strings.HasPrefix(t.stdout, "Applying contenttypes.0001_initial… done") || strings.Contains(t.stdout, "auth.") {
				t.Errorf("stdout %q", t.stdout)
			}
			t.calls(nil, "syncdb", "--noinput")
			first := t.made()
			if first[0] < 10 || first[1] < 40 {
				t.Errorf("%d content types and %d permissions are made", first[0], first[1])
			}
			for _, name := range []string{"migrate", "syncdb", "install", "init"} {
				t.calls(nil, name)
				t.wrote("Nothing to apply: the database is up to date.\n", "")
				if again := t.made(); again != first {
					t.Errorf("%s makes %d content types and permissions of %d", name, again, first)
				}
			}
		}},
		{"K02", func(t *commandTest) {
			const question = "The tables of users were just made, so there is no superuser yet.\nMake one now? (yes/no): "
			p := typing([]string{"a-password"}, question, "y", `Please answer "yes" or "no": `, "", `Please answer "yes" or "no": `, "yes",
				askUsername, "root", askEmail, "")
			t.calls(p, "migrate")
			if !strings.HasSuffix(t.stdout, "\n"+created) {
				t.Errorf("stdout %q", t.stdout)
			}
			t.checks(t.user("root"), "a-password")
			t.calls(typing(nil), "migrate") // nothing is asked again

			zero := func() {
				t.Helper()
				t.calls(nil, "migrate", "auth", "zero")
			}
			zero()
			t.calls(typing(nil, question, "no"), "migrate")
			zero()
			t.calls(typing(nil), "migrate", "--noinput")
			zero()
			t.calls(nil, "migrate") // nobody is there
			zero()
			t.fails("Operation cancelled.", typing(nil, question, ctrlC), "migrate")
			t.calls(typing(nil), "migrate", "--check") // but everything is applied
			if n := t.count("auth_user", "1 = 1"); n != 0 {
				t.Errorf("there are %d users", n)
			}
		}},
	})
}

func TestFirstSuperuserOfAnotherModel(t *testing.T) {
	runOnEmpty(t, "", []commandCase{{"custom", func(t *commandTest) {
		t.with((*bornUser)(nil))
		t.calls(typing(nil), "migrate", "auth") // the users are of another app
		p := typing([]string{"a-password"}, "The tables of users were just made, so there is no superuser yet.\nMake one now? (yes/no): ", "yes",
			askEmail, "ada@example.org", "Date of birth: ", "1815-12-10", "First name: ", "Ada")
		t.calls(p, "migrate")
		if u := t.user("ada@example.org").(*bornUser); u.FirstName != "Ada" {
			t.Errorf("%+v", u)
		}
	}}})
}

// TestDjangosDatabase is about tables that Django made, with and without its history.
func TestDjangosDatabase(t *testing.T) {
	runOnEmpty(t, "", []commandCase{{"fake-initial", func(t *commandTest) {
		kind := "sqlite"
		if database.IsPostgres(t.DB()) {
			kind = "postgres"
		}
		statements, history := djangovectors.Schema(t, kind)
		_, err := t.DB().ExecContext(t.Context(), statements)
		t.noError(err)
		if err := t.call(nil, "migrate", "--noinput"); err == nil {
			t.Error("migrate succeeds on tables that are there and are not recorded")
		}
		t.calls(typing(nil), "migrate", "--fake-initial")
		for _, line := range []string{"contenttypes.0001_initial… only recorded", "auth.0001_initial… only recorded", "auth_tests.0001_initial… done"} {
			if !strings.Contains(t.stdout, line) {
				t.Errorf("migrate --fake-initial does not say %q:\n%s", line, t.stdout)
			}
		}
		for _, name := range history {
			app, name, _ := strings.Cut(name, ".")
			if n := t.count("django_migrations", "app = ? AND name = ?", app, name); n != 1 {
				t.Errorf("%s.%s is recorded %d times", app, name, n)
			}
		}
		t.calls(nil, "migrate", "--check")
		t.calls(nil, "createsuperuser", joeOptions...)
	}}, {"older than ours", func(t *commandTest) {
		_, err := t.DB().ExecContext(t.Context(), `CREATE TABLE django_content_type (id integer PRIMARY KEY, name varchar(100) NOT NULL, app_label varchar(100) NOT NULL, model varchar(100) NOT NULL)`)
		t.noError(err)
		err = t.call(nil, "migrate", "--fake-initial")
		if err == nil || !strings.Contains(err.Error(), "the table django_content_type is there but has a column name") {
			t.Errorf("the error is %v", err)
		}
	}}})
}

func TestCreateSuperuserByAddress(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		a, p, err := newCommandProject(core.Settings{DB: db, Keys: []string{coretest.Key}}, (*auth.EmailUser)(nil), password.Numeric{})
		if err != nil {
			t.Fatal(err)
		}
		c := &commandTest{T: t, Site: &authtest.Site{Site: &coretest.Site{Project: p}, Auth: a}, users: a.Users(), env: map[string]string{}}
		c.calls(nil, "migrate", "-v0")
		c.calls(nil, "createsuperuser", "--noinput", "--email=Ada@EXAMPLE.org")
		if u := c.user("ada@example.org").(*auth.EmailUser); u.Email != "Ada@example.org" || !u.IsSuperuser || !u.IsStaff {
			t.Errorf("%+v", u)
		}
		c.calls(typing([]string{"a-password"}, askEmail, "nowhere", askEmail, "ADA@example.org", askEmail, "bob@example.org"), "createsuperuser")
		c.wrote(created, "Error: This is not an e-mail address such as name@example.com.\nError: that e-mail address is taken already.\n")
		c.checks(c.user("bob@example.org"), "a-password")
	})
}
