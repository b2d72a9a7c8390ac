// Package migrate brings a database's tables up to date: it reads which migrations are recorded in
// the database, works out which are missing and in what order, and applies them, so that several
// programs may do it at once and a failure leaves nothing half done. It knows apps by their labels
// and nothing of a project.
//
//	m, err := migrate.New(db,
//		migrate.App{Label: "accounts", Source: migrate.Files(accountsSQL)},
//		migrate.App{Label: "polls", Source: migrate.Files(pollsSQL)},
//	)
//	if err != nil {
//		return err
//	}
//	return m.Migrate(ctx, migrate.Options{})
//
// # Migrations
//
// A migration is SQL in files ([Files]) or functions in Go ([List]); [Join] puts both together. Its
// name begins with a number, and an app's migrations follow each other by that number. What must have
// run in other apps is named by Requires.
//
// The history is Django's table django_migrations with Django's names in it, so that a database that
// Django made is up to date here, and one made here is up to date for Django. One migration may stand
// for several names of Django's, see [Migration.Replaces].
//
// # What holds while migrations run
//
// On PostgreSQL everything runs on one connection that holds an advisory lock from before the history
// is read until the end, so of several programs one works and the others wait. (A connection pooler
// that gives each transaction another session cannot carry that lock: connect to the server itself.)
// A migration is one transaction with its record; one that is marked non-atomic runs outside any, for
// statements such as CREATE INDEX CONCURRENTLY, and is recorded when it has succeeded.
//
// On SQLite each migration runs on one connection with foreign keys switched off, in a transaction
// that takes the write lock first and then looks again whether the migration is recorded by now. That
// is what lets a table be rebuilt: with foreign keys on, dropping the old table would fail, or
// silently delete the rows that refer to it with ON DELETE CASCADE. Before it commits, all foreign
// keys are checked, and a row that refers to nothing fails the migration. The transaction is SQLite's
// only lock, so non-atomic migrations run in one there, too.
//
// A migration that fails, or is interrupted through its context, leaves the database as it was before
// it; the migrations before it stay applied.
package migrate

import (
	"context"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// Migration is one step of an app's tables from one shape to the next. Exactly one of Up and UpSQL
// is set; Down or DownSQL, or neither when there is no way back.
type Migration struct {
	// Name begins with a number that is its place among the app's migrations: "0002_poll_closed".
	// It is recorded in the database and never changes. Two migrations of an app cannot have one number.
	Name string
	// Requires names what must be applied before, as "app.name". The app's own migration before this
	// one is always required and need not be named.
	Requires []string
	// Replaces names migrations that this one stands for, as "name" for the app's own or as
	// "app.name". They are recorded instead of Name, which may be among them. When all of them are
	// recorded already, the migration counts as applied; when only some are, nothing runs, because
	// the tables are in neither shape.
	Replaces []string
	// NonAtomic leaves out the transaction on PostgreSQL. What a failure leaves behind is then
	// the migration's own business.
	NonAtomic bool

	// Up applies the migration and Down takes it back. Everything they do goes through db, which is
	// the transaction (or the one connection, when non-atomic); they may use db.RunInTx.
	Up, Down func(ctx context.Context, db bun.IDB) error
	// UpSQL and DownSQL are the same as text, of any number of statements. A non-atomic migration's
	// text is sent in parts, divided by lines that read "-- split", because PostgreSQL makes
	// one transaction of what is sent together.
	UpSQL, DownSQL string
}

// Source is where an app's migrations come from. The names are the same for both databases, also
// when the statements differ. [New] calls it once.
type Source interface {
	Migrations(d dialect.Name) ([]Migration, error)
}

// App is an app's label, the first half of what the history records, and its migrations. A nil
// Source means that it has none.
type App struct {
	Label  string
	Source Source
}

// List returns a source of migrations that are the same on both databases: functions that ask db
// for its dialect where they differ, or plain SQL.
func List(migrations ...Migration) Source { return list(migrations) }

type list []Migration

func (l list) Migrations(dialect.Name) ([]Migration, error) { return l, nil }

// Join returns a source with the migrations of all sources, so that some of an app's migrations can
// be files and others functions.
func Join(sources ...Source) Source { return joined(sources) }

type joined []Source

func (j joined) Migrations(d dialect.Name) ([]Migration, error) {
	var all []Migration
	for _, s := range j {
		some, err := s.Migrations(d)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// Migrator applies the migrations of some apps to one database. It does not change and may be used
// concurrently.
type Migrator struct {
	db    *bun.DB
	graph *graph
}

// New reads the apps' migrations and puts them in order. It does not use the database. The error says
// everything that is wrong, a line each: two apps with one label, two migrations with one number, a
// requirement that does not exist, a circle of requirements, a file that is missing for db's dialect.
func New(db *bun.DB, apps ...App) (*Migrator, error) {
	g, err := newGraph(db.Dialect().Name(), apps)
	if err != nil {
		return nil, err
	}
	return &Migrator{db, g}, nil
}

// Apps returns the labels of all apps in order, those without migrations included.
func (m *Migrator) Apps() []string { return append([]string(nil), m.graph.labels...) }

// SQL returns the text of a migration, or of the way back. name may be the beginning of one name only.
// For a function in Go the text is a comment that says so.
func (m *Migrator) SQL(app, name string, backwards bool) (string, error) {
	n, err := m.graph.find(app, name)
	if err != nil {
		return "", err
	}
	op := n.operation(backwards)
	switch {
	case op == nil:
		return "", irreversible(n)
	case op.text == "":
		return "-- " + n.String() + " is a function in Go\n", nil
	}
	return op.text, nil
}
