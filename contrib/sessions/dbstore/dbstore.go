// Package dbstore keeps sessions in the database, in Django's table and format. It is the store
// to begin with: nothing else to run, shared by all processes, and revocable at once.
//
//	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
//
// Expired rows stay in the table until `manage clearsessions` deletes them; run it once a day.
package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signing"
)

// Store is a [sessions.Store] in a table. It is safe for concurrent use by any number of
// processes, Django's among them.
type Store struct {
	db     *bun.DB
	c      Config
	codec  sessions.Codec
	load   *database.Prepared
	insert *database.Prepared
	swap   *database.Prepared
	remove *database.Prepared

	swapText, removeText string
	feed                 *changes.Feed // nil unless changes are told with each statement
}

// Config changes what New sets; the zero value is Django's.
type Config struct {
	// Table is the table's name; empty means "django_session". Another table has the same three
	// columns (session_key, session_data, expire_date), and is made by an app of the project.
	Table string
	// Columns are further columns of the table that are filled from the session's data.
	Columns []Column
	// Salt takes the place of [sessions.Salt], for sessions made by a subclass of Django's store.
	Salt string
	// Log is told about rows whose signature does not hold; nil means slog.Default().
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// NewKey makes keys; nil means [sessions.NewKey].
	NewKey func() string
}

// Column is a column of a project's own table.
type Column struct {
	Name string
	// Value returns what to store for a session: nil for NULL, else what database/sql takes.
	Value func(sessions.Data) (any, error)
}

var (
	_ sessions.Store   = (*Store)(nil)
	_ sessions.Expirer = (*Store)(nil)
	_ sessions.Lister  = (*Store)(nil)
	_ sessions.Checker = (*Store)(nil)
	_ sessions.Teller  = (*Store)(nil)
)

// New returns the store of a database and a project's keys, without I/O.
func New(db *bun.DB, keys signing.Keys) *Store { return NewWith(db, keys, Config{}) }

// NewWith is New with other settings.
func NewWith(db *bun.DB, keys signing.Keys, c Config) *Store {
	if c.Table == "" {
		c.Table = "django_session"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewKey == nil {
		c.NewKey = sessions.NewKey
	}
	t := quote(c.Table)
	columns, places, sets := "session_key, session_data, expire_date", "$1, $2, $3", "session_key = $1, session_data = $2, expire_date = $3"
	next := 4
	for _, column := range c.Columns {
		columns, places, sets = columns+", "+quote(column.Name), places+", "+place(next), sets+", "+quote(column.Name)+" = "+place(next)
		next++
	}
	s := &Store{
		swapText:   `UPDATE ` + t + ` SET ` + sets + ` WHERE session_key = ` + place(next) + ` AND session_data = ` + place(next+1),
		removeText: `DELETE FROM ` + t + ` WHERE session_key = $1`,

		db: db, c: c, codec: sessions.NewCodec(keys, c.Salt, c.Now, c.Log),
		load:   database.NewPrepared(db, `SELECT session_data, expire_date FROM `+t+` WHERE session_key = $1 AND expire_date > $2`),
		insert: database.NewPrepared(db, `INSERT INTO `+t+` (`+columns+`) VALUES (`+places+`) ON CONFLICT (session_key) DO NOTHING`),
	}
	s.swap, s.remove = database.NewPrepared(db, s.swapText), database.NewPrepared(db, s.removeText)
	return s
}

// Table returns the name of the table.
func (s *Store) Table() string { return s.c.Table }

// Codec returns what reads and writes the column session_data.
func (s *Store) Codec() sessions.Codec { return s.codec }

// place is an argument of a prepared statement.
func place(n int) string { return "$" + strconv.Itoa(n) }

// quote writes a name, "schema.table" too, as both databases read it.
func quote(name string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(name, `"`, `""`), ".", `"."`) + `"`
}

// Check implements [sessions.Checker].
func (s *Store) Check(context.Context) []string {
	if err := s.codec.Check(); err != nil {
		return []string{err.Error()}
	}
	return nil
}

// Load implements [sessions.Store] with one statement.
func (s *Store) Load(ctx context.Context, key string) (sessions.Record, error) {
	var text string
	var expires time.Time
	err := s.load.QueryRow(ctx, []any{key, s.c.Now().UTC()}, &text, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return sessions.Record{}, sessions.ErrNotFound
	}
	if err != nil {
		return sessions.Record{}, err
	}
	return s.record(ctx, text, expires), nil
}

func (s *Store) record(ctx context.Context, text string, expires time.Time) sessions.Record {
	return sessions.Record{Data: s.codec.Decode(ctx, text), Expires: expires, Version: text}
}

// tries is how many keys are made for one session. A key that is taken means a broken source of
// randomness already at the second time.
const tries = 3

var errKeysTaken = errors.New("dbstore: new session keys are taken already: the system's random source repeats itself")

// Create implements [sessions.Store] with one statement.
func (s *Store) Create(ctx context.Context, r sessions.Record) (string, error) {
	for range tries {
		key := s.c.NewKey()
		row, err := s.row(key, r.Data, r.Expires)
		if err != nil {
			return "", err
		}
		if n, err := affected(s.insert.Exec(ctx, row...)); err != nil || n == 1 {
			return key, err
		}
	}
	return "", errKeysTaken
}

// row returns the values of a row in the order of the statements.
func (s *Store) row(key string, d sessions.Data, expires time.Time) ([]any, error) {
	text, err := s.codec.Encode(d)
	if err != nil {
		return nil, err
	}
	row := []any{key, text, stamp(expires)}
	for _, column := range s.c.Columns {
		value, err := column.Value(d)
		if err != nil {
			return nil, err
		}
		row = append(row, value)
	}
	return row, nil
}

// Delete implements [sessions.Store] with one statement.
func (s *Store) Delete(ctx context.Context, key string) error {
	args := []any{key}
	if s.feed != nil {
		args = append(args, s.feed.Channel(), s.feed.News(sessions.Topic, key)[0])
	}
	_, err := s.remove.Exec(ctx, args...)
	return err
}

// stamp cuts a time to what both databases and Django keep.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func affected(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}
