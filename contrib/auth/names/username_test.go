package names_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

func TestNormalizeUsername(t *testing.T) {
	t.Parallel()
	type row struct{ Input, Output string }
	for _, r := range djangovectors.Section[row](t, "normalize_username") {
		if got := names.NormalizeUsername(r.Input); got != r.Output {
			t.Errorf("NormalizeUsername(%q) = %q, want %q", r.Input, got, r.Output)
		}
	}
}

func TestUsernameRules(t *testing.T) {
	t.Parallel()
	type row struct {
		Username       string
		Unicode, ASCII bool
	}
	rows := djangovectors.Section[row](t, "username_validators")
	rows = append(rows,
		row{strings.Repeat("x", names.MaxUsername), true, true},
		row{strings.Repeat("é", names.MaxUsername), true, false},
		row{"\n", false, false},
		row{"a\nb", false, false},
		row{"nul\x00", false, false},
		row{"\xff", false, false},
		row{"replacement\ufffd", false, false},
		row{"_", true, true},
	)
	for _, r := range rows {
		if got := code(t, names.UnicodeUsername(r.Username)); got != invalidUnless(r.Unicode) {
			t.Errorf("UnicodeUsername(%q): code %q, want %q", r.Username, got, invalidUnless(r.Unicode))
		}
		if got := code(t, names.ASCIIUsername(r.Username)); got != invalidUnless(r.ASCII) {
			t.Errorf("ASCIIUsername(%q): code %q, want %q", r.Username, got, invalidUnless(r.ASCII))
		}
	}
	long := strings.Repeat("x", names.MaxUsername+1)
	if got := code(t, names.UnicodeUsername(long)); got != "max_length" {
		t.Errorf("UnicodeUsername(151 characters): code %q, want max_length", got)
	}
	if got := code(t, names.ASCIIUsername(long)); got != "max_length" {
		t.Errorf("ASCIIUsername(151 characters): code %q, want max_length", got)
	}
}

func invalidUnless(valid bool) string {
	if valid {
		return ""
	}
	return "invalid"
}

func TestCleanUsername(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, raw  string
		most       int
		want, code string
	}{
		{"plain", "joe", 0, "joe", ""},
		{"ligature", "ﬀ", 0, "ff", ""},
		{"white space around", "\t joe \u00a0\x1f", 0, "joe", ""},
		{"empty", "", 0, "", "required"},
		{"white space", " \u2003\x1c", 0, "", "required"},
		{"white space within", "a b", 0, "", "invalid"},
		{"longest", strings.Repeat("é", 150), 0, strings.Repeat("é", 150), ""},
		{"too long", strings.Repeat("é", 151), 0, "", "max_length"},
		{"too long only when normalised", strings.Repeat("\ufdfa", 150), 0, "", "max_length"},
		{"too long until normalised", strings.Repeat("e\u0301", 76), 0, "", "max_length"},
		{"own limit", strings.Repeat("x", 31), 30, "", "max_length"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := names.CleanUsername(tt.raw, tt.most, names.UnicodeUsername)
			if c := code(t, err); got != tt.want || c != tt.code {
				t.Errorf("CleanUsername(%q, %d) = %q, code %q; want %q, code %q", tt.raw, tt.most, got, c, tt.want, tt.code)
			}
		})
	}
}

func TestCleanUsernameWithoutRules(t *testing.T) {
	t.Parallel()
	if got, err := names.CleanUsername("o'connell ﬀ", 0); got != "o'connell ff" || err != nil {
		t.Errorf("CleanUsername without rules = %q, %v; want %q, nil", got, err, "o'connell ff")
	}
}

// The length must be looked at before the work of normalising is done.
func TestCleanUsernameLongInput(t *testing.T) { // not parallel: it counts allocations
	huge := strings.Repeat("ﬀ", 1<<20/3)
	var err error
	allocations := testing.AllocsPerRun(1, func() { _, err = names.CleanUsername(huge, 0, names.UnicodeUsername) })
	if got := code(t, err); got != "max_length" {
		t.Errorf("CleanUsername(1 MB): code %q, want max_length", got)
	}
	if allocations > 20 {
		t.Errorf("CleanUsername(1 MB) allocates %v times, so it did more than count", allocations)
	}
	var refusal *forms.Error
	if errors.As(err, &refusal) && len(refusal.Message) > 200 {
		t.Errorf("CleanUsername(1 MB): message of %d bytes, want a short one", len(refusal.Message))
	}
}

