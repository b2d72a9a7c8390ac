package hashers

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// BCryptSHA256 is "bcrypt_sha256": bcrypt of the hexadecimal SHA-256 of the password, so that
// passwords of any length and content are taken whole.
type BCryptSHA256 struct {
	// Cost is the binary logarithm of the rounds, 4 to 31. 0 means Django's 12, about 0.25 s.
	Cost int

	log *workLog
}

// BCrypt is "bcrypt": bcrypt of the password itself, for hashes that other programs made (put
// "bcrypt$" in front of them). It sees 72 bytes at most. A new hash of a longer password is
// refused ([ErrPassword]); checking takes the first 72 bytes, as Django does with the bcrypt
// library up to version 4, or else such users could no longer log in. A NUL byte is refused in
// both. Prefer [BCryptSHA256].
type BCrypt struct {
	// Cost is the binary logarithm of the rounds, 4 to 31. 0 means Django's 12, about 0.25 s.
	Cost int

	log *workLog
}

var (
	_ Summarizer = BCryptSHA256{}
	_ Hardener   = BCryptSHA256{}
	_ Salter     = BCryptSHA256{}
	_ Summarizer = BCrypt{}
	_ Hardener   = BCrypt{}
	_ Salter     = BCrypt{}
)

func (h BCryptSHA256) kind() bcryptKind {
	return bcryptKind{"bcrypt_sha256", true, or(h.Cost, bcryptCost), h.log}
}

// Algorithm returns "bcrypt_sha256".
func (h BCryptSHA256) Algorithm() string { return h.kind().algorithm }

// Salt returns the empty text: the bcrypt library draws the salt itself.
func (h BCryptSHA256) Salt(io.Reader) (string, error) { return "", nil }

// Encode implements [Hasher]; the salt must be empty.
func (h BCryptSHA256) Encode(password, salt string) (string, error) {
	return h.kind().encode(password, salt)
}

// Verify implements [Hasher].
func (h BCryptSHA256) Verify(password, encoded string) (bool, error) {
	return h.kind().verify(password, encoded)
}

// MustUpdate reports whether the cost differs.
func (h BCryptSHA256) MustUpdate(encoded string) bool { return h.kind().mustUpdate(encoded) }

// Summary returns algorithm, work factor, salt and checksum.
func (h BCryptSHA256) Summary(encoded string) ([]Field, error) { return h.kind().summary(encoded) }

// Harden runs bcrypt with the cost of encoded until a run of the hasher's own cost is made up for.
func (h BCryptSHA256) Harden(password, encoded string) { h.kind().harden(password, encoded) }

func (h BCryptSHA256) problem() string  { return h.kind().problem() }
func (h BCryptSHA256) weakness() string { return h.kind().weakness() }

func (h BCrypt) kind() bcryptKind {
	return bcryptKind{"bcrypt", false, or(h.Cost, bcryptCost), h.log}
}

// Algorithm returns "bcrypt".
func (h BCrypt) Algorithm() string { return h.kind().algorithm }

// Salt returns the empty text: the bcrypt library draws the salt itself.
func (h BCrypt) Salt(io.Reader) (string, error) { return "", nil }

// Encode implements [Hasher]; the salt must be empty.
func (h BCrypt) Encode(password, salt string) (string, error) {
	return h.kind().encode(password, salt)
}

// Verify implements [Hasher].
func (h BCrypt) Verify(password, encoded string) (bool, error) {
	return h.kind().verify(password, encoded)
}

// MustUpdate reports whether the cost differs.
func (h BCrypt) MustUpdate(encoded string) bool { return h.kind().mustUpdate(encoded) }

// Summary returns algorithm, work factor, salt and checksum.
func (h BCrypt) Summary(encoded string) ([]Field, error) { return h.kind().summary(encoded) }

// Harden runs bcrypt with the cost of encoded until a run of the hasher's own cost is made up for.
func (h BCrypt) Harden(password, encoded string) { h.kind().harden(password, encoded) }

func (h BCrypt) problem() string  { return h.kind().problem() }
func (h BCrypt) weakness() string { return h.kind().weakness() }

