package sessions

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/go-belleville/belleville/core/changes"
)

// Session is one visitor's data during one request. It is loaded from the store when it is first
// used. The methods may be called from several goroutines; they are meant for the time until the
// answer begins. What is changed later is saved when the handler returns, as far as that needs no
// new cookie. A nil Session answers every call that can fail with [ErrNoSession].
type Session struct {
	cfg  *Config
	kept *changes.Kept[Record]

	mu       sync.Mutex
	key      string // as the cookie names it, then as the store knows it; "" for none
	rec      Record // as loaded
	data     Data
	touched  map[string]bool // names that this request set (true) or removed (false)
	loaded   bool
	memory   bool // the record is one that was kept
	accessed bool
	modified bool
	cycle    bool            // the next save moves the session to a new key
	renewal  map[string]bool // names set by RenewKey; nil when the cycle is no renewal
}

// load makes sure that the data is there. The caller holds mu.
func (s *Session) load(ctx context.Context) error {
	if s.loaded {
		return nil
	}
	rec := Record{Data: Data{}}
	if s.key != "" {
		var err error
		rec, err = s.read(ctx)
		switch {
		case errors.Is(err, ErrNotFound):
			s.key, rec = "", Record{Data: Data{}} // a key from outside is never adopted
		case err != nil:
			return fmt.Errorf("load the session: %w", err)
		}
	}
	s.begin(rec)
	return nil
}

func (s *Session) begin(rec Record) {
	if rec.Data == nil {
		rec.Data = Data{}
	}
	s.rec, s.data, s.loaded = rec, rec.Data, true
	s.touched = map[string]bool{}
}

// lock locks a usable, loaded session.
func (s *Session) lock(ctx context.Context) error {
	if s == nil {
		return ErrNoSession
	}
	s.mu.Lock()
	s.accessed = true
	err := s.load(ctx)
	if err == nil && s.memory && changes.IsFresh(ctx) {
		err = s.reload(ctx)
	}
	if err != nil {
		s.mu.Unlock()
	}
	return err
}

// Modified reports whether there is something to save.
func (s *Session) Modified() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.modified
}

// Accessed reports whether the session was used at all, so that the answer depends on the cookie.
func (s *Session) Accessed() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accessed
}

// IsEmpty reports whether there is nothing to keep: the session has neither a key nor data. One
// that was not loaded yet and has a key counts as not empty.
func (s *Session) IsEmpty() bool {
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.empty()
}

func (s *Session) empty() bool { return s.key == "" && len(s.data) == 0 }

// Key returns the key by which the store knows the session, "" while it has none: before a new
// session's first save, and between [Session.CycleKey] and the save.
func (s *Session) Key() string {
	if s == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cycle {
		return ""
	}
	return s.key
}
