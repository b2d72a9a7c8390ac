package sessions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Flush deletes the session from the store at once, with all its data. What is set afterwards
// begins a new session under a new key.
func (s *Session) Flush(ctx context.Context) error {
	if s == nil {
		return ErrNoSession
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key != "" {
		if err := s.cfg.Store.Delete(ctx, s.key); err != nil {
			return fmt.Errorf("delete the session: %w", err)
		}
	}
	s.key, s.cycle, s.renewal, s.memory = "", false, nil, false
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
	s.modified, s.renewal = true, nil
	s.cycle = s.key != ""
	return nil
}

// RenewKey is CycleKey and Set for housekeeping: when another request has renewed or ended the
// session first and this one has changed nothing else, Save leaves it at that instead of failing
// with [ErrGone].
func (s *Session) RenewKey(ctx context.Context, name string, value any) error {
	raw, err := encodeValue(name, value)
	if err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.set(name, raw)
	if s.key == "" || s.cycle && s.renewal == nil {
		return nil // there is nothing to renew, or CycleKey asked for more
	}
	if s.cycle = true; s.renewal == nil {
		s.renewal = map[string]bool{}
	}
	s.renewal[name] = true
	return nil
}

// Save writes what was changed to the store; it does nothing when there is nothing to write.
// The middleware calls it before the answer begins.
func (s *Session) Save(ctx context.Context) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if !s.modified && (!s.cfg.SaveEveryRequest || s.empty()) {
		return nil
	}
	err := s.write(ctx)
	switch {
	case errors.Is(err, ErrGone) && s.onlyRenews():
		return nil // another request was first, and its answer carries the new key
	case errors.Is(err, ErrGone):
		return err
	case err != nil:
		return fmt.Errorf("save the session: %w", err)
	}
	s.cycle, s.renewal, s.modified = false, nil, false
	// Somebody may have merged, so what the store has now is not known; its version least of all.
	s.begin(Record{Data: s.data})
	return nil
}

// onlyRenews reports whether the session was changed by RenewKey and nothing else.
func (s *Session) onlyRenews() bool {
	if s.renewal == nil {
		return false
	}
	for name := range s.touched {
		if !s.renewal[name] {
			return false
		}
	}
	return true
}

func (s *Session) write(ctx context.Context) (err error) {
	expires := s.expires()
	if s.key == "" {
		s.key, err = s.cfg.Store.Create(ctx, Record{Data: s.data, Expires: expires})
		return err
	}
	key, err := s.cfg.Store.Update(ctx, s.key, s.rec, s.change(expires))
	if err == nil {
		s.key, s.memory = key, false
	}
	if errors.Is(err, ErrGone) {
		s.kept.Drop(s.key) // somebody ended it who tells nobody
	}
	return err
}

func (s *Session) change(expires time.Time) Change {
	c := Change{Set: Data{}, Expires: expires, NewKey: s.cycle}
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
