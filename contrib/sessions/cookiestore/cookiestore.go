// Package cookiestore keeps sessions in the visitors' own cookies, signed so that nobody can change
// them, in the format of Django's signed_cookies engine. Nothing is stored on the server.
//
//	sess := sessions.New(sessions.Config{Store: cookiestore.New(s.Keys)})
//
// # What it cannot promise
//
// Nothing can be taken back: a copy of a cookie stays valid until it expires. Logging out, Flush
// and CycleKey change what the visitor's browser holds, and an attacker who has copied the cookie
// before keeps what it said; only a changed password ends the log-ins in it.
//
// Of two requests at once the one whose answer arrives last wins with all its values: there is no
// place where changes could be merged, and a log-out may be undone by an answer under way.
//
// The visitor can read the data, though not change them: keep no secrets in such a session.
//
// Browsers keep cookies of up to 4,096 bytes; a larger session cannot be saved, see [ErrTooLarge].
// What changes after the answer began cannot be saved either.
package cookiestore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/signing"
)

// Salt is what Django signs such cookies with.
const Salt = "django.contrib.sessions.backends.signed_cookies"

// MaxValue is the longest cookie value in bytes: 4,096, less what name and attributes take.
const MaxValue = 4096 - 192

// ErrTooLarge says that a session does not fit into a cookie.
var ErrTooLarge = errors.New("cookiestore: the session does not fit into a cookie: keep less in it, or choose a store on the server, such as dbstore")

// Store is a [sessions.Store] whose keys are the data. It is safe for concurrent use.
type Store struct {
	codec sessions.Codec
	age   time.Duration
	now   func() time.Time
}

// Config changes what New sets; the zero value is Django's.
type Config struct {
	// Age is how long a cookie is valid that names no life of its own: CookieAge of
	// sessions.Config. 0 means two weeks.
	Age time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

var (
	_ sessions.Store   = (*Store)(nil)
	_ sessions.Expirer = (*Store)(nil)
	_ sessions.Checker = (*Store)(nil)
)

// New returns the store of a project's keys.
func New(keys signing.Keys) *Store { return NewWith(keys, Config{}) }

// NewWith is New with other settings.
func NewWith(keys signing.Keys, c Config) *Store {
	if c.Age == 0 {
		c.Age = 14 * 24 * time.Hour
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Store{codec: sessions.NewCodec(keys, Salt, c.Now, nil), age: c.Age, now: c.Now}
}

// Check implements [sessions.Checker].
func (s *Store) Check(context.Context) []string {
	if err := s.codec.Check(); err != nil {
		return []string{err.Error()}
	}
	return nil
}

// Load implements [sessions.Store]. A cookie that was changed, or signed longer ago than it may
// live, is no session. Unlike Django it minds the life that a session was given itself.
func (s *Store) Load(_ context.Context, key string) (sessions.Record, error) {
	d, signed, err := s.codec.Read(key)
	if err != nil {
		return sessions.Record{}, sessions.ErrNotFound
	}
	expires := d.ExpiresAt(signed, s.age)
	if s.now().After(expires) {
		return sessions.Record{}, sessions.ErrNotFound
	}
	return sessions.Record{Data: d, Expires: expires}, nil
}

// Create implements [sessions.Store].
func (s *Store) Create(_ context.Context, r sessions.Record) (string, error) {
	text, err := s.codec.Encode(r.Data)
	if err != nil {
		return "", err
	}
	if len(text) > MaxValue {
		return "", fmt.Errorf("%w (%d bytes of %d)", ErrTooLarge, len(text), MaxValue)
	}
	return text, nil
}

// Update implements [sessions.Store]: it makes the change to what the request brought.
func (s *Store) Update(ctx context.Context, key string, _ sessions.Record, c sessions.Change) (string, error) {
	was, err := s.Load(ctx, key)
	if err != nil {
		return "", sessions.ErrGone
	}
	return s.Create(ctx, sessions.Record{Data: c.Apply(was.Data)})
}

// Delete implements [sessions.Store]. There is nothing to delete: the answer takes the cookie away.
func (s *Store) Delete(context.Context, string) error { return nil }

// DeleteExpired implements [sessions.Expirer]. There is nothing to delete.
func (s *Store) DeleteExpired(context.Context, time.Time, func(int64)) (int64, error) { return 0, nil }
