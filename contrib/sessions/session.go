package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Session is one visitor's data during one request. It is loaded from the store when it is first
// used. The methods may be called from several goroutines; they are meant for the time until the
// answer begins, since what is changed later is not saved. A nil Session answers every call that
// can fail with [ErrNoSession].
type Session struct {
	cfg *Config

	mu       sync.Mutex
	key      string // as the cookie names it, then as the store knows it; "" for none
	rec      Record
	loaded   bool
	accessed bool
	modified bool
	touched  map[string]bool // names that this request set (true) or removed (false)
	data     Data
	cycle    bool
	renew    bool   // a cycle that gives way when the session is gone
	old      string // the key that a cycle leaves behind
	now      func() time.Time
}

// load makes sure that the data is there. The caller holds mu.
func (s *Session) load(ctx context.Context) error {
	s.accessed = true
	if s.loaded {
		return nil
	}
	rec := Record{Data: Data{}}
	if s.key != "" {
		var err error
		rec, err = s.cfg.Store.Load(ctx, s.key)
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
	s.rec, s.data, s.loaded = rec, rec.Data, true
	s.touched = map[string]bool{}
}

// lock locks a usable, loaded session.
func (s *Session) lock(ctx context.Context) error {
	if s == nil {
		return ErrNoSession
	}
	s.mu.Lock()
	if err := s.load(ctx); err != nil {
		s.mu.Unlock()
		return err
	}
	return nil
}

// Get decodes a value of the session into into, a pointer, and reports whether there was one.
func (s *Session) Get(ctx context.Context, name string, into any) (bool, error) {
	if err := s.lock(ctx); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	raw, ok := s.data[name]
	if !ok {
		return false, nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return true, fmt.Errorf("session value %q: %w", name, err)
	}
	return true, nil
}

// Get returns a value of the session as a T and whether there was one.
func Get[T any](ctx context.Context, s *Session, name string) (value T, found bool, err error) {
	found, err = s.Get(ctx, name, &value)
	return value, found, err
}

// Pop is Get and Delete.
func Pop[T any](ctx context.Context, s *Session, name string) (value T, found bool, err error) {
	if value, found, err = Get[T](ctx, s, name); err == nil && found {
		err = s.Delete(ctx, name)
	}
	return value, found, err
}

// Set puts a value into the session. It is encoded as JSON at once, so a value that cannot be
// is an error here and later changes to it do not count.
func (s *Session) Set(ctx context.Context, name string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("session value %q: %w", name, err)
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.set(name, raw)
	return nil
}

// SetDefault sets a value unless the session has one of that name already.
func (s *Session) SetDefault(ctx context.Context, name string, value any) error {
	if has, err := s.Has(ctx, name); err != nil || has {
		return err
	}
	return s.Set(ctx, name, value)
}

func (s *Session) set(name string, raw json.RawMessage) {
	s.own()
	s.data[name], s.touched[name], s.modified = raw, true, true
}

func (s *Session) remove(name string) {
	if _, ok := s.data[name]; !ok {
		return
	}
	s.own()
	delete(s.data, name)
	s.touched[name], s.modified = false, true
}

// own copies the data before the first change, since a store may have handed out its own map.
func (s *Session) own() {
	if !s.modified {
		s.data = Change{}.Apply(s.data)
	}
}

// Delete takes a value out; one that is not there is no error.
func (s *Session) Delete(ctx context.Context, name string) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.remove(name)
	return nil
}

// Has reports whether the session has a value of that name.
func (s *Session) Has(ctx context.Context, name string) (bool, error) {
	if err := s.lock(ctx); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	_, ok := s.data[name]
	return ok, nil
}

// Names returns the names of all values, sorted.
func (s *Session) Names(ctx context.Context) ([]string, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.data))
	for name := range s.data {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// Clear takes all values out and keeps the key. Most callers want [Session.Flush].
func (s *Session) Clear(ctx context.Context) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	for name := range s.data {
		s.remove(name)
	}
	s.modified = true
	return nil
}

