package sessions

import (
	"context"
	"encoding/json"
	"math"
	"time"
)

// expiryName is the value in which Django keeps a session's own life: seconds, or a moment as
// ISO 8601 text; 0 means until the browser is closed.
const expiryName = "_session_expiry"

// SetExpiry lets the session end after d without a change, in whole seconds. 0 makes the cookie
// last until the browser is closed.
func (s *Session) SetExpiry(ctx context.Context, d time.Duration) error {
	return s.Set(ctx, expiryName, int64(d/time.Second))
}

// SetExpiryTime lets the session end at t.
func (s *Session) SetExpiryTime(ctx context.Context, t time.Time) error {
	return s.Set(ctx, expiryName, t.UTC().Format("2006-01-02T15:04:05.999999+00:00"))
}

// ResetExpiry goes back to the project's setting.
func (s *Session) ResetExpiry(ctx context.Context) error { return s.Delete(ctx, expiryName) }

// ExpiryAge returns how long the session lives from now on.
func (s *Session) ExpiryAge(ctx context.Context) (time.Duration, error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	return s.expiryAge(), nil
}

// ExpiryTime returns when the session ends if nothing more happens.
func (s *Session) ExpiryTime(ctx context.Context) (time.Time, error) {
	if err := s.lock(ctx); err != nil {
		return time.Time{}, err
	}
	defer s.mu.Unlock()
	return s.now().Add(s.expiryAge()), nil
}

// ExpiresAtBrowserClose reports whether the cookie goes with the browser.
func (s *Session) ExpiresAtBrowserClose(ctx context.Context) (bool, error) {
	if err := s.lock(ctx); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	return s.browserSession(), nil
}

// expiryAge reads the session's own life; what cannot be read counts as not set.
func (s *Session) expiryAge() time.Duration {
	raw, ok := s.data[expiryName]
	if !ok {
		return s.cfg.CookieAge
	}
	if seconds, ok := wholeSeconds(raw); ok {
		if seconds == 0 {
			return s.cfg.CookieAge
		}
		return time.Duration(seconds) * time.Second
	}
	if t, ok := moment(raw); ok {
		return t.Sub(s.now())
	}
	return s.cfg.CookieAge
}

func (s *Session) browserSession() bool {
	raw, ok := s.data[expiryName]
	if !ok || string(raw) == "null" {
		return s.cfg.ExpireAtBrowserClose
	}
	seconds, ok := wholeSeconds(raw)
	return ok && seconds == 0
}

// wholeSeconds reads a number that a duration can hold.
func wholeSeconds(raw json.RawMessage) (int64, bool) {
	var n int64
	if json.Unmarshal(raw, &n) != nil || string(raw) == "null" {
		return 0, false
	}
	const most = int64(math.MaxInt64 / int64(time.Second))
	return max(-most, min(n, most)), true
}

// moment reads the forms of Python's datetime.isoformat; one without a zone is UTC.
func moment(raw json.RawMessage) (time.Time, bool) {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// testName is the value by which a page finds out whether the browser takes cookies.
const testName = "testcookie"

// SetTestCookie puts a value into the session that the next request should bring back.
func (s *Session) SetTestCookie(ctx context.Context) error { return s.Set(ctx, testName, "worked") }

// TestCookieWorked reports whether it did.
func (s *Session) TestCookieWorked(ctx context.Context) (bool, error) {
	value, _, err := Get[any](ctx, s, testName)
	return value == "worked", err
}

// DeleteTestCookie takes it out again.
func (s *Session) DeleteTestCookie(ctx context.Context) error { return s.Delete(ctx, testName) }
