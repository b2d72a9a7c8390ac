package cacheddb_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/cacheddb"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/sessioncases"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

var keys = signing.Keys{sessioncases.Key}

var project = coretest.New(func(s core.Settings) (*core.Project, error) {
	return core.New(s, sessions.New(sessions.Config{Store: cached(s.DB, nil)}).App())
})

// cached is the engine as projects have it.
func cached(db *bun.DB, log *slog.Logger) *cacheddb.Store {
	return cacheddb.New(dbstore.NewWith(db, keys, dbstore.Config{Log: log}), cacheddb.Config{Cache: cacheddb.NewMemory(1000), Log: log})
}

var engine = sessioncases.Engine{Class: "CacheDBSessionTests", Salt: sessions.Salt, Each: func(t *testing.T, f func(t *testing.T, m sessioncases.Medium)) {
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		f(t, sessioncases.Medium{Store: cached(s.DB(), nil), Decode: func(t *testing.T, text string, log *slog.Logger) sessions.Data {
			key := sessions.NewKey()
			row := &sessions.Row{SessionKey: key, SessionData: text, ExpireDate: time.Now().Add(time.Hour)}
			if _, err := s.DB().NewInsert().Model(row).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			r, err := cached(s.DB(), log).Load(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			return r.Data
		}})
	})
}}

