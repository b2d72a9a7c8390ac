package migrate_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
	"github.com/go-belleville/belleville/migrate"
)

// rebuild is how a column of a SQLite table is changed: by a new table in the place of the old.
const rebuild = `CREATE TABLE new_parent (id integer PRIMARY KEY, name varchar(100) NOT NULL);
INSERT INTO new_parent (id, name) SELECT id, name FROM parent;
DROP TABLE parent;
ALTER TABLE new_parent RENAME TO parent;`

// TestRebuildParent rebuilds a table that others refer to in every way there is. With foreign keys on,
// dropping the old table would fail because of the first kind of child, and delete the rows of the last.
func TestRebuildParent(t *testing.T) {
	t.Parallel()
	for name, reference := range map[string]string{
		"plain":             "REFERENCES parent (id)",
		"deferred":          "REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED",
		"cascade":           "REFERENCES parent (id) ON DELETE CASCADE",
		"deferred cascade":  "REFERENCES parent (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
		"set null":          "REFERENCES parent (id) ON DELETE SET NULL",
		"restrict":          "REFERENCES parent (id) ON DELETE RESTRICT",
		"cascade on update": "REFERENCES parent (id) ON UPDATE CASCADE ON DELETE CASCADE",
	} {
		for how, change := range map[string]migrate.Migration{
			"sql": {Name: "0002_rebuild", UpSQL: rebuild, DownSQL: rebuild},
			"go":  {Name: "0002_rebuild", Up: runRebuild, Down: runRebuild},
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				t.Parallel()
				db := openSQLite(t)
				m := newMigrator(t, db, migrate.App{Label: "x", Source: migrate.List(migrate.Migration{Name: "0001_initial", UpSQL: "SELECT 1"}, change)})
				mustMigrate(t, m, migrate.Options{Target: migrate.Target{App: "x", Name: "0001"}})
				run(t, db, "CREATE TABLE parent (id integer PRIMARY KEY, name varchar(10) NOT NULL)",
					"CREATE TABLE child (id integer PRIMARY KEY, parent_id integer "+reference+")",
					"INSERT INTO parent VALUES (1, 'a'), (2, 'b')", "INSERT INTO child VALUES (1, 1), (2, 1), (3, 2), (4, NULL)")

				equal(t, "forwards", mustMigrate(t, m, migrate.Options{}), []string{"x.0002_rebuild"})
				childrenAreThere(t, db)
				equal(t, "backwards", mustMigrate(t, m, migrate.Options{Target: migrate.Target{App: "x", Name: "0001"}}), []string{"-x.0002_rebuild"})
				childrenAreThere(t, db)
			})
		}
	}
}

func runRebuild(ctx context.Context, db bun.IDB) error {
	_, err := db.ExecContext(ctx, rebuild)
	return err
}

// childrenAreThere fails unless all rows of TestRebuildParent are, and the constraint works as before.
func childrenAreThere(t *testing.T, db *bun.DB) {
	t.Helper()
	if p, c := count(t, db, "parent"), count(t, db, "child"); p != 2 || c != 4 {
		t.Errorf("there are %d parents and %d children, want 2 and 4", p, c)
	}
	var joined int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM child JOIN parent ON parent.id = parent_id").Scan(&joined); err != nil || joined != 3 {
		t.Errorf("%d children have their parent, %v; want 3", joined, err)
	}
	foreignKeysAreOn(t, db)
	_, err := db.ExecContext(t.Context(), "INSERT INTO child VALUES (5, 99)")
	if !database.IsForeignKeyViolation(err) {
		t.Errorf("a child without a parent: %v, want a foreign key violation", err)
	}
}

// foreignKeysAreOn fails unless foreign keys are on in every connection that the pool hands out.
func foreignKeysAreOn(t *testing.T, db *bun.DB) {
	t.Helper()
	if database.IsPostgres(db) {
		return
	}
	for range 4 {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var on bool
		if err := conn.QueryRowContext(t.Context(), "PRAGMA foreign_keys").Scan(&on); err != nil || !on {
			t.Errorf("a connection went back with foreign_keys=%v, %v", on, err)
		}
	}
}

// TestForeignKeyCheck has migrations that leave rows referring to nothing.
func TestForeignKeyCheck(t *testing.T) {
	t.Parallel()
	const tables = `CREATE TABLE parent (id integer PRIMARY KEY);
		CREATE TABLE child (id integer PRIMARY KEY, parent_id integer REFERENCES parent (id));
		CREATE TABLE bare (name text PRIMARY KEY, parent_id integer REFERENCES parent (id)) WITHOUT ROWID;
		INSERT INTO parent VALUES (1); INSERT INTO child VALUES (7, 1);`
	for name, tt := range map[string]struct{ sql, want string }{
		"one row":       {"DELETE FROM parent", `row 7 of table "child" refers to a row of "parent" that is not there: correct`},
		"without rowid": {"INSERT INTO bare VALUES ('x', 5)", `a row of table "bare" refers to a row of "parent"`},
		"many rows":     {"INSERT INTO child VALUES (8, 5), (9, 5), (10, 5), (11, 5), (12, 5)", `row 10 of table "child" refers to a row of "parent" that is not there, and 2 more: correct`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := openSQLite(t)
			m := newMigrator(t, db, migrate.App{Label: "x", Source: migrate.List(
				migrate.Migration{Name: "0001_initial", UpSQL: tables}, migrate.Migration{Name: "0002_broken", UpSQL: tt.sql})})
			wantError(t, m.Migrate(soon(t), migrate.Options{}), "migrate: x.0002_broken: ", tt.want)
			equal(t, "the history", recorded(t, db), []string{"x.0001_initial"})
			if p, c := count(t, db, "parent"), count(t, db, "child"); p != 1 || c != 1 {
				t.Errorf("%d parents and %d children stayed, want 1 and 1", p, c)
			}
			foreignKeysAreOn(t, db)
		})
	}
}

