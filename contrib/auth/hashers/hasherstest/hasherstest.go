// Package hasherstest tests implementations of [hashers.Hasher], and counts hash runs in the tests
// of what uses them. Only tests import it.
package hasherstest

import (
	"crypto/rand"
	"errors"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
)

// TestHasher runs the rules that every hasher has to keep, as subtests. Give it a hasher with the
// lowest cost there is: it makes a few dozen hashes.
func TestHasher(t *testing.T, h hashers.Hasher) {
	t.Helper()
	t.Run("name", func(t *testing.T) { testName(t, h) })
	t.Run("round trip", func(t *testing.T) { testRoundTrip(t, h) })
	t.Run("salts differ", func(t *testing.T) { testSalts(t, h) })
	t.Run("malformed", func(t *testing.T) { testMalformed(t, h) })
	t.Run("summary", func(t *testing.T) { testSummary(t, h) })
	t.Run("concurrent use", func(t *testing.T) { testConcurrent(t, h) })
}

// encode makes a hash with a new salt and fails the test when that fails.
func encode(t *testing.T, h hashers.Hasher, password string) string {
	t.Helper()
	salt, err := hashers.Salt(h, rand.Reader)
	if err != nil {
		t.Fatalf("Salt: %v", err)
	}
	encoded, err := h.Encode(password, salt)
	if err != nil {
		t.Fatalf("Encode(%q): %v", password, err)
	}
	return encoded
}

func testName(t *testing.T, h hashers.Hasher) {
	set := hashers.New(hashers.Config{List: []hashers.Hasher{h}})
	if problems := set.Problems(); problems != nil {
		t.Errorf("Problems() = %q, want none", problems)
	}
	encoded := encode(t, h, "secret")
	if _, err := set.Identify(encoded); err != nil {
		t.Errorf("Identify of what Encode returned: %v; it must begin with the algorithm's name and $", err)
	}
	if len(encoded) > 128 {
		t.Errorf("Encode returned %d characters, Django's column holds 128", len(encoded))
	}
	if !hashers.IsUsable(encoded) {
		t.Error(`Encode returned text that begins with "!", which means an unusable password`)
	}
}

func testRoundTrip(t *testing.T, h hashers.Hasher) {
	for _, password := range []string{"lètmein", "", " ", "пароль", "🔑🔑"} {
		encoded := encode(t, h, password)
		if ok, err := h.Verify(password, encoded); !ok || err != nil {
			t.Errorf("Verify(%q) = %v, %v for its own hash, want true", password, ok, err)
		}
		if ok, err := h.Verify("x"+password, encoded); ok || err != nil {
			t.Errorf("Verify(%q) = %v, %v for the hash of %q, want false", "x"+password, ok, err, password)
		}
		if h.MustUpdate(encoded) {
			t.Errorf("MustUpdate = true for a hash that Encode just made of %q", password)
		}
		if hardener, ok := h.(hashers.Hardener); ok {
			hardener.Harden(password, encoded)
		}
	}
}

func testSalts(t *testing.T, h hashers.Hasher) {
	salt, err := hashers.Salt(h, rand.Reader)
	if err != nil {
		t.Fatalf("Salt: %v", err)
	}
	_, own := h.(hashers.Salter)
	if own && salt == "" {
		return // no salt at all, or one that Encode draws itself
	}
	if first, second := encode(t, h, "secret"), encode(t, h, "secret"); first == second {
		t.Error("two hashes of one password are equal; the salt must be part of them")
	}
	if own {
		return
	}
	for _, salt := range []string{"", "sea$salt"} {
		if _, err := h.Encode("secret", salt); !errors.Is(err, hashers.ErrSalt) {
			t.Errorf("Encode with the salt %q: error %v, want one that wraps ErrSalt", salt, err)
		}
	}
}

// testMalformed cuts and changes a good hash. None of the results may verify, panic, take long or
// be repeated in an error.
func testMalformed(t *testing.T, h hashers.Hasher) {
	const password = "secret"
	encoded := encode(t, h, password)
	broken := []string{
		"", "$", "$$$$$", "!", h.Algorithm(), h.Algorithm() + "$", h.Algorithm() + "$$$$$$$",
		"other" + encoded, encoded + "\n", encoded + "$", encoded + "\x00", " " + encoded,
		h.Algorithm() + "$\xff\xfe$\x00", h.Algorithm() + strings.Repeat("$1", 1<<16),
	}
	for i := range len(encoded) {
		broken = append(broken, encoded[:i])
	}
	for _, at := range regexp.MustCompile(`\d+`).FindAllStringIndex(encoded, -1) {
		for _, cost := range []string{"", "-1", "99999999999999999999", "18446744073709551617"} {
			broken = append(broken, encoded[:at[0]]+cost+encoded[at[1]:])
		}
	}
	hardener, hardens := h.(hashers.Hardener)
	summarizer, summarizes := h.(hashers.Summarizer)
	for _, text := range broken {
		ok, err := h.Verify(password, text)
		if ok {
			t.Errorf("Verify = true for the malformed hash %q", text)
		}
		if err != nil && !errors.Is(err, hashers.ErrMalformed) {
			t.Errorf("Verify(%q): error %v, want one that wraps ErrMalformed", text, err)
		}
		if err != nil && len(text) > 20 && strings.Contains(err.Error(), text) {
			t.Errorf("Verify(%q): the error repeats the hash: %v", text, err)
		}
		h.MustUpdate(text)
		if hardens {
			hardener.Harden(password, text)
		}
		if summarizes {
			_, _ = summarizer.Summary(text) // must not panic; the error is tested below
		}
	}
}

