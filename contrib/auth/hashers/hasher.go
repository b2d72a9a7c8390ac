package hashers

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Errors that callers tell apart with errors.Is. None of their texts holds a password or a hash.
var (
	// ErrMalformed says that a stored hash is not of its algorithm's format or asks for more work
	// than the bounds in the package comment allow.
	ErrMalformed = errors.New("hashers: malformed stored password")
	// ErrPassword says that the algorithm cannot take this password: bcrypt makes no hash of more
	// than 72 bytes, bcrypt and crypt none of a password with a NUL byte.
	ErrPassword = errors.New("hashers: the algorithm cannot take this password")
	// ErrSalt says that the given salt breaks the algorithm's rule.
	ErrSalt = errors.New("hashers: invalid salt")
	// ErrNoHasher says that the list of hashers is empty.
	ErrNoHasher = errors.New("hashers: the list of hashers is empty; leave Config.List nil for Django's")
	// ErrBusy is what every [BusyError] is: too many callers wait for a hash already.
	ErrBusy = errors.New("hashers: too many passwords are being hashed")
)

// Hasher is one algorithm with its cost. Its methods are called by many goroutines at once.
//
// A Hasher may also be a [Summarizer], a [Hardener] and a [Salter]. Further optional interfaces
// may be added in later versions; this one stays as it is. hasherstest.TestHasher checks an
// implementation.
type Hasher interface {
	// Algorithm returns the name that stored hashes begin with, up to the first "$". It is made of
	// lower-case letters, digits and underscores and never changes.
	Algorithm() string
	// Encode hashes the password with the hasher's own cost and returns what is to be stored,
	// at most 128 characters for Django's column. Salt is text without "$" unless the hasher is a
	// [Salter]; otherwise Encode returns an error wrapping [ErrSalt]. A password that the
	// algorithm cannot take is an error wrapping [ErrPassword].
	Encode(password, salt string) (string, error)
	// Verify reports whether the password is the one that encoded was made from, with the cost
	// that encoded states. A stored text that is not sound, or whose cost is beyond reason, is an
	// error wrapping [ErrMalformed], found before any work is done; a password that the algorithm
	// cannot take is one wrapping [ErrPassword]. Neither text holds encoded or the password.
	// Digests are compared in constant time.
	Verify(password, encoded string) (bool, error)
	// MustUpdate reports whether encoded, a hash of this algorithm, should be made anew because
	// its cost or its salt is not what Encode would use today. It is false for malformed text.
	MustUpdate(encoded string) bool
}

// Summarizer is a [Hasher] that can describe a stored hash to an administrator.
type Summarizer interface {
	// Summary returns the parts of encoded in Django's order, first "algorithm", with salt and
	// digest masked by [Mask]; or an error wrapping [ErrMalformed].
	Summary(encoded string) ([]Field, error)
}

// Hardener is a [Hasher] whose cost is a number of equal steps.
type Hardener interface {
	// Harden does the work by which encoded is cheaper than a new hash would be, and discards the
	// result. It does nothing when there is none or when encoded is malformed.
	Harden(password, encoded string)
}

// Salter is a [Hasher] with a rule of its own for salts.
type Salter interface {
	// Salt returns a salt for Encode; it may be empty. It draws from random, or from the
	// operating system when the algorithm's library insists.
	Salt(random io.Reader) (string, error)
}

// Field is one part of a stored hash, named as in Django ("work factor").
type Field struct{ Name, Value string }

// Mask returns text with all but its first show characters replaced by one "*" each.
func Mask(text string, show int) string {
	for i := range text {
		if show == 0 {
			return text[:i] + strings.Repeat("*", utf8.RuneCountInString(text[i:]))
		}
		show--
	}
	return text
}

// malformed wraps ErrMalformed. What says which part is wrong and must not quote the stored text.
func malformed(algorithm, what string) error {
	return fmt.Errorf("%w (%s): %s", ErrMalformed, algorithm, what)
}

// refused wraps ErrPassword.
func refused(algorithm, what string) error {
	return fmt.Errorf("%w (%s): %s", ErrPassword, algorithm, what)
}

// badSalt wraps ErrSalt.
func badSalt(algorithm, what string) error {
	return fmt.Errorf("%w (%s): %s", ErrSalt, algorithm, what)
}
