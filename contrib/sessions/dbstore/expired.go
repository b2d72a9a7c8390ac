package dbstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
)

const (
	// batch is how many rows a step deletes at most, and fewest how many at least: few enough that who
	// waits for one of them, or on SQLite for its turn to write, waits milliseconds, not seconds.
	batch, fewest = 1000, 50
	// slow is what a step may take before the next one is made smaller.
	slow = 20 * time.Millisecond
	// pause is the least time that other writers of an SQLite file have for themselves between two
	// steps. They look for it in intervals of up to 100 ms, so it is as long as the step was if that
	// was longer.
	pause = 10 * time.Millisecond
)

// DeleteExpired implements [sessions.Expirer] in steps of up to 1,000 rows, each a transaction of its
// own; the next step is smaller when one took more than 20 ms. On PostgreSQL rows that somebody else
// holds are left for the next time. On SQLite it works at most half of the time, so that others get
// to write.
func (s *Store) DeleteExpired(ctx context.Context, now time.Time, progress func(int64)) (int64, error) {
	d := deletion{store: s, now: now.UTC(), size: batch, progress: progress}
	if !database.IsPostgres(s.db) {
		err := d.pass(ctx, d.sqliteStep)
		return d.total, err
	}
	for {
		d.from, d.missed = time.Time{}, false
		if err := d.pass(ctx, d.postgresStep); err != nil || !d.missed {
			return d.total, err
		}
	}
}

// deletion is one run of DeleteExpired.
type deletion struct {
	store    *Store
	now      time.Time
	size     int // of the next step
	progress func(int64)
	total    int64

	from   time.Time // where the next step goes on, on PostgreSQL
	missed bool      // a row was changed meanwhile and is to be looked at again
}

// pass deletes step by step until one finds less than it may delete. A step returns how many rows it
// found and deleted.
func (d *deletion) pass(ctx context.Context, step func(context.Context) (found, deleted int64, err error)) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		began, size := time.Now(), d.size
		found, deleted, err := step(ctx)
		took := time.Since(began)
		d.total += deleted
		if err != nil {
			return err
		}
		if d.progress != nil && deleted > 0 {
			d.progress(d.total)
		}
		if found < int64(size) {
			return nil
		}
		switch {
		case took > slow:
			d.size = max(size/2, fewest)
		case took < slow/4:
			d.size = min(size*2, batch)
		}
		if !database.IsPostgres(d.store.db) {
			wait(ctx, max(pause, took))
		}
	}
}

func (d *deletion) sqliteStep(ctx context.Context) (found, deleted int64, err error) {
	t := bun.Ident(d.store.c.Table)
	deleted, err = affected(d.store.db.ExecContext(ctx, `DELETE FROM ? WHERE session_key IN `+
		`(SELECT session_key FROM ? WHERE expire_date < ? ORDER BY expire_date LIMIT ?)`, t, t, d.now, d.size))
	return deleted, deleted, err
}

// postgresStep goes on where the last one ended, instead of reading again the entries of the index
// whose rows are gone. A row that was changed after the statement began is found and locked in its new
// version, but not seen by the deletion.
func (d *deletion) postgresStep(ctx context.Context) (found, deleted int64, err error) {
	t := bun.Ident(d.store.c.Table)
	var last bun.NullTime
	err = d.store.db.QueryRowContext(ctx, `WITH old AS MATERIALIZED (SELECT ctid AS row, expire_date FROM ? WHERE expire_date >= ? AND expire_date < ? `+
		`ORDER BY expire_date LIMIT ? FOR UPDATE SKIP LOCKED), `+
		`gone AS (DELETE FROM ? WHERE ctid = ANY(ARRAY(SELECT row FROM old)) RETURNING 1) `+
		`SELECT (SELECT count(*) FROM old), (SELECT count(*) FROM gone), (SELECT max(expire_date) FROM old)`,
		t, d.from, d.now, d.size, t).Scan(&found, &deleted, &last)
	d.from = last.Time
	d.missed = d.missed || deleted < found
	return found, deleted, err
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
