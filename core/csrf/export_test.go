package csrf

import "net/http"

// What Django's own tests call by itself, and the format of tokens.
var (
	Mask        = mask
	MaskWith    = maskWith
	Unmask      = unmask
	CheckFormat = checkFormat
	Match       = match
	NewSecret   = newSecret
	CookieText  = cookieText
	SameDomain  = sameDomain
	KeepPrivate = keepPrivate
)

// OriginVerified reports whether the request's Origin alone lets it pass.
func (c *Checker) OriginVerified(r *http.Request) bool { return c.checkOrigin(r) == nil }

// CheckReferer looks at the request's Referer alone.
func (c *Checker) CheckReferer(r *http.Request) error { return c.checkReferer(r) }

// Trusted returns the origins that are trusted as they are, and by scheme those whose subdomains
// are.
func (c *Checker) Trusted() ([]string, map[string][]string) {
	return c.trusted.exact, c.trusted.subdomains
}
