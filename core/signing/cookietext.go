package signing

import (
	"strings"
	"unicode/utf8"
)

// The text of a cookie as Django's Python writes it into a header and reads it from one. Of the
// characters a cookie cannot hold bare, net/http drops some when writing and, when reading, the
// whole cookie.

const (
	cookieBare   = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~:"
	cookieQuoted = cookieBare + " ()/<=>?@[]{}"
)

// quoteCookie puts text with other characters than cookieBare in quotes, in which a backslash
// comes before a quote, a backslash, or the three octal digits of a character below U+0100. The
// ones from there on stand for themselves, in UTF-8.
func quoteCookie(s string) string {
	if s != "" && strings.Trim(s, cookieBare) == "" {
		return s
	}
	out := make([]byte, 0, len(s)+16)
	out = append(out, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r > 0xff || strings.ContainsRune(cookieQuoted, r):
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, '\\', '0'+byte(r>>6), '0'+byte(r>>3&7), '0'+byte(r&7))
		}
	}
	return string(append(out, '"'))
}

// unquoteCookie reads what quoteCookie writes; text without quotes stays as it is.
func unquoteCookie(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	if !strings.Contains(s, `\`) {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\' || i+1 == len(s):
			out = append(out, s[i])
		case i+3 < len(s) && '0' <= s[i+1] && s[i+1] <= '3' && octal(s[i+2]) && octal(s[i+3]):
			out = utf8.AppendRune(out, rune(s[i+1]-'0')<<6|rune(s[i+2]-'0')<<3|rune(s[i+3]-'0'))
			i += 3
		default:
			i++
			out = append(out, s[i])
		}
	}
	return string(out)
}

func octal(c byte) bool { return '0' <= c && c <= '7' }

// lastCookie finds the text of the last cookie with this name in the Cookie headers of a request.
func lastCookie(headers []string, name string) (text string, found bool) {
	for _, header := range headers {
		for pair := range strings.SplitSeq(header, ";") {
			key, value, ok := strings.Cut(pair, "=")
			if ok && strings.TrimSpace(key) == name {
				text, found = strings.TrimSpace(value), true
			}
		}
	}
	return text, found
}