func TestDjangoUsernameValidators(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		rule           func(string) error
		valid, invalid []string
	}{
		{
			"django/auth_tests/test_validators.py/UsernameValidatorsTests.test_unicode_validator",
			names.UnicodeUsername,
			[]string{"joe", "René", "ᴮᴵᴳᴮᴵᴿᴰ", "أحمد"},
			[]string{"o'connell", "عبد ال", "zerowidth\u200bspace", "nonbreaking\u00a0space", "en\u2013dash", "trailingnewline\n"},
		},
		{
			"django/auth_tests/test_validators.py/UsernameValidatorsTests.test_ascii_validator",
			names.ASCIIUsername,
			[]string{"glenn", "GLEnN", "jean-marc"},
			[]string{"o'connell", "Éric", "jean marc", "أحمد", "trailingnewline\n"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, name := range tt.valid {
				if got := code(t, tt.rule(name)); got != "" {
					t.Errorf("%q: code %q, want none", name, got)
				}
			}
			for _, name := range tt.invalid {
				if got := code(t, tt.rule(name)); got != "invalid" {
					t.Errorf("%q: code %q, want invalid", name, got)
				}
			}
		})
	}
}

func TestReferenceUsername(t *testing.T) {
	t.Parallel()
	t.Run("row/U02", func(t *testing.T) {
		t.Parallel()
		for raw, want := range map[string]string{
			"joe": "", "a@b.c+d-e_f": "", "日本語": "", strings.Repeat("é", 150): "",
			"o'connell": "invalid", "a b": "invalid", "trailing\nnewline": "invalid",
			strings.Repeat("é", 151): "max_length", "": "required",
		} {
			if _, err := names.CleanUsername(raw, 0, names.UnicodeUsername); code(t, err) != want {
				t.Errorf("%q: code %q, want %q", raw, code(t, err), want)
			}
		}
		if got := code(t, names.UnicodeUsername("joe\n")); got != "invalid" {
			t.Errorf("trailing newline: code %q, want invalid", got)
		}
		if got, err := names.CleanUsername("ﬀ", 0, names.UnicodeUsername); got != "ff" || err != nil {
			t.Errorf("ligature: %q, %v; want ff, nil", got, err)
		}
		if got := code(t, names.ASCIIUsername("日本語")); got != "invalid" {
			t.Errorf("ASCII rule, Japanese: code %q, want invalid", got)
		}
	})
}

func BenchmarkCleanUsername(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = names.CleanUsername("john.lennon", 0, names.UnicodeUsername)
	}
}

func FuzzCleanUsername(f *testing.F) {
	for _, s := range []string{"joe", "ﬀ", "o'connell", " a b\n", "\xff\u0301", strings.Repeat("\ufdfa", 10), "\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		name, err := names.CleanUsername(raw, 0, names.UnicodeUsername)
		if err != nil {
			if code(t, err); name != "" {
				t.Errorf("CleanUsername(%q) = %q beside an error", raw, name)
			}
			return
		}
		if n := utf8.RuneCountInString(name); n == 0 || n > names.MaxUsername {
			t.Errorf("CleanUsername(%q) has %d characters", raw, n)
		}
		if !utf8.ValidString(name) || !norm.NFKC.IsNormalString(name) || strings.ContainsAny(name, " \n\x00'<>&\"/") {
			t.Errorf("CleanUsername(%q) = %q, which is no clean name", raw, name)
		}
		if again, err := names.CleanUsername(name, 0, names.UnicodeUsername); err != nil || again != name {
			t.Errorf("CleanUsername(%q) = %q, %v; want it unchanged", name, again, err)
		}
	})
}
