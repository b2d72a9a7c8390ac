package sessionstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions"
)

func testStaleUpdate(t *testing.T, s sessions.Store, _ Options) {
	key := create(t, s, data("a", "1", "b", "1", "c", "1"))
	first, second := load(t, s, key), load(t, s, key)
	update(t, s, key, first, sessions.Change{Set: data("a", "2"), Remove: []string{"c"}})
	update(t, s, key, second, sessions.Change{Set: data("b", "2")})
	wantData(t, load(t, s, key).Data, data("a", "2", "b", "2"))
	// A record without a version, and the same value again.
	update(t, s, key, sessions.Record{}, sessions.Change{Set: data("d", "3")})
	update(t, s, key, second, sessions.Change{Set: data("a", "3")})
	wantData(t, load(t, s, key).Data, data("a", "3", "b", "2", "d", "3"))
}

// testConcurrentUpdates lets many writers change values of their own, each over and over from what
// it read before, and looks for the last value of each.
func testConcurrentUpdates(t *testing.T, s sessions.Store, _ Options) {
	const writers, rounds = 12, 8
	key := create(t, s, data("base", "1"))
	was := load(t, s, key)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			mine, r := "w"+strconv.Itoa(w), was
			for n := range rounds {
				c := sessions.Change{Set: sessions.Data{mine: json.RawMessage(strconv.Itoa(n))}, Expires: soon()}
				if n%2 == 1 {
					c.Remove = []string{mine + "x"}
				} else {
					c.Set[mine+"x"] = json.RawMessage("true")
				}
				if _, err := s.Update(t.Context(), key, r, c); err != nil {
					t.Errorf("writer %d, round %d: %v", w, n, err)
				}
				if n%3 == 0 {
					r, _ = s.Load(t.Context(), key)
				}
			}
		})
	}
	all.Wait()
	want := data("base", "1")
	for w := range writers {
		want["w"+strconv.Itoa(w)] = json.RawMessage(strconv.Itoa(rounds - 1))
	}
	wantData(t, load(t, s, key).Data, want)
}

// testNoResurrection deletes sessions while others write to them. Afterwards none may be there, and
// whoever was told of a success must have come before the deletion.
func testNoResurrection(t *testing.T, s sessions.Store, _ Options) {
	for i := range 10 {
		key := create(t, s, data("a", "1"))
		was := load(t, s, key)
		var all sync.WaitGroup
		for w := range 4 {
			all.Go(func() {
				for n := range 5 {
					c := sessions.Change{Set: data(fmt.Sprint("w", w), strconv.Itoa(n)), Expires: soon()}
					if _, err := s.Update(t.Context(), key, was, c); err != nil && !errors.Is(err, sessions.ErrGone) {
						t.Errorf("Update: %v", err)
					}
				}
			})
		}
		all.Go(func() {
			if err := s.Delete(t.Context(), key); err != nil {
				t.Errorf("Delete: %v", err)
			}
		})
		all.Wait()
		wantNone(t, s, key, fmt.Sprintf("round %d: a session deleted while it was written", i))
	}
}

// testConcurrentNewKey moves a session while others write to it: each write is in the moved session
// or was refused, one move alone succeeds, and the old key is dead.
func testConcurrentNewKey(t *testing.T, s sessions.Store, _ Options) {
	for range 8 {
		key := create(t, s, data("a", "1"))
		was := load(t, s, key)
		var all sync.WaitGroup
		var mu sync.Mutex
		want, moved := data("a", "1"), []string{}
		for w := range 4 {
			all.Go(func() {
				name := fmt.Sprint("w", w)
				_, err := s.Update(t.Context(), key, was, sessions.Change{Set: data(name, "1"), Expires: soon()})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					want[name] = json.RawMessage("1")
				} else if !errors.Is(err, sessions.ErrGone) {
					t.Errorf("Update: %v", err)
				}
			})
		}
		for range 2 {
			all.Go(func() {
				newKey, err := s.Update(t.Context(), key, was, sessions.Change{Expires: soon(), NewKey: true})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					moved = append(moved, newKey)
				} else if !errors.Is(err, sessions.ErrGone) {
					t.Errorf("Update with a new key: %v", err)
				}
			})
		}
		all.Wait()
		wantNone(t, s, key, "the old key")
		if len(moved) != 1 {
			t.Fatalf("%d moves succeeded, want one", len(moved))
		}
		wantData(t, load(t, s, moved[0]).Data, want)
	}
}