func TestDjango(t *testing.T) {
	t.Parallel()
	sessioncases.Run(t, engine)
	sessioncases.Case(t, engine, "test_load_overlong_key", func(t *testing.T, m sessioncases.Medium) {
		key := strings.Repeat("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 20)
		s := sessions.New(sessions.Config{Store: m.Store}).Open(key)
		if names, err := s.Names(t.Context()); len(names) != 0 || err != nil {
			t.Errorf("Names = %v, %v; want none", names, err)
		}
	})
	// The cache is a value that the store is given; there is no other it could take.
	sessioncases.Case(t, engine, "test_non_default_cache", func(t *testing.T, m sessioncases.Medium) {
		sess := sessions.New(sessions.Config{Store: cacheddb.New(m.Store, cacheddb.Config{})})
		found := ""
		for _, c := range sess.App().Checks {
			for _, message := range c.Run(t.Context()) {
				found += message.String()
			}
		}
		if !strings.Contains(found, "sessions.E008") || !strings.Contains(found, "no Cache") {
			t.Errorf("the checks find %q, want the cache that is missing", found)
		}
	})
	sessioncases.Case(t, engine, "test_cache_set_failure_non_fatal", func(t *testing.T, m sessioncases.Medium) {
		var log bytes.Buffer
		sess := sessions.New(sessions.Config{Store: cacheddb.New(m.Store, cacheddb.Config{
			Cache: failing{}, Log: slog.New(slog.NewTextHandler(&log, nil)),
		})})
		s := sess.Open("")
		if err := errors.Join(s.Set(t.Context(), "key", "val"), s.Save(t.Context())); err != nil {
			t.Fatalf("Save with a failing cache: %v", err)
		}
		if !strings.Contains(log.String(), "ERROR") || !strings.Contains(log.String(), errFaked.Error()) {
			t.Errorf("the log says %q, want the cache's error", log.String())
		}
		if v, _, err := sessions.Get[string](t.Context(), sess.Open(s.Key()), "key"); v != "val" || err != nil {
			t.Errorf("key = %q, %v; want what was saved", v, err)
		}
	})
}

func TestDjangoQueries(t *testing.T) {
	t.Parallel()
	t.Run("django/sessions_tests/tests.py/CacheDBSessionTests.test_exists_searches_cache_first", func(t *testing.T) {
		t.Parallel()
		project.Each(t, func(t *testing.T, site *coretest.Site) {
			sess := sessions.New(sessions.Config{Store: cached(site.DB(), nil)})
			s := sess.Open("")
			if err := errors.Join(s.MarkModified(t.Context()), s.Save(t.Context())); err != nil {
				t.Fatal(err)
			}
			site.Queries.AtMost(t, 0, func() {
				if _, err := sess.Store().Load(t.Context(), s.Key()); err != nil {
					t.Error(err)
				}
			})
		})
	})
}

var errFaked = errors.New("faked failure of the cache")

// failing is a cache that does nothing but fail.
type failing struct{}

func (failing) Get(context.Context, string) ([]byte, error)              { return nil, errFaked }
func (failing) Add(context.Context, string, []byte, time.Duration) error { return errFaked }
func (failing) Drop(context.Context, string) error                       { return errFaked }

// TestDeleteTellsTheCache shows that a log-out is not answered with success while the session may
// live on in the cache.
func TestDeleteTellsTheCache(t *testing.T) {
	t.Parallel()
	s := cacheddb.New(nothing{}, cacheddb.Config{Cache: failing{}, Log: slog.New(slog.DiscardHandler)})
	if err := s.Delete(t.Context(), "somekey1"); !errors.Is(err, errFaked) {
		t.Errorf("Delete = %v, want the cache's error", err)
	}
	if _, err := s.Update(t.Context(), "somekey1", sessions.Record{}, sessions.Change{NewKey: true}); !errors.Is(err, errFaked) {
		t.Errorf("Update with a new key = %v, want the cache's error", err)
	}
	if _, err := s.Update(t.Context(), "somekey1", sessions.Record{}, sessions.Change{}); err != nil {
		t.Errorf("Update = %v, want no error", err)
	}
}

// nothing is a store in which every operation succeeds.
type nothing struct{ sessions.Store }

func (nothing) Delete(context.Context, string) error { return nil }
func (nothing) Update(_ context.Context, key string, _ sessions.Record, c sessions.Change) (string, error) {
	if c.NewKey {
		key = "another1"
	}
	return key, nil
}

// TestStaleRead looks for the race in which a reader puts what it read before a change into the
// cache after the change.
func TestStaleRead(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, site *coretest.Site) {
		behind := &slow{Store: dbstore.New(site.DB(), keys), read: make(chan struct{}), release: make(chan struct{})}
		s := cacheddb.New(behind, cacheddb.Config{Cache: cacheddb.NewMemory(10), TTL: time.Hour})
		key, err := behind.Store.Create(t.Context(), sessions.Record{Data: sessions.Data{"a": []byte("1")}, Expires: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() { // reads the old row, and comes to the cache late
			defer close(done)
			if _, err := s.Load(context.Background(), key); err != nil {
				t.Error(err)
			}
		}()
		<-behind.read
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		close(behind.release)
		<-done
		if r, err := s.Load(t.Context(), key); !errors.Is(err, sessions.ErrNotFound) {
			t.Errorf("Load after Delete = %v, %v; want ErrNotFound", r, err)
		}
	})
}

// slow holds its first reader back after reading.
type slow struct {
	sessions.Store
	read, release chan struct{}
	first         bool
}

func (s *slow) Load(ctx context.Context, key string) (sessions.Record, error) {
	r, err := s.Store.Load(ctx, key)
	if !s.first {
		s.first = true
		close(s.read)
		<-s.release
	}
	return r, err
}

// TestMemory looks at the bound, the end and the hold of the cache.
func TestMemory(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	m := cacheddb.NewMemory(2)
	m.Now = func() time.Time { return now }
	ctx := t.Context()
	add := func(key, value string, ttl time.Duration) {
		if err := m.Add(ctx, key, []byte(value), ttl); err != nil {
			t.Fatal(err)
		}
	}
	want := func(why, key, value string) {
		t.Helper()
		if got, err := m.Get(ctx, key); string(got) != value || err != nil {
			t.Errorf("%s: %s = %q, %v; want %q", why, key, got, err, value)
		}
	}
	add("a", "1", time.Minute)
	add("a", "2", time.Minute)
	want("Add does not replace", "a", "1")
	add("b", "1", time.Minute)
	want("both fit", "a", "1")
	add("c", "1", time.Hour)
	want("the least used goes", "b", "")
	want("the most used stays", "a", "1")
	now = now.Add(time.Minute)
	want("its time is over", "a", "")
	want("its time is not over", "c", "1")
	if err := m.Drop(ctx, "c"); err != nil {
		t.Fatal(err)
	}
	add("c", "old", time.Hour)
	want("dropped, and held", "c", "")
	now = now.Add(cacheddb.Hold)
	add("c", "new", time.Hour)
	want("held no longer", "c", "new")
}
