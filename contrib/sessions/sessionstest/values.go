package sessionstest

import (
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
)

func testRoundTrip(t *testing.T, s sessions.Store, o Options) {
	for _, want := range []sessions.Data{
		{},
		data("a", "1"),
		data("_auth_user_id", `"1"`, "cart", `["tea",{"n":2}]`, "", `"the empty name"`, "ключ", `"значение"`, "=.", "null"),
	} {
		expires := soon()
		key, err := s.Create(t.Context(), sessions.Record{Data: want, Expires: expires})
		if err != nil {
			t.Fatalf("Create(%v): %v", want, err)
		}
		r := load(t, s, key)
		wantData(t, r.Data, want)
		if r.Data == nil {
			t.Error("the data are a nil map")
		}
		if off := r.Expires.Sub(expires); !o.InCookie && (off > 2*time.Second || off < -2*time.Second) {
			t.Errorf("Expires is off by %v", off)
		}
	}
	if key, err := s.Create(t.Context(), sessions.Record{Expires: soon()}); err != nil {
		t.Errorf("Create without data: %v", err)
	} else {
		wantData(t, load(t, s, key).Data, sessions.Data{})
	}
}

// testForeignValues changes one value beside many which this program would write in another way.
func testForeignValues(t *testing.T, s sessions.Store, _ Options) {
	foreign := data(
		"_session_expiry", `3600`, "big", "12345678901234567890123", "float", "1.0", "exp", "1e400",
		"html", `"<&>"`, "escaped", `"\u00e9\ud83d\ude00"`, "lone", `"\ud800"`, "nested", `{"b":[1,2.50,null,true],"a":{}}`,
	)
	key := create(t, s, foreign)
	key = update(t, s, key, load(t, s, key), sessions.Change{Set: data("mine", "1")})
	got := load(t, s, key).Data
	for name, want := range foreign {
		if string(got[name]) != string(want) {
			t.Errorf("%s = %s, want %s as it was", name, got[name], want)
		}
	}
}

func testLargeValues(t *testing.T, s sessions.Store, o Options) {
	// Random letters compress little.
	random := make([]byte, o.MaxBytes/2)
	for i := range random {
		random[i] = byte('a' + rand.N(26))
	}
	raw, _ := json.Marshal(string(random))
	key := create(t, s, sessions.Data{"large": raw})
	key = update(t, s, key, load(t, s, key), sessions.Change{Set: data("small", "1")})
	if got := load(t, s, key).Data["large"]; string(got) != string(raw) {
		t.Errorf("a value of %d bytes came back with %d bytes, or others", len(raw), len(got))
	}
}

func testUnknownKeys(t *testing.T, s sessions.Store, _ Options) {
	keys := []string{
		"someunknownkey", strings.Repeat("abcdefghij", 124), "../../etc/passwd", `a\b\c\d\e`, "a/b/c/d/e", "'; DROP TABLE x",
		"%00%00%00%00", "********", "sessionid", "eyJhIjoxfQ:1wkhEW:QMY34TPoWp9ryYD0hxiRPBilaK3e1WSzGXx_2eOgaFc",
	}
	for _, key := range keys {
		wantNone(t, s, key, "an unknown key")
		_, err := s.Update(t.Context(), key, sessions.Record{}, sessions.Change{Set: data("a", "1"), Expires: soon()})
		if !errors.Is(err, sessions.ErrGone) {
			t.Errorf("Update(%.40q) = %v, want ErrGone", key, err)
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete(%.40q) of a session that does not exist: %v", key, err)
		}
		wantNone(t, s, key, "an unknown key after an update")
	}
}

func testUpdate(t *testing.T, s sessions.Store, o Options) {
	key := create(t, s, data("keep", "1", "change", "1", "remove", "1"))
	newKey := update(t, s, key, load(t, s, key), sessions.Change{Set: data("change", "2", "add", "2"), Remove: []string{"remove", "never there"}})
	if newKey != key && !o.InCookie {
		t.Errorf("Update gave the key %q, want the same, %q", newKey, key)
	}
	wantData(t, load(t, s, newKey).Data, data("keep", "1", "change", "2", "add", "2"))
	// A change of nothing, and the removal of everything.
	newKey = update(t, s, newKey, load(t, s, newKey), sessions.Change{})
	newKey = update(t, s, newKey, load(t, s, newKey), sessions.Change{Remove: []string{"keep", "change", "add"}})
	wantData(t, load(t, s, newKey).Data, sessions.Data{})
}

func testAliasing(t *testing.T, s sessions.Store, _ Options) {
	given := data("a", "1")
	key := create(t, s, given)
	given["a"] = json.RawMessage("2")
	first := load(t, s, key)
	maps.Copy(first.Data, data("b", "3"))
	wantData(t, load(t, s, key).Data, data("a", "1"))
}