const (
	bcryptCost    = 12
	bcryptMaxCost = 16
	bcryptBytes   = 72 // of the password that the algorithm sees
	bcryptLength  = 60 // of "$2b$12$", salt and checksum
	bcryptDigits  = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// bcryptKind is what the two hashers above share.
type bcryptKind struct {
	algorithm string
	prehash   bool
	cost      int
	log       *workLog
}

// bcryptHash is a stored hash in its parts; whole is what the library calls a hash.
type bcryptHash struct {
	cost                  int
	whole, salt, checksum string
}

func (k bcryptKind) parse(encoded string) (bcryptHash, error) {
	parts, err := split(k.algorithm, encoded, 5)
	if err != nil {
		return bcryptHash{}, err
	}
	p := bcryptHash{whole: encoded[len(k.algorithm)+1:]}
	if parts[1] != "" || (parts[2] != "2a" && parts[2] != "2b" && parts[2] != "2y") {
		return bcryptHash{}, malformed(k.algorithm, "unknown version")
	}
	var ok bool
	p.cost, ok = number(strings.TrimPrefix(parts[3], "0"), max(bcryptMaxCost, k.cost))
	if !ok || p.cost < bcrypt.MinCost || len(parts[3]) != 2 {
		return bcryptHash{}, malformed(k.algorithm, "cost out of bounds")
	}
	if len(p.whole) != bcryptLength || strings.Trim(parts[4], bcryptDigits) != "" {
		return bcryptHash{}, malformed(k.algorithm, "salt or checksum of another length or form")
	}
	p.salt, p.checksum = parts[4][:22], parts[4][22:]
	return p, nil
}

// input returns the bytes that bcrypt is to hash.
func (k bcryptKind) input(password string) ([]byte, error) {
	if k.prehash {
		digest := sha256.Sum256([]byte(password))
		return hex.AppendEncode(nil, digest[:]), nil
	}
	if strings.Contains(password, "\x00") {
		return nil, refused(k.algorithm, "it contains a NUL byte")
	}
	return []byte(password), nil
}

func (k bcryptKind) encode(password, salt string) (string, error) {
	if salt != "" {
		return "", badSalt(k.algorithm, "bcrypt makes its own; leave it empty")
	}
	if problem := k.problem(); problem != "" {
		return "", fmt.Errorf("hashers: %s", problem)
	}
	input, err := k.input(password)
	if err != nil {
		return "", err
	}
	if len(input) > bcryptBytes {
		return "", refused(k.algorithm, "it is longer than 72 bytes")
	}
	k.log.note(k.cost)
	whole, err := bcrypt.GenerateFromPassword(input, k.cost)
	if err != nil {
		return "", fmt.Errorf("hashers: %s: %w", k.algorithm, err)
	}
	// The library writes the older name of the same algorithm; Django writes $2b$.
	return k.algorithm + "$" + strings.Replace(string(whole), "$2a$", "$2b$", 1), nil
}

func (k bcryptKind) verify(password, encoded string) (bool, error) {
	p, err := k.parse(encoded)
	if err != nil {
		return false, err
	}
	input, err := k.input(password)
	if err != nil {
		return false, err
	}
	k.log.note(p.cost)
	err = bcrypt.CompareHashAndPassword([]byte(p.whole), input[:min(len(input), bcryptBytes)])
	if err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, malformed(k.algorithm, "salt or checksum of another form")
	}
	return err == nil, nil
}

func (k bcryptKind) mustUpdate(encoded string) bool {
	p, err := k.parse(encoded)
	return err == nil && p.cost != k.cost
}

func (k bcryptKind) summary(encoded string) ([]Field, error) {
	p, err := k.parse(encoded)
	if err != nil {
		return nil, err
	}
	return []Field{
		{"algorithm", k.algorithm},
		{"work factor", strconv.Itoa(p.cost)},
		{"salt", Mask(p.salt, 6)},
		{"checksum", Mask(p.checksum, 6)},
	}, nil
}

// harden makes up for a cost that is lower by d: each step doubles the work, so 2^d - 1 more runs.
func (k bcryptKind) harden(password, encoded string) {
	p, err := k.parse(encoded)
	if err != nil || p.cost >= k.cost {
		return
	}
	input, err := k.input(password)
	if err != nil {
		return
	}
	for range 1<<(k.cost-p.cost) - 1 {
		k.log.note(p.cost)
		_, _ = bcrypt.GenerateFromPassword(input[:min(len(input), bcryptBytes)], p.cost) // only its time matters
	}
}

func (k bcryptKind) problem() string {
	if k.cost < bcrypt.MinCost || k.cost > bcrypt.MaxCost {
		return k.algorithm + ": Cost must lie between 4 and 31; use 0 for Django's 12."
	}
	return ""
}

func (k bcryptKind) weakness() string {
	if k.cost < bcryptCost {
		return fmt.Sprintf("%s: cost %d is lower than Django's 12; use Cost: 0.", k.algorithm, k.cost)
	}
	return ""
}
