package csrf

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-belleville/belleville/core/web"
)

// cookieText returns the text of a cookie as Django reads it: of several with one name the last
// counts, and only a semicolon ends one.
func cookieText(r *http.Request, name string) (text string, found bool) {
	for _, header := range r.Header["Cookie"] {
		for pair := range strings.SplitSeq(header, ";") {
			key, value, ok := strings.Cut(pair, "=")
			if ok && strings.TrimSpace(key) == name {
				text, found = strings.TrimSpace(value), true
			}
		}
	}
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		text = text[1 : len(text)-1]
	}
	return text, found
}

func (c *Checker) cookie(secret string) *http.Cookie {
	cookie := &http.Cookie{
		Name: c.cfg.CookieName, Value: secret, Path: c.cfg.CookiePath, Domain: c.cfg.CookieDomain,
		Secure: c.cfg.CookieSecure, HttpOnly: c.cfg.CookieHTTPOnly, SameSite: c.cfg.CookieSameSite,
	}
	if c.cfg.CookieAge > 0 {
		cookie.MaxAge = max(1, int(c.cfg.CookieAge/time.Second))
		cookie.Expires = c.cfg.Now().Add(c.cfg.CookieAge).UTC()
	}
	return cookie
}

// setCookie puts the cookie into the header in the place of one with its name.
func (c *Checker) setCookie(h http.Header, secret string) {
	prefix := c.cfg.CookieName + "="
	others := slices.DeleteFunc(slices.Clone(h["Set-Cookie"]), func(line string) bool { return strings.HasPrefix(line, prefix) })
	h["Set-Cookie"] = append(others, c.cookie(secret).String())
	web.VaryOnCookie(h)
}

// keepPrivate sees to it that no shared cache hands one visitor's secret or token to another:
// before the first cookie there is nothing that Vary could tell them apart by.
func keepPrivate(h http.Header) {
	var kept []string
	for _, line := range h["Cache-Control"] {
		for directive := range strings.SplitSeq(line, ",") {
			directive = strings.TrimSpace(directive)
			switch name, _, _ := strings.Cut(strings.ToLower(directive), "="); name {
			case "private", "no-store":
				return
			case "", "public", "s-maxage":
			default:
				kept = append(kept, directive)
			}
		}
	}
	h.Set("Cache-Control", strings.Join(append(kept, "private"), ", "))
}
