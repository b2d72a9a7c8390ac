package migrate

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
)

// Options says how to migrate. The zero value applies everything that is missing.
type Options struct {
	// Target says how far.
	Target Target
	// Fake records the migrations without running them (or forgets them, backwards), for tables
	// that are there already. It is also the way out of a history that is refused otherwise.
	Fake bool
	// FakeInitial records an app's first migration without running it when all the tables that its SQL
	// makes are there, with its columns. A table that is there with other columns is an error.
	// Migrations that are functions run.
	FakeInitial bool
	// Progress hears of each step, as it happens and in order; nil for nobody.
	Progress func(Event)
	// Before and After run once each before and after the migrations, also when there is nothing
	// to apply. Each runs in a transaction on the connection that migrates, within the lock on
	// PostgreSQL and with the write lock on SQLite; db.RunInTx inside makes savepoints. Their error
	// rolls that transaction back and ends Migrate. They may run in several programs one
	// after the other, so what they do again changes nothing.
	//
	// Before gets the plan; on SQLite another program may be quicker with some of it. After gets
	// what this run did, in order; it does not run when a migration failed.
	Before, After func(ctx context.Context, db bun.IDB, steps []Step) error
}

// Event is a moment in a run.
type Event struct {
	Kind EventKind
	// Step is what it is about; zero for Waiting.
	Step Step
	// Took is how long the step took, when it is Finished.
	Took time.Duration
	// Faked says that it was recorded without having run, when it is Finished.
	Faked bool
}

// EventKind says what happened.
type EventKind int

// The kinds of events.
const (
	// Waiting comes at most once, when another program migrates (or, on SQLite, writes) at the
	// moment. Migrate waits until it has done or its context ends.
	Waiting EventKind = iota + 1
	// Started comes before a step, Finished when it is committed. A step that fails has no more events.
	Started
	Finished
	// Skipped comes instead of Finished when another program was quicker with the step, on SQLite.
	Skipped
)

// run is one call of Migrate.
type run struct {
	Options
	graph  *graph
	conn   bun.Conn
	waited bool
	faked  bool // the step under way is recorded only
}

// Migrate applies what is missing, or moves to the target. The error names the migration that failed;
// the database is as it was before that one then, and the ones before it stay. When ctx ends
// the migration under way is rolled back. With nothing to do it costs three statements on PostgreSQL and
// one on SQLite, whatever the number of apps, and two for each of Before and After.
func (m *Migrator) Migrate(ctx context.Context, o Options) error {
	conn, err := m.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	r := &run{Options: o, graph: m.graph, conn: conn}
	if !isPostgres(conn) {
		return r.all(ctx)
	}
	if err := r.lock(ctx); err != nil {
		return err
	}
	defer r.unlock(ctx)
	return r.all(ctx)
}

// all is Migrate on one connection, within the lock that PostgreSQL has.
func (r *run) all(ctx context.Context) error {
	h, err := r.history(ctx)
	if err != nil {
		return err
	}
	if !r.Fake {
		if err := h.check(r.graph); err != nil {
			return err
		}
	}
	plan, err := r.graph.plan(h, r.Target)
	if err != nil {
		return err
	}
	for _, s := range plan {
		if s.Backwards && s.node.down == nil && !r.Fake {
			return irreversible(s.node)
		}
	}
	if err := r.hook(ctx, r.Before, plan); err != nil {
		return fmt.Errorf("before the migrations: %w", err)
	}
	var done []Step
	for _, s := range plan {
		ran, err := r.step(ctx, s, h)
		if err != nil {
			return stepError(ctx, s, err)
		}
		if ran {
			done = append(done, s)
		}
	}
	if err := r.hook(ctx, r.After, done); err != nil {
		return fmt.Errorf("after the migrations: %w", err)
	}
	return nil
}

// history reads the history and makes its table if need be.
func (r *run) history(ctx context.Context) (history, error) {
	h, found, err := readHistory(ctx, r.conn)
	if err != nil || found {
		return h, err
	}
	err = r.patiently(ctx, func() error { return createHistory(ctx, r.conn) })
	if err != nil {
		return nil, fmt.Errorf("migrate: creating the table django_migrations: %w", err)
	}
	h, _, err = readHistory(ctx, r.conn)
	return h, err
}

