package migrate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// lockKey is the advisory lock that stands for migrating a database: "bellevil" as a number.
// PostgreSQL keeps such locks apart by database.
const lockKey = 0x62656c6c6576696c

// errLocked says that another program migrates.
var errLocked = errors.New("migrate: another program migrates this database")

// lock waits for the advisory lock by asking again. To wait inside PostgreSQL would be a statement
// under way, and CREATE INDEX CONCURRENTLY in the program that has the lock waits for those: both
// would wait for each other.
func (r *run) lock(ctx context.Context) error {
	err := r.patiently(ctx, func() error {
		var got bool
		if err := r.conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock(?)", int64(lockKey)).Scan(&got); err != nil {
			return err
		}
		if !got {
			return errLocked
		}
		return nil
	})
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		r.discard() // the lock may have come too late to be seen
		return fmt.Errorf("migrate: waiting for another program: %w", context.Cause(ctx))
	}
	return fmt.Errorf("migrate: taking the lock: %w", err)
}

// unlock gives the lock back, also when ctx has ended. The connection may be gone by then, and the lock with
// it; when it cannot give the lock back, it is closed, which does that.
func (r *run) unlock(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	var had bool
	err := r.conn.QueryRowContext(ctx, "SELECT pg_advisory_unlock(?)", int64(lockKey)).Scan(&had)
	if err != nil || !had {
		r.discard()
	}
}

// postgresStep does one step. The lock is held, so that h still holds.
func (r *run) postgresStep(ctx context.Context, s Step, h history) error {
	if !s.node.m.NonAtomic {
		return r.conn.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return r.change(ctx, tx, s, h) })
	}
	if err := r.operateOpenly(ctx, s); err != nil {
		return fmt.Errorf("%w; it is not atomic, so what it did before this stays: look at it before you migrate again", err)
	}
	if s.Backwards {
		return forget(ctx, r.conn, s.node)
	}
	return h.record(ctx, r.conn, s.node)
}

// operateOpenly runs a non-atomic step's operation, SQL part by part, outside any transaction.
func (r *run) operateOpenly(ctx context.Context, s Step) error {
	op := s.node.operation(s.Backwards)
	if err := r.lookIfThere(ctx, r.conn, s); err != nil {
		return err
	}
	switch {
	case r.faked:
		return nil
	case op.f != nil:
		return op.f(ctx, r.conn)
	}
	for _, p := range split(op.text) {
		if err := execSQL(ctx, r.conn, p); err != nil {
			return err
		}
	}
	return nil
}
