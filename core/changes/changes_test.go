package changes_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

const topic = "menus"

// process is one of several on a database, with a table of menus that it reads by way of memory.
type process struct {
	t    *testing.T
	db   *bun.DB
	feed *changes.Feed
	kept *changes.Kept[string]
}

func newProcess(t *testing.T, url string, c changes.Config) *process {
	t.Helper()
	db, err := database.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c.DB = db
	if c.Age == 0 {
		c.Age = time.Hour
	}
	c.Log = slog.New(slog.DiscardHandler)
	feed := changes.New(c)
	return &process{t, db, feed, changes.Keep[string](feed, topic)}
}

// each runs f with two processes on one database, the first of which listens.
func each(t *testing.T, c changes.Config, f func(t *testing.T, here, there *process)) {
	t.Helper()
	testdb.EachURL(t, func(t *testing.T, url string) {
		here, there := newProcess(t, url, c), newProcess(t, url, changes.Config{})
		there.exec("CREATE TABLE menus (id integer PRIMARY KEY, name text)")
		there.exec("INSERT INTO menus VALUES (1, 'soup'), (2, 'fish')")
		here.start()
		f(t, here, there)
	})
}

func (p *process) start() {
	p.t.Helper()
	if err := p.feed.Start(context.WithoutCancel(p.t.Context())); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { p.feed.Close(context.Background()) })
	p.waitFor("the feed is up", func() bool { return p.feed.Stats().Up })
}

func (p *process) exec(query string, args ...any) {
	p.t.Helper()
	if _, err := p.db.Exec(query, args...); err != nil {
		p.t.Fatal(err)
	}
}

// read returns a menu, and whether it was kept.
func (p *process) read(ctx context.Context, id int) (name string, kept bool) {
	p.t.Helper()
	name, ticket, kept := p.kept.Get(ctx, fmt.Sprint(id))
	if kept {
		return name, true
	}
	if err := p.db.NewRaw("SELECT name FROM menus WHERE id = ?", id).Scan(ctx, &name); err != nil {
		p.t.Fatal(err)
	}
	p.kept.Put(ticket, name)
	return name, false
}

// warm reads a menu until it is kept.
func (p *process) warm(id int, want string) {
	p.t.Helper()
	p.waitFor("the menu is kept", func() bool {
		name, kept := p.read(p.t.Context(), id)
		return kept && name == want
	})
}

// rename changes a menu and tells of it.
func (p *process) rename(id int, name string) error {
	return p.feed.Write(p.t.Context(), p.db, topic, []string{fmt.Sprint(id)}, func(ctx context.Context, db bun.IDB) error {
		_, err := db.ExecContext(ctx, "UPDATE menus SET name = ? WHERE id = ?", name, id)
		return err
	})
}

func (p *process) waitFor(what string, holds func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("not within half a minute: %s", what)
		}
	}
}

func TestChangeElsewhere(t *testing.T) {
	t.Parallel()
	each(t, changes.Config{}, func(t *testing.T, here, there *process) {
		here.warm(1, "soup")
		if err := there.rename(1, "stew"); err != nil {
			t.Fatal(err)
		}
		here.waitFor("the change is seen", func() bool { name, _ := here.read(t.Context(), 1); return name == "stew" })
		here.warm(1, "stew")
		there.exec("UPDATE menus SET name = 'broth' WHERE id = 1")
		if err := there.feed.Tell(t.Context(), there.db, topic); err != nil {
			t.Fatal(err)
		}
		here.waitFor("a change to everything is seen", func() bool { name, _ := here.read(t.Context(), 1); return name == "broth" })
	})
}

// TestOwnChange: who makes a change never reads what was kept before, from the statement on.
func TestOwnChange(t *testing.T) {
	t.Parallel()
	each(t, changes.Config{}, func(t *testing.T, here, _ *process) {
		for i := range 20 {
			here.warm(1, map[bool]string{true: "soup", false: fmt.Sprint("menu ", i-1)}[i == 0])
			if err := here.rename(1, fmt.Sprint("menu ", i)); err != nil {
				t.Fatal(err)
			}
			if name, _ := here.read(t.Context(), 1); name != fmt.Sprint("menu ", i) {
				t.Fatalf("after the change the menu is %q, want %q", name, fmt.Sprint("menu ", i))
			}
		}
	})
}

