package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// maxRedirect is the longest address in characters that is followed from a request's input.
const maxRedirect = 2048

// Redirect answers with a redirect to a path, an absolute http, https or ftp address, or an
// address relative to the request. Status is 302, or another 3xx. A target with another scheme
// (javascript:), a control character or more than 2,048 bytes is an error, and nothing is sent.
func Redirect(w http.ResponseWriter, r *http.Request, target string, status int) error {
	if len(target) > maxRedirect {
		return BadRequest("The address to go to is too long.")
	}
	if strings.ContainsFunc(target, unicode.IsControl) {
		return BadRequest("The address to go to holds a control character.")
	}
	switch scheme, _, ok := splitURL(target); {
	case !ok:
		return BadRequest("The address to go to cannot be read.")
	case scheme != "" && scheme != "http" && scheme != "https" && scheme != "ftp":
		return BadRequest(fmt.Sprintf("This site does not redirect to %s: addresses.", scheme))
	}
	w.Header().Set("Location", escapeNonASCII(target))
	w.WriteHeader(status)
	return nil
}

// escapeNonASCII percent-encodes what a Location header cannot hold and leaves the rest alone.
func escapeNonASCII(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || c == ' ' || c == '"' || c == '<' || c == '>' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// SafeURL reports whether an address that came from outside (a `next` parameter) leads to this
// site: it is relative or names one of the hosts, exactly as written, with http or https (https
// only when requireHTTPS). Everything that a browser might read in another way is refused:
// backslashes, three slashes, control characters, addresses over 2,048 characters.
func SafeURL(target string, hosts []string, requireHTTPS bool) bool {
	target = strings.TrimSpace(target)
	if target == "" || len([]rune(target)) > maxRedirect {
		return false
	}
	return safeURL(target, hosts, requireHTTPS) &&
		safeURL(strings.ReplaceAll(target, `\`, "/"), hosts, requireHTTPS)
}

func safeURL(target string, hosts []string, requireHTTPS bool) bool {
	if strings.HasPrefix(target, "///") {
		return false
	}
	if first := []rune(target)[0]; unicode.In(first, unicode.C) {
		return false
	}
	scheme, host, ok := splitURL(target)
	if !ok || (host == "" && (scheme != "" || strings.HasPrefix(target, "//"))) {
		return false
	}
	if host != "" {
		if scheme == "" {
			scheme = "http"
		}
		if !slices.Contains(hosts, host) {
			return false
		}
	}
	return scheme == "" || scheme == "https" || (scheme == "http" && !requireHTTPS)
}

// splitURL finds the scheme (lower-cased) and the authority as a browser would, which is laxer
// than net/url: control characters inside are skipped. ok is false for a broken authority.
func splitURL(s string) (scheme, host string, ok bool) {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return r <= ' ' })
	s = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(s)
	if i := strings.IndexByte(s, ':'); i > 0 && isScheme(s[:i]) {
		scheme, s = strings.ToLower(s[:i]), s[i+1:]
	}
	if rest, found := strings.CutPrefix(s, "//"); found {
		if i := strings.IndexAny(rest, "/?#"); i >= 0 {
			rest = rest[:i]
		}
		host = rest
		if strings.Contains(host, "[") != strings.Contains(host, "]") {
			return "", "", false
		}
	}
	return scheme, host, true
}

func isScheme(s string) bool {
	for i, c := range s {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || !('0' <= c && c <= '9' || strings.ContainsRune("+-.", c))) {
			return false
		}
	}
	return true
}

// LoginRedirectURL returns the address of the login page with next, the address to come back
// to, in the query under field. What the login address has of query and fragment is kept, an
// old value of field is replaced, and an empty field adds nothing.
func LoginRedirectURL(loginURL, next, field string) string {
	if field == "" {
		return loginURL
	}
	rest, fragment, hasFragment := strings.Cut(loginURL, "#")
	path, query, _ := strings.Cut(rest, "?")
	var parts []string
	for _, p := range parsePairs(query) {
		if p[0] != field {
			parts = append(parts, quote(p[0])+"="+quote(p[1]))
		}
	}
	parts = append(parts, quote(field)+"="+quote(next))
	out := path + "?" + strings.Join(parts, "&")
	if hasFragment && fragment != "" {
		out += "#" + fragment
	}
	return out
}

// parsePairs splits a query without sorting it; pairs without a value are dropped, as Django does.
func parsePairs(query string) [][2]string {
	var pairs [][2]string
	for part := range strings.SplitSeq(query, "&") {
		k, v, _ := strings.Cut(part, "=")
		key, err1 := url.QueryUnescape(k)
		value, err2 := url.QueryUnescape(v)
		if err1 == nil && err2 == nil && value != "" {
			pairs = append(pairs, [2]string{key, value})
		}
	}
	return pairs
}

// quote percent-encodes everything but letters, digits, "_.~-" and "/".
func quote(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '_', c == '.', c == '~', c == '-', c == '/':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
