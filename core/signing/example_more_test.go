package signing_test

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"

	"github.com/go-belleville/belleville/core/signing"
)

// Secrets are compared in a time that tells nothing of where they differ.
func ExampleEqual() {
	fmt.Println(signing.Equal("a token", "a token"), signing.Equal("a token", "a tokem"))
	// Output: true false
}

// Django before 3.1 used SHA-1; what it made can still be checked.
func ExampleSaltedHMACWith() {
	fmt.Println(hex.EncodeToString(signing.SaltedHMACWith(sha1.New, "salt", "value", "secret")))
	// Output: a82be9ba6efe61405ee8d2e8a3781c37e103360a
}

// The number in a password reset token.
func ExampleEncodeBase36() {
	text, err := signing.EncodeBase36(1_000_000)
	fmt.Println(text, err)
	fmt.Println(signing.DecodeBase36(text))
	_, err = signing.DecodeBase36("no number")
	fmt.Println(err)
	// Output:
	// lfls <nil>
	// 1000000 <nil>
	// signing: not a valid encoding
}

// The time in a signed value.
func ExampleEncodeBase62() {
	text := signing.EncodeBase62(1_767_225_600)
	fmt.Println(text)
	fmt.Println(signing.DecodeBase62(text))
	// Output:
	// 1vb66i
	// 1767225600 <nil>
}

func ExampleEncodeURLSafeBase64() {
	text := signing.EncodeURLSafeBase64([]byte{0xfb, 0xff})
	fmt.Println(text)
	fmt.Println(signing.DecodeURLSafeBase64(text))
	// Output:
	// -_8
	// [251 255] <nil>
}

// A key that is needed on every request, worked out once.
func ExampleNewSaltedKey() {
	key := signing.NewSaltedKey("shop.receipt", "secret")
	fmt.Println(key.Hex("order 7") == hex.EncodeToString(signing.SaltedHMAC("shop.receipt", "order 7", "secret"))) // public: an example
	// Output: true
}
