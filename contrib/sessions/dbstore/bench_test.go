package dbstore_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/sessions/cacheddb"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signing"
)

// benchmarked returns a database with a table of sessions: a file, or a schema of its own on the
// PostgreSQL that TEST_DATABASE_URL names or that listens on 127.0.0.1:5432.
func benchmarked(b *testing.B, kind string) *bun.DB {
	b.Helper()
	url := "sqlite:" + filepath.Join(b.TempDir(), "bench.sqlite3")
	if kind == "postgres" {
		if url = os.Getenv("TEST_DATABASE_URL"); url == "" {
			url = "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable"
		}
	}
	db, err := database.Open(url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	if err := database.Check(b.Context(), db); err != nil {
		b.Skipf("not measured on PostgreSQL: %v", err)
	}
	if kind == "sqlite" {
		p, err := newProject(core.Settings{DB: db, Keys: keys})
		if err == nil {
			err = p.Migrate(b.Context(), core.MigrateOptions{})
		}
		if err != nil {
			b.Fatal(err)
		}
		return db
	}
	return db
}

// table makes a table of the benchmark's own on PostgreSQL and returns its name.
func table(b *testing.B, db *bun.DB, kind string) string {
	b.Helper()
	if kind == "sqlite" {
		return ""
	}
	name := "belleville_bench_" + signing.RandomString(12, signing.LowerAlphanumeric)
	_, err := db.ExecContext(b.Context(), `CREATE TABLE ? (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date timestamptz NOT NULL)`, bun.Ident(name))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if _, err := db.ExecContext(context.Background(), `DROP TABLE ?`, bun.Ident(name)); err != nil {
			b.Error(err)
		}
	})
	return name
}

func BenchmarkDatabase(b *testing.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			db := benchmarked(b, kind)
			store := dbstore.NewWith(db, keys, dbstore.Config{Table: table(b, db, kind)})
			b.Run("db", func(b *testing.B) { sessionstest.BenchmarkStore(b, store) })
			b.Run("cached", func(b *testing.B) {
				sessionstest.BenchmarkStore(b, cacheddb.New(store, cacheddb.Config{Cache: cacheddb.NewMemory(1000)}))
			})
		})
	}
}