// MarkModified saves the session although nothing was set, which moves its expiry.
func (s *Session) MarkModified(ctx context.Context) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.own()
	s.modified = true
	return nil
}

// Modified reports whether there is something to save, Accessed whether the session was used.
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

// IsEmpty reports whether the session has neither a key nor data: there is nothing to keep.
func (s *Session) IsEmpty() bool {
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.empty()
}

func (s *Session) empty() bool { return s.key == "" && (!s.loaded || len(s.data) == 0) }

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

// Flush deletes the session from the store at once, with all its data. What is set afterwards
// begins a new session under a new key.
func (s *Session) Flush(ctx context.Context) error {
	if s == nil {
		return ErrNoSession
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range []string{s.key, s.old} {
		if key == "" {
			continue
		}
		if err := s.cfg.Store.Delete(ctx, key); err != nil {
			return fmt.Errorf("delete the session: %w", err)
		}
	}
	s.key, s.old, s.cycle, s.renew = "", "", false, false
	s.accessed, s.modified = true, true
	s.begin(Record{Data: Data{}})
	return nil
}

// CycleKey gives the session a new key when it is saved and keeps the data; the old key is dead
// then. Whoever planted or saw the old key gains nothing from what happens under the new one.
func (s *Session) CycleKey(ctx context.Context) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.own()
	s.modified = true
	if s.key != "" && !s.cycle {
		s.cycle, s.old = true, s.key
	}
	s.renew = false
	return nil
}

// RenewKey is CycleKey for housekeeping: when another request has renewed the session first,
// Save leaves it at that instead of failing with [ErrGone].
func (s *Session) RenewKey(ctx context.Context) error {
	if err := s.CycleKey(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renew = true
	return nil
}

// Save writes what was changed to the store; it does nothing when there is nothing to write.
// The middleware calls it before the answer begins.
func (s *Session) Save(ctx context.Context) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if !s.modified && !s.cfg.SaveEveryRequest {
		return nil
	}
	err := s.write(ctx, s.now().Add(s.expiryAge()))
	if errors.Is(err, ErrGone) {
		if s.renew {
			return nil // another request renewed it first, and that one's answer carries the new key
		}
		return err
	}
	if err != nil {
		return fmt.Errorf("save the session: %w", err)
	}
	s.old, s.cycle, s.modified = "", false, false
	s.touched = map[string]bool{}
	// Somebody may have merged, so what the store has now is not known; its version least of all.
	s.rec = Record{Data: s.data}
	return nil
}

// write stores the session in the way that its state asks for.
func (s *Session) write(ctx context.Context, expires time.Time) (err error) {
	switch {
	case s.cycle:
		// The change is made to what is stored now, and what was deleted meanwhile stays deleted.
		now, err := s.cfg.Store.Load(ctx, s.old)
		if errors.Is(err, ErrNotFound) {
			return ErrGone
		}
		if err != nil {
			return err
		}
		s.data = s.change(expires).Apply(now.Data)
		if s.key, err = s.cfg.Store.Create(ctx, Record{Data: s.data, Expires: expires}); err != nil {
			s.key = s.old
			return err
		}
		return s.cfg.Store.Delete(ctx, s.old)
	case s.key == "":
		s.key, err = s.cfg.Store.Create(ctx, Record{Data: s.data, Expires: expires})
		return err
	}
	key, err := s.cfg.Store.Update(ctx, s.key, s.rec, s.change(expires))
	if err == nil {
		s.key = key
	}
	return err
}

func (s *Session) change(expires time.Time) Change {
	c := Change{Set: Data{}, Expires: expires}
	for name, set := range s.touched {
		if set {
			c.Set[name] = s.data[name]
		} else {
			c.Remove = append(c.Remove, name)
		}
	}
	slices.Sort(c.Remove)
	return c
}
