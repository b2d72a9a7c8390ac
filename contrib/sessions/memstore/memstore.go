// Package memstore keeps sessions in the memory of one process, for tests and demos: they end with
// the process, and a second process does not see them.
package memstore

import (
	"context"
	"errors"
	"iter"
	"maps"
	"sync"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
)

// Store is a [sessions.Store]. The zero value is ready to use. It is safe for concurrent use.
type Store struct {
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// NewKey makes keys; nil means [sessions.NewKey].
	NewKey func() string

	mu  sync.Mutex
	all map[string]sessions.Record
}

var (
	_ sessions.Store   = (*Store)(nil)
	_ sessions.Expirer = (*Store)(nil)
	_ sessions.Lister  = (*Store)(nil)
)

// New returns an empty store.
func New() *Store { return &Store{} }

func (s *Store) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// living returns the record of a key unless its time is over. The caller holds mu.
func (s *Store) living(key string) (sessions.Record, bool) {
	r, ok := s.all[key]
	return r, ok && r.Expires.After(s.now())
}

// freeKey makes a key that is not taken. The caller holds mu.
func (s *Store) freeKey() (string, error) {
	newKey := s.NewKey
	if newKey == nil {
		newKey = sessions.NewKey
	}
	for range 3 {
		key := newKey()
		if _, taken := s.all[key]; !taken {
			return key, nil
		}
	}
	return "", errors.New("memstore: new session keys are taken already: the random source repeats itself")
}

// Load implements [sessions.Store].
func (s *Store) Load(_ context.Context, key string) (sessions.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.living(key)
	if !ok {
		return sessions.Record{}, sessions.ErrNotFound
	}
	r.Data = maps.Clone(r.Data)
	return r, nil
}

// Create implements [sessions.Store].
func (s *Store) Create(_ context.Context, r sessions.Record) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := s.freeKey()
	if err != nil {
		return "", err
	}
	if s.all == nil {
		s.all = map[string]sessions.Record{}
	}
	s.all[key] = sessions.Record{Data: sessions.Change{}.Apply(r.Data), Expires: r.Expires}
	return key, nil
}

// Update implements [sessions.Store].
func (s *Store) Update(_ context.Context, key string, _ sessions.Record, c sessions.Change) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.living(key)
	if !ok {
		return "", sessions.ErrGone
	}
	newKey := key
	if c.NewKey {
		var err error
		if newKey, err = s.freeKey(); err != nil {
			return "", err
		}
		delete(s.all, key)
	}
	s.all[newKey] = sessions.Record{Data: c.Apply(r.Data), Expires: c.Expires}
	return newKey, nil
}

// Delete implements [sessions.Store].
func (s *Store) Delete(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, key)
	return nil
}

// DeleteExpired implements [sessions.Expirer], in one step.
func (s *Store) DeleteExpired(ctx context.Context, now time.Time, progress func(int64)) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	before := len(s.all)
	maps.DeleteFunc(s.all, func(_ string, r sessions.Record) bool { return r.Expires.Before(now) })
	n := int64(before - len(s.all))
	s.mu.Unlock()
	if progress != nil && n > 0 {
		progress(n)
	}
	return n, nil
}

// All implements [sessions.Lister]: the sessions as they were when the loop began.
func (s *Store) All(context.Context) iter.Seq2[sessions.Entry, error] {
	return func(yield func(sessions.Entry, error) bool) {
		s.mu.Lock()
		all := maps.Clone(s.all)
		now := s.now()
		s.mu.Unlock()
		for key, r := range all {
			if r.Expires.After(now) && !yield(sessions.Entry{Key: key, Record: r}, nil) {
				return
			}
		}
	}
}
