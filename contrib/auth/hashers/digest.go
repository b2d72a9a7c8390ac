package hashers

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/hex"
	"io"
	"strings"
)

// MD5 is "md5": MD5 of salt and password. It is for old hashes, and for tests that need many
// passwords fast; new ones must not be made with it.
type MD5 struct{}

// SHA1 is "sha1": SHA-1 of salt and password, Django's default until 1.3, removed in 5.1. It is for
// old hashes; new ones must not be made with it.
type SHA1 struct{}

// UnsaltedMD5 is "unsalted_md5": 32 hexadecimal digits, or the same after "md5$$", as Django stored
// passwords until 0.90. It is for such hashes; new ones must not be made with it.
type UnsaltedMD5 struct{}

// UnsaltedSHA1 is "unsalted_sha1": 40 hexadecimal digits after "sha1$$". It is for such hashes; new
// ones must not be made with it.
type UnsaltedSHA1 struct{}

var (
	_ Summarizer = MD5{}
	_ Summarizer = SHA1{}
	_ Summarizer = UnsaltedMD5{}
	_ Salter     = UnsaltedMD5{}
	_ Summarizer = UnsaltedSHA1{}
	_ Salter     = UnsaltedSHA1{}
)

const (
	unsaltedMD5        = "unsalted_md5"
	unsaltedMD5Prefix  = "md5$$"
	unsaltedSHA1       = "unsalted_sha1"
	unsaltedSHA1Prefix = "sha1$$"
	tooFast            = ": it is made for old hashes and protects no new ones; put another hasher first."
)

