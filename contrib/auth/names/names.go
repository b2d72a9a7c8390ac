// Package names cleans and checks what people are known by: user names and e-mail addresses.
// It gives the answers that Django 5.2 gives, so that both may write into one table of users.
//
// A sign-up form calls [CleanUsername] with [UnicodeUsername] as a rule; a login form calls it
// without a rule, so that users who came by another way can still log in. Addresses are checked by
// [ValidateEmail] and stored as [NormalizeEmail] spells them. Whether two spellings mean one person
// is what [SameIgnoringCase] answers.
//
// A refusal is a [*forms.Error] with Django's code: "required", "max_length" or "invalid".
// The package looks into no database, so it does not know whether a name is taken.
// All functions are safe for concurrent use, and their cost is linear in what they are given.
package names

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/go-belleville/belleville/core/forms"
)

// Column sizes of Django's user table, in characters.
const (
	MaxUsername = 150
	MaxEmail    = 254
)

// SameIgnoringCase reports whether a and b are one identifier written differently: both are brought
// to NFKC and to their full case folding, so "ﬀ" is "FF" and "straße" is "STRASSE", while the
// dotless "ı" is no "i". Look-ups in a database fold more or less than this; compare again what
// they find before anything is mailed to it.
func SameIgnoringCase(a, b string) bool {
	return a == b || fold(a) == fold(b)
}

// fold is Python's str.casefold of the NFKC form. The tables of x/text exchange the capital and small
// letters of Cherokee instead of folding them into one.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 0xab70 <= r && r <= 0xabbf:
			return r - 0xab70 + 0x13a0
		case 0x13f8 <= r && r <= 0x13fd:
			return r - 8
		}
		return r
	}, cases.Fold().String(norm.NFKC.String(s)))
}

// lower is Python's str.lower. Unlike strings.ToLower it keeps the dot of "İ", which would
// otherwise become a plain "i" and make two domains equal.
func lower(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return cases.Lower(language.Und).String(s)
		}
	}
	return strings.ToLower(s)
}

// strip is Python's str.strip, whose white space includes four control characters.
func strip(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f
	})
}

func refuse(code, message string, params map[string]any) error {
	return &forms.Error{Code: code, Message: message, Params: params}
}
