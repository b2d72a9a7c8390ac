// Package sessioncases holds the cases that Django runs for each of its session engines, for the
// tests of the stores.
package sessioncases

import (
	"bytes"
	"encoding/base64"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/signing"
)

// Key is the SECRET_KEY of the cases.
const Key = "a-key-for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz"

// Engine is a store under test.
type Engine struct {
	// Class is the name of Django's class of tests; empty for an engine that Django has not.
	Class string
	// Each runs f with an empty medium, once for each kind of database if there are several.
	Each func(t *testing.T, f func(t *testing.T, m Medium))
	// Salt is what the engine signs with; empty for one that signs nothing.
	Salt string
	// InCookie says that nothing is stored on the server.
	InCookie bool
	// CookieAge is the project's setting; 0 means two weeks.
	CookieAge time.Duration
}

// Medium is where an engine keeps its sessions.
type Medium struct {
	Store sessions.Store
	// Decode puts a text into the medium as the data of a session and returns what a session
	// there finds; what the store has to say goes to log.
	Decode func(t *testing.T, text string, log *slog.Logger) sessions.Data
}

// scene is one case's surroundings.
type scene struct {
	Medium
	e Engine
}

// Run runs the cases of SessionTestsMixin.
func Run(t *testing.T, e Engine) {
	cases := map[string]func(t *testing.T, s scene){}
	for _, group := range []map[string]func(t *testing.T, s scene){values, lives, expiries, codings} {
		for name, f := range group {
			cases[name] = f
		}
	}
	for name, f := range cases {
		Case(t, e, name, func(t *testing.T, m Medium) { f(t, scene{m, e}) })
	}
}

// Case runs one case under its name in the ledger.
func Case(t *testing.T, e Engine, name string, f func(t *testing.T, m Medium)) {
	full := "django/sessions_tests/tests.py/" + e.Class + "." + name
	if e.Class == "" {
		full = name
	}
	t.Run(full, func(t *testing.T) {
		t.Parallel()
		e.Each(t, f)
	})
}

func (s scene) config() sessions.Config {
	return sessions.Config{Store: s.Store, CookieAge: s.e.CookieAge}
}

func (s scene) open(key string) *sessions.Session { return sessions.New(s.config()).Open(key) }

// with returns a saved session with one value, opened anew.
func (s scene) with(t *testing.T, name string, value any) *sessions.Session {
	t.Helper()
	first := s.open("")
	set(t, first, name, value)
	save(t, first)
	return s.open(first.Key())
}

func (s scene) exists(t *testing.T, key string) bool {
	t.Helper()
	_, err := s.Store.Load(t.Context(), key)
	if err != nil && !errors.Is(err, sessions.ErrNotFound) {
		t.Fatalf("Load(%q): %v", key, err)
	}
	return err == nil
}

func set(t *testing.T, s *sessions.Session, name string, value any) {
	t.Helper()
	if err := s.Set(t.Context(), name, value); err != nil {
		t.Fatalf("Set(%q): %v", name, err)
	}
}

func save(t *testing.T, s *sessions.Session) {
	t.Helper()
	if err := s.Save(t.Context()); err != nil {
		t.Fatalf("Save: %v", err)
	}
}

// want fails unless the session has the value; nil wants none.
func want(t *testing.T, s *sessions.Session, name string, value any) {
	t.Helper()
	got, found, err := sessions.Get[any](t.Context(), s, name)
	if err != nil || found != (value != nil) || !reflect.DeepEqual(got, value) {
		t.Errorf("%q = %v, %v, %v; want %v", name, got, found, err, value)
	}
}

