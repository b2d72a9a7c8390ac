package testdb

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
)

// T is a database that is built once per program and kind, and then copied for each test. A copy
// costs about a millisecond on SQLite. On PostgreSQL it costs 20 to 500, but a copy whose test has ended
// is given the template's rows again for another test, which costs about 20; a test that changes
// tables spoils its copy for that. All methods may be called concurrently.
type T struct {
	name     string
	build    func(context.Context, *bun.DB) error
	sqlite   once[[]byte] // the file
	postgres once[*origin]
}

// Template returns a template with the content that build makes of an empty database. build runs at
// the first use; its error fails every test that uses the template. name is for messages.
// Templates are made in variables of a test package, which must use [Main].
func Template(name string, build func(ctx context.Context, db *bun.DB) error) *T {
	return &T{name: name, build: build}
}

// Each is the function [Each] with copies of the template.
func (p *T) Each(t *testing.T, f func(t *testing.T, db *bun.DB)) {
	t.Helper()
	p.EachURL(t, func(t *testing.T, url string) { f(t, open(t, url)) })
}

// EachURL is the function [EachURL] with copies of the template.
func (p *T) EachURL(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, p.SQLiteURL(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, p.PostgresURL(t))
	})
}

// SQLiteURL returns the URL of a copy of the template in the test's temporary folder.
func (p *T) SQLiteURL(t *testing.T) string {
	t.Helper()
	content, err := p.sqlite.do(func() ([]byte, error) { return p.buildSQLite(t) })
	if err != nil {
		t.Fatalf("the SQLite template %q: %v", p.name, err)
	}
	path := filepath.Join(t.TempDir(), "test.sqlite3")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return sqliteURL(path)
}

// PostgresURL returns the URL of a copy of the template on PostgreSQL, or skips the test.
func (p *T) PostgresURL(t *testing.T) string {
	t.Helper()
	s := servers.need(t)
	o, err := p.postgres.do(func() (*origin, error) { return p.buildPostgres(t, s) })
	if err != nil {
		t.Fatalf("the PostgreSQL template %q: %v", p.name, err)
	}
	return s.create(t, o)
}

// buildSQLite builds the template in a file and returns what is in it.
func (p *T) buildSQLite(t *testing.T) ([]byte, error) {
	path := filepath.Join(t.TempDir(), "template.sqlite3")
	db, err := database.Open(sqliteURL(path))
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := p.build(t.Context(), db); err != nil {
		return nil, err
	}
	// The last connection that closes moves the log into the file; doing it first shows errors.
	if _, err := db.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// buildPostgres builds the template in a database. Nobody is connected to it afterwards, which
// CREATE DATABASE … TEMPLATE demands.
func (p *T) buildPostgres(t *testing.T, s *server) (*origin, error) {
	name, err := s.createDB(t.Context(), "template0")
	if err != nil {
		return nil, err
	}
	s.keep(name)
	db, err := database.Open(s.urlOf(name))
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := p.build(t.Context(), db); err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	o := &origin{name: name}
	err = s.with(t.Context(), name, func(c *pgx.Conn) error {
		o.snapshot, err = takeSnapshot(t.Context(), c)
		return err
	})
	return o, err
}

// once is sync.OnceValues whose function is given at the call.
type once[V any] struct {
	sync.Once
	v   V
	err error
}

func (o *once[V]) do(f func() (V, error)) (V, error) {
	o.Once.Do(func() {
		o.err = fmt.Errorf("the test that built it did not finish that") // stays when f calls Goexit
		o.v, o.err = f()
	})
	return o.v, o.err
}

// escape makes a path fit for a URL.
func escape(path string) string { return (&url.URL{Path: path}).EscapedPath() }
