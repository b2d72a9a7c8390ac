package signing_test

import (
	"crypto/rand"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/signing"
)

// TestRandomString counts letters. The limit of the statistic lies so far out (8 standard
// deviations) that a fair source fails once in many billion runs, and the check at the end shows
// that taking bytes modulo the length of the alphabet does not pass it.
func TestRandomString(t *testing.T) {
	t.Parallel()
	const letters = 400_000
	for _, use := range []struct {
		name     string
		n        int
		alphabet string
	}{
		{"session key", 32, signing.LowerAlphanumeric},
		{"CSRF secret", 32, signing.Alphanumeric},
		{"password salt", 22, signing.Alphanumeric},
		{"unusable password", 40, signing.Alphanumeric},
		{"all bytes but one", 40, allBytes()[1:]},
	} {
		t.Run("row/G44/"+strings.ReplaceAll(use.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			seen := map[string]bool{}
			var fair, biased strings.Builder
			for range letters / use.n {
				s := signing.RandomString(use.n, use.alphabet)
				if len(s) != use.n || strings.Trim(s, use.alphabet) != "" && use.n < 40 {
					t.Fatalf("RandomString = %q, want %d of the alphabet", s, use.n)
				}
				if seen[s] {
					t.Fatalf("RandomString made %q twice", s)
				}
				seen[s] = true
				fair.WriteString(s)
			}
			limit := chiSquareLimit(len(use.alphabet))
			if got := chiSquare(fair.String(), use.alphabet); got > limit {
				t.Errorf("letters are not equally likely: chi-square %.0f, limit %.0f", got, limit)
			}
			raw := make([]byte, letters)
			_, _ = rand.Read(raw)
			for _, b := range raw {
				biased.WriteByte(use.alphabet[int(b)%len(use.alphabet)])
			}
			if got := chiSquare(biased.String(), use.alphabet); got <= limit {
				t.Errorf("chi-square of biased letters %.0f is within the limit %.0f: this test sees nothing", got, limit)
			}
		})
	}
}

func allBytes() string {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}

func chiSquare(text, alphabet string) float64 {
	var counts [256]int
	for i := 0; i < len(text); i++ {
		counts[text[i]]++
	}
	want := float64(len(text)) / float64(len(alphabet))
	sum := 0.0
	for i := 0; i < len(alphabet); i++ {
		d := float64(counts[alphabet[i]]) - want
		sum += d * d / want
	}
	return sum
}

func chiSquareLimit(kinds int) float64 {
	freedom := float64(kinds - 1)
	return freedom + 8*math.Sqrt(2*freedom)
}

func TestRandomStringEdges(t *testing.T) {
	t.Parallel()
	if got := signing.RandomString(0, signing.Alphanumeric); got != "" {
		t.Errorf("RandomString(0) = %q, want nothing", got)
	}
	if got := signing.RandomString(1000, "ab"); len(got) != 1000 || strings.Trim(got, "ab") != "" {
		t.Errorf("RandomString(1000) = %q, want 1000 of a and b", got)
	}
	if got := signing.RandomString(300, allBytes()); len(got) != 300 {
		t.Errorf("RandomString of all bytes has %d, want 300", len(got))
	}
	for _, alphabet := range []string{"", "a", allBytes() + "a"} {
		if !panics(func() { signing.RandomString(1, alphabet) }) {
			t.Errorf("an alphabet of %d letters did not panic", len(alphabet))
		}
	}
	if !panics(func() { signing.RandomString(-1, "ab") }) {
		t.Error("-1 letters did not panic")
	}
}

func TestAlphabets(t *testing.T) {
	t.Parallel()
	for alphabet, want := range map[string]int{signing.Alphanumeric: 62, signing.LowerAlphanumeric: 36} {
		kinds := map[rune]bool{}
		for _, r := range alphabet {
			kinds[r] = true
		}
		if len(alphabet) != want || len(kinds) != want {
			t.Errorf("%q has %d letters, %d of them different, want %d", alphabet, len(alphabet), len(kinds), want)
		}
	}
}

func ExampleRandomString() {
	key := signing.RandomString(32, signing.LowerAlphanumeric)
	fmt.Println(len(key))
	// Output: 32
}
