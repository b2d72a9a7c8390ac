package hashers

import (
	"io"
	"strings"

	descrypt "gitlab.com/nyarla/go-crypt"
)

// Crypt is "crypt": the traditional DES crypt of Unix, removed from Django in 5.0. It sees seven
// bits of each of the first eight bytes of a password. It is for old hashes; new ones must not be
// made with it.
type Crypt struct{}

var (
	_ Summarizer = Crypt{}
	_ Salter     = Crypt{}
)

const (
	cryptName     = "crypt"
	cryptSaltSize = 2
	cryptSize     = 13 // of salt and digest
	cryptDigits   = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// Algorithm returns "crypt".
func (Crypt) Algorithm() string { return cryptName }

// Salt returns two letters or digits.
func (Crypt) Salt(random io.Reader) (string, error) { return textFrom(random, cryptSaltSize) }

// Encode implements [Hasher]; the salt must be two letters, digits, dots or slashes.
func (Crypt) Encode(password, salt string) (string, error) {
	if len(salt) != cryptSaltSize || strings.Trim(salt, cryptDigits) != "" {
		return "", badSalt(cryptName, "it must be two letters, digits, dots or slashes")
	}
	if strings.Contains(password, "\x00") {
		return "", refused(cryptName, "it contains a NUL byte")
	}
	return cryptName + "$$" + descrypt.Crypt(password, salt), nil
}

// digest returns the 13 characters of a stored hash. The salt before them, which the oldest hashes
// have, repeats their first two.
func (Crypt) digest(encoded string) (string, error) {
	parts, err := split(cryptName, encoded, 3)
	if err != nil {
		return "", err
	}
	salt, digest := parts[1], parts[2]
	if len(digest) != cryptSize || strings.Trim(digest, cryptDigits) != "" {
		return "", malformed(cryptName, "not 13 characters of DES crypt")
	}
	if salt != "" && salt != digest[:cryptSaltSize] {
		return "", malformed(cryptName, "two different salts")
	}
	return digest, nil
}

// Verify implements [Hasher].
func (h Crypt) Verify(password, encoded string) (bool, error) {
	digest, err := h.digest(encoded)
	if err != nil {
		return false, err
	}
	made, err := h.Encode(password, digest[:cryptSaltSize])
	if err != nil {
		return false, err
	}
	return equal(made, cryptName+"$$"+digest), nil
}

// MustUpdate returns false, as Django's does.
func (Crypt) MustUpdate(string) bool { return false }

// Summary returns algorithm, salt (empty: it is part of the hash) and hash.
func (h Crypt) Summary(encoded string) ([]Field, error) {
	digest, err := h.digest(encoded)
	if err != nil {
		return nil, err
	}
	return []Field{{"algorithm", cryptName}, {"salt", ""}, {"hash", Mask(digest, 3)}}, nil
}

func (h Crypt) weakness() string { return h.Algorithm() + tooFast }
