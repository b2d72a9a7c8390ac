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

// SetExpiry lets the session end after d without a change, in whole seconds, rounded away from 0.
// 0 makes the cookie last until the browser is closed; a negative d ends the session.
func (s *Session) SetExpiry(ctx context.Context, d time.Duration) error {
	seconds := int64(d / time.Second)
	switch rest := d % time.Second; {
	case rest > 0:
		seconds++
	case rest < 0:
		seconds--
	}
	return s.Set(ctx, expiryName, seconds)
}

// SetExpiryTime lets the session end at t, to the microsecond.
func (s *Session) SetExpiryTime(ctx context.Context, t time.Time) error {
	t = t.UTC().Truncate(time.Microsecond)
	layout := "2006-01-02T15:04:05+00:00"
	if t.Nanosecond() != 0 {
		layout = "2006-01-02T15:04:05.000000+00:00" // six digits or none: old Pythons read no others
	}
	return s.Set(ctx, expiryName, t.Format(layout))
}

// ResetExpiry goes back to the project's setting.
func (s *Session) ResetExpiry(ctx context.Context) error { return s.Delete(ctx, expiryName) }

// ExpiryTime returns when the session ends if nothing more happens.
func (s *Session) ExpiryTime(ctx context.Context) (time.Time, error) {
	if err := s.lock(ctx); err != nil {
		return time.Time{}, err
	}
	defer s.mu.Unlock()
	return s.expires(), nil
}

// ExpiryAge returns how long the session lives from now on; negative when that is over.
func (s *Session) ExpiryAge(ctx context.Context) (time.Duration, error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	now := s.cfg.Now()
	return s.data.ExpiresAt(now, s.cfg.CookieAge).Sub(now), nil
}

// ExpiresAtBrowserClose reports whether the cookie goes with the browser.
func (s *Session) ExpiresAtBrowserClose(ctx context.Context) (bool, error) {
	if err := s.lock(ctx); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	return s.browserSession(), nil
}

func (s *Session) expires() time.Time { return s.data.ExpiresAt(s.cfg.Now(), s.cfg.CookieAge) }

func (s *Session) browserSession() bool {
	raw, ok := s.data[expiryName]
	if !ok || string(raw) == "null" {
		return s.cfg.ExpireAtBrowserClose
	}
	d, ok := seconds(raw)
	return ok && d == 0
}

// ExpiresAt returns when a session with this data ends that was last changed at modified: after
// the life that the session was given itself, else after age. A life that cannot be read counts as
// none. Stores that keep no expiry beside the data use it.
func (d Data) ExpiresAt(modified time.Time, age time.Duration) time.Time {
	raw, ok := d[expiryName]
	if !ok {
		return modified.Add(age)
	}
	if own, ok := seconds(raw); ok && own != 0 {
		return modified.Add(own)
	}
	if t, ok := moment(raw); ok {
		return t
	}
	return modified.Add(age)
}

// seconds reads a number of seconds, as far as a duration holds it.
func seconds(raw json.RawMessage) (time.Duration, bool) {
	var n *float64
	if json.Unmarshal(raw, &n) != nil || n == nil {
		return 0, false
	}
	const most = math.MaxInt64 / int64(time.Second)
	if *n >= float64(most) || *n <= -float64(most) {
		return time.Duration(math.Copysign(float64(most), *n)) * time.Second, true
	}
	return time.Duration(*n * float64(time.Second)), true
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
