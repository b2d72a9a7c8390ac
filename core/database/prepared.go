package database

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
)

// Prepared is a statement that the server plans once per connection instead of at every call,
// for the few statements that run on every request. bun formats arguments into the text, which
// makes each call a new text to plan.
//
// It is made without I/O and prepared at its first use. It is safe for concurrent use and lives
// as long as its database. It takes a connection of its own from the pool, so it does not see what an
// open transaction has done and, with one connection at most, waits for it for ever.
type Prepared struct {
	db    *bun.DB
	query string
	stmt  atomic.Pointer[sql.Stmt]
	stale atomic.Int64 // how many statements were thrown away
}

var dollarArgument = regexp.MustCompile(`\$([0-9]+)`)

// NewPrepared returns the statement. Arguments are written $1, $2, … for both databases; a [UUID]
// among them is put right for its database.
func NewPrepared(db *bun.DB, query string) *Prepared {
	if !IsPostgres(db) {
		query = dollarArgument.ReplaceAllString(query, "?$1")
	}
	return &Prepared{db: db, query: query}
}

// Query runs the statement. The caller closes the rows.
func (p *Prepared) Query(ctx context.Context, args ...any) (rows *sql.Rows, err error) {
	args = forStatement(p.db, args)
	err = p.run(ctx, func(s *sql.Stmt) (err error) {
		rows, err = s.QueryContext(ctx, args...)
		return err
	})
	return rows, err
}

// Exec runs the statement for its effect.
func (p *Prepared) Exec(ctx context.Context, args ...any) (result sql.Result, err error) {
	args = forStatement(p.db, args)
	err = p.run(ctx, func(s *sql.Stmt) (err error) {
		result, err = s.ExecContext(ctx, args...)
		return err
	})
	return result, err
}

// QueryRow runs the statement and scans its only row; sql.ErrNoRows when there is none.
func (p *Prepared) QueryRow(ctx context.Context, args []any, dest ...any) error {
	args = forStatement(p.db, args)
	return p.run(ctx, func(s *sql.Stmt) error { return s.QueryRowContext(ctx, args...).Scan(dest...) })
}

// run calls f with the prepared statement, and again with a new one when a migration has changed a
// table so that the old one cannot run any more.
func (p *Prepared) run(ctx context.Context, f func(*sql.Stmt) error) error {
	for tries := 0; ; tries++ {
		stmt, err := p.get(ctx)
		if err != nil {
			return err
		}
		if err = f(stmt); tries >= 3 || !outdated(err) {
			return err
		}
		p.stale.Add(1)
		if p.stmt.CompareAndSwap(stmt, nil) {
			_ = stmt.Close() // takes it off all connections
		}
	}
}

// get returns the statement, prepared if need be. When several callers come first, each prepares it and
// one wins: waiting for each other would add up their waiting for a database that does not answer.
func (p *Prepared) get(ctx context.Context) (*sql.Stmt, error) {
	if stmt := p.stmt.Load(); stmt != nil {
		return stmt, nil
	}
	// The driver names a statement by its text: another text makes sure that it is a new one.
	text := p.query + strings.Repeat(" ", int(p.stale.Load()))
	stmt, err := p.db.DB.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if p.stmt.CompareAndSwap(nil, stmt) {
		return stmt, nil
	}
	if winner := p.stmt.Load(); winner != nil {
		_ = stmt.Close()
		return winner, nil
	}
	return stmt, nil
}

// outdated reports whether PostgreSQL refused a statement because the tables have changed since it
// was prepared, or because it is not prepared there (any more), or another caller has found that and
// closed it. Nothing has run then.
func outdated(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "0A000" && e.Routine == "RevalidateCachedQuery" || e.Code == "26000"
	}
	return err != nil && err.Error() == "sql: statement is closed"
}