// hook runs Before or After.
func (r *run) hook(ctx context.Context, f func(context.Context, bun.IDB, []Step) error, steps []Step) error {
	if f == nil {
		return nil
	}
	return r.inTx(ctx, func(ctx context.Context, tx bun.Tx) error { return f(ctx, tx, steps) })
}

// inTx runs f in a transaction that nobody else's writes can come between.
func (r *run) inTx(ctx context.Context, f func(context.Context, bun.Tx) error) error {
	if isPostgres(r.conn) {
		return r.conn.RunInTx(ctx, nil, f)
	}
	return r.inSQLiteTx(ctx, f)
}

// step does one step and reports whether it was still to do.
func (r *run) step(ctx context.Context, s Step, h history) (ran bool, err error) {
	began := time.Now()
	r.faked = r.Fake
	r.tell(Event{Kind: Started, Step: s})
	if isPostgres(r.conn) {
		ran, err = true, r.postgresStep(ctx, s, h)
	} else {
		ran, err = r.sqliteStep(ctx, s)
	}
	switch {
	case err != nil:
		return false, err
	case !ran:
		r.tell(Event{Kind: Skipped, Step: s})
	default:
		r.tell(Event{Kind: Finished, Step: s, Took: time.Since(began), Faked: r.faked})
	}
	return ran, nil
}

// change runs a step's operation in a transaction and records it. The savepoint is gone when the
// operation has ended the transaction by itself: then nothing is recorded.
func (r *run) change(ctx context.Context, db bun.IDB, s Step, h history) error {
	if _, err := db.ExecContext(ctx, "SAVEPOINT migration"); err != nil {
		return err
	}
	if err := r.operate(ctx, db, s); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "RELEASE SAVEPOINT migration"); err != nil {
		return fmt.Errorf("the migration ended the transaction in which it runs, and is not recorded: %w", err)
	}
	if s.Backwards {
		return forget(ctx, db, s.node)
	}
	return h.record(ctx, db, s.node)
}

// operate runs a step's operation.
func (r *run) operate(ctx context.Context, db bun.IDB, s Step) error {
	op := s.node.operation(s.Backwards)
	if err := r.lookIfThere(ctx, db, s); err != nil {
		return err
	}
	switch {
	case r.faked:
		return nil
	case op.f != nil:
		return op.f(ctx, db)
	}
	return execSQL(ctx, db, part{text: op.text})
}

// lookIfThere decides for FakeInitial.
func (r *run) lookIfThere(ctx context.Context, db bun.IDB, s Step) (err error) {
	if r.FakeInitial && !r.Fake {
		r.faked, err = isThere(ctx, db, s)
	}
	return err
}

// execSQL runs any number of statements. PostgreSQL says at which character of them it stopped.
func execSQL(ctx context.Context, db bun.IDB, p part) error {
	_, err := db.ExecContext(ctx, p.text)
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Position > 0 {
		seen := []rune(p.text)
		seen = seen[:min(int(e.Position), len(seen))]
		return fmt.Errorf("line %d: %w", 1+p.lines+strings.Count(string(seen), "\n"), err)
	}
	return err
}

func (r *run) tell(e Event) {
	if r.Progress != nil {
		r.Progress(e)
	}
}

// patiently calls f until it does not fail because of another program's lock.
func (r *run) patiently(ctx context.Context, f func() error) error {
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 250*time.Millisecond) {
		err := f()
		if !isBusy(err) {
			return err
		}
		if !r.waited {
			r.waited = true
			r.tell(Event{Kind: Waiting})
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}

// stepError names the migration. When ctx has ended that is the reason, whatever the driver says.
func stepError(ctx context.Context, s Step, err error) error {
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("%w (%v)", context.Cause(ctx), err)
	}
	if s.Backwards {
		return fmt.Errorf("migrate: taking back %s: %w", s, err)
	}
	return fmt.Errorf("migrate: %s: %w", s, err)
}

// discard closes r's connection for good instead of giving it back to the pool.
func (r *run) discard() {
	// database/sql drops a connection whose use ends with this error. It returns the error, too.
	_ = r.conn.Raw(func(any) error { return driver.ErrBadConn })
}
