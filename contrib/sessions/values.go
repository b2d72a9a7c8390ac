package sessions

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Get decodes a value of the session into into, a pointer, and reports whether there was one.
func (s *Session) Get(ctx context.Context, name string, into any) (bool, error) {
	if err := s.lock(ctx); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	return s.get(name, into)
}

func (s *Session) get(name string, into any) (bool, error) {
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

// Text returns a value that is text, and whether there is one: anything that is not text counts as
// not there. It is what Get would return, faster.
func (s *Session) Text(ctx context.Context, name string) (text string, found bool, err error) {
	if err := s.lock(ctx); err != nil {
		return "", false, err
	}
	defer s.mu.Unlock()
	raw := s.data[name]
	if n := plainText(raw); n == len(raw) && n > 0 {
		return string(raw[1 : n-1]), true, nil
	}
	var value any
	found, err = s.get(name, &value)
	text, isText := value.(string)
	return text, found && isText, err
}

// Pop returns a value of the session as a T and takes it out; one that is no T stays.
func Pop[T any](ctx context.Context, s *Session, name string) (value T, found bool, err error) {
	if err := s.lock(ctx); err != nil {
		return value, false, err
	}
	defer s.mu.Unlock()
	if found, err = s.get(name, &value); err == nil {
		s.remove(name)
	}
	return value, found, err
}

// Set puts a value into the session. It is encoded as JSON at once, so a value that cannot be
// is an error here and later changes to it do not count.
func (s *Session) Set(ctx context.Context, name string, value any) error {
	raw, err := encodeValue(name, value)
	if err != nil {
		return err
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
	raw, err := encodeValue(name, value)
	if err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if _, ok := s.data[name]; !ok {
		s.set(name, raw)
	}
	return nil
}

func encodeValue(name string, value any) (json.RawMessage, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("session value %q: %w", name, err)
	}
	return raw, nil
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
	if len(s.touched) == 0 {
		s.data = maps.Clone(s.data)
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
	return slices.Sorted(maps.Keys(s.data)), nil
}

// Values returns a copy of all values as the JSON that they are stored as. It is the caller's own.
func (s *Session) Values(ctx context.Context) (Data, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	out := make(Data, len(s.data))
	for name, raw := range s.data {
		out[name] = slices.Clone(raw)
	}
	return out, nil
}

// Clear takes all values out and keeps the key. Most callers want [Session.Flush].
func (s *Session) Clear(ctx context.Context) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	for _, name := range slices.Collect(maps.Keys(s.data)) {
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
	s.modified = true
	return nil
}
