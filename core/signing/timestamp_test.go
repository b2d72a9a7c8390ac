package signing_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core/signing"
)

// at is a clock that stands still.
func at(seconds int64) func() time.Time {
	return func() time.Time { return time.Unix(seconds, 0) }
}

func TestTimestampSignerDjangoCases(t *testing.T) {
	t.Parallel()
	t.Run("django/signing/tests.py/TestTimestampSigner.test_timestamp_signer", func(t *testing.T) {
		t.Parallel()
		keys := signing.Keys{"predictable-key"}
		s := signing.TimestampSigner{Keys: keys, Now: at(123456789)}
		signed := s.Sign("hello")
		if plain := (signing.Signer{Keys: keys}).Sign("hello"); signed == plain {
			t.Errorf("both signers make %q", plain)
		}
		if got, err := s.Unsign(signed, 0); got != "hello" || err != nil {
			t.Errorf("Unsign = %q, %v, want hello", got, err)
		}
		s.Now = at(123456800)
		for form, s := range map[string]signing.TimestampSigner{"plain": s, "prepared": s.Prepared()} {
			for _, maxAge := range []time.Duration{12 * time.Second, 11 * time.Second} {
				if got, err := s.Unsign(signed, maxAge); got != "hello" || err != nil {
					t.Errorf("%s: Unsign within %v = %q, %v, want hello", form, maxAge, got, err)
				}
			}
			got, err := s.Unsign(signed, 10*time.Second)
			if got != "" || !errors.Is(err, signing.ErrExpired) {
				t.Errorf("%s: Unsign within 10s = %q, %v, want %v", form, got, err, signing.ErrExpired)
			}
		}
	})
}

func TestExpiredIsABadSignature(t *testing.T) {
	t.Parallel()
	if !errors.Is(signing.ErrExpired, signing.ErrBadSignature) {
		t.Error("ErrExpired is no ErrBadSignature")
	}
	if errors.Is(signing.ErrBadSignature, signing.ErrExpired) {
		t.Error("ErrBadSignature is an ErrExpired")
	}
}

func TestTimestampSignerAge(t *testing.T) {
	t.Parallel()
	const signedAt = 1_700_000_000
	keys := signing.Keys{"k"}
	signed := signing.TimestampSigner{Keys: keys, Now: at(signedAt)}.Sign("v")
	for _, c := range []struct {
		name   string
		now    time.Time
		maxAge time.Duration
		want   error
	}{
		{"at the limit", time.Unix(signedAt+10, 0), 10 * time.Second, nil},
		{"a moment later", time.Unix(signedAt+10, 1), 10 * time.Second, signing.ErrExpired},
		{"no limit", time.Unix(signedAt+1e9, 0), 0, nil},
		{"signed in the future", time.Unix(signedAt-1e6, 0), time.Second, nil},
		{"a negative limit refuses", time.Unix(signedAt, 0), -1, signing.ErrExpired},
	} {
		now := func() time.Time { return c.now }
		if _, err := (signing.TimestampSigner{Keys: keys, Now: now}).Unsign(signed, c.maxAge); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
}

// TestTimestampSignerBadTimes signs, with the right key, what no TimestampSigner makes.
func TestTimestampSignerBadTimes(t *testing.T) {
	t.Parallel()
	keys := signing.Keys{"k"}
	plain := signing.Signer{Keys: keys, Salt: "s"}
	s := signing.TimestampSigner{Keys: keys, Salt: "s"}
	for _, stamped := range []string{"", "v", "v:", "v:-", "v:!", "v:zzzzzzzzzzzz", "v:AzL8n0Y58m7", "v:-AzL8n0Y58m7"} {
		for _, maxAge := range []time.Duration{0, time.Second} {
			got, err := s.Unsign(plain.Sign(stamped), maxAge)
			if got != "" || !errors.Is(err, signing.ErrBadSignature) {
				t.Errorf("Unsign of %q = %q, %v, want %v", stamped, got, err, signing.ErrBadSignature)
			}
		}
	}
}

func TestTimestampSignerWithoutKeys(t *testing.T) {
	t.Parallel()
	for form, s := range map[string]signing.TimestampSigner{"plain": {}, "prepared": signing.TimestampSigner{}.Prepared()} {
		if err := s.Check(); !errors.Is(err, signing.ErrKeys) {
			t.Errorf("%s: Check = %v, want %v", form, err, signing.ErrKeys)
		}
		if _, err := s.Unsign("a:b:c", 0); !errors.Is(err, signing.ErrKeys) {
			t.Errorf("%s: Unsign: %v, want %v", form, err, signing.ErrKeys)
		}
		if !panics(func() { s.Sign("a") }) {
			t.Errorf("%s: Sign without a key did not panic", form)
		}
	}
}

func ExampleTimestampSigner() {
	clock := time.Unix(1_784_289_600, 0)
	links := signing.TimestampSigner{
		Keys: signing.Keys{"the new secret", "the secret before it"},
		Salt: "polls.invitation",
		Now:  func() time.Time { return clock },
	}.Prepared()

	link := links.Sign("poll 7")
	fmt.Println(link)

	clock = clock.Add(48 * time.Hour)
	for _, try := range []struct {
		text   string
		maxAge time.Duration
	}{{link, 72 * time.Hour}, {link, 24 * time.Hour}, {"poll 8" + link[6:], 72 * time.Hour}} {
		value, err := links.Unsign(try.text, try.maxAge)
		fmt.Printf("%q %v\n", value, err)
	}
	// Output:
	// poll 7:1wkhEW:iYO8Jxbp8Io_7AowkRjRIDs_wXUVoN0c5ljisH1kWOU
	// "poll 7" <nil>
	// "" signing: bad signature: signed too long ago
	// "" signing: bad signature
}
