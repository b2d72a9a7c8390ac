package sessioncases

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
)

// lives are the cases of keys, saving and deleting.
var lives = map[string]func(t *testing.T, s scene){
	"test_save": func(t *testing.T, s scene) {
		x := s.open("")
		must(t, x.MarkModified(t.Context()))
		save(t, x)
		if !s.exists(t, x.Key()) {
			t.Errorf("there is no session %q after Save", x.Key())
		}
	},
	"test_delete": func(t *testing.T, s scene) {
		x := s.open("")
		must(t, x.MarkModified(t.Context()))
		save(t, x)
		must(t, s.Store.Delete(t.Context(), x.Key()))
		if exists := s.exists(t, x.Key()); exists && !s.e.InCookie {
			t.Error("the session exists after Delete")
		}
		must(t, x.Flush(t.Context()))
		if x.Key() != "" || !x.IsEmpty() {
			t.Errorf("after Flush the key is %q", x.Key())
		}
	},
	"test_flush": func(t *testing.T, s scene) {
		first := s.with(t, "foo", "bar")
		key := first.Key()
		x := s.open(key)
		must(t, x.Flush(t.Context()))
		if s.exists(t, key) && !s.e.InCookie {
			t.Error("the session exists after Flush")
		}
		if x.Key() != "" {
			t.Errorf("the key is %q after Flush, want none", x.Key())
		}
		wantFlags(t, x, true, true)
		want(t, x, "foo", nil)
	},
	"test_cycle": func(t *testing.T, s scene) {
		x := s.open("")
		set(t, x, "a", "c")
		set(t, x, "b", "d")
		save(t, x)
		old := x.Key()
		must(t, x.CycleKey(t.Context()))
		if x.Key() != "" {
			t.Errorf("between CycleKey and Save the key is %q, want none", x.Key())
		}
		save(t, x)
		if !s.e.InCookie && (s.exists(t, old) || x.Key() == old) {
			t.Errorf("the old key is alive, or the new one: %q and %q", old, x.Key())
		}
		want(t, x, "a", "c")
		want(t, s.open(x.Key()), "b", "d")
	},
	"test_cycle_with_no_session_cache": func(t *testing.T, s scene) {
		x := s.with(t, "a", "c")
		must(t, x.CycleKey(t.Context())) // nothing was loaded before
		want(t, x, "a", "c")
		save(t, x)
		want(t, s.open(x.Key()), "a", "c")
	},
	"test_save_doesnt_clear_data": func(t *testing.T, s scene) {
		x := s.open("")
		set(t, x, "a", "b")
		save(t, x)
		want(t, x, "a", "b")
	},
	"test_invalid_key": func(t *testing.T, s scene) {
		x := s.open("1")
		must(t, x.MarkModified(t.Context()))
		save(t, x)
		if x.Key() == "1" || x.Key() == "" {
			t.Errorf("the key is %q, want one that the store made", x.Key())
		}
		want(t, x, "cat", nil)
	},
	"test_session_key_empty_string_invalid": func(t *testing.T, s scene) { wantKey(t, s.open(""), "") },
	"test_session_key_too_short_invalid":    func(t *testing.T, s scene) { wantKey(t, s.open("1234567"), "") },
	"test_session_key_valid_string_saved":   func(t *testing.T, s scene) { wantKey(t, s.open("12345678"), "12345678") },
	"test_session_key_is_read_only": func(t *testing.T, s scene) {
		x := s.open("12345678")
		typ := reflect.TypeFor[sessions.Session]()
		for i := range typ.NumField() {
			if f := typ.Field(i); f.IsExported() {
				t.Errorf("Session has the field %s, which anybody can set", f.Name)
			}
		}
		if _, has := reflect.TypeOf(x).MethodByName("SetKey"); has {
			t.Error("Session has a method SetKey")
		}
		wantKey(t, x, "12345678")
	},
	"test_session_load_does_not_create_record": func(t *testing.T, s scene) {
		x := s.open("someunknownkey")
		if names, err := x.Names(t.Context()); len(names) != 0 || err != nil {
			t.Errorf("Names = %v, %v; want none", names, err)
		}
		wantKey(t, x, "")
		if s.exists(t, "someunknownkey") {
			t.Error("loading made a session of the unknown key")
		}
		if l, ok := s.Store.(sessions.Lister); ok {
			for e := range l.All(t.Context()) {
				t.Errorf("there is a session %q, want none", e.Key)
			}
		}
	},
	"test_session_save_does_not_resurrect_session_logged_out_in_other_context": func(t *testing.T, s scene) {
		x := s.with(t, "test_data", "value1")
		want(t, x, "test_data", "value1")
		must(t, s.open(x.Key()).Flush(t.Context()))
		set(t, x, "test_data", "value2")
		err := x.Save(t.Context())
		if s.e.InCookie {
			must(t, err) // nobody can know of the log-out, as the package comment says
			return
		}
		if !errors.Is(err, sessions.ErrGone) {
			t.Errorf("Save of a session that was deleted = %v, want ErrGone", err)
		}
		want(t, s.open(x.Key()), "test_data", nil)
	},
}

