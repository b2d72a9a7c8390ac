package database_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, url string
		want      []string // each in the error
	}{
		{"empty", "", []string{"is empty", "write sqlite:"}},
		{"blank", "  ", []string{"is empty"}},
		{"no scheme", "db.sqlite3", []string{"does not begin with the kind", "sqlite:path"}},
		{"no scheme with a password", "bob:s3cr3t@host/db", []string{"does not begin with the kind"}},
		{"unknown scheme", "mysql://bob:s3cr3t@host/db", []string{"mysql:", "not a known kind", "postgres://"}},
		{"sqlite without a file", "sqlite:", []string{"names no file"}},
		{"sqlite with a host", "sqlite://folder/db", []string{"has a host", "sqlite:path"}},
		{"sqlite only slashes", "sqlite://", []string{"has a host"}},
		{"sqlite in memory", "sqlite::memory:", []string{"every connection would see another"}},
		{"sqlite URI", "sqlite:file:x?mode=memory", []string{"every connection would see another"}},
		{"sqlite bad escape", "sqlite:100%.db", []string{"%25"}},
		{"sqlite NUL", "sqlite:a%00b", []string{"%"}},
		{"sqlite unknown parameter", "sqlite:x.db?max_conns=3", []string{`"max_conns"`, "max_open_conns"}},
		{"sqlite bad number", "sqlite:x.db?max_open_conns=0", []string{"max_open_conns", "from 1 up"}},
		{"sqlite bad duration", "sqlite:x.db?busy_timeout=5", []string{"busy_timeout", "busy_timeout=5s"}},
		{"postgres bad duration", "postgres://h/d?conn_max_lifetime=-1s", []string{"conn_max_lifetime"}},
		{"postgres slash in password", "postgres://bob:s3c/r3t@host/db", []string{"percent-encode"}},
		{"postgres without slashes", "postgres:bob:s3cr3t@host/db", []string{"percent-encode"}},
		{"postgres bad port", "postgres://bob:s3cr3t@host:port/db", []string{"percent-encode"}},
		{"postgres bad sslmode", "postgres://bob:s3cr3t@host/db?sslmode=perhaps", []string{"sslmode is invalid"}},
		{"postgres bad query", "postgres://bob:s3cr3t@host/db?a=%zz", []string{"after the ?"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := database.Open(tt.url)
			if err == nil {
				t.Fatalf("Open(%q) succeeded, want an error", tt.url)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Open(%q): %v\nwant %q in it", tt.url, err, want)
				}
			}
			wantSentence(t, err)
		})
	}
}

// wantSentence fails unless err is one line without the secrets of this package's tests.
func wantSentence(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; {
		for _, secret := range []string{"s3c", "r3t"} {
			if strings.Contains(e.Error(), secret) {
				t.Errorf("the error shows the password: %v", e)
			}
		}
		u, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		e = u.Unwrap()
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the error has several lines: %q", err)
	}
	if !strings.HasPrefix(err.Error(), "database: ") {
		t.Errorf("the error does not say who speaks: %v", err)
	}
}

func TestOpenDoesNoIO(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"sqlite:no/such/folder/db.sqlite3",
		"SQLITE:/no/such/folder/db.sqlite3?busy_timeout=1s&max_open_conns=3&max_idle_conns=2&conn_max_lifetime=1h&conn_max_idle_time=1m",
		"postgres://bob:s3cr3t@no-such-host.invalid:1/name?sslmode=disable&max_open_conns=3",
		"postgresql://bob:s3cr3t@no-such-host.invalid/name?connect_timeout=1",
		"postgres:///name?host=/no/such/folder",
	} {
		db, err := database.Open(url)
		if err != nil {
			t.Errorf("Open(%q): %v", url, err)
			continue
		}
		if got, want := database.IsPostgres(db), strings.HasPrefix(url, "postgres"); got != want {
			t.Errorf("IsPostgres(%q) = %v, want %v", url, got, want)
		}
		db.Close()
	}
}

func TestOpenPool(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"sqlite:x.db", "postgres://h/d"} {
		for query, want := range map[string]int{"": 16, "?max_open_conns=3": 3} {
			db := open(t, url+query)
			if got := db.Stats().MaxOpenConnections; got != want {
				t.Errorf("%s%s: %d connections at most, want %d", url, query, got, want)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add("sqlite:", "path", "max_open_conns=1")
	f.Add("postgres://bob:", "@host/db", "sslmode=disable")
	f.Add("mysql:", "//", "%")
	f.Fuzz(func(t *testing.T, before, after, query string) {
		const secret = "S3cretS3cret"
		db, err := database.Open(before + secret + after + "?" + query)
		if err == nil {
			db.Close()
			return
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("several lines: %q", err)
		}
		if strings.HasPrefix(before, "postgres") && strings.Contains(err.Error(), secret) {
			t.Errorf("the secret shows: %v", err)
		}
	})
}

// open opens a database and closes it when the test ends.
func open(t *testing.T, url string) *bun.DB {
	t.Helper()
	db, err := database.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// openFile opens a SQLite database in the test's own folder.
func openFile(t *testing.T) *bun.DB {
	t.Helper()
	return open(t, "sqlite:"+filepath.ToSlash(filepath.Join(t.TempDir(), "test.sqlite3")))
}

// soon returns a context that ends before the test would.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}
