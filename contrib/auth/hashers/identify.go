package hashers

import (
	"fmt"
	"strings"
)

// unusablePrefix begins what is no hash of any password.
const unusablePrefix = "!"

// unusableLength is the number of random characters after the prefix.
const unusableLength = 40

// Unusable returns a text that no password matches, for an account that must not log in with one.
// It is different each time: the text is also part of what session and reset tokens are made from.
func Unusable() string { return unusablePrefix + randomText(unusableLength) }

// IsUsable reports whether encoded may match a password. It is false only for the texts of
// [Unusable], and so true for gibberish and for the empty text, as in Django.
func IsUsable(encoded string) bool { return !strings.HasPrefix(encoded, unusablePrefix) }

// UnknownAlgorithmError says that a hash belongs to an algorithm that is not in the list.
type UnknownAlgorithmError struct {
	// Algorithm is the name; empty when the stored text names none. Text that does not look like
	// a name is not repeated here, as it may be a hash itself.
	Algorithm string
}

// Error names the algorithm and says what to do.
func (e *UnknownAlgorithmError) Error() string {
	if e.Algorithm == "" {
		return "hashers: the stored password names no algorithm"
	}
	return fmt.Sprintf("hashers: no hasher for algorithm %q; add one to Config.List", e.Algorithm)
}

// Identify returns the hasher of the list that encoded belongs to, or an [UnknownAlgorithmError].
// It looks at the name alone; encoded may still be malformed.
func (h *Hashers) Identify(encoded string) (Hasher, error) {
	name := algorithmOf(encoded)
	if name == "" {
		return nil, &UnknownAlgorithmError{}
	}
	return h.pick(name)
}

// Summary returns the parts of encoded, fit to be shown to an administrator: salt and digest are
// masked. For a hasher that is no [Summarizer] it is the algorithm alone. The error is an
// [UnknownAlgorithmError] or wraps [ErrMalformed].
func (h *Hashers) Summary(encoded string) ([]Field, error) {
	hasher, err := h.Identify(encoded)
	if err != nil {
		return nil, err
	}
	if s, ok := hasher.(Summarizer); ok {
		return s.Summary(encoded)
	}
	return []Field{{"algorithm", hasher.Algorithm()}}, nil
}

// algorithmOf returns the name of the algorithm, by Django's rules for what older versions stored
// without one; empty when there is none.
func algorithmOf(encoded string) string {
	switch {
	case len(encoded) == 32 && !strings.Contains(encoded, "$"),
		len(encoded) == 37 && strings.HasPrefix(encoded, unsaltedMD5Prefix):
		return unsaltedMD5
	case len(encoded) == 46 && strings.HasPrefix(encoded, unsaltedSHA1Prefix):
		return unsaltedSHA1
	}
	name, _, found := strings.Cut(encoded, "$")
	if !found || !isName(name) {
		return ""
	}
	return name
}

// isName reports whether the text may name an algorithm. A hash in hexadecimal or base 64 is
// longer than any name.
func isName(text string) bool {
	if text == "" || len(text) > 30 {
		return false
	}
	for _, c := range []byte(text) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}
