// Command clearsessions measures how `manage clearsessions` gets along with others: it makes a table of
// sessions of which half have expired, deletes these, and meanwhile loads sessions and writes,
// each on a connection of its own.
//
//	go run ./bench/clearsessions                     a million rows on PostgreSQL, then on SQLite
//	go run ./bench/clearsessions -db sqlite -rows 100000
//
// On PostgreSQL the writer changes expired rows, the only ones that the deletion locks; on SQLite,
// where any two writers exclude each other, it adds sessions.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/bench/internal/rig"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signing"
)

func main() {
	kinds := flag.String("db", rig.Postgres+","+rig.SQLite, "databases")
	rows := flag.Int("rows", 1_000_000, "sessions, of which every second has expired")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	fmt.Printf("%s, %d sessions, half of them expired\n\n", rig.Machine(), *rows)
	fmt.Println("| database | deleted | wall s | longest step ms | load p50 ms quiet | p99 | during p50 | p99 | longest | write p50 ms quiet | p99 | during p50 | p99 | longest |")
	fmt.Println("|" + strings.Repeat(" --- |", 14))
	for kind := range strings.SplitSeq(*kinds, ",") {
		if err := measure(ctx, kind, *rows); err != nil {
			fmt.Fprintf(os.Stderr, "clearsessions on %s: %v\n", kind, err)
			os.Exit(1)
		}
	}
}

// bench is one run on one database.
type bench struct {
	kind  string
	keys  signing.Keys
	url   string
	stale []string // keys of some expired sessions
	alive string   // the key of one that lives
}

func measure(ctx context.Context, kind string, rows int) (err error) {
	dir, err := os.MkdirTemp("", "belleville-clearsessions")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	d, err := rig.NewDatabase(ctx, kind, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Drop(context.WithoutCancel(ctx))) }()
	b := &bench{kind: kind, keys: signing.Keys{signing.RandomString(50, signing.Alphanumeric)}, url: d.URL}
	if err := b.fill(ctx, rows); err != nil {
		return err
	}
	if err := d.Tidy(ctx); err != nil {
		return err
	}
	var deleted int64
	var took, step time.Duration
	quietLoad, quietWrite, err := b.watch(ctx, func() error { time.Sleep(3 * time.Second); return nil })
	if err != nil {
		return err
	}
	load, write, err := b.watch(ctx, func() (err error) {
		deleted, took, step, err = b.clear(ctx)
		return err
	})
	if err != nil {
		return err
	}
	cells := []string{kind, fmt.Sprint(deleted), fmt.Sprintf("%.1f", took.Seconds()), ms(step)}
	cells = append(cells, ms(quietLoad.at(0.5)), ms(quietLoad.at(0.99)), ms(load.at(0.5)), ms(load.at(0.99)), ms(load.at(1)))
	cells = append(cells, ms(quietWrite.at(0.5)), ms(quietWrite.at(0.99)), ms(write.at(0.5)), ms(write.at(0.99)), ms(write.at(1)))
	fmt.Println("| " + strings.Join(cells, " | ") + " |")
	return nil
}

func (b *bench) open() (*bun.DB, *dbstore.Store, error) {
	db, err := database.Open(b.url)
	if err != nil {
		return nil, nil, err
	}
	return db, dbstore.New(db, b.keys), nil
}

// fill makes the table as migrate does, and its rows.
func (b *bench) fill(ctx context.Context, rows int) error {
	db, store, err := b.open()
	if err != nil {
		return err
	}
	defer db.Close()
	p, err := core.New(core.Settings{DB: db, Keys: b.keys}, sessions.New(sessions.Config{Store: store}).App())
	if err != nil {
		return err
	}
	if err := p.Migrate(ctx, core.MigrateOptions{}); err != nil {
		return err
	}
	query := `INSERT INTO django_session (session_key, session_data, expire_date)
		SELECT md5(random()::text || n), repeat('x', 150), now() + CASE n % 2 WHEN 0 THEN 1 ELSE -1 END * (1 + n % 1209600) * interval '1 second'
		FROM generate_series(1, ?) AS n`
	if b.kind == rig.SQLite {
		query = `INSERT INTO django_session (session_key, session_data, expire_date)
			SELECT lower(hex(randomblob(16))), printf('%.150c', 'x'), strftime('%Y-%m-%d %H:%M:%f', 'now', CASE n % 2 WHEN 0 THEN '+' ELSE '-' END || (1 + n % 1209600) || ' seconds') || '+00:00'
			FROM (WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ?) SELECT n FROM numbers)`
	}
	if _, err := db.NewRaw(query, rows).Exec(ctx); err != nil {
		return err
	}
	if b.alive, err = store.Create(ctx, sessions.Record{Expires: time.Now().Add(time.Hour)}); err != nil {
		return err
	}
	return db.NewRaw("SELECT session_key FROM django_session WHERE expire_date < ? LIMIT 20000", time.Now().UTC()).Scan(ctx, &b.stale)
}

// clear is what the command clearsessions does.
func (b *bench) clear(ctx context.Context) (deleted int64, took, longest time.Duration, err error) {
	db, store, err := b.open()
	if err != nil {
		return 0, 0, 0, err
	}
	defer db.Close()
	began := time.Now()
	last := began
	deleted, err = store.DeleteExpired(ctx, began, func(int64) {
		now := time.Now()
		longest, last = max(longest, now.Sub(last)), now
	})
	return deleted, time.Since(began), longest, err
}

// times are how long something took.
type times []time.Duration

// at returns the time that this part of all took at most.
func (t times) at(part float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	slices.Sort(t)
	return t[min(int(part*float64(len(t))), len(t)-1)]
}

// watch loads a session every 2 ms and writes one every 5 ms (SQLite) or 10 ms until f is done.
func (b *bench) watch(ctx context.Context, f func() error) (loads, writes times, err error) {
	watching, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	var loadErr, writeErr error
	group.Go(func() {
		loads, loadErr = b.every(watching, 2*time.Millisecond, func(_ *bun.DB, store *dbstore.Store, _ int) error {
			_, err := store.Load(ctx, b.alive)
			return err
		})
	})
	group.Go(func() {
		if b.kind == rig.SQLite {
			writes, writeErr = b.every(watching, 5*time.Millisecond, func(_ *bun.DB, store *dbstore.Store, _ int) error {
				_, err := store.Create(ctx, sessions.Record{Expires: time.Now().Add(time.Hour)})
				return err
			})
			return
		}
		writes, writeErr = b.every(watching, 10*time.Millisecond, func(db *bun.DB, _ *dbstore.Store, n int) error {
			_, err := db.ExecContext(ctx, "UPDATE django_session SET session_data = 'y' WHERE session_key = ?", b.stale[n*37%len(b.stale)])
			return err
		})
	})
	err = f()
	stop()
	group.Wait()
	return loads, writes, cmp.Or(err, loadErr, writeErr)
}

// every does something again and again, on a connection of its own, and returns how long it took each
// time. What is late is not made up for.
func (b *bench) every(ctx context.Context, pause time.Duration, f func(*bun.DB, *dbstore.Store, int) error) (times, error) {
	db, store, err := b.open()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if b.kind == rig.SQLite {
		if _, err := db.ExecContext(ctx, "PRAGMA busy_timeout = 60000"); err != nil {
			return nil, err
		}
	}
	var all times
	for n := 0; ctx.Err() == nil; n++ {
		began := time.Now()
		if err := f(db, store, n); err != nil {
			return all, err
		}
		all = append(all, time.Since(began))
		time.Sleep(pause)
	}
	return all, nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond)) }
