package hashers_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
)

// A hash of an old algorithm is right, and is to be replaced.
func Example() {
	ctx := context.Background()
	h := hashers.New(hashers.Config{List: []hashers.Hasher{
		hashers.PBKDF2SHA256{Iterations: 1000}, // leave the number out, except in tests
		hashers.SHA1{},
	}})
	stored := "sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8"

	result, err := h.Check(ctx, "lètmein", stored)
	fmt.Println(result.OK, result.MustUpdate, err)

	if result.MustUpdate {
		if stored, err = h.Make(ctx, "lètmein"); err == nil {
			fmt.Println(stored[:19]) // and store it
		}
	}
	result, _ = h.Check(ctx, "lètmein", stored)
	fmt.Println(result.OK, result.MustUpdate)
	// Output:
	// true true <nil>
	// pbkdf2_sha256$1000$
	// true false
}

// For a user who does not exist the same work is done as for one who does.
func ExampleHashers_Burn() {
	h := hashers.New(hashers.Config{List: []hashers.Hasher{hashers.PBKDF2SHA256{Iterations: 1000}}})
	if err := h.Burn(context.Background(), "guess"); errors.Is(err, hashers.ErrBusy) {
		fmt.Println("answer 503 with Retry-After")
	}
	fmt.Println("unknown user or wrong password")
	// Output: unknown user or wrong password
}

func ExampleHashers_Summary() {
	h := hashers.New(hashers.Config{})
	fields, err := h.Summary("pbkdf2_sha256$1000000$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range fields {
		fmt.Println(f.Name+":", f.Value)
	}
	// Output:
	// algorithm: pbkdf2_sha256
	// iterations: 1000000
	// salt: seasal*
	// hash: r1uLUx**************************************
}

func ExampleHashers_Problems() {
	h := hashers.New(hashers.Config{List: []hashers.Hasher{hashers.Argon2{}, hashers.BCrypt{Cost: 3}}})
	for _, problem := range h.Problems() {
		fmt.Println(problem)
	}
	// Output: Hasher bcrypt: Cost must lie between 4 and 31; use 0 for Django's 12.
}

func ExampleUnusable() {
	encoded := hashers.Unusable()
	fmt.Println(len(encoded), hashers.IsUsable(encoded))
	// Output: 41 false
}

// The lists are those of Django's versions: what is stored by one of them verifies.
func ExampleDjango52() {
	for _, list := range [][]hashers.Hasher{hashers.Django52(), hashers.Django42(), hashers.Django32(), hashers.Django14()} {
		fmt.Println(len(list), list[0].Algorithm())
	}
	// Output:
	// 5 pbkdf2_sha256
	// 5 pbkdf2_sha256
	// 4 pbkdf2_sha256
	// 6 pbkdf2_sha256
}

// What an administrator may see of a hash.
func ExampleMask() {
	fmt.Println(hashers.Mask("cff36ea83f5706ce", 6))
	// Output: cff36e**********
}

func ExampleSalt() {
	salt, err := hashers.Salt(hashers.PBKDF2SHA256{}, rand.Reader)
	fmt.Println(len(salt), err)
	// Output: 22 <nil>
}
