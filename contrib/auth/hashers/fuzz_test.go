package hashers_test

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
)

// fuzzStored gives one hasher any stored text. Nothing may panic; an error must be ErrMalformed or
// ErrPassword and must not repeat the text; a text that verifies must be one that Encode could have
// made. Costs that would make a run slow are read but not run.
func fuzzStored(f *testing.F, costs int, list ...hashers.Hasher) {
	f.Helper()
	for _, h := range list {
		for _, password := range []string{"", "secret"} {
			salt := ""
			if _, own := h.(hashers.Salter); !own {
				salt = strings.Repeat("s", 22)
			} else if h.Algorithm() == "crypt" {
				salt = "ab"
			}
			f.Add(password, mustEncode(f, h, password, salt))
		}
	}
	set := withList(list...)
	numbers := regexp.MustCompile(`\d{2,}`)
	f.Fuzz(func(t *testing.T, password, encoded string) {
		hasher, err := set.Identify(encoded)
		if err != nil {
			return
		}
		hasher.MustUpdate(encoded)
		fields, summaryErr := set.Summary(encoded)
		if summaryErr != nil && !errors.Is(summaryErr, hashers.ErrMalformed) {
			t.Errorf("Summary(%q): %v", encoded, summaryErr)
		}
		if summaryErr == nil && (len(fields) < 2 || fields[0].Value != hasher.Algorithm()) {
			t.Errorf("Summary(%q) = %v", encoded, fields)
		}
		if summaryErr == nil {
			for _, field := range fields[1:] {
				for _, number := range numbers.FindAllString(field.Value, -1) {
					if n, err := strconv.Atoi(number); err != nil || n > costs {
						return
					}
				}
			}
		}
		ok, err := hasher.Verify(password, encoded)
		if err != nil && !errors.Is(err, hashers.ErrMalformed) && !errors.Is(err, hashers.ErrPassword) {
			t.Errorf("Verify(%q, %q): %v", password, encoded, err)
		}
		if err != nil && len(encoded) > 20 && strings.Contains(err.Error(), encoded) {
			t.Errorf("Verify(%q): the error repeats the text: %v", encoded, err)
		}
		if errors.Is(err, hashers.ErrMalformed) != (summaryErr != nil) {
			t.Errorf("%q: Verify says %v, Summary %v", encoded, err, summaryErr)
		}
		if ok && strings.Count(encoded, "$") == 0 && hasher.Algorithm() != "unsalted_md5" {
			t.Errorf("Verify(%q, %q) = true", password, encoded)
		}
	})
}

func FuzzPBKDF2(f *testing.F) {
	fuzzStored(f, 5000, hashers.PBKDF2SHA256{Iterations: 10}, hashers.PBKDF2SHA1{Iterations: 10})
}

func FuzzArgon2(f *testing.F) {
	f.Add("secret", "argon2$argon2i$m=8,t=1,p=1$c29tZXNhbHQ$gwQOXSNhxiOxPOA0+PY10P9QFO4NAYysnqRt1GSQLE55m+2GYDt9FEjPMHhP2Cuf0nOEXXMocVrsJAtNSsKyfg")
	f.Add("secret", "argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q")
	fuzzStored(f, 1000, hashers.Argon2{Memory: 8, Time: 1, Threads: 1})
}

func FuzzBCrypt(f *testing.F) {
	fuzzStored(f, 5, hashers.BCryptSHA256{Cost: 4}, hashers.BCrypt{Cost: 4})
}

func FuzzScrypt(f *testing.F) {
	fuzzStored(f, 100, hashers.Scrypt{N: 2, R: 1, P: 1})
}

func FuzzDigests(f *testing.F) {
	f.Add("johnpassword", "md5$$530e1d17307fcea31ab6eb9609db1075")
	fuzzStored(f, 1<<40, hashers.MD5{}, hashers.SHA1{}, hashers.UnsaltedMD5{}, hashers.UnsaltedSHA1{}, hashers.Crypt{})
}

// FuzzCheck gives Check any password and any stored text: it always answers, and only a text of a
// known algorithm can be right.
func FuzzCheck(f *testing.F) {
	f.Add("secret", "!abc")
	f.Add("secret", "gibberish")
	f.Add("", "")
	f.Add("a\x00b", "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3")
	h := withList(hashers.MD5{}, hashers.SHA1{}, hashers.UnsaltedMD5{}, hashers.UnsaltedSHA1{}, hashers.Crypt{})
	f.Fuzz(func(t *testing.T, password, encoded string) {
		result, err := h.Check(t.Context(), password, encoded)
		if err != nil {
			t.Errorf("Check(%q, %q): %v", password, encoded, err)
		}
		if _, err := h.Identify(encoded); result.OK && (err != nil || !hashers.IsUsable(encoded)) {
			t.Errorf("Check(%q, %q) is OK", password, encoded)
		}
	})
}