// TestUncommitted: nothing is heard of a transaction before it commits, and never of one that does not.
func TestUncommitted(t *testing.T) {
	t.Parallel()
	each(t, changes.Config{}, func(t *testing.T, here, there *process) {
		here.warm(1, "soup")
		undone := errors.New("undone")
		err := there.db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			err := there.feed.Write(ctx, tx, topic, []string{"1"}, func(ctx context.Context, db bun.IDB) error {
				_, err := db.ExecContext(ctx, "UPDATE menus SET name = 'stew' WHERE id = 1")
				return err
			})
			for range 3 {
				if name, kept := here.read(t.Context(), 1); name != "soup" || !kept {
					t.Errorf("before the commit the menu is %q, kept: %v, want soup, kept", name, kept)
				}
			}
			return errors.Join(err, undone)
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if heard := here.feed.Stats().Heard; heard > 1 {
			t.Errorf("%d news, want at most the hello", heard)
		}
		if name, kept := here.read(t.Context(), 1); name != "soup" || !kept {
			t.Errorf("after the rollback the menu is %q, kept: %v, want soup, kept", name, kept)
		}
	})
}

// TestReadDuringChange: what was read before a change is not kept after it, and a ticket from before
// the feed was up is worth nothing.
func TestReadDuringChange(t *testing.T) {
	t.Parallel()
	each(t, changes.Config{}, func(t *testing.T, here, there *process) {
		_, ticket, _ := here.kept.Get(t.Context(), "1") // then the row is read: soup
		if err := there.rename(1, "stew"); err != nil {
			t.Fatal(err)
		}
		here.waitFor("the news have arrived", func() bool { return here.feed.Stats().Drops > 0 || !database.IsPostgres(here.db) })
		here.kept.Put(ticket, "soup")
		if got, _ := here.read(t.Context(), 1); got != "stew" {
			t.Errorf("what was read before the change was kept: %q", got)
		}
		_, ticket, _ = there.kept.Get(t.Context(), "1")
		there.start()
		there.kept.Put(ticket, "old")
		if got, kept := there.read(t.Context(), 1); got != "stew" || kept {
			t.Errorf("what was read before the feed was up was kept: %q", got)
		}
	})
}

// TestManyAtOnce changes and reads from all sides; what was read last is what was written last.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	each(t, changes.Config{}, func(t *testing.T, here, there *process) {
		var stop atomic.Bool
		var readers, writers sync.WaitGroup
		for range 3 {
			readers.Go(func() {
				for !stop.Load() {
					here.read(t.Context(), 1)
				}
			})
		}
		for i, p := range []*process{here, there} {
			writers.Go(func() {
				for n := range 40 {
					if err := p.rename(1, fmt.Sprint(i, " ", n)); err != nil && !database.IsBusy(err) {
						t.Error(err)
					}
				}
			})
		}
		writers.Wait()
		here.waitFor("the last change is seen", func() bool {
			var stored string
			if err := there.db.NewRaw("SELECT name FROM menus WHERE id = 1").Scan(t.Context(), &stored); err != nil {
				t.Fatal(err)
			}
			name, kept := here.read(t.Context(), 1)
			return kept && name == stored
		})
		stop.Store(true)
		readers.Wait()
	})
}

func TestFresh(t *testing.T) {
	t.Parallel()
	each(t, changes.Config{}, func(t *testing.T, here, _ *process) {
		here.warm(1, "soup")
		if _, kept := here.read(changes.Fresh(t.Context()), 1); kept {
			t.Error("with a fresh context a menu came from memory")
		}
	})
}

