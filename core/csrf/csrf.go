// Package csrf keeps other sites from posting in a visitor's name.
//
// [Protect] refuses unsafe requests that a browser says came from another origin, by
// net/http.CrossOriginProtection: no token, no cookie, and it covers the log-in form too. Safe
// methods (GET, HEAD, OPTIONS) always pass, so nothing may change on a GET. Programs that send
// neither Sec-Fetch-Site nor Origin pass as well: they hold no visitor's cookies.
package csrf

import (
	"fmt"
	"net/http"
)

// Config says which origins may post besides the site's own. The zero value trusts none.
type Config struct {
	// TrustedOrigins are exact origins, "https://forms.example.com".
	TrustedOrigins []string
	// Deny answers refused requests; nil answers 403 in plain text.
	Deny http.Handler
}

// Protect returns the middleware, or an error that names the origin which cannot be read. It
// belongs around the router, so that unknown paths are covered as well.
func Protect(c Config) (func(http.Handler) http.Handler, error) {
	p := http.NewCrossOriginProtection()
	for _, origin := range c.TrustedOrigins {
		if err := p.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("the trusted origin %q cannot be used: write it as https://host, with a port if it has one: %w", origin, err)
		}
	}
	if c.Deny != nil {
		p.SetDenyHandler(c.Deny)
	}
	return p.Handler, nil
}
