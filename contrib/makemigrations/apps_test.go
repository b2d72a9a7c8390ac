package makemigrations_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
)

// Models of two apps that refer to each other.
type (
	author struct {
		bun.BaseModel `bun:"table:people_author"`
		ID            int64  `bun:"id,pk,autoincrement"`
		Name          string `bun:"name,notnull"`
	}
	authorWithBook struct {
		bun.BaseModel `bun:"table:people_author"`
		ID            int64  `bun:"id,pk,autoincrement"`
		Name          string `bun:"name,notnull"`
		BestID        *int64 `bun:"best_id"`
	}
	writer struct {
		bun.BaseModel `bun:"table:people_writer"`
		ID            int64  `bun:"id,pk,autoincrement"`
		Name          string `bun:"name,notnull"`
		BestID        *int64 `bun:"best_id"`
	}
	book struct {
		bun.BaseModel `bun:"table:books_book"`
		ID            int64 `bun:"id,pk,autoincrement"`
		AuthorID      int64 `bun:"author_id,notnull"`
	}
	freeBook struct {
		bun.BaseModel `bun:"table:books_book"`
		ID            int64 `bun:"id,pk,autoincrement"`
	}
)

func twoApps(people, books []core.Model) []core.App {
	return []core.App{{Label: "people", Models: people}, {Label: "books", Models: books}}
}

func TestTwoApps(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		s := newSite(t, db)
		first := twoApps([]core.Model{model[author]("author")}, []core.Model{model[book]("book", refers[author]("author_id", ""))})
		s.must(t, first, "makemigrations", "--noinput")
		s.must(t, first, "migrate")
		s.exec(t, "INSERT INTO people_author (name) VALUES ('a')", "INSERT INTO books_book (author_id) VALUES (1)")
		s.contains(t, "books", "0001_initial", "-- requires: people.0001_initial\n")

		t.Log("each refers to the other, and one of them has another column")
		second := twoApps([]core.Model{model[authorWithBook]("author", refers[book]("best_id", "SET NULL"))}, []core.Model{model[book]("book", refers[authorWithBook]("author_id", "CASCADE"))})
		s.must(t, second, "makemigrations", "--noinput")
		s.contains(t, "people", "0002_", "-- requires: books.0001_initial\n")
		s.must(t, second, "migrate")
		s.exec(t, "UPDATE people_author SET best_id = 1")

		t.Log("a model that another app refers to is renamed: that app has nothing to do")
		third := twoApps([]core.Model{model[writer]("writer", refers[book]("best_id", "SET NULL"))}, []core.Model{model[book]("book", refers[writer]("author_id", "CASCADE"))})
		if out := s.must(t, third, "makemigrations", "--noinput", "--rename", "people.author=writer"); strings.Contains(out, "books") {
			t.Errorf("renaming a model of people changes books:\n%s", out)
		}
		s.must(t, third, "migrate")
		s.nothingToDo(t, third)
		if got := s.rows(t, "SELECT name, best_id, author_id FROM people_writer, books_book"); got != "a,1,1" {
			t.Errorf("rows %s, want a,1,1", got)
		}

		t.Log("the model goes, and books lets go of it")
		fourth := twoApps(nil, []core.Model{model[freeBook]("book")})
		s.must(t, fourth, "makemigrations", "--noinput", "--allow-drop")
		s.contains(t, "people", "0004_", "-- requires: books.000")
		s.must(t, fourth, "migrate")
		s.nothingToDo(t, fourth)
		if got := s.rows(t, "SELECT id FROM books_book"); got != "1" {
			t.Errorf("books %s, want 1", got)
		}
	})
}

// TestTwoNewApps makes two apps whose first models refer to each other.
func TestTwoNewApps(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		s := newSite(t, db)
		apps := twoApps([]core.Model{model[authorWithBook]("author", refers[book]("best_id", ""))}, []core.Model{model[book]("book", refers[authorWithBook]("author_id", ""))})
		out := s.must(t, apps, "makemigrations", "--noinput")
		for _, want := range []string{"people.0001_initial", "books.0001_initial", "people.0002_people_author_best_id_fk"} {
			if !strings.Contains(out, want) {
				t.Errorf("no %s in\n%s", want, out)
			}
		}
		s.must(t, apps, "migrate")
		s.nothingToDo(t, apps)
		err := s.db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error { // checked at the end
			_, err := tx.ExecContext(ctx, "INSERT INTO books_book (id, author_id) VALUES (1, 1); INSERT INTO people_author (id, name, best_id) VALUES (1, 'a', 1)")
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if _, err := s.db.ExecContext(t.Context(), "INSERT INTO books_book (id, author_id) VALUES (5, 7)"); !database.IsForeignKeyViolation(err) {
			t.Errorf("a book of nobody: %v, want a violated foreign key", err)
		}
		if _, err := s.run(t, apps, "migrate", "people", "zero"); err != nil {
			t.Error(err)
		}
	})
}

// contains expects a text in the migration whose name begins so.
func (s *site) contains(t *testing.T, app, name, want string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(s.folder(app, false), name+"*.sql"))
	if err != nil || len(found) == 0 {
		t.Fatalf("%s has no migration %s: %v", app, name, err)
	}
	for _, file := range found {
		if strings.HasSuffix(file, ".down.sql") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, no %q in\n%s", file, err, want, text)
		}
	}
}

// nothingToDo expects that the next makemigrations finds nothing.
func (s *site) nothingToDo(t *testing.T, apps []core.App) {
	t.Helper()
	if out, err := s.run(t, apps, "makemigrations", "--check"); err != nil || !strings.Contains(out, "Nothing to do") {
		t.Errorf("makemigrations --check: %v\n%s", err, out)
	}
}

