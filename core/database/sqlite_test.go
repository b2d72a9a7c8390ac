package database_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
)

func TestMain(m *testing.M) {
	if url := os.Getenv("DATABASE_TEST_CHECK"); url != "" {
		os.Exit(checkInChild(url))
	}
	os.Exit(testdb.Main(m))
}

// checkInChild opens and checks a database in a program of its own and prints the error.
func checkInChild(url string) int {
	db, err := database.Open(url)
	if err == nil {
		defer db.Close()
		err = database.Check(context.Background(), db)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// inChild prepares a program that runs checkInChild.
func inChild(t *testing.T, url string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "DATABASE_TEST_CHECK="+url)
	return cmd
}

func TestSQLiteSettings(t *testing.T) {
	t.Parallel()
	db := openFile(t)
	ctx := soon(t)
	want := map[string]string{"journal_mode": "wal", "foreign_keys": "1", "synchronous": "1", "busy_timeout": "5000"}
	// Two connections at once: the settings belong to each.
	for range 2 {
		conn, err := db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for pragma, value := range want {
			var got string
			if err := conn.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil || got != value {
				t.Errorf("PRAGMA %s is %q, %v; want %q", pragma, got, err, value)
			}
		}
	}
}

func TestSQLiteFileNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for url, file := range map[string]string{
		"sqlite://" + dir + "/plain.db":           "plain.db",
		"sqlite:" + dir + "/a%20b%3F%23%25.db":    "a b?#%.db",
		"SQLite:" + dir + "/c d.db":               "c d.db",
		"sqlite:" + dir + "/ü.db?busy_timeout=1s": "ü.db",
	} {
		if err := database.Check(soon(t), open(t, url)); err != nil {
			t.Errorf("%s: %v", url, err)
		}
		if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
			t.Errorf("%s made another file: %v", url, err)
		}
	}
}

// TestTimes shows that a time is the same text whether it comes through bun or as an argument, and
// that texts of Django are read as UTC.
func TestTimes(t *testing.T) {
	t.Parallel()
	db := openFile(t)
	ctx := soon(t)
	if _, err := db.ExecContext(ctx, "CREATE TABLE times (id integer, at datetime)"); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 21, 20, 6, 0, 630_000_000, time.FixedZone("", 3600))
	if _, err := db.ExecContext(ctx, "INSERT INTO times VALUES (1, ?)", at); err != nil {
		t.Fatal(err)
	}
	if _, err := db.DB.ExecContext(ctx, "INSERT INTO times VALUES (2, ?)", at); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, "INSERT INTO times VALUES (3, '2026-11-21 19:06:00.630000')"); err != nil {
		t.Fatal(err)
	}
	for id := 1; id <= 3; id++ {
		var text string
		var read time.Time
		if err := db.QueryRowContext(ctx, "SELECT at || '', at FROM times WHERE id = ?", id).Scan(&text, &read); err != nil {
			t.Fatal(err)
		}
		if want := "2026-11-21 19:06:00.63+00:00"; id < 3 && text != want {
			t.Errorf("row %d holds %q, want %q", id, text, want)
		}
		if !read.Equal(at) || read.Location() != time.UTC {
			t.Errorf("row %d is read as %v, want %v in UTC", id, read, at)
		}
	}
}

