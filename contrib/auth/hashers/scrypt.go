package hashers

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"

	"golang.org/x/crypto/scrypt"
)

// Scrypt is "scrypt". A hash takes 128·N·R bytes of memory, 16 MiB at the defaults, and about
// 0.2 s. Django itself verifies up to 32 MiB.
type Scrypt struct {
	// N is the work factor, a power of two up to 65,536 (what fits into Django's column). 0 means
	// Django's 16,384.
	N int
	// R is the block size. 0 means 8.
	R int
	// P is the parallelism. 0 means Django 5.2's 5.
	P int
}

var _ Summarizer = Scrypt{}

const (
	scryptName      = "scrypt"
	scryptSize      = 64
	scryptN         = 1 << 14
	scryptR         = 8
	scryptP         = 5
	scryptMaxMemory = 256 << 20 // bytes
	scryptMaxRP     = 64
	scryptMaxWork   = 16 * scryptN * scryptR * scryptP
)

// scryptHash is a stored hash in its parts.
type scryptHash struct {
	Scrypt
	salt, text string
	digest     []byte
}

// full returns the hasher with the defaults filled in.
func (h Scrypt) full() Scrypt {
	return Scrypt{N: or(h.N, scryptN), R: or(h.R, scryptR), P: or(h.P, scryptP)}
}

func (h Scrypt) memory() int { return 128 * h.N * h.R }
func (h Scrypt) work() int   { return h.N * h.R * h.P }

// Algorithm returns "scrypt".
func (h Scrypt) Algorithm() string { return scryptName }

// parse reads a stored hash. N is limited first, so that none of the products overflows.
func (h Scrypt) parse(encoded string) (scryptHash, error) {
	parts, err := split(scryptName, encoded, 6)
	if err != nil {
		return scryptHash{}, err
	}
	own := h.full()
	n, okN := number(parts[1], max(scryptMaxMemory, own.N))
	r, okR := number(parts[3], max(scryptMaxRP, own.R))
	p, okP := number(parts[4], max(scryptMaxRP, own.P))
	s := scryptHash{Scrypt: Scrypt{N: n, R: r, P: p}, salt: parts[2], text: parts[5]}
	switch {
	case !okN || !okR || !okP || n < 2 || n&(n-1) != 0:
		return scryptHash{}, malformed(scryptName, "parameters out of bounds")
	case s.memory() > max(scryptMaxMemory, own.memory()) || s.work() > max(scryptMaxWork, own.work()):
		return scryptHash{}, malformed(scryptName, "it needs too much memory or time")
	case textSalt(scryptName, s.salt) != nil:
		return scryptHash{}, malformed(scryptName, "salt out of bounds")
	}
	var ok bool
	if s.digest, ok = unbase64(base64.StdEncoding, s.text); !ok || len(s.digest) != scryptSize {
		return scryptHash{}, malformed(scryptName, "digest of another length or form")
	}
	return s, nil
}

// Encode implements [Hasher].
func (h Scrypt) Encode(password, salt string) (string, error) {
	if err := textSalt(scryptName, salt); err != nil {
		return "", err
	}
	if invalid := h.invalid(); invalid != "" {
		return "", fmt.Errorf("hashers: %s", invalid)
	}
	h = h.full()
	digest, err := scrypt.Key([]byte(password), []byte(salt), h.N, h.R, h.P, scryptSize)
	if err != nil {
		return "", fmt.Errorf("hashers: scrypt: %w", err)
	}
	text := base64.StdEncoding.EncodeToString(digest)
	return fmt.Sprintf("%s$%d$%s$%d$%d$%s", scryptName, h.N, salt, h.R, h.P, text), nil
}

// Verify implements [Hasher].
func (h Scrypt) Verify(password, encoded string) (bool, error) {
	s, err := h.parse(encoded)
	if err != nil {
		return false, err
	}
	digest, err := scrypt.Key([]byte(password), []byte(s.salt), s.N, s.R, s.P, scryptSize)
	if err != nil {
		return false, malformed(scryptName, "parameters out of bounds")
	}
	return subtle.ConstantTimeCompare(digest, s.digest) == 1, nil
}

// MustUpdate reports whether N, r or p differ; as in Django, the salt is not looked at.
func (h Scrypt) MustUpdate(encoded string) bool {
	s, err := h.parse(encoded)
	return err == nil && s.Scrypt != h.full()
}

// Summary returns algorithm, work factor, block size, parallelism, salt and hash.
func (h Scrypt) Summary(encoded string) ([]Field, error) {
	s, err := h.parse(encoded)
	if err != nil {
		return nil, err
	}
	return []Field{
		{"algorithm", scryptName},
		{"work factor", strconv.Itoa(s.N)},
		{"block size", strconv.Itoa(s.R)},
		{"parallelism", strconv.Itoa(s.P)},
		{"salt", Mask(s.salt, 6)},
		{"hash", Mask(s.text, 6)},
	}, nil
}

// invalid says why the algorithm cannot run with these costs.
func (h Scrypt) invalid() string {
	h = h.full()
	switch {
	case h.N < 2 || h.N&(h.N-1) != 0 || h.N > 1<<24:
		return "scrypt: N must be a power of two up to 2^24; use 0 for Django's 16,384."
	case h.R < 1 || h.P < 1 || h.R > 1024 || h.P > 1024:
		return "scrypt: R and P must lie between 1 and 1,024; use 0 for Django's 8 and 5."
	}
	return ""
}

func (h Scrypt) problem() string {
	if invalid := h.invalid(); invalid != "" {
		return invalid
	}
	h = h.full()
	head := fmt.Sprintf("%s$%d$$%d$%d$", scryptName, h.N, h.R, h.P)
	if len(head)+saltLength+base64.StdEncoding.EncodedLen(scryptSize) > column {
		return "scrypt: N, R and P have too many digits for the 128 characters of Django's column; use seven at most."
	}
	return ""
}

func (h Scrypt) weakness() string {
	if h.full().work() < scryptN*scryptR*scryptP {
		return "scrypt: N·R·P is less than Django's; leave them 0."
	}
	return ""
}
