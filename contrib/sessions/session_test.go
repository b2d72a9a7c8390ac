package sessions_test

import (
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

func newSession(t *testing.T) (*sessions.Sessions, *sessions.Session) {
	t.Helper()
	sess := sessions.New(sessions.Config{Store: memstore.New()})
	return sess, sess.Open("")
}

func TestDjangoBase(t *testing.T) {
	t.Parallel()
	const class = "django/sessions_tests/tests.py/SessionBaseTests."
	t.Run(class+"test_is_empty", func(t *testing.T) {
		_, s := newSession(t)
		if !s.IsEmpty() {
			t.Error("a new session is not empty")
		}
		must(t, s.Set(t.Context(), "foo", "bar"))
		if s.IsEmpty() {
			t.Error("a session with a value is empty")
		}
	})
	t.Run(class+"test_test_cookie", func(t *testing.T) {
		_, s := newSession(t)
		ctx := t.Context()
		for _, want := range []bool{false, true, false} {
			has, err := s.Has(ctx, "testcookie")
			worked, err2 := s.TestCookieWorked(ctx)
			if has != want || worked != want || err != nil || err2 != nil {
				t.Errorf("testcookie %v, worked %v (%v, %v); want %v", has, worked, err, err2, want)
			}
			if want {
				must(t, s.DeleteTestCookie(ctx))
			} else {
				must(t, s.SetTestCookie(ctx))
			}
		}
	})
}

// TestMerge runs two requests of one visitor at once.
func TestMerge(t *testing.T) {
	t.Parallel()
	sess, first := newSession(t)
	ctx := t.Context()
	must(t, errors.Join(first.Set(ctx, "gone", 1), first.Set(ctx, "kept", 1), first.Save(ctx)))
	a, b := sess.Open(first.Key()), sess.Open(first.Key())
	must(t, errors.Join(a.Set(ctx, "a", 1), b.Set(ctx, "b", 1), a.Delete(ctx, "gone")))
	var both sync.WaitGroup
	for _, s := range []*sessions.Session{a, b} {
		both.Go(func() { must(t, s.Save(ctx)) })
	}
	both.Wait()
	names, err := sess.Open(first.Key()).Names(ctx)
	if got := strings.Join(names, " "); got != "a b kept" || err != nil {
		t.Errorf("the session has %q, %v; want a b kept", got, err)
	}
}

// TestRenewKey lets two requests renew one session, as they do when SECRET_KEY was changed.
func TestRenewKey(t *testing.T) {
	t.Parallel()
	sess, first := newSession(t)
	ctx := t.Context()
	must(t, errors.Join(first.Set(ctx, "kept", 1), first.Save(ctx)))
	a, b, c := sess.Open(first.Key()), sess.Open(first.Key()), sess.Open(first.Key())
	must(t, errors.Join(a.RenewKey(ctx, "hash", "new"), b.RenewKey(ctx, "hash", "new"), c.RenewKey(ctx, "hash", "new"), c.Set(ctx, "cart", 1)))
	must(t, a.Save(ctx))
	if a.Key() == first.Key() || a.Key() == "" {
		t.Errorf("the renewed key is %q, the old one %q", a.Key(), first.Key())
	}
	if err := b.Save(ctx); err != nil || b.Key() != "" {
		t.Errorf("Save of the second renewal = %v with the key %q; want no error and no key to send", err, b.Key())
	}
	if err := c.Save(ctx); !errors.Is(err, sessions.ErrGone) {
		t.Errorf("Save of a renewal that would lose a value = %v, want ErrGone", err)
	}
	names, _ := sess.Open(a.Key()).Names(ctx)
	if strings.Join(names, " ") != "hash kept" {
		t.Errorf("the renewed session has %v", names)
	}
}

func TestCycleKeyAfterFlush(t *testing.T) {
	t.Parallel()
	sess, s := newSession(t)
	ctx := t.Context()
	must(t, errors.Join(s.Set(ctx, "old", 1), s.Save(ctx)))
	key := s.Key()
	must(t, errors.Join(s.CycleKey(ctx), s.Flush(ctx), s.Set(ctx, "new", 1), s.CycleKey(ctx), s.Save(ctx)))
	if names, _ := sess.Open(s.Key()).Names(ctx); s.Key() == key || strings.Join(names, " ") != "new" {
		t.Errorf("the session %q has %v, want new alone under another key", s.Key(), names)
	}
	if names, _ := sess.Open(key).Names(ctx); len(names) != 0 {
		t.Errorf("the flushed session has %v", names)
	}
}

// TestNil is a request that passed through no middleware.
func TestNil(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := sessions.Of(ctx)
	_, err := s.Names(ctx)
	for _, err := range []error{
		err, s.Set(ctx, "a", 1), s.SetDefault(ctx, "a", 1), s.Delete(ctx, "a"), s.Clear(ctx), s.Flush(ctx), s.CycleKey(ctx),
		s.RenewKey(ctx, "a", 1), s.Save(ctx), s.MarkModified(ctx), s.SetExpiry(ctx, 1), s.SetTestCookie(ctx),
	} {
		if !errors.Is(err, sessions.ErrNoSession) {
			t.Errorf("the error is %v, want ErrNoSession", err)
		}
	}
	if s.Key() != "" || !s.IsEmpty() || s.Accessed() || s.Modified() {
		t.Error("a nil session says that it is something")
	}
	if _, _, err := sessions.Pop[int](ctx, s, "a"); !errors.Is(err, sessions.ErrNoSession) {
		t.Errorf("Pop = %v, want ErrNoSession", err)
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	_, s := newSession(t)
	ctx := t.Context()
	if err := s.Set(ctx, "bad", math.NaN()); err == nil || s.Modified() {
		t.Errorf("Set of a value that JSON has not = %v, modified %v", err, s.Modified())
	}
	list := []string{"a"}
	must(t, s.Set(ctx, "list", list))
	list[0] = "changed"
	if got, _, err := sessions.Get[[]string](ctx, s, "list"); err != nil || got[0] != "a" {
		t.Errorf("list = %v, %v; want what was set", got, err)
	}
	if _, found, err := sessions.Get[int](ctx, s, "list"); !found || err == nil {
		t.Errorf("Get of a list as int = %v, %v; want an error", found, err)
	}
	if _, _, err := sessions.Pop[int](ctx, s, "list"); err == nil {
		t.Error("Pop of a list as int succeeds")
	}
	if has, _ := s.Has(ctx, "list"); !has {
		t.Error("a value that could not be read was taken out")
	}
	must(t, s.Set(ctx, "big", int64(math.MaxInt64)))
	if got, _, err := sessions.Get[int64](ctx, s, "big"); got != math.MaxInt64 || err != nil {
		t.Errorf("big = %d, %v", got, err)
	}
}

func TestValidKey(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"": false, "1234567": false, "12345678": true, strings.Repeat("a", 4096): true, strings.Repeat("a", 4097): false,
		"with space": false, "with\x00zero": false, "ümlaut-key": false, "eyJhIjoxfQ:1wkhEW:QMY34": true, "new\nline1": false,
	} {
		if got := sessions.ValidKey(key); got != want {
			t.Errorf("ValidKey(%.20q) = %v, want %v", key, got, want)
		}
	}
}

func TestExpiryForms(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const age = 14 * 24 * time.Hour
	for raw, want := range map[string]time.Duration{
		`null`: age, `0`: age, `300`: 300 * time.Second, `-10`: -10 * time.Second, `1.5`: 1500 * time.Millisecond, `0.0`: age,
		`"2026-01-02T00:00:00+00:00"`: 24 * time.Hour, `"2026-01-02T01:00:00+01:00"`: 24 * time.Hour, `"2026-01-02T00:00:00.5+00:00"`: 24*time.Hour + 500*time.Millisecond,
		`"2026-01-02T00:00:00"`: 24 * time.Hour, `"2026-01-02 00:00:00Z"`: 24 * time.Hour, `"soon"`: age, `""`: age, `[]`: age, `{}`: age, `true`: age,
		`1e300`: time.Duration(math.MaxInt64/int64(time.Second)) * time.Second,
	} {
		d := sessions.Data{"_session_expiry": []byte(raw)}
		if got := d.ExpiresAt(at, age).Sub(at); got != want {
			t.Errorf("%s: ends after %v, want %v", raw, got, want)
		}
	}
}

func TestSetExpiry(t *testing.T) {
	t.Parallel()
	_, s := newSession(t)
	ctx := t.Context()
	raw := func() string {
		d, err := s.Values(ctx)
		must(t, err)
		return string(d["_session_expiry"])
	}
	for d, want := range map[time.Duration]string{0: "0", time.Minute: "60", time.Millisecond: "1", -time.Millisecond: "-1", 1500 * time.Millisecond: "2"} {
		must(t, s.SetExpiry(ctx, d))
		if raw() != want {
			t.Errorf("SetExpiry(%v) stores %s, want %s", d, raw(), want)
		}
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 500_000_999, time.FixedZone("", 3600))
	must(t, s.SetExpiryTime(ctx, at))
	if want := `"2026-01-02T02:04:05.500000+00:00"`; raw() != want {
		t.Errorf("SetExpiryTime stores %s, want %s", raw(), want)
	}
}

// TestVectorsExpiry sets what Django was told to, and reads what Django stored.
func TestVectorsExpiry(t *testing.T) {
	t.Parallel()
	type vector struct {
		Set          any       `json:"set_expiry"`
		Stored       any       `json:"stored"`
		Modification time.Time `json:"modification"`
		Age          int       `json:"expiry_age"`
		Date         time.Time `json:"expiry_date"`
		Browser      bool      `json:"expire_at_browser_close"`
	}
	for _, v := range djangovectors.Section[vector](t, "session_expiry") {
		sess := sessions.New(sessions.Config{Store: memstore.New(), Now: func() time.Time { return v.Modification }})
		ctx := t.Context()
		set, read := sess.Open(""), sess.Open("")
		switch x := v.Set.(type) {
		case nil:
			must(t, set.ResetExpiry(ctx))
		case float64:
			must(t, set.SetExpiry(ctx, time.Duration(x)*time.Second))
		case string:
			at, err := time.Parse(time.RFC3339, strings.TrimPrefix(x, "dt:"))
			must(t, errors.Join(err, set.SetExpiryTime(ctx, at)))
		}
		if stored, _, err := sessions.Get[any](ctx, set, "_session_expiry"); stored != v.Stored || err != nil {
			t.Errorf("set %v: stored %v, %v; want %v", v.Set, stored, err, v.Stored)
		}
		if v.Stored != nil {
			must(t, read.Set(ctx, "_session_expiry", v.Stored))
		}
		for _, s := range []*sessions.Session{set, read} {
			age, err := s.ExpiryAge(ctx)
			end, err2 := s.ExpiryTime(ctx)
			browser, err3 := s.ExpiresAtBrowserClose(ctx)
			must(t, errors.Join(err, err2, err3))
			if age != time.Duration(v.Age)*time.Second || !end.Equal(v.Date) || browser != v.Browser {
				t.Errorf("set %v: age %v, end %v, browser %v; want %d s, %v, %v", v.Set, age, end, browser, v.Age, v.Date, v.Browser)
			}
		}
	}
}
