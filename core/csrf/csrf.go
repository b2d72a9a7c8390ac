package csrf

import (
	"net/http"

	"github.com/go-belleville/belleville/core/web"
)

// Config says which origins may post besides the site's own. The zero value trusts none.
type Config struct {
	// TrustedOrigins are "https://forms.example.com", or "https://*.example.com" for a host with
	// all its subdomains; with the port if there is one.
	TrustedOrigins []string
	// Deny answers refused requests; nil answers 403 with the page "403_csrf.html".
	Deny http.Handler
}

// Protect returns the middleware, or an error that names the origin which cannot be read. It
// belongs around the router, so that unknown paths are covered as well.
func Protect(c Config) (func(http.Handler) http.Handler, error) {
	trusted, err := parseOrigins(c.TrustedOrigins)
	if err != nil {
		return nil, err
	}
	p := http.NewCrossOriginProtection()
	deny := c.Deny
	if deny == nil {
		deny = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			refuse(w, r, &web.StatusError{Code: http.StatusForbidden, Message: foreign})
		})
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if p.Check(r) == nil || trusted.has(r.Header.Get("Origin")) {
				next.ServeHTTP(w, r)
				return
			}
			deny.ServeHTTP(w, r)
		})
	}, nil
}