// TestAge lets an hour pass.
func TestAge(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		var passed atomic.Int64
		p := newProcess(t, url, changes.Config{Now: func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }})
		p.exec("CREATE TABLE menus (id integer PRIMARY KEY, name text)")
		p.exec("INSERT INTO menus VALUES (1, 'soup')")
		p.start()
		p.warm(1, "soup")
		for _, step := range []struct {
			minutes time.Duration
			kept    bool
		}{{58, true}, {62, false}} {
			passed.Store(int64(step.minutes * time.Minute))
			p.waitFor("the feed is up by this clock", func() bool { return p.feed.Stats().Up })
			if _, kept := p.read(t.Context(), 1); kept != step.kept {
				t.Errorf("after %d minutes the menu is kept: %v, want %v", step.minutes, kept, step.kept)
			}
		}
	})
}

// TestEntries keeps no more than it should, and those that were used last.
func TestEntries(t *testing.T) {
	t.Parallel()
	each(t, changes.Config{Entries: 64}, func(t *testing.T, here, _ *process) {
		for i := range 2000 {
			_, ticket, _ := here.kept.Get(t.Context(), fmt.Sprint("menu ", i))
			here.kept.Put(ticket, "x")
		}
		if n := here.kept.Len(); n == 0 || n > 64 {
			t.Errorf("%d menus are kept, want some and at most 64", n)
		}
		if _, _, kept := here.kept.Get(t.Context(), "menu 1999"); !kept {
			t.Error("the last one is not among them")
		}
		if _, _, kept := here.kept.Get(t.Context(), "menu 0"); kept {
			t.Error("the first one is among them")
		}
	})
}

// TestDeafPool gives the feed an address at which nothing of what is told through the pool is heard, as
// behind a pooler that hands out connections per transaction: nothing is kept, and Try says why.
func TestDeafPool(t *testing.T) {
	t.Parallel()
	url, other := testdb.PostgresURL(t), testdb.PostgresURL(t)
	p := newProcess(t, url, changes.Config{URL: other})
	err := p.feed.Try(t.Context())
	if err == nil || !strings.Contains(err.Error(), "set changes.Config.URL") {
		t.Errorf("Try = %v, want what to set", err)
	}
	if err := p.feed.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.feed.Close(context.Background()) })
	p.waitFor("listening has failed", func() bool { return p.feed.Stats().Downs > 0 })
	_, ticket, _ := p.kept.Get(t.Context(), "1")
	p.kept.Put(ticket, "x")
	if s := p.feed.Stats(); s.Up || s.Entries != 0 {
		t.Errorf("a feed that cannot hear is up: %v, keeps %d", s.Up, s.Entries)
	}
}

func TestProblem(t *testing.T) {
	t.Parallel()
	broken := database.Broken(errors.New("no such thing"))
	for name, f := range map[string]*changes.Feed{
		"no database": changes.New(changes.Config{}), "one that was not opened here": changes.New(changes.Config{DB: broken}),
	} {
		if f.Problem() == nil || f.Try(t.Context()) == nil {
			t.Errorf("%s: no problem", name)
		}
	}
	var none *changes.Feed
	if err := errors.Join(none.Problem(), none.Try(t.Context()), none.Start(t.Context()), none.Tell(t.Context(), broken, topic), none.Close(t.Context())); err != nil {
		t.Errorf("a nil feed: %v", err)
	}
	none.Stats()
	if _, _, kept := changes.Keep[string](none, topic).Get(t.Context(), "1"); kept {
		t.Error("a nil feed keeps something")
	}
}

// TestSecrets: what is told names no key.
func TestSecrets(t *testing.T) {
	t.Parallel()
	for _, text := range changes.New(changes.Config{}).News(topic, "a-secret-key") {
		if strings.Contains(text, "secret") {
			t.Errorf("the news hold the key: %q", text)
		}
	}
	many := make([]string, 2000)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for _, text := range changes.New(changes.Config{}).News(topic, many...) {
		if len(text) >= 8000 {
			t.Errorf("a text of %d bytes, more than PostgreSQL takes", len(text))
		}
	}
}
