package names_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// code returns the code of a refusal, "" for no error, and fails the test for any other error.
func code(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var refusal *forms.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("error is a %T, want *forms.Error: %v", err, err)
	}
	if refusal.Message == "" {
		t.Errorf("error with code %q has no message", refusal.Code)
	}
	return refusal.Code
}

func TestSameIgnoringCase(t *testing.T) {
	t.Parallel()
	type row struct {
		A, B  string
		Equal bool
	}
	rows := djangovectors.Section[row](t, "unicode_ci_compare")
	rows = append(rows,
		row{"", "", true},
		row{"", "a", false},
		row{"İ@x", "i@x", false},
		row{"ΌΣΟΣ", "όσος", true}, // both forms of the small sigma
		row{"\u212a@x", "k@x", true},
		row{"Ꭰ", "ꭰ", true}, // Cherokee, whose capitals are the folded form
		row{"Ᏸ", "ᏸ", true},
		row{"a b", "ab", false},
	)
	for _, r := range rows {
		if got := names.SameIgnoringCase(r.A, r.B); got != r.Equal {
			t.Errorf("SameIgnoringCase(%q, %q) = %v, want %v", r.A, r.B, got, r.Equal)
		}
	}
}

func FuzzSameIgnoringCase(f *testing.F) {
	f.Add("mike@example.org", "MIKE@EXAMPLE.ORG")
	f.Add("straße", "STRASSE")
	f.Add("\xff", "\xfe")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !names.SameIgnoringCase(a, a) {
			t.Errorf("SameIgnoringCase(%q, itself) = false", a)
		}
		if names.SameIgnoringCase(a, b) != names.SameIgnoringCase(b, a) {
			t.Errorf("SameIgnoringCase(%q, %q) depends on the order", a, b)
		}
		for i := range len(a) {
			if a[i] > 0x7f {
				return
			}
		}
		if !names.SameIgnoringCase(a, strings.ToUpper(a)) {
			t.Errorf("SameIgnoringCase(%q, its capitals) = false", a)
		}
	})
}
