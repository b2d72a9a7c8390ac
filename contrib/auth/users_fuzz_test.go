package auth_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/database"
)

// joinNames writes what splitNames reads, as the database does.
func joinNames(names []string) string {
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "%d:%s", len(name), name)
	}
	return b.String()
}

func FuzzSplitNames(f *testing.F) {
	for _, s := range []string{"", "9:auth.view3:a.b", "0:", "3:a.b", "5:a.b", "-1:x", "01:x", ":", "1:", "99999999999999999999:x", "6:é.ü", "2:\xff\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := auth.SplitNames(text)
		if err != nil {
			if set != nil {
				t.Errorf("SplitNames(%q) = %v beside an error", text, set)
			}
			return
		}
		names := slices.Sorted(maps.Keys(set))
		again, err := auth.SplitNames(joinNames(names))
		if err != nil || !maps.Equal(again, set) {
			t.Errorf("%v does not survive: %v, %v", set, again, err)
		}
	})
}

func TestSplitNames(t *testing.T) {
	t.Parallel()
	names := []string{"auth.add_user", "3:a.b", "é.ü", "a.", ".b", "a.b:c"}
	set, err := auth.SplitNames(joinNames(names))
	if got := slices.Sorted(maps.Keys(set)); err != nil || !slices.Equal(got, slices.Sorted(slices.Values(names))) {
		t.Errorf("SplitNames = %q, %v; want %q", got, err, names)
	}
	for _, text := range []string{"x", "1", "1:", "2:a", "-1:", "01:a", "+1:a", "1:ab", ":a", "9223372036854775808:a"} {
		if set, err := auth.SplitNames(text); err == nil {
			t.Errorf("SplitNames(%q) = %v, want an error", text, set)
		}
	}
}

type codeKey string

// String must not be taken for the key.
func (codeKey) String() string { return "code" }

// keyTypes are the types that a user's key can have.
func keyTypes() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[int64](), reflect.TypeFor[int32](), reflect.TypeFor[string](), reflect.TypeFor[codeKey](), reflect.TypeFor[database.UUID](),
	}
}

func FuzzParseKey(f *testing.F) {
	for _, s := range []string{"", "1", "-1", "01", "+1", "1 ", "9223372036854775807", "9223372036854775808", "2147483648", "1e3", "0x1", "é", "\x00",
		"\xff", "6ba7b810-9dad-41d1-80b4-00c04fd430c8", "6ba7b8109dad41d180b400c04fd430c8"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range keyTypes() {
			key, ok := auth.ParseKey(kind, text)
			if !ok {
				continue
			}
			if reflect.TypeOf(key) != kind || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				t.Errorf("ParseKey(%v, %q) = %#v", kind, text, key)
			}
			written := auth.KeyText(key)
			if kind != reflect.TypeFor[database.UUID]() && written != text {
				t.Errorf("ParseKey(%v, %q) is written %q: a key has two texts", kind, text, written)
			}
			if again, ok := auth.ParseKey(kind, written); !ok || again != key {
				t.Errorf("ParseKey(%v, %q) = %v, %v; want %v", kind, written, again, ok, key)
			}
		}
	})
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind reflect.Type
		text string
		want any // nil for none
	}{
		{reflect.TypeFor[int64](), "7", int64(7)},
		{reflect.TypeFor[int64](), "-7", int64(-7)},
		{reflect.TypeFor[int64](), "07", nil},
		{reflect.TypeFor[int64](), " 7", nil},
		{reflect.TypeFor[int64](), "", nil},
		{reflect.TypeFor[int64](), "9223372036854775808", nil},
		{reflect.TypeFor[int32](), "2147483648", nil},
		{reflect.TypeFor[string](), "a b", "a b"},
		{reflect.TypeFor[string](), "", nil},
		{reflect.TypeFor[string](), "a\x00", nil},
		{reflect.TypeFor[codeKey](), "abc", codeKey("abc")},
		{reflect.TypeFor[database.UUID](), "7", nil},
		{reflect.TypeFor[float64](), "7", nil},
	} {
		got, ok := auth.ParseKey(c.kind, c.text)
		if ok != (c.want != nil) || ok && got != c.want {
			t.Errorf("ParseKey(%v, %q) = %#v, %v; want %#v", c.kind, c.text, got, ok, c.want)
		}
	}
	if got := auth.KeyText(codeKey("abc")); got != "abc" {
		t.Errorf("a key of text with a method String is written %q", got)
	}
}