func openSQLite(t *testing.T) *bun.DB {
	t.Helper()
	db, err := database.Open(testdb.SQLiteURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestForeignKeysAfterFailure fails in every way and looks at the connection afterwards.
func TestForeignKeysAfterFailure(t *testing.T) {
	t.Parallel()
	for name, up := range map[string]func(context.Context, bun.IDB) error{
		"error": func(context.Context, bun.IDB) error { return errors.New("no") },
		"ended": func(ctx context.Context, db bun.IDB) error {
			_, err := db.ExecContext(ctx, "ROLLBACK")
			return err
		},
		"left open": func(ctx context.Context, db bun.IDB) error {
			db.ExecContext(ctx, "SAVEPOINT left")
			return errors.New("no")
		},
		"begun again": func(ctx context.Context, db bun.IDB) error {
			_, err := db.ExecContext(ctx, "COMMIT; BEGIN")
			return errors.Join(err, errors.New("no"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := openSQLite(t)
			db.SetMaxOpenConns(1)
			m := newMigrator(t, db, migrate.App{Label: "x", Source: migrate.List(migrate.Migration{Name: "0001_initial", Up: up})})
			if err := m.Migrate(soon(t), migrate.Options{}); err == nil {
				t.Error("no error")
			}
			db.SetMaxOpenConns(4)
			foreignKeysAreOn(t, db)
			if got := recorded(t, db); len(got) > 0 {
				t.Errorf("recorded %q", got)
			}
		})
	}
}

// TestWaitsForWriter migrates while another connection has the write lock for longer than the
// database's busy timeout, and with transactions that do not begin with the lock.
func TestWaitsForWriter(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/test.sqlite3"
	writer := plainSQLite(t, path)
	tx, err := writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	run(t, tx, "CREATE TABLE other (id integer)")

	db := plainSQLite(t, path)
	m := newMigrator(t, db, orchard()...)
	var events []migrate.EventKind
	err = m.Migrate(soon(t), migrate.Options{Progress: func(e migrate.Event) {
		events = append(events, e.Kind)
		if e.Kind == migrate.Waiting {
			time.AfterFunc(30*time.Millisecond, func() { tx.Commit() })
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(events), fmt.Sprint([]migrate.EventKind{1, 2, 3, 2, 3, 2, 3, 2, 3}); got != want {
		t.Errorf("events %s, want waiting once and four steps, %s", got, want)
	}
	if got := tables(t, db); got != "fruit other tree" {
		t.Errorf("the tables are %q", got)
	}
}

// TestTakesLockFirst looks from another connection while a migration and a hook run.
func TestTakesLockFirst(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/test.sqlite3"
	other, db := plainSQLite(t, path), plainSQLite(t, path)
	looked := 0
	look := func(ctx context.Context) error {
		looked++
		_, err := other.ExecContext(ctx, "CREATE TABLE other (id integer)")
		if !database.IsBusy(err) {
			return fmt.Errorf("another connection could write: %v", err)
		}
		return nil
	}
	m := newMigrator(t, db, migrate.App{Label: "x", Source: migrate.List(migrate.Migration{Name: "0001_initial", Up: func(ctx context.Context, _ bun.IDB) error { return look(ctx) }})})
	hook := func(ctx context.Context, _ bun.IDB, _ []migrate.Step) error { return look(ctx) }
	if err := m.Migrate(soon(t), migrate.Options{Before: hook, After: hook}); err != nil {
		t.Error(err)
	}
	if looked != 3 {
		t.Errorf("looked %d times, want 3", looked)
	}
}

// plainSQLite opens a file without the settings of core/database: transactions begin without the lock
// and nothing waits for it.
func plainSQLite(t *testing.T, path string) *bun.DB {
	t.Helper()
	c, err := sqlite.NewConnector("file:" + path + "?_journal_mode=WAL")
	if err != nil {
		t.Fatal(err)
	}
	db := bun.NewDB(sql.OpenDB(c), sqlitedialect.New())
	t.Cleanup(func() { db.Close() })
	return db
}

// TestSkipped has another program apply a migration between the plan and the step.
func TestSkipped(t *testing.T) {
	t.Parallel()
	db := openSQLite(t)
	m := newMigrator(t, db, orchard()...)
	var events []migrate.EventKind
	var done []string
	err := m.Migrate(soon(t), migrate.Options{
		Progress: func(e migrate.Event) {
			events = append(events, e.Kind)
			if len(events) == 2 {
				mustMigrate(t, m, migrate.Options{})
			}
		},
		After: func(_ context.Context, _ bun.IDB, steps []migrate.Step) error {
			done = stepped(steps)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(events), fmt.Sprint([]migrate.EventKind{2, 3, 2, 4, 2, 4, 2, 4}); got != want {
		t.Errorf("events %s, want one step finished and three skipped, %s", got, want)
	}
	equal(t, "done by this run", done, orchardOrder[:1])
	equal(t, "the history", recorded(t, db), orchardOrder)
}
