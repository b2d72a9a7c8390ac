package hasherstest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/hashers/hasherstest"
)

// A third party runs the conformance test on its own hasher.
func TestConformance(t *testing.T) {
	t.Parallel()
	hasherstest.TestHasher(t, &hasherstest.Counting{Hasher: hashers.BCrypt{Cost: 4}})
	hasherstest.TestHasher(t, plain{hashers.MD5{}})
}

// plain has none of the optional methods.
type plain struct{ hashers.Hasher }

func TestCountingPlainHasher(t *testing.T) {
	t.Parallel()
	c := &hasherstest.Counting{Hasher: plain{hashers.MD5{}}}
	c.Harden("secret", "md5$s$0123456789abcdef0123456789abcdef")
	fields, err := c.Summary("md5$s$0123456789abcdef0123456789abcdef")
	if err != nil || len(fields) != 1 || fields[0].Value != "md5" {
		t.Errorf("Summary = %v, %v, want the algorithm alone", fields, err)
	}
	if got, want := c.Take(), (hasherstest.Counts{Harden: 1}); got != want {
		t.Errorf("Take() = %+v, want %+v", got, want)
	}
}

// Whether the password is wrong or the hash is no hash, the work is one run.
func ExampleCounting() {
	counted := &hasherstest.Counting{Hasher: hashers.MD5{}}
	h := hashers.New(hashers.Config{List: []hashers.Hasher{counted}})
	for _, encoded := range []string{"md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3", hashers.Unusable(), "gibberish"} {
		if _, err := h.Check(context.Background(), "wrong", encoded); err != nil {
			fmt.Println(err)
		}
		fmt.Println(counted.Take().Total())
	}
	// Output:
	// 1
	// 1
	// 1
}
