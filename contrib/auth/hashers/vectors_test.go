package hashers_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// vector is a hash that Django made.
type vector struct {
	Algorithm, Password, Salt, Encoded string
	Identified                         string `json:"identified_as"`
	Iterations                         int
	Time                               int            `json:"time_cost"`
	Memory                             int            `json:"memory_cost"`
	Parallelism                        int            // of argon2
	N, R, P                            int            // of scrypt
	MustUpdate                         *bool          `json:"must_update"` // absent from the legacy section
	Summary                            map[string]any `json:"safe_summary"`
}

// hasher returns a hasher with the cost that the vector was made with, and one with Django's.
func (v vector) hasher(t *testing.T) (made, standard hashers.Hasher) {
	switch v.Algorithm {
	case "pbkdf2_sha256":
		return hashers.PBKDF2SHA256{Iterations: v.Iterations}, hashers.PBKDF2SHA256{}
	case "pbkdf2_sha1":
		return hashers.PBKDF2SHA1{Iterations: v.Iterations}, hashers.PBKDF2SHA1{}
	case "argon2":
		return hashers.Argon2{Memory: v.Memory, Time: v.Time, Threads: v.Parallelism, Length: 16}, hashers.Argon2{}
	case "scrypt":
		return hashers.Scrypt{N: v.N, R: v.R, P: v.P}, hashers.Scrypt{}
	}
	for _, one := range append(hashers.Django52(), append(hashers.Django14(), hashers.UnsaltedMD5{}, hashers.UnsaltedSHA1{})...) {
		if one.Algorithm() == v.Algorithm {
			return one, one
		}
	}
	t.Fatalf("no hasher for %s", v.Algorithm)
	return nil, nil
}

func TestVectors(t *testing.T) {
	t.Parallel()
	all := append(djangovectors.Section[vector](t, "password_hashes"),
		djangovectors.Section[vector](t, "legacy_password_hashes_django42")...)
	for i, v := range all {
		t.Run(fmt.Sprintf("%02d %s", i, v.Algorithm), func(t *testing.T) {
			t.Parallel()
			testVector(t, v)
		})
	}
}

// testVector makes the hash where the salt can be given, and otherwise verifies it: one run each.
func testVector(t *testing.T, v vector) {
	made, standard := v.hasher(t)
	_, salter := made.(hashers.Salter)
	if salter || v.Algorithm == "crypt" {
		if ok, err := made.Verify(v.Password, v.Encoded); !ok || err != nil {
			t.Errorf("Verify(%q, %q) = %v, %v, want true", v.Password, v.Encoded, ok, err)
		}
	} else if got := mustEncode(t, made, v.Password, v.Salt); got != v.Encoded {
		t.Errorf("Encode = %q, want %q", got, v.Encoded)
	}
	if want := v.MustUpdate; want != nil && standard.MustUpdate(v.Encoded) != *want {
		t.Errorf("MustUpdate = %v, want %v", !*want, *want)
	}
	identifiedAs(t, withList(standard), v.Encoded, v.Algorithm)
	if v.Identified != "" && v.Identified != v.Algorithm {
		t.Errorf("the vector says %s and %s", v.Identified, v.Algorithm)
	}
	if v.Summary == nil {
		return
	}
	fields, err := withList(standard).Summary(v.Encoded)
	if err != nil {
		t.Fatalf("Summary: %v", err)
	}
	got := map[string]string{}
	for _, f := range fields {
		got[f.Name] = f.Value
	}
	for name, value := range v.Summary {
		if want := fmt.Sprint(value); got[name] != want {
			t.Errorf("Summary has %s: %q, want %q", name, got[name], want)
		}
	}
	if len(got) != len(v.Summary) {
		t.Errorf("Summary = %v, want the %d fields %v", got, len(v.Summary), v.Summary)
	}
}

// UnmarshalJSON keeps whole numbers whole, so that they print as Django prints them.
func (v *vector) UnmarshalJSON(data []byte) error {
	type plain vector
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	return decoder.Decode((*plain)(v))
}

func TestVectorsIdentify(t *testing.T) {
	t.Parallel()
	type row struct {
		Encoded, Error string
		Algorithm      *string
		Usable         bool `json:"is_password_usable"`
	}
	h := withList(append(hashers.Django52(), hashers.BCrypt{})...)
	for _, r := range djangovectors.Section[row](t, "identify_hasher") {
		if got := hashers.IsUsable(r.Encoded); got != r.Usable {
			t.Errorf("IsUsable(%q) = %v, want %v", r.Encoded, got, r.Usable)
		}
		if r.Algorithm != nil {
			identifiedAs(t, h, r.Encoded, *r.Algorithm)
			continue
		}
		// Django's message repeats text that names nothing; ours does not, it might be a hash.
		_, name, _ := strings.Cut(r.Error, "'")
		name, _, _ = strings.Cut(name, "'")
		if name == r.Encoded {
			name = ""
		}
		var unknown *hashers.UnknownAlgorithmError
		if _, err := h.Identify(r.Encoded); !errors.As(err, &unknown) || unknown.Algorithm != name {
			t.Errorf("Identify(%q): error %v, want an UnknownAlgorithmError for %q", r.Encoded, err, name)
		}
	}
}

func TestVectorsMask(t *testing.T) {
	t.Parallel()
	type row struct {
		Hash, Masked string
		Show         int
	}
	for _, r := range djangovectors.Section[row](t, "mask_hash") {
		if got := hashers.Mask(r.Hash, r.Show); got != r.Masked {
			t.Errorf("Mask(%q, %d) = %q, want %q", r.Hash, r.Show, got, r.Masked)
		}
	}
}

func TestVectorsMustUpdateSalt(t *testing.T) {
	t.Parallel()
	type row struct {
		Salt       string
		MustUpdate bool `json:"must_update"`
	}
	for _, r := range djangovectors.Section[row](t, "must_update_salt") {
		if got := hashers.WeakSalt(r.Salt); got != r.MustUpdate {
			t.Errorf("weakSalt(%q) = %v, want %v", r.Salt, got, r.MustUpdate)
		}
	}
}