func wantKey(t *testing.T, s *sessions.Session, want string) {
	t.Helper()
	if s.Key() != want {
		t.Errorf("Key = %q, want %q", s.Key(), want)
	}
}

// at returns a new session at a fixed time.
func (s scene) at(now time.Time, browserClose bool) *sessions.Session {
	c := s.config()
	c.Now, c.ExpireAtBrowserClose = func() time.Time { return now }, browserClose
	return sessions.New(c).Open("")
}

func (s scene) age() time.Duration { return sessions.New(s.config()).Config().CookieAge }

func wantAge(t *testing.T, s *sessions.Session, now time.Time, want time.Duration) {
	t.Helper()
	age, err := s.ExpiryAge(t.Context())
	if age != want || err != nil {
		t.Errorf("ExpiryAge = %v, %v; want %v", age, err, want)
	}
	end, err := s.ExpiryTime(t.Context())
	if !end.Equal(now.Add(want)) || err != nil {
		t.Errorf("ExpiryTime = %v, %v; want %v", end, err, now.Add(want))
	}
}

// modification is when the sessions of these cases are changed.
var modification = time.Date(2026, 1, 1, 12, 30, 0, 123456000, time.UTC)

// expiries are the cases of a session's own life.
var expiries = map[string]func(t *testing.T, s scene){
	"test_default_expiry": func(t *testing.T, s scene) {
		x := s.at(modification, false)
		wantAge(t, x, modification, s.age())
		must(t, x.SetExpiry(t.Context(), 0))
		wantAge(t, x, modification, s.age())
	},
	"test_custom_expiry_seconds": tenSeconds,
	// A duration is kept as seconds, which is what Django's other form comes to.
	"test_custom_expiry_timedelta": tenSeconds,
	"test_custom_expiry_datetime": func(t *testing.T, s scene) {
		x := s.at(modification, false)
		must(t, x.SetExpiryTime(t.Context(), modification.Add(10*time.Second)))
		wantAge(t, x, modification, 10*time.Second)
	},
	"test_custom_expiry_reset": func(t *testing.T, s scene) {
		x := s.at(modification, false)
		must(t, x.ResetExpiry(t.Context()))
		must(t, x.SetExpiry(t.Context(), 10*time.Second))
		must(t, x.ResetExpiry(t.Context()))
		wantAge(t, x, modification, s.age())
	},
	"test_get_expire_at_browser_close": func(t *testing.T, s scene) {
		for _, setting := range []bool{false, true} {
			x := s.at(modification, setting)
			must(t, x.SetExpiry(t.Context(), 10*time.Second))
			wantBrowser(t, x, false)
			must(t, x.SetExpiry(t.Context(), 0))
			wantBrowser(t, x, true)
			must(t, x.ResetExpiry(t.Context()))
			wantBrowser(t, x, setting)
		}
	},
	"test_actual_expiry": func(t *testing.T, s scene) {
		x := s.open("")
		set(t, x, "foo", "bar")
		must(t, x.SetExpiry(t.Context(), -10*time.Second))
		save(t, x)
		want(t, s.open(x.Key()), "foo", nil)
	},
}

func tenSeconds(t *testing.T, s scene) {
	x := s.at(modification, false)
	must(t, x.SetExpiry(t.Context(), 10*time.Second))
	wantAge(t, x, modification, 10*time.Second)
}

func wantBrowser(t *testing.T, s *sessions.Session, want bool) {
	t.Helper()
	if got, err := s.ExpiresAtBrowserClose(t.Context()); got != want || err != nil {
		t.Errorf("ExpiresAtBrowserClose = %v, %v; want %v", got, err, want)
	}
}
