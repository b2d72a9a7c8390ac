package main

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "modernc.org/sqlite" // the driver
)

// user is a row of auth_user with what the user may do.
type user struct {
	id                                     int64
	password, username, first, last, email string
	lastLogin                              *time.Time
	joined                                 time.Time
	superuser, staff, active               bool
	permissions                            map[string]bool
	own, ofGroups                          *string
}

// fields are where the columns of the statement go.
func (u *user) fields() []any {
	return []any{&u.id, &u.password, &u.lastLogin, &u.superuser, &u.username, &u.first, &u.last, &u.email,
		&u.staff, &u.active, &u.joined, &u.own, &u.ofGroups}
}

// finish makes one set of both texts.
func (u *user) finish() *user {
	u.permissions = make(map[string]bool, 32)
	for _, text := range []*string{u.own, u.ofGroups} {
		if text != nil {
			split(*text, u.permissions)
		}
	}
	return u
}

// rows is a database.
type rows interface {
	session(ctx context.Context, key string) (string, error)
	user(ctx context.Context, id string) (*user, error)
}

// open opens what DATABASE_URL names, with as many connections as Belleville takes.
func open(url string) (rows, error) {
	kind := "postgres"
	path, isFile := strings.CutPrefix(url, "sqlite:")
	if isFile {
		kind = "sqlite"
	}
	sessionSQL, err := statement("session", kind)
	if err != nil {
		return nil, err
	}
	userSQL, err := statement("user", kind)
	if err != nil {
		return nil, err
	}
	if isFile {
		return openFile(path, sessionSQL, userSQL)
	}
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	c.MaxConns = 16
	pool, err := pgxpool.NewWithConfig(context.Background(), c)
	return &postgres{pool, sessionSQL, userSQL}, err
}

// postgres is a native pool, which prepares each statement once per connection.
type postgres struct {
	pool                *pgxpool.Pool
	sessionSQL, userSQL string
}

func (p *postgres) session(ctx context.Context, key string) (text string, err error) {
	var expires time.Time
	err = p.pool.QueryRow(ctx, p.sessionSQL, key, time.Now().UTC()).Scan(&text, &expires)
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNobody
	}
	return text, err
}

func (p *postgres) user(ctx context.Context, id string) (*user, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, errNobody
	}
	u := new(user)
	err = p.pool.QueryRow(ctx, p.userSQL, n).Scan(u.fields()...)
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNobody
	}
	return u.finish(), err
}

// file is a SQLite database.
type file struct{ sessionStmt, userStmt *sql.Stmt }

func openFile(path, sessionSQL, userSQL string) (*file, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_busy_timeout=5000&_journal_mode=WAL&_synchronous=NORMAL&_foreign_keys=1&_time_format=sqlite&_timezone=UTC")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	f := new(file)
	if f.sessionStmt, err = db.Prepare(sessionSQL); err != nil {
		return nil, err
	}
	f.userStmt, err = db.Prepare(userSQL)
	return f, err
}

func (f *file) session(ctx context.Context, key string) (text string, err error) {
	var expires time.Time
	err = f.sessionStmt.QueryRowContext(ctx, key, time.Now().UTC()).Scan(&text, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		err = errNobody
	}
	return text, err
}

func (f *file) user(ctx context.Context, id string) (*user, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, errNobody
	}
	u := new(user)
	err = f.userStmt.QueryRowContext(ctx, n).Scan(u.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		err = errNobody
	}
	return u.finish(), err
}
