package contenttypes_test

import (
	"reflect"
	"testing"

	"github.com/go-belleville/belleville/contrib/contenttypes"
)

// hexKey is a key that reads itself, as UUIDs do.
type hexKey [2]byte

func (k *hexKey) UnmarshalText(text []byte) error {
	if len(text) != 2 {
		return contenttypes.ErrNotFound
	}
	return nil
}

// FuzzParseKey: what is taken for a key has one text, which is taken for the same key.
func FuzzParseKey(f *testing.F) {
	for _, text := range []string{"", "7", "-7", "007", "+7", "9223372036854775808", "to be", "a\x00b", "\xff", "ab"} {
		f.Add(text)
	}
	types := []reflect.Type{
		reflect.TypeFor[int64](), reflect.TypeFor[int8](), reflect.TypeFor[string](), reflect.TypeFor[hexKey](), reflect.TypeFor[float64](),
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, typ := range types[:3] {
			key, ok := contenttypes.ParseKey(typ, text)
			if !ok {
				continue
			}
			again, ok := contenttypes.ParseKey(typ, contenttypes.KeyText(reflect.ValueOf(key)))
			if !ok || again != key {
				t.Errorf("%s: %q is the key %v, whose own text is the key %v, %v", typ, text, key, again, ok)
			}
		}
		if _, ok := contenttypes.ParseKey(types[3], text); ok != (len(text) == 2) {
			t.Errorf("%q is a key of two letters: %v", text, ok)
		}
		if key, ok := contenttypes.ParseKey(types[4], text); ok {
			t.Errorf("%q is a key of a type that cannot be one: %v", text, key)
		}
	})
}
