package signing

import (
	"encoding/base64"
	"errors"
	"math"
	"strconv"
	"strings"
)

// ErrSyntax says that a text is not what its decoder reads: a foreign character, nothing at all,
// or a number that does not fit.
var ErrSyntax = errors.New("signing: not a valid encoding")

const base62Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// EncodeBase62 writes n with the digits 0-9, A-Z, a-z, as in the time of a signed value.
func EncodeBase62(n int64) string {
	var buf [12]byte // sign and 11 digits
	return string(appendBase62(buf[:0], n))
}

func appendBase62(dst []byte, n int64) []byte {
	rest := uint64(n)
	if n < 0 {
		dst = append(dst, '-')
		rest = -rest
	}
	var digits [11]byte
	i := len(digits)
	for {
		i--
		digits[i] = base62Digits[rest%62]
		rest /= 62
		if rest == 0 {
			return append(dst, digits[i:]...)
		}
	}
}

// DecodeBase62 reads what [EncodeBase62] writes. Other characters, an empty text and numbers
// outside int64 are [ErrSyntax]; leading zeros are allowed.
func DecodeBase62(s string) (int64, error) {
	digits, negative := strings.CutPrefix(s, "-")
	limit := uint64(math.MaxInt64)
	if negative {
		limit++
	}
	if digits == "" {
		return 0, ErrSyntax
	}
	var n uint64
	for i := 0; i < len(digits); i++ {
		d, ok := base62Value(digits[i])
		if !ok || n > (limit-d)/62 {
			return 0, ErrSyntax
		}
		n = n*62 + d
	}
	if negative {
		n = -n
	}
	return int64(n), nil
}

func base62Value(c byte) (uint64, bool) {
	switch {
	case '0' <= c && c <= '9':
		return uint64(c - '0'), true
	case 'A' <= c && c <= 'Z':
		return uint64(c-'A') + 10, true
	case 'a' <= c && c <= 'z':
		return uint64(c-'a') + 36, true
	}
	return 0, false
}

// EncodeBase36 writes n with the digits 0-9, a-z, as in the time of a password reset token.
// Negative numbers have no such form and are [ErrSyntax].
func EncodeBase36(n int64) (string, error) {
	if n < 0 {
		return "", ErrSyntax
	}
	return strconv.FormatInt(n, 36), nil
}

// DecodeBase36 reads what [EncodeBase36] writes: at most 13 of 0-9 and a-z, fitting an int64.
// Everything else is [ErrSyntax], capital letters and signs included.
func DecodeBase36(s string) (int64, error) {
	const maxDigits = 13 // Django's limit, and the length of the largest int64
	if len(s) > maxDigits {
		return 0, ErrSyntax
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return 0, ErrSyntax
		}
	}
	n, err := strconv.ParseInt(s, 36, 64)
	if err != nil {
		return 0, ErrSyntax
	}
	return n, nil
}

// EncodeURLSafeBase64 writes b in the URL-safe alphabet without padding.
func EncodeURLSafeBase64(b []byte) string {
	return base64.RawURLEncoding.EncodeToString(b)
}

// DecodeURLSafeBase64 reads what [EncodeURLSafeBase64] writes, with or without padding. Unlike
// Django's decoder it skips no foreign characters, line ends included, and takes only the one
// spelling an encoder makes; all else is [ErrSyntax]. The empty text is no bytes.
func DecodeURLSafeBase64(s string) ([]byte, error) {
	s = strings.TrimRight(s, "=")
	if strings.ContainsAny(s, "\r\n") { // which encoding/base64 skips
		return nil, ErrSyntax
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, ErrSyntax
	}
	return b, nil
}
