package signing

import "crypto/rand"

// The alphabets of Django's random values, in Django's order.
const (
	// Alphanumeric has 62 letters: CSRF tokens, password salts.
	Alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	// LowerAlphanumeric has 36 letters: session keys.
	LowerAlphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789"
)

// RandomString returns n letters of the alphabet from the system's secure source, each letter
// equally likely and independent of the others. An alphabet is 2 to 256 single bytes; it panics
// on another length and on a negative n, which are mistakes in the program.
func RandomString(n int, alphabet string) string {
	if n < 0 || len(alphabet) < 2 || len(alphabet) > 256 {
		panic("signing: RandomString needs n >= 0 and an alphabet of 2 to 256 bytes")
	}
	// A byte above the largest multiple of the alphabet's length would favour the first letters.
	limit := 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	var random [64]byte
	for len(out) < n {
		_, _ = rand.Read(random[:]) // never fails: it ends the program when the system has no randomness
		for _, b := range random {
			if int(b) < limit && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}