// TestSQLiteFirstOpen lets eight programs open the same new file at once.
func TestSQLiteFirstOpen(t *testing.T) {
	t.Parallel()
	url := testdb.SQLiteURL(t)
	var all sync.WaitGroup
	for range 8 {
		cmd := inChild(t, url)
		all.Go(func() {
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	all.Wait()
}

// TestSQLiteFirstOpenInOneProgram is the same with connections, round after round, because the
// moment in which it goes wrong is short.
func TestSQLiteFirstOpenInOneProgram(t *testing.T) {
	t.Parallel()
	for range 10 {
		url := testdb.SQLiteURL(t)
		var all sync.WaitGroup
		for range 8 {
			db := open(t, url)
			all.Go(func() {
				if _, err := db.ExecContext(t.Context(), "CREATE TABLE IF NOT EXISTS x (id integer)"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}

// TestReadThenWrite fails with "database is locked" when transactions do not begin with the lock.
func TestReadThenWrite(t *testing.T) {
	t.Parallel()
	db := openFile(t)
	ctx := soon(t)
	if _, err := db.ExecContext(ctx, "CREATE TABLE counter (n integer); INSERT INTO counter VALUES (0)"); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				if err := db.RunInTx(ctx, nil, increment); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	var n int
	if err := db.QueryRowContext(ctx, "SELECT n FROM counter").Scan(&n); err != nil || n != 80 {
		t.Errorf("the counter is at %d, %v; want 80", n, err)
	}
}

func increment(ctx context.Context, tx bun.Tx) error {
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT n FROM counter").Scan(&n); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "UPDATE counter SET n = ?", n+1)
	return err
}

func TestCheckSQLite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, path, want string }{
		{"folder missing", dir + "/no/such/db", "its folder does not exist: create the folder"},
		{"a folder", dir, "is a folder: name a file"},
		{"not a database", text, "is not a SQLite database"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db := open(t, "sqlite:"+tt.path)
			err := database.Check(soon(t), db)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.path) {
				t.Fatalf("Check: %v\nwant %q and the file's name in it", err, tt.want)
			}
			wantSentence(t, err)
			if _, err := db.ExecContext(soon(t), "SELECT 1"); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("a query without Check: %v, want the same sentence", err)
			}
		})
	}
	if err := database.Check(soon(t), openFile(t)); err != nil {
		t.Errorf("Check of a new file: %v", err)
	}
}

// TestCheckRights checks databases as a user without rights on them. Root may write everything, so
// as root the checking program runs as another user.
func TestCheckRights(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "rights")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o700); os.RemoveAll(dir) })
	for _, name := range []string{"wal.db", "closed/in.db"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		db := open(t, "sqlite:"+dir+"/"+name)
		if _, err := db.ExecContext(soon(t), "CREATE TABLE x (id integer)"); err != nil {
			t.Fatal(err)
		}
		db.Close()
	}
	if err := os.WriteFile(dir+"/empty.db", nil, 0o444); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"wal.db": 0o444, "closed": 0, ".": 0o555} {
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"wal.db":       "cannot be opened for writing: give this user the right",
		"empty.db":     "cannot be opened for writing: give this user the right",
		"new.db":       "cannot be opened for writing: give this user the right",
		"closed/in.db": "may not enter its folder: give the user rights",
	} {
		t.Run(name, func(t *testing.T) {
			cmd := inChild(t, "sqlite:"+dir+"/"+name)
			if os.Getuid() == 0 {
				cmd.Path = readable(t)
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
			}
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), want) {
				t.Errorf("%v: %s\nwant %q in it", err, out, want)
			}
		})
	}
}

// readable gives this program a second name where every user may run it. A copy would do as well, but
// not while another test starts a program: that holds the copy open for writing for a moment.
func readable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "program")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "test")
	if err := os.Link(os.Args[0], path); err != nil {
		t.Skipf("this program cannot be made readable for another user: %v", err)
	}
	return path
}

// TestCheckDoesNotWait checks a database while somebody else writes to it.
func TestCheckDoesNotWait(t *testing.T) {
	t.Parallel()
	db := openFile(t)
	tx, err := db.BeginTx(soon(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	began := time.Now()
	if err := database.Check(soon(t), db); err != nil {
		t.Errorf("Check beside a writer: %v", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("Check waited %v for the writer", took)
	}
	var busy int
	conn, err := db.Conn(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.QueryRowContext(soon(t), "PRAGMA busy_timeout").Scan(&busy); err != nil || busy != 5000 {
		t.Errorf("afterwards the busy timeout is %d, %v; want 5000", busy, err)
	}
}
