// Package testdb gives tests databases of their own: a SQLite file and, where a server lets us in, a
// PostgreSQL database, each empty or a copy of one that was built once.
//
//	func TestSomething(t *testing.T) {
//		t.Parallel()
//		testdb.Each(t, func(t *testing.T, db *bun.DB) { … })
//	}
//
// runs the subtests "sqlite" and "postgres", in parallel. PostgreSQL is the server that
// TEST_DATABASE_URL names, whose user must be allowed to create databases, or else one on
// 127.0.0.1:5432 that lets the user postgres in without a password. Without either the subtest is
// skipped and says so; with REQUIRE_POSTGRES=1 it fails.
//
// Databases go away when their test ends or, for PostgreSQL with [Main], when the program does; what a killed process left behind is dropped by a later one, because the names
// say whose it was and when.
//
// The package is made for many test programs at once on one server: a database of a test has four
// connections at most, and a program creates and drops over three.
package testdb

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
)

// Each runs f in the subtests "sqlite" and "postgres", in parallel, each with an empty database that
// is closed and removed afterwards. Because the subtests are parallel they run after the calling
// test function has returned: what they use is released by t.Cleanup, not by defer.
func Each(t *testing.T, f func(t *testing.T, db *bun.DB)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) { f(t, open(t, url)) })
}

// EachURL is Each for tests that start programs: f gets the database's URL.
func EachURL(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, SQLiteURL(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, PostgresURL(t))
	})
}

// SQLiteURL returns the URL of a SQLite file that does not exist yet, in the test's temporary folder.
func SQLiteURL(t *testing.T) string {
	t.Helper()
	return sqliteURL(filepath.Join(t.TempDir(), "test.sqlite3"))
}

// PostgresURL returns the URL of an empty PostgreSQL database, or skips the test.
func PostgresURL(t *testing.T) string {
	t.Helper()
	s := servers.need(t)
	return s.create(t, &s.empty)
}

// Main runs a package's tests:
//
//	func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }
//
// With it, databases of PostgreSQL are used again by one test after the other, which is much faster, and
// dropped at the end. A package that uses [Template] calls it.
func Main(m *testing.M) int {
	servers.reuse = true
	code := m.Run()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	servers.close(ctx)
	return code
}

// open opens a test's database with few connections.
func open(t *testing.T, url string) *bun.DB {
	t.Helper()
	db, err := database.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// sqliteURL returns the URL of a file, with few connections.
func sqliteURL(path string) string {
	return "sqlite:" + escape(filepath.ToSlash(path)) + "?max_open_conns=4"
}
