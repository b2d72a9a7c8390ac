package dbstore_test

import (
	"context"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

var keys = signing.Keys{coretest.Key}

// tables is a database with the table of sessions, and one of a project's own.
var tables = testdb.Template("sessions", func(ctx context.Context, db *bun.DB) error {
	p, err := newProject(core.Settings{DB: db, Keys: keys})
	if err != nil {
		return err
	}
	if err := p.Migrate(ctx, core.MigrateOptions{}); err != nil {
		return err
	}
	moment := "datetime"
	if database.IsPostgres(db) {
		moment = "timestamptz"
	}
	_, err = db.ExecContext(ctx, `CREATE TABLE custom_session (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL,
		expire_date `+moment+` NOT NULL, account_id integer)`)
	return err
})

func newProject(s core.Settings) (*core.Project, error) {
	return core.New(s, sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)}).App())
}

// open returns a database of a kind.
func open(t *testing.T, kind string) *bun.DB {
	t.Helper()
	url := ""
	if kind == "sqlite" {
		url = tables.SQLiteURL(t)
	} else {
		url = tables.PostgresURL(t)
	}
	db, err := database.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// place is a table of sessions that one test has for itself.
type place struct {
	db    *bun.DB
	table string
}

// places hands tests tables of their own: on SQLite in a file of their own, on PostgreSQL in one
// database for all, since to copy one takes longer than most of these tests.
type places struct {
	postgres *bun.DB
	count    atomic.Int64
}

// newPlaces returns places for the subtests of t.
func newPlaces(t *testing.T) *places {
	t.Helper()
	p := &places{}
	if _, err := testdb.Postgres(t.Context()); err == nil {
		p.postgres = open(t, "postgres")
	}
	return p
}

// of returns a place that is empty.
func (p *places) of(t *testing.T, kind string) place {
	t.Helper()
	if kind == "sqlite" || p.postgres == nil {
		return place{open(t, kind), "custom_session"}
	}
	table := "session_" + strconv.FormatInt(p.count.Add(1), 10)
	if _, err := p.postgres.ExecContext(t.Context(), `CREATE TABLE ? (LIKE custom_session INCLUDING ALL)`, bun.Ident(table)); err != nil {
		t.Fatal(err)
	}
	return place{p.postgres, table}
}

// eachKind runs f in the subtests "sqlite" and "postgres", for tests that open several databases.
func eachKind(t *testing.T, f func(t *testing.T, kind string)) {
	t.Helper()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f(t, kind)
		})
	}
}

func TestStore(t *testing.T) {
	t.Parallel()
	all := newPlaces(t)
	eachKind(t, func(t *testing.T, kind string) {
		sessionstest.TestStore(t, func(t *testing.T) sessions.Store {
			p := all.of(t, kind)
			return dbstore.NewWith(p.db, keys, dbstore.Config{Table: p.table})
		}, sessionstest.Options{
			WithKeys: func(t *testing.T, newKey func() string) sessions.Store {
				return dbstore.NewWith(open(t, kind), keys, dbstore.Config{NewKey: newKey})
			},
		})
	})
}
