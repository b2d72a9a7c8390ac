package migrate_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
	"github.com/go-belleville/belleville/migrate"
)

// TestMain also is the program that TestPrograms starts several times at once.
func TestMain(m *testing.M) {
	if url := os.Getenv("MIGRATE_TEST_URL"); url != "" {
		if err := migrateInChild(url); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(testdb.Main(m))
}

// files makes the files of an app's migrations: name and text in turn.
func files(nameAndText ...string) migrate.Source {
	all := make(fstest.MapFS)
	for i := 0; i < len(nameAndText); i += 2 {
		all["migrations/"+nameAndText[i]] = &fstest.MapFile{Data: []byte(nameAndText[i+1])}
	}
	return migrate.Files(all)
}

// orchard is a project of two apps whose migrations depend on each other both ways.
func orchard() []migrate.App {
	return []migrate.App{
		{Label: "fruit", Source: files(
			"0001_initial.sql", "CREATE TABLE fruit (id integer PRIMARY KEY, name text NOT NULL); INSERT INTO fruit VALUES (1, 'plum?');",
			"0001_initial.down.sql", "DROP TABLE fruit;",
			"0002_tree.sql", "-- requires: trees.0001_initial\nALTER TABLE fruit ADD COLUMN tree_id integer REFERENCES tree (id);",
			"0002_tree.postgres.down.sql", "ALTER TABLE fruit DROP COLUMN tree_id;",
			"0002_tree.sqlite.down.sql", "CREATE TABLE new_fruit (id integer PRIMARY KEY, name text NOT NULL); INSERT INTO new_fruit SELECT id, name FROM fruit; DROP TABLE fruit; ALTER TABLE new_fruit RENAME TO fruit;",
		)},
		{Label: "trees", Source: files(
			"0001_initial.postgres.sql", "CREATE TABLE tree (id integer PRIMARY KEY);",
			"0001_initial.sqlite.sql", "CREATE TABLE tree (id integer PRIMARY KEY);",
			"0001_initial.down.sql", "DROP TABLE tree;",
			"0002_fruit.sql", "-- requires: fruit.0002_tree\nINSERT INTO tree VALUES (1); UPDATE fruit SET tree_id = 1;",
			"0002_fruit.down.sql", "UPDATE fruit SET tree_id = NULL; DELETE FROM tree;",
		)},
		{Label: "empty"},
	}
}

var orchardOrder = []string{"fruit.0001_initial", "trees.0001_initial", "fruit.0002_tree", "trees.0002_fruit"}

func newMigrator(t *testing.T, db *bun.DB, apps ...migrate.App) *migrate.Migrator {
	t.Helper()
	m, err := migrate.New(db, apps...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// mustMigrate migrates and returns what After heard.
func mustMigrate(t *testing.T, m *migrate.Migrator, o migrate.Options) []string {
	t.Helper()
	var done []string
	o.After = func(_ context.Context, _ bun.IDB, steps []migrate.Step) error {
		done = stepped(steps)
		return nil
	}
	if err := m.Migrate(soon(t), o); err != nil {
		t.Fatal(err)
	}
	return done
}

// stepped writes steps as their names, with a - before those that are taken back.
func stepped(steps []migrate.Step) []string {
	var all []string
	for _, s := range steps {
		name := s.String()
		if s.Backwards {
			name = "-" + name
		}
		all = append(all, name)
	}
	return all
}

// recorded returns the names in the history in the order in which they came.
func recorded(t *testing.T, db *bun.DB) []string {
	t.Helper()
	var all []string
	err := db.NewRaw("SELECT app || '.' || name FROM django_migrations ORDER BY id").Scan(t.Context(), &all)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// tables returns the names of all tables of ours.
func tables(t *testing.T, db *bun.DB) string {
	t.Helper()
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'django_migrations' ORDER BY 1"
	if database.IsPostgres(db) {
		query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations' ORDER BY 1"
	}
	var all []string
	if err := db.NewRaw(query).Scan(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

func count(t *testing.T, db bun.IDB, table string) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM ?", bun.Ident(table)).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func run(t *testing.T, db bun.IDB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if g, w := strings.Join(got, " "), strings.Join(want, " "); g != w {
		t.Errorf("%s:\ngot  %s\nwant %s", what, g, w)
	}
}

// wantError fails unless err has all of the texts in it.
func wantError(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", texts)
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error is\n%v\nwant %q in it", err, text)
		}
	}
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// migrateInChild migrates the orchard and one slow app.
func migrateInChild(url string) error {
	db, err := database.Open(url)
	if err != nil {
		return err
	}
	defer db.Close()
	m, err := migrate.New(db, append(orchard(), migrate.App{Label: "slow", Source: slow()})...)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return m.Migrate(ctx, migrate.Options{After: countRuns})
}

// slow is migrations that take a while and on PostgreSQL are not atomic.
func slow() migrate.Source {
	return migrate.Join(
		migrate.List(migrate.Migration{Name: "0001_initial", Up: func(ctx context.Context, db bun.IDB) error {
			time.Sleep(30 * time.Millisecond)
			_, err := db.ExecContext(ctx, "CREATE TABLE slow (id integer); CREATE TABLE runs (id integer)")
			return err
		}}),
		files("0002_index.postgres.sql", "-- atomic: false\nCREATE INDEX CONCURRENTLY slow_id ON slow (id);",
			"0002_index.sqlite.sql", "CREATE INDEX slow_id ON slow (id);"),
	)
}

func countRuns(ctx context.Context, db bun.IDB, _ []migrate.Step) error {
	_, err := db.ExecContext(ctx, "INSERT INTO runs VALUES (1)")
	return err
}

// TestPrograms lets eight programs migrate the same empty database at once.
func TestPrograms(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		var all sync.WaitGroup
		for range 8 {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), "MIGRATE_TEST_URL="+url)
			all.Go(func() {
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			})
		}
		all.Wait()
		db, err := database.Open(url)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		equal(t, "the history", recorded(t, db), append(orchardOrder, "slow.0001_initial", "slow.0002_index"))
		if n := count(t, db, "runs"); n != 8 {
			t.Errorf("After ran %d times, want 8", n)
		}
	})
}
