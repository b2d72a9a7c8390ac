package sessions

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-belleville/belleville/core/web"
)

// cookieKey returns the key in the request's cookie and whether there is one at all. Of several
// cookies with the name the last counts, as in Django.
func (s *Sessions) cookieKey(r *http.Request) (key string, sent bool) {
	cookies := r.CookiesNamed(s.cfg.CookieName)
	if len(cookies) == 0 {
		return "", false
	}
	return cookies[len(cookies)-1].Value, true
}

// cookie returns the cookie of a saved session: it ends with the session, or with the browser.
func (s *Sessions) cookie(session *Session, key string) *http.Cookie {
	session.mu.Lock()
	browser, expires := session.browserSession(), session.expires()
	session.mu.Unlock()
	c := s.bareCookie(key)
	if !browser {
		c.Expires = expires.UTC()
		// In whole seconds, rounded: the clock has moved since the age was asked for.
		if c.MaxAge = int(expires.Sub(s.cfg.Now()).Round(time.Second) / time.Second); c.MaxAge <= 0 {
			c.MaxAge = -1 // 0 would leave the attribute out
		}
	}
	return c
}

// deletion returns the cookie that takes the session's cookie away.
func (s *Sessions) deletion() *http.Cookie {
	c := s.bareCookie("")
	c.MaxAge, c.Expires = -1, time.Unix(0, 0).UTC()
	return c
}

func (s *Sessions) bareCookie(value string) *http.Cookie {
	return &http.Cookie{
		Name: s.cfg.CookieName, Value: value, Path: s.cfg.CookiePath, Domain: s.cfg.CookieDomain,
		Secure: s.cfg.CookieSecure, HttpOnly: !s.cfg.CookieScripts, SameSite: s.cfg.CookieSameSite,
	}
}

// setCookie sends a cookie, and keeps the answer that carries it out of shared caches: one of
// those would hand a visitor's session to the next.
func setCookie(w http.ResponseWriter, c *http.Cookie) {
	http.SetCookie(w, c)
	web.VaryOnCookie(w.Header())
	private(w.Header())
}

// private takes an answer's permission to be kept by shared caches away.
func private(h http.Header) {
	var kept []string
	closed := false
	for _, line := range h.Values("Cache-Control") {
		for directive := range strings.SplitSeq(line, ",") {
			directive = strings.TrimSpace(directive)
			name, _, _ := strings.Cut(strings.ToLower(directive), "=")
			closed = closed || name == "private" || name == "no-store"
			if name != "" && name != "public" && name != "s-maxage" {
				kept = append(kept, directive)
			}
		}
	}
	if !closed {
		kept = slices.Insert(kept, 0, "private")
	}
	h.Set("Cache-Control", strings.Join(kept, ", "))
}
