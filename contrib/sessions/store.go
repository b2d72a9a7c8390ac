package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"time"

	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/signing"
)

// Data is what a session holds: JSON values by name. Values that this program never looks at,
// because another one wrote them, pass through unchanged.
type Data map[string]json.RawMessage

// Record is a stored session.
type Record struct {
	Data Data
	// Expires is when the store may forget the session.
	Expires time.Time
	// Version is whatever the store needs to notice that somebody else wrote meanwhile. Callers
	// hand it back to Update and never look into it.
	Version string
}

// Change is what one request did to a session.
type Change struct {
	// Set holds new and replaced values, Remove the names that were taken out; no name is in both.
	Set    Data
	Remove []string
	// Expires is the new end of the session's life.
	Expires time.Time
	// NewKey moves the session to a new key in the same step; the old key is dead then.
	NewKey bool
}

// Apply returns the data with the change made. The data itself is left alone.
func (c Change) Apply(d Data) Data {
	out := make(Data, len(d)+len(c.Set))
	maps.Copy(out, d)
	for _, name := range c.Remove {
		delete(out, name)
	}
	maps.Copy(out, c.Set)
	return out
}

// Store keeps sessions. All methods are safe for concurrent use, by many processes where the
// medium is shared. sessionstest.TestStore checks an implementation.
//
// A store grows by optional interfaces: [Expirer], [Lister], [Checker], [Teller].
type Store interface {
	// Load returns the session of a key, or ErrNotFound when there is none that is still alive.
	// A session whose signature does not hold is empty, which is logged.
	Load(ctx context.Context, key string) (Record, error)
	// Create stores a new session and returns its key, which nobody can guess. The version of r
	// does not matter.
	Create(ctx context.Context, r Record) (key string, err error)
	// Update makes a change to what is stored now, atomically: when was is out of date, or has no
	// version, the change is made to the newer data. It returns the session's key, which is the
	// same unless c asks for a new one or the store keeps the data in the key itself. A session
	// that is gone is ErrGone and is never made anew.
	Update(ctx context.Context, key string, was Record, c Change) (newKey string, err error)
	// Delete removes the session; one that is gone already is no error.
	Delete(ctx context.Context, key string) error
}

// Expirer is a store that can remove what has expired; `clearsessions` uses it.
type Expirer interface {
	// DeleteExpired removes the sessions whose time was over at now, in small steps, and returns
	// how many they were. progress, when not nil, is told the count so far after each step.
	// When ctx ends it stops between two steps and returns the count and ctx's error.
	DeleteExpired(ctx context.Context, now time.Time, progress func(deleted int64)) (int64, error)
}

// Lister is a store that can go through its living sessions, in no particular order.
type Lister interface {
	// All yields keys and sessions, and ends after an error.
	All(ctx context.Context) iter.Seq2[Entry, error]
}

// Checker is a store that can tell whether it is set up well, before the first request.
type Checker interface {
	// Check returns what is wrong, as sentences with the fix in them; nil when all is well.
	Check(ctx context.Context) []string
}

// Teller is a store that tells a feed of each session it changes or deletes. Only the sessions of
// such a store are kept in memory, see [Config.Cache]: what a hit answers, Load is not asked for.
type Teller interface {
	// TellTo makes the store tell feed from now on, in the same step as each change and with each
	// Delete: of a change to the topic [Topic], by the session's key. New sessions need not be told,
	// nor the end of expired ones. It is called before the store is used, and does no I/O. The error
	// says why the feed cannot be told.
	TellTo(feed *changes.Feed) error
}

// Topic is the topic of sessions in a feed.
const Topic = "session"

// Entry is one session of a Lister.
type Entry struct {
	Key string
	Record
}

// What a Store and a Session report.
var (
	// ErrNotFound says that there is no such session, or that it has expired.
	ErrNotFound = errors.New("sessions: no such session")
	// ErrGone says that the session was deleted while the request ran: the visitor logged out
	// elsewhere. The answer is 400.
	ErrGone error = gone{}
	// ErrNoSession says that the request did not pass through the middleware.
	ErrNoSession = errors.New("sessions: the request has no session: add sessions.New(…).App() to the project before the apps that use it")
)

type gone struct{}

func (gone) Error() string   { return "sessions: the session was deleted before the request completed" }
func (gone) HTTPStatus() int { return 400 }

// The shape of keys. Those that are made have 32 letters; a shorter one from outside than Django
// takes is no key, nor is one that a cookie cannot hold.
const (
	keyLength = 32
	minKey    = 8
	maxKey    = 4096
)

// NewKey returns a session key: 32 lower-case letters and digits from the system's secure source.
func NewKey() string { return signing.RandomString(keyLength, signing.LowerAlphanumeric) }

// ValidKey reports whether a key from outside is worth asking a store for: 8 characters or more,
// as Django has it, all of them visible ASCII.
func ValidKey(key string) bool {
	if len(key) < minKey || len(key) > maxKey {
		return false
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return true
}
