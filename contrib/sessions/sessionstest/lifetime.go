package sessionstest

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
)

func testKeys(t *testing.T, s sessions.Store, _ Options) {
	shape := regexp.MustCompile(`^[a-z0-9]{32}$`)
	seen := map[string]bool{}
	for range 20 {
		key := create(t, s, nil)
		if !shape.MatchString(key) || seen[key] {
			t.Errorf("Create gave the key %q, want 32 letters of a-z0-9, another each time", key)
		}
		seen[key] = true
	}
}

func testTakenKeys(t *testing.T, o Options) {
	const a, b = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	keys := []string{a, a, b}
	s := o.WithKeys(t, func() string {
		key := keys[0]
		if len(keys) > 1 {
			keys = keys[1:]
		}
		return key
	})
	first, second := create(t, s, data("n", "1")), create(t, s, data("n", "2"))
	if first != a || second != b {
		t.Errorf("keys are %q and %q, want %q and %q", first, second, a, b)
	}
	if key, err := s.Create(t.Context(), sessions.Record{Data: data("n", "3"), Expires: soon()}); err == nil {
		t.Errorf("Create with a key that is taken for ever = %q, want an error", key)
	}
	if key, err := s.Update(t.Context(), a, load(t, s, a), sessions.Change{Expires: soon(), NewKey: true}); err == nil {
		t.Errorf("Update with a new key that is taken for ever = %q, want an error", key)
	}
	wantData(t, load(t, s, a).Data, data("n", "1"))
	wantData(t, load(t, s, b).Data, data("n", "2"))
}

// ending stores a session with an end.
func ending(t *testing.T, s sessions.Store, d sessions.Data, end time.Time) string {
	t.Helper()
	key, err := s.Create(t.Context(), sessions.Record{Data: d, Expires: end})
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	return key
}