// Users with keys of different types.
type (
	numberUser struct {
		bun.BaseModel `bun:"table:shop_customer"`
		auth.AbstractUser
		ID int64 `bun:"id,pk,autoincrement"`
	}
	textUser struct {
		bun.BaseModel `bun:"table:shop_customer"`
		auth.AbstractUser
		Code string `bun:"code,pk,type:varchar(40)"`
	}
	uuidUser struct {
		bun.BaseModel `bun:"table:shop_customer"`
		auth.AbstractUser
		ID database.UUID `bun:"id,pk"`
	}
)

// TestCustomUsers makes the tables of a user model, with those of its groups and permissions.
func TestCustomUsers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		user, ada auth.Account
		key       [2]string // the type of the columns that refer to it, in SQLite and PostgreSQL
	}{
		"number": {(*numberUser)(nil), &numberUser{}, [2]string{"bigint", "bigint"}},
		"text":   {(*textUser)(nil), &textUser{Code: "ada"}, [2]string{"varchar(40)", "character varying"}},
		"uuid":   {(*uuidUser)(nil), &uuidUser{ID: database.NewUUID()}, [2]string{"char(32)", "uuid"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testdb.Each(t, func(t *testing.T, db *bun.DB) {
				types := contenttypes.New(db)
				sess := sessions.New(sessions.Config{Store: dbstore.New(db, []string{"key"})})
				a := auth.New(auth.Config{Users: auth.NewUsers(db, tt.user), Sessions: sess, Types: types})
				apps := []core.App{types.App(), sess.App(), a.App(), {Label: "shop", Models: []core.Model{auth.Model(tt.user)}}}
				s := newSite(t, db)
				out := s.must(t, apps, "makemigrations", "--noinput")
				if strings.Contains(out, "auth.") || strings.Contains(out, "sessions.") {
					t.Errorf("makemigrations writes for apps that write their own:\n%s", out)
				}
				s.must(t, apps, "migrate")
				s.nothingToDo(t, apps)
				joinGroup(t, s, a, tt.ada)
				want := tt.key[0]
				if database.IsPostgres(db) {
					want = tt.key[1]
				}
				if got := s.rows(t, joinColumn[database.IsPostgres(db)]); got != want {
					t.Errorf("the column that refers to users is %s, want %s", got, want)
				}
				s.must(t, apps, "migrate", "shop", "zero")
			})
		})
	}
}

// joinColumn asks for the type of the column that refers to users.
var joinColumn = map[bool]string{
	false: "SELECT type FROM pragma_table_info('shop_customer_groups') WHERE name LIKE '%user_id'",
	true:  "SELECT data_type FROM information_schema.columns WHERE table_name = 'shop_customer_groups' AND column_name LIKE '%user_id'",
}

// clientUser is the customer under another name.
type clientUser struct {
	bun.BaseModel `bun:"table:shop_client"`
	auth.AbstractUser
	ID int64 `bun:"id,pk,autoincrement"`
}

// TestRenamedUser renames a user model: the tables of its groups and permissions follow with their rows.
func TestRenamedUser(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		withUser := func(user auth.Account, renamedFrom ...string) []core.App {
			types := contenttypes.New(db)
			sess := sessions.New(sessions.Config{Store: dbstore.New(db, []string{"key"})})
			a := auth.New(auth.Config{Users: auth.NewUsers(db, user), Sessions: sess, Types: types})
			m := auth.Model(user)
			m.RenamedFrom = renamedFrom
			return []core.App{types.App(), sess.App(), a.App(), {Label: "shop", Models: []core.Model{m}}}
		}
		s := newSite(t, db)
		before, after := withUser((*numberUser)(nil)), withUser((*clientUser)(nil), "numberuser")
		s.must(t, before, "makemigrations", "--noinput")
		s.must(t, before, "migrate")
		s.exec(t, "INSERT INTO auth_group (name) VALUES ('editors')",
			"INSERT INTO shop_customer (username, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined) VALUES ('ada', '', false, '', '', '', false, true, current_timestamp)",
			"INSERT INTO shop_customer_groups (numberuser_id, group_id) VALUES (1, 1)")
		s.must(t, after, "makemigrations", "--noinput")
		s.must(t, after, "migrate")
		s.nothingToDo(t, after)
		if got := s.rows(t, "SELECT username, clientuser_id, group_id FROM shop_client, shop_client_groups"); got != "ada,1,1" {
			t.Errorf("rows %s, want ada,1,1", got)
		}
		s.must(t, after, "migrate", "shop", "0001")
		if got := s.rows(t, "SELECT username, numberuser_id, group_id FROM shop_customer, shop_customer_groups"); got != "ada,1,1" {
			t.Errorf("after going back, rows %s, want ada,1,1", got)
		}
	})
}

// joinGroup puts a user into a group and finds the group again.
func joinGroup(t *testing.T, s *site, a *auth.Auth, user auth.Account) {
	t.Helper()
	group := &auth.Group{Name: "editors"}
	if _, err := s.db.NewInsert().Model(user).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.NewInsert().Model(group).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	groups := a.Users().Groups(user)
	if err := groups.Add(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	if got := s.rows(t, "SELECT count(*) FROM shop_customer_groups"); got != "1" {
		t.Errorf("%s rows in the table of groups, want 1", got)
	}
	s.exec(t, "DELETE FROM shop_customer_groups")
}
