// Package sessionstest tests implementations of sessions.Store.
//
//	func TestStore(t *testing.T) {
//		sessionstest.TestStore(t, func(t *testing.T) sessions.Store {
//			return mystore.New(t.TempDir())
//		}, sessionstest.Options{})
//	}
package sessionstest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
)

// Options say what a store cannot promise, by its nature. The zero value is a store that promises
// everything.
type Options struct {
	// InCookie says that the key is the data: nothing can be deleted or merged, and keys have no
	// particular shape.
	InCookie bool
	// MaxBytes is how large a session must fit; 0 means a megabyte.
	MaxBytes int
	// WithKeys returns an empty store whose keys are made by newKey, for the test of keys that
	// are taken; nil leaves that test out.
	WithKeys func(t *testing.T, newKey func() string) sessions.Store
}

// TestStore runs the tests that every store passes. newStore returns a store without sessions; it is
// called once for each test, and the tests run at the same time.
func TestStore(t *testing.T, newStore func(t *testing.T) sessions.Store, o Options) {
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 20
	}
	type test struct {
		name     string
		run      func(t *testing.T, s sessions.Store, o Options)
		inCookie bool // also for stores in a cookie
	}
	tests := []test{
		{"what was created is loaded", testRoundTrip, true},
		{"values of other programs pass through", testForeignValues, true},
		{"large values", testLargeValues, true},
		{"unknown keys", testUnknownKeys, true},
		{"an update changes what it names", testUpdate, true},
		{"data handed out are the caller's", testAliasing, true},
		{"the context is minded", testCancelled, true},
		{"the shape of keys", testKeys, false},
		{"expiry", testExpiry, false},
		{"an update moves the end", testUpdateMovesEnd, false},
		{"an update of an old record merges", testStaleUpdate, false},
		{"updates at once are merged", testConcurrentUpdates, false},
		{"a deleted session stays deleted", testGone, false},
		{"deletion and updates at once", testNoResurrection, false},
		{"a new key", testNewKey, false},
		{"a new key and updates at once", testConcurrentNewKey, false},
		{"a new key of a deleted session", testNewKeyGone, false},
		{"expired sessions are cleared", testClearing, false},
		{"clearing stops", testClearingStops, false},
		{"listing", testListing, false},
	}
	for _, tt := range tests {
		if o.InCookie && !tt.inCookie {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(t, newStore(t), o)
		})
	}
	if o.WithKeys != nil {
		t.Run("keys that are taken", func(t *testing.T) {
			t.Parallel()
			testTakenKeys(t, o)
		})
	}
}

// soon is an end that no test lives to see.
func soon() time.Time { return time.Now().Add(time.Hour).Truncate(time.Millisecond) }

// data makes session data from pairs of a name and JSON.
func data(pairs ...string) sessions.Data {
	d := sessions.Data{}
	for i := 0; i < len(pairs); i += 2 {
		d[pairs[i]] = json.RawMessage(pairs[i+1])
	}
	return d
}

// create stores a session that lives for an hour.
func create(t *testing.T, s sessions.Store, d sessions.Data) string {
	t.Helper()
	key, err := s.Create(t.Context(), sessions.Record{Data: d, Expires: soon()})
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	return key
}

func load(t *testing.T, s sessions.Store, key string) sessions.Record {
	t.Helper()
	r, err := s.Load(t.Context(), key)
	if err != nil {
		t.Fatalf("Load(%.40q): %v", key, err)
	}
	return r
}

func update(t *testing.T, s sessions.Store, key string, was sessions.Record, c sessions.Change) string {
	t.Helper()
	if c.Expires.IsZero() {
		c.Expires = soon()
	}
	newKey, err := s.Update(t.Context(), key, was, c)
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	return newKey
}

// wantData compares what the JSON means, since a store may write it in another way.
func wantData(t *testing.T, got, want sessions.Data) {
	t.Helper()
	g, w := plain(t, got), plain(t, want)
	if g != w {
		t.Errorf("data = %.300s, want %.300s", g, w)
	}
}

func plain(t *testing.T, d sessions.Data) string {
	t.Helper()
	values := map[string]any{}
	for name, raw := range d {
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil {
			t.Errorf("the value %q is no JSON: %v: %.100s", name, err, raw)
		}
		values[name] = value
	}
	text, err := json.Marshal(values)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

// wantNone fails unless there is no session of the key.
func wantNone(t *testing.T, s sessions.Store, key, why string) {
	t.Helper()
	if r, err := s.Load(t.Context(), key); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("%s: Load = %v, %v; want ErrNotFound", why, r.Data, err)
	}
}

func testCancelled(t *testing.T, s sessions.Store, _ Options) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// A store that does not wait may succeed; none may hang or report that there is no session.
	key := create(t, s, data("a", "1"))
	if _, err := s.Load(ctx, key); errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("Load with an ended context says that there is no session: %v", err)
	}
	if _, err := s.Update(ctx, key, sessions.Record{}, sessions.Change{Expires: soon()}); errors.Is(err, sessions.ErrGone) {
		t.Errorf("Update with an ended context says that the session is gone: %v", err)
	}
}
