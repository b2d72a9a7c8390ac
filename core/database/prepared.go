package database

import (
	"context"
	"database/sql"
	"regexp"
	"sync"

	"github.com/uptrace/bun"
)

// Prepared is a statement that the server plans once per connection instead of at every call,
// for the few statements that run on every request. bun formats arguments into the text, which
// makes each call a new text to plan.
//
// It is made without I/O and prepared at its first use. It is safe for concurrent use and lives
// as long as its database.
type Prepared struct {
	db    *bun.DB
	query string

	mu   sync.Mutex
	stmt *sql.Stmt
}

var dollarArgument = regexp.MustCompile(`\$([0-9]+)`)

// NewPrepared returns the statement. Arguments are written $1, $2, … for both databases.
func NewPrepared(db *bun.DB, query string) *Prepared {
	if !IsPostgres(db) {
		query = dollarArgument.ReplaceAllString(query, "?$1")
	}
	return &Prepared{db: db, query: query}
}

// Query runs the statement.
func (p *Prepared) Query(ctx context.Context, args ...any) (*sql.Rows, error) {
	stmt, err := p.get(ctx)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// Exec runs the statement for its effect.
func (p *Prepared) Exec(ctx context.Context, args ...any) (sql.Result, error) {
	stmt, err := p.get(ctx)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

// QueryRow runs the statement and scans its only row; sql.ErrNoRows when there is none.
func (p *Prepared) QueryRow(ctx context.Context, args []any, dest ...any) error {
	stmt, err := p.get(ctx)
	if err != nil {
		return err
	}
	return stmt.QueryRowContext(ctx, args...).Scan(dest...)
}

func (p *Prepared) get(ctx context.Context) (*sql.Stmt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stmt == nil {
		stmt, err := p.db.DB.PrepareContext(ctx, p.query)
		if err != nil {
			return nil, err
		}
		p.stmt = stmt
	}
	return p.stmt, nil
}
