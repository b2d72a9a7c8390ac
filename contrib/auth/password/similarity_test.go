package password_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

func TestSimilarityVectors(t *testing.T) {
	t.Parallel()
	type row struct {
		A, B  string
		Ratio float64 `json:"quick_ratio"`
	}
	rows := djangovectors.Section[row](t, "sequence_matcher_quick_ratio")
	rows = append(rows, row{"", "", 1}, row{"日本", "本日", 1})
	for _, r := range rows {
		if got := password.Similarity(r.A, r.B); got != r.Ratio {
			t.Errorf("similarity of %q and %q = %v, want %v", r.A, r.B, got, r.Ratio)
		}
	}
}

func TestUserAttributeSimilarity(t *testing.T) {
	t.Parallel()
	john := djangoUser("john", "lennon@thebeatles.com", "John", "Lennon")
	tests := []struct {
		name  string
		v     password.UserAttributeSimilarity
		raw   string
		about []password.Attribute
		want  string // the label; "" means accepted
	}{
		{"nothing known", password.UserAttributeSimilarity{}, "john", nil, ""},
		{"whole value", password.UserAttributeSimilarity{}, "lennon@thebeatles.com", john, "email address"},
		{"word of a value", password.UserAttributeSimilarity{}, "TheBeatles", john, "email address"},
		{"order of the validator", password.UserAttributeSimilarity{}, "lennon", john, "last name"},
		{"own order", password.UserAttributeSimilarity{Attributes: []string{"email", "last_name"}}, "lennon", john, "email address"},
		{"no attribute", password.UserAttributeSimilarity{Attributes: []string{}}, "lennon", john, ""},
		{"unknown attribute", password.UserAttributeSimilarity{Attributes: []string{"phone"}}, "lennon", john, ""},
		{"longer password", password.UserAttributeSimilarity{}, "johnpassword", john, ""},
		{"anagram", password.UserAttributeSimilarity{}, "nonnel", john, "last name"},
		{"at the limit", password.UserAttributeSimilarity{MaxSimilarity: 0.75}, "abcd", djangoUser("bcde", "", "", ""), "username"},
		{"below the limit", password.UserAttributeSimilarity{MaxSimilarity: 0.76}, "abcd", djangoUser("bcde", "", "", ""), ""},
		{"value without words", password.UserAttributeSimilarity{}, "+++---", djangoUser("+-+-+-", "", "", ""), "username"},
		{"no label", password.UserAttributeSimilarity{}, "foobar", []password.Attribute{{Name: "username", Value: "foobar"}}, "username"},
		{"dotted capital I is two letters", password.UserAttributeSimilarity{MaxSimilarity: 1}, "ii", djangoUser("İİ", "", "", ""), ""},
		{"empty password", password.UserAttributeSimilarity{}, "", john, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, e := range refusals(t, tt.v.Validate(t.Context(), tt.raw, tt.about)) {
				got, _ = e.Params["verbose_name"].(string)
				if e.Code != "password_too_similar" || !strings.Contains(e.Message, got) {
					t.Errorf("code %q, message %q; want password_too_similar and the label %q", e.Code, e.Message, got)
				}
			}
			if got != tt.want {
				t.Errorf("label %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMaxSimilarityOutOfRange(t *testing.T) {
	t.Parallel()
	for _, limit := range []float64{0.09, 1.01, -1, math.NaN(), math.Inf(1)} {
		v := password.UserAttributeSimilarity{MaxSimilarity: limit}
		if err := v.Check(); err == nil || !strings.Contains(err.Error(), "at least 0.1") {
			t.Errorf("MaxSimilarity %v: Check() = %v, want an error", limit, err)
		}
		if err := v.Validate(t.Context(), "x", nil); err == nil {
			t.Errorf("MaxSimilarity %v: Validate = nil, want an error", limit)
		}
	}
}

func TestReferenceSimilarity(t *testing.T) { // not parallel: it counts allocations
	t.Run("row/G33", func(t *testing.T) {
		var different strings.Builder // counting its 300,000 different characters takes many allocations
		for r := rune(0x10000); different.Len() < 1<<20; r++ {
			different.WriteRune(r)
		}
		about := djangoUser("testclient", "testclient@example.com", "Test", "Client")
		for name, raw := range map[string]string{
			"one character":        strings.Repeat("t", 1<<20),
			"different characters": different.String(),
		} {
			var err error
			allocations := testing.AllocsPerRun(1, func() {
				err = password.UserAttributeSimilarity{}.Validate(t.Context(), raw, about)
			})
			if err != nil {
				t.Errorf("%s, 1 MB: %v, want it accepted", name, err)
			}
			if allocations > 100 {
				t.Errorf("%s, 1 MB: %v allocations, so its characters were compared", name, allocations)
			}
		}
		// What is long on both sides is still compared.
		long := strings.Repeat("ab", 1<<18)
		err := password.UserAttributeSimilarity{}.Validate(t.Context(), long, djangoUser(strings.Repeat("ba", 1<<18), "", "", ""))
		if got := codes(t, err); !slices.Equal(got, []string{"password_too_similar"}) {
			t.Errorf("long password and long name: codes %q, want password_too_similar", got)
		}
	})
}

func FuzzUserAttributeSimilarity(f *testing.F) {
	f.Add("thebeatles1", "lennon@thebeatles.com", 0.7)
	f.Add("drowssap", "password", 1.0)
	f.Add("", "x", 0.1)
	f.Add("\xff", "\xfeé", 0.5)
	f.Fuzz(func(t *testing.T, raw, value string, limit float64) {
		v := password.UserAttributeSimilarity{MaxSimilarity: limit}
		err := v.Validate(t.Context(), raw, djangoUser(value, "", "", ""))
		if v.Check() != nil {
			if err == nil {
				t.Errorf("limit %v: no error", limit)
			}
			return
		}
		if limit == 0 {
			limit = 0.7
		}
		refused := len(refusals(t, err)) > 0
		whole := value != "" && ratioByHand(strings.ToLower(raw), strings.ToLower(value)) >= limit
		if ascii(raw+value) && whole && !refused {
			t.Errorf("%q is like %q as a whole and was accepted", raw, value)
		}
		if ascii(raw+value) && refused && !whole {
			for _, word := range strings.FieldsFunc(strings.ToLower(value), func(r rune) bool {
				return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789_", r)
			}) {
				if ratioByHand(strings.ToLower(raw), word) >= limit {
					return
				}
			}
			t.Errorf("%q is like no word of %q and was refused", raw, value)
		}
	})
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// ratioByHand strikes out one shared character after the other.
func ratioByHand(a, b string) float64 {
	if a+b == "" {
		return 1
	}
	rest, shared := []byte(b), 0
	for i := range len(a) {
		if j := slices.Index(rest, a[i]); j >= 0 {
			rest = slices.Delete(rest, j, j+1)
			shared++
		}
	}
	return 2 * float64(shared) / float64(len(a)+len(b))
}
