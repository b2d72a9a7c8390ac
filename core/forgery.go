package core

import (
	"slices"

	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/web"
)

// againstForgery returns what keeps other sites from posting here: a middleware around all others,
// and those around every matched route.
func (p *Project) againstForgery() (around web.Middleware, onMatch []web.Middleware, err error) {
	if p.settings.CSRF != nil {
		tokens := *p.settings.CSRF
		tokens.TrustedOrigins = slices.Concat(tokens.TrustedOrigins, p.settings.TrustedOrigins)
		if tokens.Log == nil {
			tokens.Log = p.settings.Log
		}
		c, err := csrf.New(tokens)
		if err != nil {
			return nil, nil, err
		}
		return c.Middleware, []web.Middleware{c.CheckRoutes}, nil
	}
	around, err = csrf.Protect(csrf.Config{TrustedOrigins: p.settings.TrustedOrigins})
	return around, nil, err
}
