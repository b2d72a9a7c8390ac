package signing_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"testing"

	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

func TestSaltedHMACVectors(t *testing.T) {
	t.Parallel()
	type row struct {
		Salt      string `json:"key_salt"`
		Hex       string `json:"hexdigest"`
		Algorithm string
		Value     string
		Secret    string
	}
	hashes := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New}
	for _, r := range djangovectors.Section[row](t, "salted_hmac") {
		got := hex.EncodeToString(signing.SaltedHMACWith(hashes[r.Algorithm], r.Salt, r.Value, r.Secret))
		if got != r.Hex {
			t.Errorf("SaltedHMACWith %s of %q = %s, want %s", r.Algorithm, r.Value, got, r.Hex)
		}
		got = hex.EncodeToString(signing.SaltedHMAC(r.Salt, r.Value, r.Secret))
		if (got == r.Hex) != (r.Algorithm == "sha256") {
			t.Errorf("SaltedHMAC of %q = %s; %s has %s", r.Value, got, r.Algorithm, r.Hex)
		}
		key := signing.NewSaltedKey(r.Salt, r.Secret)
		for range 2 { // the second time with what the first left behind
			if worked := key.Hex(r.Value); worked != got {
				t.Errorf("SaltedKey's Hex of %q = %s, want %s", r.Value, worked, got)
			}
		}
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"", "", true},
		{"a", "a", true},
		{"a", "", false},
		{"", "a", false},
		{"ab", "ac", false},
		{"ab", "abc", false},
		{"ключ", "ключ", true},
		{"\xff", "\xfe", false},
	} {
		if got := signing.Equal(c.a, c.b); got != c.want {
			t.Errorf("Equal(%q, %q) = %t, want %t", c.a, c.b, got, c.want)
		}
	}
}

func ExampleSaltedHMAC() {
	fmt.Printf("%x\n", signing.SaltedHMAC("polls.vote", "question 7", "the secret"))
	// Output:
	// 4ce9bfa993b56904ffb1db6938e48313fb47de8e6331f854ed179ecf2cb1804d
}
