package hashers

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"hash"
	"strconv"
)

// PBKDF2SHA256 is Django's default, "pbkdf2_sha256": PBKDF2 with HMAC-SHA-256. At its default it
// takes about 0.2 s. Its cost does not grow with the length of the password.
type PBKDF2SHA256 struct {
	// Iterations is the cost of new hashes. 0 means Django 5.2's 1,000,000.
	Iterations int

	log *workLog
}

// PBKDF2SHA1 is "pbkdf2_sha1": PBKDF2 with HMAC-SHA-1, for hashes shared with other programs.
type PBKDF2SHA1 struct {
	// Iterations is the cost of new hashes. 0 means Django 5.2's 1,000,000.
	Iterations int

	log *workLog
}

var (
	_ Summarizer = PBKDF2SHA256{}
	_ Hardener   = PBKDF2SHA256{}
	_ Summarizer = PBKDF2SHA1{}
	_ Hardener   = PBKDF2SHA1{}
)

func (h PBKDF2SHA256) kind() pbkdf2Kind {
	return pbkdf2Kind{"pbkdf2_sha256", sha256.New, sha256.Size, or(h.Iterations, pbkdf2Iterations), h.log}
}

// Algorithm returns "pbkdf2_sha256".
func (h PBKDF2SHA256) Algorithm() string { return h.kind().algorithm }

// Encode implements [Hasher].
func (h PBKDF2SHA256) Encode(password, salt string) (string, error) {
	return h.kind().encode(password, salt)
}

// Verify implements [Hasher].
func (h PBKDF2SHA256) Verify(password, encoded string) (bool, error) {
	return h.kind().verify(password, encoded)
}

// MustUpdate reports whether the iterations differ or the salt has less than 22 characters.
func (h PBKDF2SHA256) MustUpdate(encoded string) bool { return h.kind().mustUpdate(encoded) }

// Summary returns algorithm, iterations, salt and hash.
func (h PBKDF2SHA256) Summary(encoded string) ([]Field, error) { return h.kind().summary(encoded) }

// Harden runs the iterations that encoded lacks.
func (h PBKDF2SHA256) Harden(password, encoded string) { h.kind().harden(password, encoded) }

func (h PBKDF2SHA256) problem() string  { return h.kind().problem() }
func (h PBKDF2SHA256) weakness() string { return h.kind().weakness() }

func (h PBKDF2SHA1) kind() pbkdf2Kind {
	return pbkdf2Kind{"pbkdf2_sha1", sha1.New, sha1.Size, or(h.Iterations, pbkdf2Iterations), h.log}
}

// Algorithm returns "pbkdf2_sha1".
func (h PBKDF2SHA1) Algorithm() string { return h.kind().algorithm }

// Encode implements [Hasher].
func (h PBKDF2SHA1) Encode(password, salt string) (string, error) {
	return h.kind().encode(password, salt)
}

// Verify implements [Hasher].
func (h PBKDF2SHA1) Verify(password, encoded string) (bool, error) {
	return h.kind().verify(password, encoded)
}

// MustUpdate reports whether the iterations differ or the salt has less than 22 characters.
func (h PBKDF2SHA1) MustUpdate(encoded string) bool { return h.kind().mustUpdate(encoded) }

// Summary returns algorithm, iterations, salt and hash.
func (h PBKDF2SHA1) Summary(encoded string) ([]Field, error) { return h.kind().summary(encoded) }

// Harden runs the iterations that encoded lacks.
func (h PBKDF2SHA1) Harden(password, encoded string) { h.kind().harden(password, encoded) }

func (h PBKDF2SHA1) problem() string  { return h.kind().problem() }
func (h PBKDF2SHA1) weakness() string { return h.kind().weakness() }

const (
	pbkdf2Iterations    = 1_000_000
	pbkdf2MaxIterations = 10_000_000
)

// pbkdf2Kind is what the two hashers above share.
type pbkdf2Kind struct {
	algorithm  string
	hash       func() hash.Hash
	size       int
	iterations int
	log        *workLog
}

// pbkdf2Hash is a stored hash in its parts.
type pbkdf2Hash struct {
	iterations int
	salt, text string
	digest     []byte
}

func (k pbkdf2Kind) parse(encoded string) (pbkdf2Hash, error) {
	parts, err := split(k.algorithm, encoded, 4)
	if err != nil {
		return pbkdf2Hash{}, err
	}
	p := pbkdf2Hash{salt: parts[2], text: parts[3]}
	var ok bool
	if p.iterations, ok = number(parts[1], max(pbkdf2MaxIterations, k.iterations)); !ok {
		return pbkdf2Hash{}, malformed(k.algorithm, "iterations out of bounds")
	}
	if textSalt(k.algorithm, p.salt) != nil {
		return pbkdf2Hash{}, malformed(k.algorithm, "salt out of bounds")
	}
	if p.digest, ok = unbase64(base64.StdEncoding, p.text); !ok || len(p.digest) != k.size {
		return pbkdf2Hash{}, malformed(k.algorithm, "digest of another length or form")
	}
	return p, nil
}

func (k pbkdf2Kind) derive(password, salt string, iterations int) ([]byte, error) {
	k.log.note(iterations)
	return pbkdf2.Key(k.hash, password, []byte(salt), iterations, k.size)
}

func (k pbkdf2Kind) encode(password, salt string) (string, error) {
	if err := textSalt(k.algorithm, salt); err != nil {
		return "", err
	}
	if problem := k.problem(); problem != "" {
		return "", fmt.Errorf("hashers: %s", problem)
	}
	digest, err := k.derive(password, salt, k.iterations)
	if err != nil {
		return "", fmt.Errorf("hashers: %s: %w", k.algorithm, err)
	}
	text := base64.StdEncoding.EncodeToString(digest)
	return fmt.Sprintf("%s$%d$%s$%s", k.algorithm, k.iterations, salt, text), nil
}

func (k pbkdf2Kind) verify(password, encoded string) (bool, error) {
	p, err := k.parse(encoded)
	if err != nil {
		return false, err
	}
	digest, err := k.derive(password, p.salt, p.iterations)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(digest, p.digest) == 1, nil
}

func (k pbkdf2Kind) mustUpdate(encoded string) bool {
	p, err := k.parse(encoded)
	return err == nil && (p.iterations != k.iterations || weakSalt(p.salt))
}

func (k pbkdf2Kind) summary(encoded string) ([]Field, error) {
	p, err := k.parse(encoded)
	if err != nil {
		return nil, err
	}
	return []Field{
		{"algorithm", k.algorithm},
		{"iterations", strconv.Itoa(p.iterations)},
		{"salt", Mask(p.salt, 6)},
		{"hash", Mask(p.text, 6)},
	}, nil
}

func (k pbkdf2Kind) harden(password, encoded string) {
	p, err := k.parse(encoded)
	if err != nil || p.iterations >= k.iterations {
		return
	}
	_, _ = k.derive(password, p.salt, k.iterations-p.iterations) // only its time matters
}

func (k pbkdf2Kind) problem() string {
	if k.iterations < 1 {
		return k.algorithm + ": Iterations is negative; use 0 for Django's 1,000,000."
	}
	return ""
}

func (k pbkdf2Kind) weakness() string {
	if k.iterations < pbkdf2Iterations {
		return fmt.Sprintf("%s: %d iterations are fewer than Django's 1,000,000; use Iterations: 0.", k.algorithm, k.iterations)
	}
	return ""
}
