package hashers_test

import (
	"context"
	"crypto/rand"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/hashers/hasherstest"
)

// cheapList is Django's list at the lowest cost, with the other hashers behind.
func cheapList() []hashers.Hasher {
	return []hashers.Hasher{
		hashers.PBKDF2SHA256{Iterations: 10},
		hashers.PBKDF2SHA1{Iterations: 10},
		hashers.Argon2{Memory: 8, Time: 1, Threads: 1},
		hashers.BCryptSHA256{Cost: 4},
		hashers.Scrypt{N: 2, R: 1, P: 1},
		hashers.BCrypt{Cost: 4},
		hashers.MD5{},
		hashers.SHA1{},
		hashers.UnsaltedMD5{},
		hashers.UnsaltedSHA1{},
		hashers.Crypt{},
	}
}

func withList(list ...hashers.Hasher) *hashers.Hashers {
	return hashers.New(hashers.Config{List: list})
}

func cheap() *hashers.Hashers { return withList(cheapList()...) }

// counting returns hashers of which the first, or all, are counted.
func counting(first hashers.Hasher, others ...hashers.Hasher) (*hashers.Hashers, *hasherstest.Counting) {
	counted := &hasherstest.Counting{Hasher: first}
	return withList(append([]hashers.Hasher{counted}, others...)...), counted
}

func mustMake(t testing.TB, h *hashers.Hashers, password string) string {
	t.Helper()
	return mustMakeWith(t, h, "", password, "")
}

func mustMakeWith(t testing.TB, h *hashers.Hashers, algorithm, password, salt string) string {
	t.Helper()
	encoded, err := h.MakeWith(context.Background(), algorithm, password, salt)
	if err != nil {
		t.Fatalf("MakeWith(%q, %.20q, %q): %v", algorithm, password, salt, err)
	}
	return encoded
}

func mustEncode(t testing.TB, h hashers.Hasher, password, salt string) string {
	t.Helper()
	encoded, err := h.Encode(password, salt)
	if err != nil {
		t.Fatalf("%s.Encode(%.20q, %q): %v", h.Algorithm(), password, salt, err)
	}
	return encoded
}

func newSalt(t testing.TB, h hashers.Hasher) string {
	t.Helper()
	salt, err := hashers.Salt(h, rand.Reader)
	if err != nil {
		t.Fatalf("Salt: %v", err)
	}
	return salt
}

// checkIs fails the test unless Check has the outcome.
func checkIs(t testing.TB, h *hashers.Hashers, password, encoded string, want bool) hashers.Result {
	t.Helper()
	result, err := h.Check(context.Background(), password, encoded)
	if err != nil || result.OK != want {
		t.Errorf("Check(%.20q, %.90q) = %+v, %v, want OK: %v", password, encoded, result, err, want)
	}
	return result
}

// upgrades fails the test unless the password is right and MustUpdate has the value.
func upgrades(t testing.TB, h *hashers.Hashers, password, encoded string, want bool) {
	t.Helper()
	if result := checkIs(t, h, password, encoded, true); result.MustUpdate != want {
		t.Errorf("Check(%q, %q) has MustUpdate: %v, want %v", password, encoded, result.MustUpdate, want)
	}
}

// identifiedAs fails the test unless encoded belongs to the algorithm.
func identifiedAs(t testing.TB, h *hashers.Hashers, encoded, want string) {
	t.Helper()
	got, err := h.Identify(encoded)
	if err != nil {
		t.Errorf("Identify(%q): %v, want %s", encoded, err, want)
	} else if got.Algorithm() != want {
		t.Errorf("Identify(%q) = %s, want %s", encoded, got.Algorithm(), want)
	}
}

// field returns the value of that name from a hash's summary.
func field(t testing.TB, s hashers.Summarizer, encoded, name string) string {
	t.Helper()
	fields, err := s.Summary(encoded)
	if err != nil {
		t.Fatalf("Summary(%q): %v", encoded, err)
	}
	for _, f := range fields {
		if f.Name == name {
			return f.Value
		}
	}
	t.Fatalf("Summary(%q) has no %q: %v", encoded, name, fields)
	return ""
}
