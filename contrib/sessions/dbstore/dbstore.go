// Package dbstore keeps sessions in the database, in Django's table and format. It is the store
// to begin with: nothing else to run, shared by all processes, and revocable at once.
package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signing"
)

// Salt is what Django signs the rows of its database, cached and file stores with.
const Salt = "django.contrib.sessions.SessionStore"

// Store is a [sessions.Store] in a table. It is safe for concurrent use by any number of
// processes, Django's among them.
type Store struct {
	db     *bun.DB
	table  string
	signer signing.TimestampSigner
	log    *slog.Logger
	now    func() time.Time
	load   *database.Prepared
	insert *database.Prepared
	swap   *database.Prepared
	remove *database.Prepared
}

// Config changes what New sets; the zero value is Django's.
type Config struct {
	// Table is the table's name; empty means "django_session". Another table has the same three
	// columns: session_key, session_data, expire_date.
	Table string
	// Salt takes the place of [Salt], for sessions made by a subclass of Django's store.
	Salt string
	// Log is told about rows whose signature does not hold; nil means slog.Default().
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

var (
	_ sessions.Store   = (*Store)(nil)
	_ sessions.Expirer = (*Store)(nil)
	_ sessions.Lister  = (*Store)(nil)
)

// New returns the store of a database and a project's keys, without I/O.
func New(db *bun.DB, keys signing.Keys) *Store { return NewWith(db, keys, Config{}) }

// NewWith is New with other settings.
func NewWith(db *bun.DB, keys signing.Keys, c Config) *Store {
	if c.Table == "" {
		c.Table = "django_session"
	}
	if c.Salt == "" {
		c.Salt = Salt
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	t := `"` + c.Table + `"`
	return &Store{
		db: db, table: c.Table, log: c.Log, now: c.Now,
		signer: signing.TimestampSigner{Keys: keys, Salt: c.Salt, Now: c.Now}.Prepared(),
		load:   database.NewPrepared(db, `SELECT session_data, expire_date FROM `+t+` WHERE session_key = $1 AND expire_date > $2`),
		insert: database.NewPrepared(db, `INSERT INTO `+t+` (session_key, session_data, expire_date) VALUES ($1, $2, $3) ON CONFLICT (session_key) DO NOTHING`),
		swap:   database.NewPrepared(db, `UPDATE `+t+` SET session_data = $1, expire_date = $2 WHERE session_key = $3 AND session_data = $4`),
		remove: database.NewPrepared(db, `DELETE FROM `+t+` WHERE session_key = $1`),
	}
}

// Load implements [sessions.Store] with one statement.
func (s *Store) Load(ctx context.Context, key string) (sessions.Record, error) {
	var text string
	var expires time.Time
	err := s.load.QueryRow(ctx, []any{key, s.now().UTC()}, &text, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return sessions.Record{}, sessions.ErrNotFound
	}
	if err != nil {
		return sessions.Record{}, err
	}
	return s.record(ctx, text, expires), nil
}

// record decodes a row. One that cannot be decoded is an empty session: its keys are not ours,
// or somebody wrote into the table.
func (s *Store) record(ctx context.Context, text string, expires time.Time) sessions.Record {
	r := sessions.Record{Expires: expires, Version: text}
	if err := s.signer.UnsignObject(text, 0, &r.Data); err != nil {
		s.logger().WarnContext(ctx, "session data corrupted", "error", err)
		r.Data = nil
	}
	if r.Data == nil {
		r.Data = sessions.Data{}
	}
	return r
}

func (s *Store) logger() *slog.Logger {
	if s.log != nil {
		return s.log
	}
	return slog.Default()
}

// Create implements [sessions.Store] with one statement.
func (s *Store) Create(ctx context.Context, r sessions.Record) (string, error) {
	text, err := s.encode(r.Data)
	if err != nil {
		return "", err
	}
	const tries = 3 // a key taken twice in a row by chance means a broken source of randomness
	for range tries {
		key := sessions.NewKey()
		n, err := affected(s.insert.Exec(ctx, key, text, stamp(r.Expires)))
		if err != nil {
			return "", err
		}
		if n == 1 {
			return key, nil
		}
	}
	return "", errors.New("dbstore: new session keys are taken already: the system's random source repeats itself")
}

// Update implements [sessions.Store]: one statement when nobody else wrote meanwhile, three for
// each time that somebody did.
func (s *Store) Update(ctx context.Context, key string, was sessions.Record, c sessions.Change) (string, error) {
	const tries = 50
	for range tries {
		if was.Version == "" {
			var err error
			if was, err = s.Load(ctx, key); errors.Is(err, sessions.ErrNotFound) {
				return "", sessions.ErrGone
			} else if err != nil {
				return "", err
			}
		}
		text, err := s.encode(c.Apply(was.Data))
		if err != nil {
			return "", err
		}
		n, err := affected(s.swap.Exec(ctx, text, stamp(c.Expires), key, was.Version))
		if err != nil {
			return "", err
		}
		if n == 1 {
			return key, nil
		}
		was = sessions.Record{}
	}
	return "", fmt.Errorf("dbstore: the session was written by others %d times while it was being saved", tries)
}

// Delete implements [sessions.Store] with one statement.
func (s *Store) Delete(ctx context.Context, key string) error {
	_, err := s.remove.Exec(ctx, key)
	return err
}

func (s *Store) encode(d sessions.Data) (string, error) {
	if d == nil {
		d = sessions.Data{}
	}
	return s.signer.SignObject(d, true)
}

// stamp cuts a time to what both databases and Django keep.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func affected(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// All implements [sessions.Lister]: it reads the living sessions in pages by key.
func (s *Store) All(ctx context.Context) iter.Seq2[sessions.Entry, error] {
	const page = 500
	return func(yield func(sessions.Entry, error) bool) {
		for after := ""; ; {
			var rows []sessions.Row
			err := s.db.NewSelect().Model(&rows).ModelTableExpr("? AS session", bun.Ident(s.table)).
				Where("session_key > ?", after).Where("expire_date > ?", s.now().UTC()).
				OrderExpr("session_key").Limit(page).Scan(ctx)
			if err != nil {
				yield(sessions.Entry{}, err)
				return
			}
			for _, row := range rows {
				after = row.SessionKey
				if !yield(sessions.Entry{Key: row.SessionKey, Record: s.record(ctx, row.SessionData, row.ExpireDate)}, nil) {
					return
				}
			}
			if len(rows) < page {
				return
			}
		}
	}
}
