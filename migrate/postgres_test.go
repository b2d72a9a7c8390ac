package migrate_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
	"github.com/go-belleville/belleville/migrate"
)

func openPostgres(t *testing.T) *bun.DB {
	t.Helper()
	db, err := database.Open(testdb.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

const concurrently = `-- atomic: false
CREATE TABLE x (id integer, n integer);
-- split
CREATE INDEX CONCURRENTLY x_id ON x (id);
-- split
-- split
CREATE INDEX CONCURRENTLY x_n ON x (n);
`

func TestNonAtomic(t *testing.T) {
	t.Parallel()
	db := openPostgres(t)
	db.SetMaxOpenConns(1)
	m := newMigrator(t, db, migrate.App{Label: "x", Source: files("0001_initial.sql", concurrently,
		"0001_initial.down.sql", "-- atomic: false\nDROP INDEX CONCURRENTLY x_n;\n-- split\nDROP TABLE x;")})
	equal(t, "forwards", mustMigrate(t, m, migrate.Options{}), []string{"x.0001_initial"})
	if n := count(t, db, "pg_indexes"); n == 0 {
		t.Error("no index")
	}
	equal(t, "backwards", mustMigrate(t, m, migrate.Options{Target: migrate.Target{App: "x", Name: migrate.Zero}}), []string{"-x.0001_initial"})
	if got := tables(t, db); got != "" || len(recorded(t, db)) > 0 {
		t.Errorf("the tables are %q, the history %q", got, recorded(t, db))
	}
}

func TestNonAtomicFails(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]migrate.Source{
		"sql": files("0001_initial.sql", "-- atomic: false\nCREATE TABLE x (id integer);\n-- split\n\nSELECT nothing;"),
		"go": migrate.List(migrate.Migration{Name: "0001_initial", NonAtomic: true, Up: func(ctx context.Context, db bun.IDB) error {
			if _, err := db.ExecContext(ctx, "CREATE TABLE x (id integer)"); err != nil {
				return err
			}
			return errors.New("nothing")
		}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := openPostgres(t)
			err := newMigrator(t, db, migrate.App{Label: "x", Source: source}).Migrate(soon(t), migrate.Options{})
			wantError(t, err, "migrate: x.0001_initial: ", "nothing", "it is not atomic, so what it did before this stays")
			if name == "sql" {
				wantError(t, err, "line 5: ")
			}
			if got := tables(t, db); got != "x" || len(recorded(t, db)) > 0 {
				t.Errorf("the tables are %q, the history %q; want x and no history", got, recorded(t, db))
			}
		})
	}
}

// TestAtomicMistake leaves the header out.
func TestAtomicMistake(t *testing.T) {
	t.Parallel()
	db := openPostgres(t)
	m := newMigrator(t, db, migrate.App{Label: "x", Source: files("0001_initial.sql", strings.TrimPrefix(concurrently, "-- atomic: false\n"))})
	wantError(t, m.Migrate(soon(t), migrate.Options{}), "x.0001_initial: ", "cannot run inside a transaction block")
	if got := tables(t, db); got != "" {
		t.Errorf("the tables are %q", got)
	}
}

// TestWaitsForLock has one program create an index concurrently while another waits. Were the
// wait a statement of PostgreSQL, the index would wait for it, and PostgreSQL would report a deadlock.
func TestWaitsForLock(t *testing.T) {
	t.Parallel()
	db := openPostgres(t)
	m := newMigrator(t, db, migrate.App{Label: "x", Source: files("0001_initial.sql", concurrently)})
	waits, second := make(chan bool), make(chan error)
	err := m.Migrate(soon(t), migrate.Options{Progress: func(e migrate.Event) {
		if e.Kind != migrate.Started {
			return
		}
		go func() {
			second <- m.Migrate(soon(t), migrate.Options{Progress: func(e migrate.Event) { waits <- e.Kind == migrate.Waiting }})
		}()
		if !<-waits {
			t.Error("the second program did not wait")
		}
	}})
	if err != nil {
		t.Errorf("the first: %v", err)
	}
	select {
	case err := <-second:
		if err != nil {
			t.Errorf("the second: %v", err)
		}
	case <-waits:
		t.Error("the second did something")
	}
	equal(t, "the history", recorded(t, db), []string{"x.0001_initial"})
}

func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	db := openPostgres(t)
	m := newMigrator(t, db, orchard()...)
	err := m.Migrate(soon(t), migrate.Options{After: func(context.Context, bun.IDB, []migrate.Step) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		err := m.Migrate(ctx, migrate.Options{})
		wantError(t, err, "waiting for another program")
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v is not context.DeadlineExceeded", err)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDeferredConstraint fails at COMMIT.
func TestDeferredConstraint(t *testing.T) {
	t.Parallel()
	db := openPostgres(t)
	m := newMigrator(t, db, migrate.App{Label: "x", Source: files("0001_initial.sql", `CREATE TABLE parent (id integer PRIMARY KEY);
		CREATE TABLE child (parent_id integer REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
		INSERT INTO child VALUES (7);`)})
	err := m.Migrate(soon(t), migrate.Options{})
	wantError(t, err, "migrate: x.0001_initial: ")
	if !database.IsForeignKeyViolation(err) || tables(t, db) != "" || len(recorded(t, db)) > 0 {
		t.Errorf("%v; the tables are %q, the history %q", err, tables(t, db), recorded(t, db))
	}
}
