package csrf

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// Tokens are the settings of the check by token. The zero value of each field is Django's default.
type Tokens struct {
	// CookieName is the cookie's name; empty means "csrftoken".
	CookieName string
	// CookieAge is how long the cookie lives after a page last used the token, in whole seconds;
	// 0 means 364 days, a negative age until the browser is closed.
	CookieAge time.Duration
	// CookieDomain is the domain attribute; empty sends none, so that only this host gets it. The
	// hosts of this domain may be the Referer too. With Session it is the domain of the session's
	// cookie, and only that counts.
	CookieDomain string
	// CookiePath is the path attribute; empty means "/".
	CookiePath string
	// CookieSecure sends the cookie over https only. Turn it on in production.
	CookieSecure bool
	// CookieHTTPOnly hides the cookie from scripts, which then read the token from a form.
	CookieHTTPOnly bool
	// CookieSameSite is the SameSite attribute; 0 means Lax.
	CookieSameSite http.SameSite

	// Header is the header in which scripts send the token; empty means "X-CSRFToken".
	Header string
	// TrustedOrigins may post besides the site itself: "https://forms.example.com", or
	// "https://*.example.com" for a host with all its subdomains. core.New adds those of its
	// settings.
	TrustedOrigins []string
	// UseForwardedPort believes X-Forwarded-Port. Only behind a proxy that always sets it.
	UseForwardedPort bool

	// Session keeps the secret in the visitor's session instead of a cookie: it returns the
	// session of a request's context. contrib/sessions has sessions.ForCSRF.
	Session func(ctx context.Context) Session

	// Deny answers refused requests; nil answers 403 with the page "403_csrf.html". An error that
	// it returns is answered as everywhere, see web.Error.
	Deny func(w http.ResponseWriter, r *http.Request, why *Refusal) error
	// Log is told of each refused request; nil means slog.Default().
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Session is where the secret can lie instead of a cookie. *sessions.Session is one.
type Session interface {
	// Get decodes a value into into, a pointer, and reports whether there was one.
	Get(ctx context.Context, name string, into any) (bool, error)
	// Set puts a value into the session. It is kept when the answer begins.
	Set(ctx context.Context, name string, value any) error
}

// sessionName is the value of the session in which Django keeps the secret.
const sessionName = "_csrftoken"

// defaultAge is Django's 31,449,600 seconds.
const defaultAge = 52 * 7 * 24 * time.Hour

// Checker checks tokens. It is made by [New] and safe for concurrent use.
type Checker struct {
	cfg     Tokens
	header  string // in canonical form
	trusted origins
}

// New returns a Checker, or an error that names the setting which cannot be used. It does no I/O.
func New(t Tokens) (*Checker, error) {
	if t.CookieName == "" {
		t.CookieName = "csrftoken"
	}
	if t.CookieAge == 0 {
		t.CookieAge = defaultAge
	}
	if t.CookiePath == "" {
		t.CookiePath = "/"
	}
	if t.CookieSameSite == 0 {
		t.CookieSameSite = http.SameSiteLaxMode
	}
	if t.Header == "" {
		t.Header = "X-CSRFToken"
	}
	if t.Now == nil {
		t.Now = time.Now
	}
	trusted, err := parseOrigins(t.TrustedOrigins)
	if err != nil {
		return nil, err
	}
	c := &Checker{cfg: t, header: http.CanonicalHeaderKey(t.Header), trusted: trusted}
	if err := c.cookie("").Valid(); err != nil {
		return nil, fmt.Errorf("the cookie of csrf.Tokens cannot be used: %w", err)
	}
	return c, nil
}

func (c *Checker) log() *slog.Logger {
	if c.cfg.Log != nil {
		return c.cfg.Log
	}
	return slog.Default()
}
