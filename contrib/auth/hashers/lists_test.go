package hashers_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
)

// TestListsCostWhatDjangosDo: what a version of Django makes is up to date for the list of that
// version, and for no other whose cost differs. The figures are those of its hashers.py.
func TestListsCostWhatDjangosDo(t *testing.T) {
	t.Parallel()
	digest := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
	salt := strings.Repeat("s", 22)
	hashesOf := func(iterations, parallelism int) map[string]string {
		return map[string]string{
			"pbkdf2_sha256": fmt.Sprintf("pbkdf2_sha256$%d$%s$%s", iterations, salt, digest(32)),
			"pbkdf2_sha1":   fmt.Sprintf("pbkdf2_sha1$%d$%s$%s", iterations, salt, digest(20)),
			"scrypt":        fmt.Sprintf("scrypt$16384$%s$8$%d$%s", salt, parallelism, digest(64)),
		}
	}
	versions := []struct {
		name   string
		list   []hashers.Hasher
		hashes map[string]string
	}{
		{"5.2", hashers.Django52(), hashesOf(1_000_000, 5)},
		{"4.2", hashers.Django42(), hashesOf(600_000, 1)},
		{"3.2", hashers.Django32(), hashesOf(260_000, 1)},
	}
	for _, of := range versions {
		for _, made := range versions {
			for _, h := range of.list {
				encoded, known := made.hashes[h.Algorithm()]
				if !known {
					continue // argon2 and bcrypt cost the same in all of them
				}
				want := encoded != of.hashes[h.Algorithm()]
				if got := h.MustUpdate(encoded); got != want {
					t.Errorf("%s of Django %s's list: MustUpdate of a hash of Django %s = %v, want %v", h.Algorithm(), of.name, made.name, got, want)
				}
			}
		}
		if problems := hashers.New(hashers.Config{List: of.list}).Problems(); problems != nil {
			t.Errorf("Problems of Django %s's list: %q", of.name, problems)
		}
	}
}

func TestListIsTheCallersOwn(t *testing.T) {
	t.Parallel()
	h := hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}, nil, hashers.SHA1{}}})
	list := h.List()
	if len(list) != 2 || list[0].Algorithm() != "md5" || list[1].Algorithm() != "sha1" {
		t.Fatalf("List() = %v, want md5 and sha1", list)
	}
	list[0] = nil
	if h.List()[0] == nil {
		t.Error("a change of what List returned changed the hashers")
	}
}
