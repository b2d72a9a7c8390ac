package sessions_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/signing"
)

// FuzzCodec reads any text as signed data: nothing but what the codec wrote may come out of it.
func FuzzCodec(f *testing.F) {
	c := sessions.NewCodec(signing.Keys{coretest.Key}, "", nil, nil)
	good, err := c.Encode(sessions.Data{"a": []byte("1")})
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{good, "", ":", "::", "bad:encoded:value", ".eJyrVspWslIqGwVEA6VaADkNjG4:1wkhEW:tx6TQ0yXQiQW9WzF69BrdUr5z8exGkv0f8yRgVDCrjU"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, _, err := c.Read(text)
		if err == nil && (text != good || string(d["a"]) != "1") {
			t.Errorf("%q was read as %s", text, d)
		}
	})
}

// FuzzExpiry reads any JSON as a session's own life.
func FuzzExpiry(f *testing.F) {
	for _, raw := range []string{"0", "300", "-1", "1e308", "null", `"2026-01-02T00:00:00+00:00"`, `"x"`, "{}", "[", ""} {
		f.Add(raw)
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, raw string) {
		end := sessions.Data{"_session_expiry": []byte(raw)}.ExpiresAt(at, time.Hour)
		if !json.Valid([]byte(raw)) && !end.Equal(at.Add(time.Hour)) {
			t.Errorf("%q ends at %v, want the default", raw, end)
		}
	})
}
