package testdb_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

func TestEach(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		if got, want := database.IsPostgres(db), strings.HasSuffix(t.Name(), "/postgres"); got != want {
			t.Fatalf("IsPostgres is %v in %s", got, t.Name())
		}
		if got := db.Stats().MaxOpenConnections; got > 4 {
			t.Errorf("a test's database may have %d connections, want 4 at most", got)
		}
		// Were it not empty or not its own, one of these would fail.
		for range 2 {
			if _, err := db.ExecContext(t.Context(), "CREATE TABLE mine (id integer)"); err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(t.Context(), "DROP TABLE mine"); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestEachIsEmpty runs beside TestEach in databases of its own.
func TestEachIsEmpty(t *testing.T) {
	t.Parallel()
	for range 2 {
		testdb.Each(t, func(t *testing.T, db *bun.DB) {
			if _, err := db.ExecContext(t.Context(), "CREATE TABLE mine (id integer)"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	var built atomic.Int64
	template := testdb.Template("words", func(ctx context.Context, db *bun.DB) error {
		built.Add(1)
		_, err := db.ExecContext(ctx, "CREATE TABLE words (word text PRIMARY KEY); INSERT INTO words VALUES ('one'), ('two')")
		return err
	})
	t.Run("copies", func(t *testing.T) {
		for range 3 {
			template.Each(t, func(t *testing.T, db *bun.DB) {
				var words []string
				if err := db.NewSelect().Table("words").Column("word").Order("word").Scan(t.Context(), &words); err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(words, " "); got != "one two" {
					t.Errorf("the copy holds %q, want the template's words and nothing of another test", got)
				}
				if _, err := db.ExecContext(t.Context(), "INSERT INTO words VALUES ('three')"); err != nil {
					t.Error(err)
				}
			})
		}
	})
	want := int64(2)
	if _, err := testdb.Postgres(t.Context()); err != nil {
		want = 1
	}
	if got := built.Load(); got != want {
		t.Errorf("the template was built %d times, want once for each kind of database, %d", got, want)
	}
}

// TestTemplateFails runs in a program of its own, because what it shows is a test that fails.
func TestTemplateFails(t *testing.T) {
	t.Parallel()
	if os.Getenv("TESTDB_CHILD") != "" {
		broken := testdb.Template("broken", func(context.Context, *bun.DB) error { return errors.New("no bricks") })
		broken.SQLiteURL(t)
		return
	}
	out, err := child(t, "TestTemplateFails")
	if err == nil || !strings.Contains(out, `the SQLite template "broken": no bricks`) {
		t.Errorf("a template that cannot be built: %v, want a failure that names it:\n%s", err, out)
	}
}

func TestServerMissing(t *testing.T) {
	t.Parallel()
	if os.Getenv("TESTDB_CHILD") != "" {
		testdb.PostgresURL(t)
		return
	}
	const nowhere = "TEST_DATABASE_URL=postgres://bob:s3cr3t@127.0.0.1:1/x"
	tests := []struct {
		name string
		env  []string
		want string
	}{
		{"named but not there", []string{nowhere, "REQUIRE_POSTGRES="}, "TEST_DATABASE_URL is set, but cannot be used: database: PostgreSQL at 127.0.0.1:1 is not running"},
		{"required", []string{nowhere, "REQUIRE_POSTGRES=1"}, "REQUIRE_POSTGRES=1, but there is no PostgreSQL"},
		{"not PostgreSQL", []string{"TEST_DATABASE_URL=sqlite:x", "REQUIRE_POSTGRES="}, "not a URL of PostgreSQL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := child(t, "TestServerMissing$", tt.env...)
			if err == nil || !strings.Contains(out, tt.want) || strings.Contains(out, "s3cr3t") {
				t.Errorf("%v: %v, want a failure that says %q and no password:\n%s", tt.env, err, tt.want, out)
			}
		})
	}
}

// child runs one test of this program in a program of its own.
func child(t *testing.T, test string, env ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test, "-test.v")
	cmd.Env = append(append(os.Environ(), "TESTDB_CHILD=1"), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestAbandoned(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	alive := func(pid int) bool { return pid == 1 }
	tests := []struct {
		name string
		want bool
	}{
		{testdb.NameOf(now.Add(-time.Minute), 1, 1), false},
		{testdb.NameOf(now.Add(-time.Minute), 2, 1), false}, // may run on another machine
		{testdb.NameOf(now.Add(-11*time.Minute), 1, 1), false},
		{testdb.NameOf(now.Add(-11*time.Minute), 2, 1), true},
		{testdb.NameOf(now.Add(-25*time.Hour), 1, 1), true}, // the number is used again
		{"belleville_test_", false},
		{"belleville_test_zz_2", false},
		{"belleville_test_!_2_1", false},
		{"belleville_test_1_-2_1", false},
		{"belleville_test_1_x_1", false},
		{"belleville", false},
		{"postgres", false},
	}
	for _, tt := range tests {
		if got := testdb.Abandoned(tt.name, now, alive); got != tt.want {
			t.Errorf("abandoned(%q) = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	if os.Getenv("TESTDB_CHILD") != "" {
		testdb.PostgresURL(t)
		return
	}
	db := open(t, testdb.PostgresURL(t))
	dead := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	left := testdb.NameOf(time.Now().Add(-time.Hour), dead.Process.Pid, 1)
	fresh := testdb.NameOf(time.Now(), dead.Process.Pid, 1)
	for _, name := range []string{left, fresh} {
		if _, err := db.ExecContext(t.Context(), "CREATE DATABASE ? TEMPLATE template0", bun.Ident(name)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			db.ExecContext(context.Background(), "DROP DATABASE IF EXISTS ?", bun.Ident(name))
		})
	}
	if out, err := child(t, "TestSweep$"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, want := range map[string]int{left: 0, fresh: 1} {
		n, err := db.NewSelect().Table("pg_database").Where("datname = ?", name).Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if int(n) != want {
			t.Errorf("after another program's start %s is there %d times, want %d", name, n, want)
		}
	}
}

func open(t *testing.T, url string) *bun.DB {
	t.Helper()
	db, err := database.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
