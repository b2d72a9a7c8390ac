package dbstore_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/database"
)

// memory is a service of sessions in one process, with the feed by which it keeps them for an hour.
type memory struct {
	*sessions.Sessions
	feed *changes.Feed
}

func newMemory(t *testing.T, url string) memory {
	t.Helper()
	db := connect(t, url)
	feed := changes.New(changes.Config{DB: db, Age: time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err := feed.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { feed.Close(context.Background()) })
	coretest.WaitFor(t, "the feed is up", func() bool { return feed.Stats().Up })
	return memory{sessions.New(sessions.Config{Store: dbstore.New(db, keys), Cache: feed}), feed}
}

func connect(t *testing.T, url string) *bun.DB {
	t.Helper()
	db, err := database.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// warm reads a session until it comes from memory.
func (m memory) warm(t *testing.T, key string) {
	t.Helper()
	coretest.WaitFor(t, "the session comes from memory", func() bool {
		before := m.feed.Stats().Hits
		if _, err := m.Open(key).Has(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		return m.feed.Stats().Hits > before
	})
}

func set(t *testing.T, s *sessions.Session, name, value string) {
	t.Helper()
	if err := s.Set(t.Context(), name, value); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, ctx context.Context, s *sessions.Session, name, value string) {
	t.Helper()
	if got, _, err := sessions.Get[string](ctx, s, name); err != nil || got != value {
		t.Errorf("%s is %q, %v, want %q", name, got, err, value)
	}
}

// TestKeptSessionsMerge: two processes save what they have from memory, and no change is lost; nobody's
// changes before a save are seen by others.
func TestKeptSessionsMerge(t *testing.T) {
	t.Parallel()
	tables.EachURL(t, func(t *testing.T, url string) {
		one, two := newMemory(t, url), newMemory(t, url)
		s := one.Open("")
		set(t, s, "a", "1")
		if err := s.Save(t.Context()); err != nil {
			t.Fatal(err)
		}
		key := s.Key()
		one.warm(t, key)
		two.warm(t, key)
		first, second := one.Open(key), two.Open(key)
		set(t, first, "b", "2")
		set(t, second, "c", "3")
		want(t, t.Context(), one.Open(key), "b", "")
		if err := errors.Join(first.Save(t.Context()), second.Save(t.Context())); err != nil {
			t.Fatal(err)
		}
		for _, m := range []memory{one, two} {
			coretest.WaitFor(t, "both changes are seen", func() bool {
				data, err := m.Open(key).Values(t.Context())
				return err == nil && string(data["a"]) == `"1"` && string(data["b"]) == `"2"` && string(data["c"]) == `"3"`
			})
		}
	})
}

// TestFreshSession changes a session by a statement that tells nobody: a context of changes.Fresh sees
// it, keeps what the request has set itself, and finds a session that is gone.
func TestFreshSession(t *testing.T) {
	t.Parallel()
	tables.EachURL(t, func(t *testing.T, url string) {
		db := connect(t, url)
		m, untold := newMemory(t, url), sessions.New(sessions.Config{Store: dbstore.New(db, keys)})
		s := m.Open("")
		set(t, s, "a", "1")
		if err := s.Save(t.Context()); err != nil {
			t.Fatal(err)
		}
		key, fresh := s.Key(), changes.Fresh(t.Context())
		m.warm(t, key)
		mine := m.Open(key)
		set(t, mine, "b", "mine")
		other := untold.Open(key)
		set(t, other, "a", "2")
		if err := other.Save(t.Context()); err != nil {
			t.Fatal(err)
		}
		if database.IsPostgres(db) {
			want(t, t.Context(), m.Open(key), "a", "1")
		}
		want(t, t.Context(), mine, "a", "1")
		want(t, fresh, mine, "a", "2")
		want(t, fresh, mine, "b", "mine")
		want(t, t.Context(), mine, "a", "2") // from then on
		m.warm(t, key)
		idle, busy := m.Open(key), m.Open(key)
		want(t, t.Context(), idle, "a", "2")
		set(t, busy, "c", "3")
		if err := untold.Store().Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		want(t, fresh, idle, "a", "")
		if idle.Key() != "" {
			t.Error("a session that is gone has a key")
		}
		if _, err := busy.Has(fresh, "c"); !errors.Is(err, sessions.ErrGone) {
			t.Errorf("a changed session that is gone: %v, want ErrGone", err)
		}
	})
}

// TestTellTo: a store does not tell a feed of another database.
func TestTellTo(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite")
	store := dbstore.New(db, keys)
	if store.TellTo(changes.New(changes.Config{DB: open(t, "sqlite")})) == nil {
		t.Error("the store tells the feed of another database")
	}
	if err := store.TellTo(changes.New(changes.Config{DB: db})); err != nil {
		t.Errorf("the store refuses the feed of its database: %v", err)
	}
}
