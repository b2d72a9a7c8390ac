// Package cacheddb puts a cache in front of another store, most often the database, so that
// reading a session costs no query. Writing goes to the database, which remains the truth.
//
//	cache := cacheddb.NewMemory(10_000)
//	store := cacheddb.New(dbstore.New(s.DB, s.Keys), cacheddb.Config{Cache: cache})
//
// # Several processes
//
// A [Memory] belongs to one process. What another process, or Django, changes or deletes in the
// database is noticed after [Config.TTL] at the latest: so long a session may live on here after
// a log-out there. A cache that all processes share, such as the one of redisstore, knows of what
// all of them do, except Django. No change is lost either way: a save compares with the database.
//
// A cache that fails is logged and done without, with one exception: Delete fails when the cache
// cannot be told, since the session would live on in it.
package cacheddb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
)

// Cache keeps bytes for a while. It may forget at any time. Methods are safe for concurrent use.
type Cache interface {
	// Get returns what is kept under a key, nil for nothing.
	Get(ctx context.Context, key string) ([]byte, error)
	// Add keeps a value for ttl at most, unless the key has one or was dropped in the last
	// seconds: whoever read the database before that must not bring the old value back.
	Add(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// Drop forgets a key, and lets nobody add it for some seconds.
	Drop(ctx context.Context, key string) error
}

// Hold is how long a [Cache] refuses to take a key that was dropped: longer than a query takes.
const Hold = 3 * time.Second

// prefix is what Django's cache keys begin with.
const prefix = "django.contrib.sessions.cached_db"

// Store is a [sessions.Store] in front of another. It is safe for concurrent use.
type Store struct {
	behind sessions.Store
	c      Config
}

// Config says which cache to use. Only Cache is required.
type Config struct {
	// Cache keeps the sessions.
	Cache Cache
	// TTL is how long a session is taken from the cache before the database is asked again; 0
	// means five seconds.
	TTL time.Duration
	// Log is told when the cache fails; nil means slog.Default().
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

var (
	_ sessions.Store   = (*Store)(nil)
	_ sessions.Expirer = (*Store)(nil)
	_ sessions.Lister  = (*Store)(nil)
	_ sessions.Checker = (*Store)(nil)
)

// New returns the store of a cache in front of another store.
func New(behind sessions.Store, c Config) *Store {
	if c.TTL == 0 {
		c.TTL = 5 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Store{behind: behind, c: c}
}

// Behind returns the store that the cache stands in front of.
func (s *Store) Behind() sessions.Store { return s.behind }

// Check implements [sessions.Checker].
func (s *Store) Check(ctx context.Context) []string {
	var found []string
	if s.c.Cache == nil {
		found = append(found, "cacheddb.Config has no Cache: set it, for example to cacheddb.NewMemory(10_000).")
	}
	if checker, ok := s.behind.(sessions.Checker); ok {
		found = append(found, checker.Check(ctx)...)
	}
	return found
}

// entry is a session as the cache keeps it.
type entry struct {
	Data    sessions.Data `json:"d"`
	Expires time.Time     `json:"e"`
	Version string        `json:"v"`
}

// Load implements [sessions.Store]; it asks the store behind when the cache does not know.
func (s *Store) Load(ctx context.Context, key string) (sessions.Record, error) {
	raw, err := s.c.Cache.Get(ctx, prefix+key)
	s.logCache(ctx, "read", err)
	var e entry
	if err == nil && raw != nil && json.Unmarshal(raw, &e) == nil {
		if !e.Expires.After(s.c.Now()) {
			return sessions.Record{}, sessions.ErrNotFound
		}
		return sessions.Record(e), nil
	}
	r, err := s.behind.Load(ctx, key)
	if err == nil {
		s.add(ctx, key, r)
	}
	return r, err
}

// add puts a session into the cache until its end.
func (s *Store) add(ctx context.Context, key string, r sessions.Record) {
	ttl := min(s.c.TTL, r.Expires.Sub(s.c.Now()))
	raw, err := json.Marshal(entry(r))
	if err == nil && ttl > 0 {
		err = s.c.Cache.Add(ctx, prefix+key, raw, ttl)
	}
	s.logCache(ctx, "written", err)
}

func (s *Store) logCache(ctx context.Context, what string, err error) {
	if err != nil {
		s.c.Log.ErrorContext(ctx, "the cache of sessions could not be "+what, "error", err)
	}
}

// Create implements [sessions.Store].
func (s *Store) Create(ctx context.Context, r sessions.Record) (string, error) {
	key, err := s.behind.Create(ctx, r)
	if err == nil {
		r.Data, r.Version = sessions.Change{}.Apply(r.Data), "" // the store behind has not said its version
		s.add(ctx, key, r)
	}
	return key, err
}

// Update implements [sessions.Store]. What is stored now may be more than this change, so the
// cache forgets the session. Before a key goes out of use it must have forgotten it.
func (s *Store) Update(ctx context.Context, key string, was sessions.Record, c sessions.Change) (string, error) {
	if c.NewKey {
		if err := s.drop(ctx, key); err != nil {
			return "", err
		}
	}
	newKey, err := s.behind.Update(ctx, key, was, c)
	if err == nil || errors.Is(err, sessions.ErrGone) {
		s.logCache(ctx, "written", s.c.Cache.Drop(ctx, prefix+key))
	}
	return newKey, err
}

// Delete implements [sessions.Store]. It fails when the cache cannot be told.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.drop(ctx, key); err != nil {
		return err // with nothing done yet
	}
	if err := s.behind.Delete(ctx, key); err != nil {
		return err
	}
	return s.drop(ctx, key)
}

func (s *Store) drop(ctx context.Context, key string) error {
	if err := s.c.Cache.Drop(ctx, prefix+key); err != nil {
		return fmt.Errorf("cacheddb: the session would live on in the cache: %w", err)
	}
	return nil
}

// DeleteExpired implements [sessions.Expirer] by the store behind; the cache forgets by itself.
func (s *Store) DeleteExpired(ctx context.Context, now time.Time, progress func(int64)) (int64, error) {
	if e, ok := s.behind.(sessions.Expirer); ok {
		return e.DeleteExpired(ctx, now, progress)
	}
	return 0, nil
}

// All implements [sessions.Lister] by the store behind.
func (s *Store) All(ctx context.Context) iter.Seq2[sessions.Entry, error] {
	if l, ok := s.behind.(sessions.Lister); ok {
		return l.All(ctx)
	}
	return func(yield func(sessions.Entry, error) bool) {
		yield(sessions.Entry{}, fmt.Errorf("cacheddb: %T cannot list its sessions", s.behind))
	}
}
