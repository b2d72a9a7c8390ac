package dbstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
)

const (
	// batch is how many rows one step deletes: few enough that a writer of one of them waits
	// milliseconds, not seconds.
	batch = 1000
	// pause lets other writers of an SQLite file have their turn between two steps.
	pause = 10 * time.Millisecond
)

// DeleteExpired implements [sessions.Expirer] in steps of 1,000 rows, each a transaction of its
// own. On PostgreSQL rows that somebody else holds are left for the next time.
func (s *Store) DeleteExpired(ctx context.Context, now time.Time, progress func(int64)) (int64, error) {
	postgres := database.IsPostgres(s.db)
	query := `DELETE FROM ? WHERE session_key IN (SELECT session_key FROM ? WHERE expire_date < ? ORDER BY expire_date LIMIT ?)`
	if postgres {
		query = `DELETE FROM ? WHERE ctid = ANY(ARRAY(SELECT ctid FROM ? WHERE expire_date < ? ORDER BY expire_date LIMIT ? FOR UPDATE SKIP LOCKED))`
	}
	var total int64
	for {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		n, err := affected(s.db.ExecContext(ctx, query, bun.Ident(s.c.Table), bun.Ident(s.c.Table), now.UTC(), batch))
		total += n
		if err != nil {
			return total, err
		}
		if progress != nil && n > 0 {
			progress(total)
		}
		if n < batch {
			return total, nil
		}
		if !postgres {
			wait(ctx, pause)
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
