package csrf

import "net/http"

// Exempt wraps a handler that takes unsafe requests without a token: one that other programs call
// and that knows them by a signature or key of their own. It can be a wrapper of a route, or lie
// further inside as long as each wrapper around it has `Unwrap() http.Handler`. Tokens can be used
// behind it.
//
// It takes back the check of a token, not [Protect].
func Exempt(next http.Handler) http.Handler { return &exempt{next} }

type exempt struct{ http.Handler }

// Unwrap lets the router look through.
func (e *exempt) Unwrap() http.Handler { return e.Handler }

// isExempt reports whether Exempt is on the way through a handler's wrappers.
func isExempt(h http.Handler) bool {
	for h != nil {
		if _, ok := h.(*exempt); ok {
			return true
		}
		u, ok := h.(interface{ Unwrap() http.Handler })
		if !ok {
			return false
		}
		h = u.Unwrap()
	}
	return false
}
