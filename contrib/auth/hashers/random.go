package hashers

import (
	"crypto/rand"
	"io"
	"unicode/utf8"
)

// alphabet has the 62 characters of Django's random texts, each worth 5.95 bits.
const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// saltLength characters of the alphabet have 128 bits or more; one less has not.
const saltLength = 22

// Salt returns a new salt for the hasher's Encode: the hasher's own when it is a [Salter],
// otherwise 22 letters and digits, which is 131 bits.
func Salt(h Hasher, random io.Reader) (string, error) {
	if s, ok := h.(Salter); ok {
		return s.Salt(random)
	}
	return textFrom(random, saltLength)
}

// weakSalt reports whether a salt of the alphabet would have less than 128 bits.
func weakSalt(salt string) bool { return utf8.RuneCountInString(salt) < saltLength }

// randomText returns n characters of the alphabet from the operating system.
func randomText(n int) string {
	text, err := textFrom(rand.Reader, n)
	if err != nil {
		panic("hashers: crypto/rand failed: " + err.Error()) // its Reader never returns an error
	}
	return text
}

// textFrom returns n characters of the alphabet, all equally likely: bytes that would favour the
// first ones (248 and above) are thrown away.
func textFrom(random io.Reader, n int) (string, error) {
	const fair = 256 / len(alphabet) * len(alphabet)
	text := make([]byte, 0, n)
	for len(text) < n {
		buffer := make([]byte, n-len(text))
		if _, err := io.ReadFull(random, buffer); err != nil {
			return "", err
		}
		for _, b := range buffer {
			if int(b) < fair {
				text = append(text, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(text), nil
}