func wantFlags(t *testing.T, s *sessions.Session, accessed, modified bool) {
	t.Helper()
	if s.Accessed() != accessed || s.Modified() != modified {
		t.Errorf("accessed %v, modified %v; want %v, %v", s.Accessed(), s.Modified(), accessed, modified)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// values are the cases of a session as a map.
var values = map[string]func(t *testing.T, s scene){
	"test_new_session": func(t *testing.T, s scene) { wantFlags(t, s.open(""), false, false) },
	"test_get_empty":   func(t *testing.T, s scene) { want(t, s.open(""), "cat", nil) },
	"test_store": func(t *testing.T, s scene) {
		x := s.open("")
		set(t, x, "cat", "dog")
		wantFlags(t, x, true, true)
		if got, _, err := sessions.Pop[string](t.Context(), x, "cat"); got != "dog" || err != nil {
			t.Errorf("Pop = %q, %v; want dog", got, err)
		}
	},
	"test_pop": func(t *testing.T, s scene) {
		x := s.with(t, "some key", "exists")
		if got, found, err := sessions.Pop[string](t.Context(), x, "some key"); got != "exists" || !found || err != nil {
			t.Errorf("Pop = %q, %v, %v; want exists", got, found, err)
		}
		wantFlags(t, x, true, true)
		want(t, x, "some key", nil)
	},
	"test_pop_default":                    popNothing,
	"test_pop_default_named_argument":     popNothing,
	"test_pop_no_default_keyerror_raised": popNothing,
	"test_setdefault": func(t *testing.T, s scene) {
		x := s.open("")
		must(t, x.SetDefault(t.Context(), "foo", "bar"))
		want(t, x, "foo", "bar")
		must(t, x.SetDefault(t.Context(), "foo", "baz"))
		want(t, x, "foo", "bar")
		wantFlags(t, x, true, true)
	},
	"test_update": func(t *testing.T, s scene) {
		x := s.open("")
		set(t, x, "update key", 1)
		wantFlags(t, x, true, true)
		want(t, x, "update key", 1.0)
	},
	"test_has_key": func(t *testing.T, s scene) {
		x := s.with(t, "some key", 1)
		if has, err := x.Has(t.Context(), "some key"); !has || err != nil {
			t.Errorf("Has = %v, %v; want true", has, err)
		}
		wantFlags(t, x, true, false)
	},
	"test_values": func(t *testing.T, s scene) {
		empty := s.open("")
		if d, err := empty.Values(t.Context()); len(d) != 0 || err != nil {
			t.Errorf("Values of a new session = %v, %v; want none", d, err)
		}
		wantFlags(t, empty, true, false)
		listed(t, s)
	},
	"test_keys":  listed,
	"test_items": listed,
	"test_clear": func(t *testing.T, s scene) {
		x := s.with(t, "x", 1)
		must(t, x.Clear(t.Context()))
		wantFlags(t, x, true, true)
		save(t, x)
		if names, err := s.open(x.Key()).Names(t.Context()); len(names) != 0 || err != nil {
			t.Errorf("Names = %v, %v; want none", names, err)
		}
	},
}

func popNothing(t *testing.T, s scene) {
	x := s.open("")
	if got, found, err := sessions.Pop[string](t.Context(), x, "some key"); got != "" || found || err != nil {
		t.Errorf("Pop of nothing = %q, %v, %v; want not found", got, found, err)
	}
	wantFlags(t, x, true, false)
}

func listed(t *testing.T, s scene) {
	x := s.with(t, "x", 1)
	names, err := x.Names(t.Context())
	if !slices.Equal(names, []string{"x"}) || err != nil {
		t.Errorf("Names = %v, %v; want x", names, err)
	}
	d, err := x.Values(t.Context())
	if len(d) != 1 || string(d["x"]) != "1" || err != nil {
		t.Errorf("Values = %s, %v; want x = 1", d, err)
	}
	wantFlags(t, x, true, false)
}

// codings are the cases of what is in the medium.
var codings = map[string]func(t *testing.T, s scene){
	"test_decode": func(t *testing.T, s scene) {
		want(t, s.with(t, "a test key", "a test value"), "a test key", "a test value")
		if s.e.Salt == "" {
			return
		}
		codec := sessions.NewCodec(signing.Keys{Key}, s.e.Salt, nil, nil)
		text, err := codec.Encode(sessions.Data{"a test key": []byte(`"a test value"`)})
		must(t, err)
		if d := s.Decode(t, text, nil); string(d["a test key"]) != `"a test value"` {
			t.Errorf("decoded %s", d)
		}
	},
	"test_decode_failure_logged_to_security": func(t *testing.T, s scene) {
		for _, text := range []string{base64.StdEncoding.EncodeToString([]byte("flaskdj:alkdjf")), "bad:encoded:value"} {
			s.wantCorrupted(t, text)
		}
	},
	"test_decode_serializer_exception": func(t *testing.T, s scene) {
		s.wantCorrupted(t, signing.TimestampSigner{Keys: signing.Keys{Key}, Salt: s.e.Salt}.Sign("invalid data"))
	},
}

func (s scene) wantCorrupted(t *testing.T, text string) {
	t.Helper()
	var log bytes.Buffer
	d := s.Decode(t, text, slog.New(slog.NewTextHandler(&log, nil)))
	if len(d) != 0 {
		t.Errorf("%q was decoded as %s, want an empty session", text, d)
	}
	if !strings.Contains(log.String(), "session data corrupted") || !strings.Contains(log.String(), "WARN") {
		t.Errorf("the log says %q, want a warning that the data are corrupted", log.String())
	}
	if strings.Contains(log.String(), Key) {
		t.Errorf("the log has the key: %q", log.String())
	}
}