func testExpiry(t *testing.T, s sessions.Store, _ Options) {
	wantNone(t, s, ending(t, s, data("a", "1"), time.Now().Add(-time.Second)), "a session that is over")
	alive := ending(t, s, data("a", "1"), time.Now().Add(time.Minute))
	wantData(t, load(t, s, alive).Data, data("a", "1"))
	short := ending(t, s, data("a", "1"), time.Now().Add(150*time.Millisecond))
	was := load(t, s, short)
	deadline := time.Now().Add(2 * time.Second)
	for {
		_, err := s.Load(t.Context(), short)
		if errors.Is(err, sessions.ErrNotFound) {
			break
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("a session that lived for 150 ms is still there: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	// It may lie there still, yet nobody can bring it back, from whatever he read before.
	_, err := s.Update(t.Context(), short, sessions.Record{}, sessions.Change{Expires: soon()})
	if !errors.Is(err, sessions.ErrGone) {
		t.Errorf("Update of a session that is over = %v, want ErrGone", err)
	}
	_ = was
}

func testUpdateMovesEnd(t *testing.T, s sessions.Store, _ Options) {
	key := ending(t, s, data("a", "1"), time.Now().Add(time.Minute))
	end := time.Now().Add(24 * time.Hour)
	update(t, s, key, load(t, s, key), sessions.Change{Expires: end})
	if off := load(t, s, key).Expires.Sub(end); off > 2*time.Second || off < -2*time.Second {
		t.Errorf("the end is off by %v", off)
	}
	update(t, s, key, load(t, s, key), sessions.Change{Expires: time.Now().Add(-time.Second)})
	wantNone(t, s, key, "a session whose end was moved into the past")
}

func testGone(t *testing.T, s sessions.Store, _ Options) {
	key := create(t, s, data("a", "1"))
	was := load(t, s, key)
	for range 2 { // the second time there is nothing to delete
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatalf("Delete: %v", err)
		}
	}
	wantNone(t, s, key, "a deleted session")
	for _, r := range []sessions.Record{was, {}, {Data: was.Data}} {
		if _, err := s.Update(t.Context(), key, r, sessions.Change{Set: data("a", "2"), Expires: soon()}); !errors.Is(err, sessions.ErrGone) {
			t.Errorf("Update of a deleted session = %v, want ErrGone", err)
		}
	}
	wantNone(t, s, key, "a deleted session after an update")
}

func testNewKey(t *testing.T, s sessions.Store, _ Options) {
	key := create(t, s, data("a", "1", "b", "1"))
	was := load(t, s, key)
	update(t, s, key, was, sessions.Change{Set: data("other", "1")}) // somebody is quicker
	newKey := update(t, s, key, was, sessions.Change{Set: data("a", "2"), Remove: []string{"b"}, NewKey: true})
	if newKey == key || len(newKey) != 32 {
		t.Errorf("the new key is %q, the old one was %q", newKey, key)
	}
	wantNone(t, s, key, "the old key")
	wantData(t, load(t, s, newKey).Data, data("a", "2", "other", "1"))
	again := update(t, s, newKey, load(t, s, newKey), sessions.Change{NewKey: true})
	wantNone(t, s, newKey, "the second key")
	wantData(t, load(t, s, again).Data, data("a", "2", "other", "1"))
}

func testNewKeyGone(t *testing.T, s sessions.Store, _ Options) {
	key := create(t, s, data("a", "1"))
	was := load(t, s, key)
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if newKey, err := s.Update(t.Context(), key, was, sessions.Change{Expires: soon(), NewKey: true}); !errors.Is(err, sessions.ErrGone) {
		t.Errorf("a new key for a deleted session = %q, %v; want ErrGone", newKey, err)
	}
	if l, ok := s.(sessions.Lister); ok {
		for e, err := range l.All(t.Context()) {
			t.Errorf("there is a session %q (%v), want none", e.Key, err)
		}
	}
}

func testClearing(t *testing.T, s sessions.Store, _ Options) {
	e, ok := s.(sessions.Expirer)
	if !ok {
		t.Skip("the store is no Expirer")
	}
	alive := ending(t, s, data("a", "1"), time.Now().Add(time.Hour))
	for i := range 30 {
		ending(t, s, data("n", strconv.Itoa(i)), time.Now().Add(-time.Duration(i+1)*time.Minute))
	}
	var told int64
	n, err := e.DeleteExpired(t.Context(), time.Now(), func(deleted int64) { told = deleted })
	if err != nil {
		t.Fatalf("DeleteExpired: %v", err)
	}
	if n != 30 && n != 0 || told != n { // 0: the medium forgets by itself
		t.Errorf("DeleteExpired = %d and told of %d, want 30, or 0 of a store that forgets by itself", n, told)
	}
	wantData(t, load(t, s, alive).Data, data("a", "1"))
	if n, err := e.DeleteExpired(t.Context(), time.Now(), nil); n != 0 || err != nil {
		t.Errorf("the second DeleteExpired = %d, %v; want 0", n, err)
	}
}

func testClearingStops(t *testing.T, s sessions.Store, _ Options) {
	e, ok := s.(sessions.Expirer)
	if !ok {
		t.Skip("the store is no Expirer")
	}
	ending(t, s, data("a", "1"), time.Now().Add(-time.Minute))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n, err := e.DeleteExpired(ctx, time.Now(), nil)
	if n != 0 || err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("DeleteExpired with an ended context = %d, %v; want 0 and context.Canceled", n, err)
	}
}

func testListing(t *testing.T, s sessions.Store, _ Options) {
	l, ok := s.(sessions.Lister)
	if !ok {
		t.Skip("the store is no Lister")
	}
	want := map[string]string{}
	for i := range 12 {
		value := strconv.Itoa(i)
		want[create(t, s, data("n", value))] = value
	}
	ending(t, s, data("n", "99"), time.Now().Add(-time.Minute))
	got := map[string]string{}
	for e, err := range l.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got[e.Key] = string(e.Data["n"])
	}
	if len(got) != len(want) {
		t.Errorf("All yields %d sessions, want %d", len(got), len(want))
	}
	for key, value := range want {
		if got[key] != value {
			t.Errorf("All yields %q for %s, want %q", got[key], key, value)
		}
	}
	for range l.All(t.Context()) {
		break // which must not panic
	}
}