func md5Hex(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

func sha1Hex(text string) string {
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// saltedKind is what MD5 and SHA1 share.
type saltedKind struct {
	algorithm string
	sum       func(string) string
	size      int
}

func (MD5) kind() saltedKind  { return saltedKind{"md5", md5Hex, md5.Size} }
func (SHA1) kind() saltedKind { return saltedKind{"sha1", sha1Hex, sha1.Size} }

// Algorithm returns "md5".
func (h MD5) Algorithm() string { return h.kind().algorithm }

// Encode implements [Hasher].
func (h MD5) Encode(password, salt string) (string, error) { return h.kind().encode(password, salt) }

// Verify implements [Hasher].
func (h MD5) Verify(password, encoded string) (bool, error) {
	return h.kind().verify(password, encoded)
}

// MustUpdate reports whether the salt has less than 22 characters.
func (h MD5) MustUpdate(encoded string) bool { return h.kind().mustUpdate(encoded) }

// Summary returns algorithm, salt and hash.
func (h MD5) Summary(encoded string) ([]Field, error) { return h.kind().summary(encoded) }

func (h MD5) weakness() string { return h.Algorithm() + tooFast }

// Algorithm returns "sha1".
func (h SHA1) Algorithm() string { return h.kind().algorithm }

// Encode implements [Hasher].
func (h SHA1) Encode(password, salt string) (string, error) { return h.kind().encode(password, salt) }

// Verify implements [Hasher].
func (h SHA1) Verify(password, encoded string) (bool, error) {
	return h.kind().verify(password, encoded)
}

// MustUpdate reports whether the salt has less than 22 characters.
func (h SHA1) MustUpdate(encoded string) bool { return h.kind().mustUpdate(encoded) }

// Summary returns algorithm, salt and hash.
func (h SHA1) Summary(encoded string) ([]Field, error) { return h.kind().summary(encoded) }

func (h SHA1) weakness() string { return h.Algorithm() + tooFast }

func (k saltedKind) parse(encoded string) (salt, digest string, err error) {
	parts, err := split(k.algorithm, encoded, 3)
	if err != nil {
		return "", "", err
	}
	if textSalt(k.algorithm, parts[1]) != nil {
		return "", "", malformed(k.algorithm, "salt out of bounds")
	}
	if !isHex(parts[2], k.size) {
		return "", "", malformed(k.algorithm, "digest of another length or form")
	}
	return parts[1], parts[2], nil
}

func (k saltedKind) encode(password, salt string) (string, error) {
	if err := textSalt(k.algorithm, salt); err != nil {
		return "", err
	}
	return k.algorithm + "$" + salt + "$" + k.sum(salt+password), nil
}

func (k saltedKind) verify(password, encoded string) (bool, error) {
	salt, digest, err := k.parse(encoded)
	if err != nil {
		return false, err
	}
	return equal(k.sum(salt+password), digest), nil
}

func (k saltedKind) mustUpdate(encoded string) bool {
	salt, _, err := k.parse(encoded)
	return err == nil && weakSalt(salt)
}

func (k saltedKind) summary(encoded string) ([]Field, error) {
	salt, digest, err := k.parse(encoded)
	if err != nil {
		return nil, err
	}
	return []Field{{"algorithm", k.algorithm}, {"salt", Mask(salt, 2)}, {"hash", Mask(digest, 6)}}, nil
}

// Algorithm returns "unsalted_md5", which no stored hash begins with.
func (UnsaltedMD5) Algorithm() string { return unsaltedMD5 }

// Salt returns the empty text.
func (UnsaltedMD5) Salt(io.Reader) (string, error) { return "", nil }

// Encode implements [Hasher]; the salt must be empty.
func (UnsaltedMD5) Encode(password, salt string) (string, error) {
	if salt != "" {
		return "", badSalt(unsaltedMD5, "it must be empty")
	}
	return md5Hex(password), nil
}

// digest returns the hexadecimal digits of a stored hash.
func (UnsaltedMD5) digest(encoded string) (string, error) {
	text := strings.TrimPrefix(encoded, unsaltedMD5Prefix)
	if !isHex(text, md5.Size) {
		return "", malformed(unsaltedMD5, "not 32 hexadecimal digits")
	}
	return text, nil
}

// Verify implements [Hasher].
func (h UnsaltedMD5) Verify(password, encoded string) (bool, error) {
	digest, err := h.digest(encoded)
	if err != nil {
		return false, err
	}
	return equal(md5Hex(password), digest), nil
}

// MustUpdate returns false, as Django's does.
func (UnsaltedMD5) MustUpdate(string) bool { return false }

// Summary returns algorithm and hash.
func (h UnsaltedMD5) Summary(encoded string) ([]Field, error) {
	digest, err := h.digest(encoded)
	if err != nil {
		return nil, err
	}
	return []Field{{"algorithm", unsaltedMD5}, {"hash", Mask(digest, 3)}}, nil
}

func (h UnsaltedMD5) weakness() string { return h.Algorithm() + tooFast }

// Algorithm returns "unsalted_sha1", which no stored hash begins with.
func (UnsaltedSHA1) Algorithm() string { return unsaltedSHA1 }

// Salt returns the empty text.
func (UnsaltedSHA1) Salt(io.Reader) (string, error) { return "", nil }

// Encode implements [Hasher]; the salt must be empty.
func (UnsaltedSHA1) Encode(password, salt string) (string, error) {
	if salt != "" {
		return "", badSalt(unsaltedSHA1, "it must be empty")
	}
	return unsaltedSHA1Prefix + sha1Hex(password), nil
}

// digest returns the hexadecimal digits of a stored hash.
func (UnsaltedSHA1) digest(encoded string) (string, error) {
	text, found := strings.CutPrefix(encoded, unsaltedSHA1Prefix)
	if !found || !isHex(text, sha1.Size) {
		return "", malformed(unsaltedSHA1, `not "sha1$$" and 40 hexadecimal digits`)
	}
	return text, nil
}

// Verify implements [Hasher].
func (h UnsaltedSHA1) Verify(password, encoded string) (bool, error) {
	digest, err := h.digest(encoded)
	if err != nil {
		return false, err
	}
	return equal(sha1Hex(password), digest), nil
}

// MustUpdate returns false, as Django's does.
func (UnsaltedSHA1) MustUpdate(string) bool { return false }

// Summary returns algorithm and hash.
func (h UnsaltedSHA1) Summary(encoded string) ([]Field, error) {
	digest, err := h.digest(encoded)
	if err != nil {
		return nil, err
	}
	return []Field{{"algorithm", unsaltedSHA1}, {"hash", Mask(digest, 6)}}, nil
}

func (h UnsaltedSHA1) weakness() string { return h.Algorithm() + tooFast }
