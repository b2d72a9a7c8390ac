package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/database"
)

// Update implements [sessions.Store]: one statement when nobody else wrote meanwhile, else a
// transaction that holds the row.
func (s *Store) Update(ctx context.Context, key string, was sessions.Record, c sessions.Change) (string, error) {
	newKey := key
	var news []string
	if s.feed != nil {
		news = s.feed.News(sessions.Topic, key)
	}
	for range tries {
		if c.NewKey {
			newKey = s.c.NewKey()
		}
		swapped, err := s.swapRow(ctx, key, newKey, was, c, news)
		if err == nil && !swapped {
			err = s.updateLocked(ctx, key, newKey, c, news)
		}
		if c.NewKey && database.IsUniqueViolation(err) {
			continue
		}
		if err != nil {
			return "", err
		}
		return newKey, nil
	}
	return "", errKeysTaken
}

// swapRow makes the change if the row is still what was read.
func (s *Store) swapRow(ctx context.Context, key, newKey string, was sessions.Record, c sessions.Change, news []string) (bool, error) {
	if was.Version == "" {
		return false, nil
	}
	row, err := s.row(newKey, c.Apply(was.Data), c.Expires)
	if err != nil {
		return false, err
	}
	row = append(row, key, was.Version)
	for _, text := range news {
		row = append(row, s.feed.Channel(), text)
	}
	n, err := affected(s.swap.Exec(ctx, row...))
	return n == 1, err
}

// updateLocked makes the change to the row as it is now, which nobody else can write meanwhile:
// PostgreSQL locks the row, SQLite's transactions hold the lock for writing from their beginning.
func (s *Store) updateLocked(ctx context.Context, key, newKey string, c sessions.Change, news []string) error {
	query := `SELECT session_data, expire_date FROM ? WHERE session_key = ? AND expire_date > ?`
	if database.IsPostgres(s.db) {
		query += ` FOR UPDATE`
	}
	return s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var text string
		var expires time.Time
		err := tx.NewRaw(query, bun.Ident(s.c.Table), key, s.c.Now().UTC()).Scan(ctx, &text, &expires)
		if errors.Is(err, sql.ErrNoRows) {
			return sessions.ErrGone
		}
		if err != nil {
			return err
		}
		was := s.record(ctx, text, expires)
		row, err := s.row(newKey, c.Apply(was.Data), c.Expires)
		if err != nil {
			return err
		}
		set := tx.NewUpdate().TableExpr("?", bun.Ident(s.c.Table)).
			Set("session_key = ?", row[0]).Set("session_data = ?", row[1]).Set("expire_date = ?", row[2])
		for i, column := range s.c.Columns {
			set.Set("? = ?", bun.Ident(column.Name), row[3+i])
		}
		if _, err = set.Where("session_key = ?", key).Exec(ctx); err != nil {
			return err
		}
		for _, text := range news {
			if _, err := tx.ExecContext(ctx, "SELECT pg_notify(?, ?)", s.feed.Channel(), text); err != nil {
				return err
			}
		}
		return nil
	})
}
