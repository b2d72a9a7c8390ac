package names

import (
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"
)

// NormalizeEmail returns the spelling under which an address is stored: without white space around
// it and with the domain in small letters. What stands before the last @ is kept, for a mail server
// may tell cases apart. A text without @ is returned as it is.
func NormalizeEmail(address string) string {
	name, domain, found := cutLast(strip(address), '@')
	if !found {
		return address
	}
	return name + "@" + lower(domain)
}

// ValidateEmail checks an address with the zero [EmailValidator].
func ValidateEmail(address string) error {
	return EmailValidator{}.Validate(address)
}

// EmailValidator checks the form of an address; nothing is looked up or sent.
type EmailValidator struct {
	// Allow lists the domains that are valid in spite of their form, written exactly so.
	// nil means "localhost".
	Allow []string
}

// maxAddress is the longest address of RFC 3696, in characters. Columns may be shorter.
const maxAddress = 320

// Validate refuses with the code "invalid" whatever Django's EmailValidator refuses, the empty text
// included. Domains may be international, or an IP address in brackets; a top-level domain alone,
// a final dot and white space of any kind are refused.
func (v EmailValidator) Validate(address string) error {
	if v.valid(address) {
		return nil
	}
	return refuse("invalid", "This is not an e-mail address such as name@example.com.", nil)
}

func (v EmailValidator) valid(address string) bool {
	if !utf8.ValidString(address) || utf8.RuneCountInString(address) > maxAddress {
		return false
	}
	local, domain, found := cutLast(address, '@')
	if !found || !dotAtom(local) && !quotedString(local) {
		return false
	}
	allow := v.Allow
	if allow == nil {
		allow = []string{"localhost"}
	}
	return slices.Contains(allow, domain) || hostName(domain) || addressLiteral(domain)
}

func dotAtom(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || strings.ContainsFunc(part, func(r rune) bool {
			return !alphanumeric(r) && !strings.ContainsRune("-!#$%&'*+/=?^_`{}|~", r)
		}) {
			return false
		}
	}
	return true
}

// quotedString matches what RFC 5321 lets stand between quotes: no space, tab, CR, LF or NUL,
// except that a backslash may stand before a space, a tab, a quote or another backslash.
func quotedString(s string) bool {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return false
	}
	escaped := false
	for _, r := range s[1 : len(s)-1] {
		switch {
		case r == 0 || r == '\n' || r == '\r' || r > 0x7f && !alphanumeric(r):
			return false
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == ' ' || r == '\t' || r == '"':
			return false
		}
	}
	return !escaped
}

// hostName matches two or more labels of 1 to 63 characters, the last being two or more letters
// or a punycode label.
func hostName(s string) bool {
	labels := strings.Split(s, ".")
	last := len(labels) - 1
	if last < 1 {
		return false
	}
	for _, l := range labels[:last] {
		if !label(l, 1, func(r rune) bool { return alphanumeric(r) || international(r) }) {
			return false
		}
	}
	top := labels[last]
	if label(top, 2, func(r rune) bool { return letter(r) || international(r) }) {
		return true
	}
	const punycode = "xn--"
	return len(top) > len(punycode) && strings.EqualFold(top[:len(punycode)], punycode) &&
		label(top, 1, alphanumeric) && !strings.Contains(top[len(punycode):], "-")
}

// label reports whether s has least to 63 characters, each of them allowed or, inside, a hyphen.
func label(s string, least int, allowed func(rune) bool) bool {
	n := utf8.RuneCountInString(s)
	if n < least || n > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r != '-' && !allowed(r) })
}

// addressLiteral matches an IPv4 or IPv6 address in brackets.
func addressLiteral(s string) bool {
	const longest = 39 // eight groups of four digits
	inner, ok := strings.CutPrefix(s, "[")
	if !ok {
		return false
	}
	inner, ok = strings.CutSuffix(inner, "]")
	if !ok || len(inner) > longest || strings.Contains(inner, "%") {
		return false
	}
	_, err := netip.ParseAddr(inner)
	return err == nil
}

// letter is [a-z] as Python matches it when case is ignored: with the two Turkish i, the long s and
// the Kelvin sign. Addresses with them are real ones, and a form that refuses them locks out
// people whom Django lets in.
func letter(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		return true
	case r == 'İ', r == 'ı', r == 'ſ', r == '\u212a':
		return true
	}
	return false
}

func alphanumeric(r rune) bool { return letter(r) || '0' <= r && r <= '9' }

// international is the range that Django takes for letters in domain names.
func international(r rune) bool { return 0xa1 <= r && r <= 0xffff }

func cutLast(s string, sep byte) (before, after string, found bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
