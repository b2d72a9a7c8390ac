package signing

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"hash"
)

// SaltedHMAC returns the 32 bytes of HMAC-SHA256 over value, under the key SHA256(salt + secret).
// It is what Django calls salted_hmac with sha256; the salt names the purpose and is no secret.
// It takes the secret as it is, also an empty one.
func SaltedHMAC(salt, value, secret string) []byte {
	return SaltedHMACWith(sha256.New, salt, value, secret)
}

// SaltedHMACWith is [SaltedHMAC] with another hash in both places, as old Django versions have
// it with sha1. The result has the length of the hash.
func SaltedHMACWith(newHash func() hash.Hash, salt, value, secret string) []byte {
	mac := hmac.New(newHash, deriveKey(newHash, salt, secret))
	mac.Write([]byte(value))
	return mac.Sum(nil)
}

func deriveKey(newHash func() hash.Hash, salt, secret string) []byte {
	h := newHash()
	h.Write([]byte(salt))
	h.Write([]byte(secret))
	return h.Sum(nil)
}

// Equal reports whether a and b are the same text, in a time that depends on their lengths only.
// Compare tokens, hashes and signatures with it, never with ==.
func Equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
