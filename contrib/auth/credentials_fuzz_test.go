package auth_test

import (
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
)

// FuzzCleanCredentials: a value is shown as it is or not at all, and never under a name that may be
// a secret's.
func FuzzCleanCredentials(f *testing.F) {
	for _, name := range []string{"username", "password", "PASSWORD2", "my_api", "Token", "monkey", "", "\xff", "pass\x00word", "ſecret", "toKen"} {
		f.Add(name, "hunter2")
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		got := auth.CleanCredentials(map[string]string{name: value})
		shown, ok := got[name]
		if len(got) != 1 || !ok {
			t.Fatalf("CleanCredentials of %q = %q, want one value", name, got)
		}
		secret := false
		for _, part := range []string{"api", "token", "key", "secret", "password", "signature"} {
			secret = secret || strings.Contains(strings.ToLower(name), part)
		}
		switch {
		case secret && shown != "********************":
			t.Errorf("the name %q shows its value", name)
		case shown != value && shown != "********************":
			t.Errorf("the name %q shows %q for %q", name, shown, value)
		}
	})
}