func testSummary(t *testing.T, h hashers.Hasher) {
	s, ok := h.(hashers.Summarizer)
	if !ok {
		return
	}
	encoded := encode(t, h, "secret")
	fields, err := s.Summary(encoded)
	if err != nil || len(fields) == 0 {
		t.Fatalf("Summary = %v, %v, want fields", fields, err)
	}
	if want := (hashers.Field{Name: "algorithm", Value: h.Algorithm()}); fields[0] != want {
		t.Errorf("Summary begins with %v, want %v", fields[0], want)
	}
	parts := strings.Split(encoded, "$")
	digest := parts[len(parts)-1]
	for _, field := range fields {
		if strings.Contains(field.Value, digest[len(digest)/2:]) {
			t.Errorf("Summary shows the digest in %q", field.Name)
		}
	}
	if _, err := s.Summary("other$" + encoded); !errors.Is(err, hashers.ErrMalformed) {
		t.Errorf("Summary of malformed text: error %v, want one that wraps ErrMalformed", err)
	}
}

func testConcurrent(t *testing.T, h hashers.Hasher) {
	encoded := encode(t, h, "secret")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if ok, err := h.Verify("secret", encoded); !ok || err != nil {
				t.Errorf("Verify = %v, %v in a goroutine, want true", ok, err)
			}
		})
	}
	group.Wait()
}

// Counting is a hasher that counts the runs of another one, to show that two ways through a program
// cost the same. It is safe for concurrent use.
type Counting struct {
	// Hasher does the work. It must not be nil.
	Hasher hashers.Hasher

	mu     sync.Mutex
	counts Counts
}

// Counts are numbers of runs. A call that is refused with an error before any work is not a run.
type Counts struct {
	Encode, Verify, Harden int
}

// Total is the number of full runs; hardening is a part of one.
func (c Counts) Total() int { return c.Encode + c.Verify }

var (
	_ hashers.Hasher     = (*Counting)(nil)
	_ hashers.Summarizer = (*Counting)(nil)
	_ hashers.Hardener   = (*Counting)(nil)
	_ hashers.Salter     = (*Counting)(nil)
)

// Take returns the counts since the last call of Take and starts again from zero.
func (c *Counting) Take() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := c.counts
	c.counts = Counts{}
	return counts
}

// add counts one run.
func (c *Counting) add(n *int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*n++
}

// Algorithm returns the other hasher's.
func (c *Counting) Algorithm() string { return c.Hasher.Algorithm() }

// Encode counts and calls the other hasher's.
func (c *Counting) Encode(password, salt string) (string, error) {
	encoded, err := c.Hasher.Encode(password, salt)
	if err == nil {
		c.add(&c.counts.Encode)
	}
	return encoded, err
}

// Verify counts and calls the other hasher's.
func (c *Counting) Verify(password, encoded string) (bool, error) {
	ok, err := c.Hasher.Verify(password, encoded)
	if err == nil {
		c.add(&c.counts.Verify)
	}
	return ok, err
}

// MustUpdate calls the other hasher's.
func (c *Counting) MustUpdate(encoded string) bool { return c.Hasher.MustUpdate(encoded) }

// Salt calls the other hasher's, or makes the usual salt when it has no rule of its own.
func (c *Counting) Salt(random io.Reader) (string, error) { return hashers.Salt(c.Hasher, random) }

// Summary calls the other hasher's, or returns the algorithm alone.
func (c *Counting) Summary(encoded string) ([]hashers.Field, error) {
	if s, ok := c.Hasher.(hashers.Summarizer); ok {
		return s.Summary(encoded)
	}
	return []hashers.Field{{Name: "algorithm", Value: c.Algorithm()}}, nil
}

// Harden counts and calls the other hasher's, if there is one.
func (c *Counting) Harden(password, encoded string) {
	c.add(&c.counts.Harden)
	if h, ok := c.Hasher.(hashers.Hardener); ok {
		h.Harden(password, encoded)
	}
}
