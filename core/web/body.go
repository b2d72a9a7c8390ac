package web

import "net/http"

// BodyLimit wraps a handler so that its route takes request bodies up to n bytes instead of the
// project's limit. A larger body is answered with 413. Behind another router it limits the body
// by itself, to no more than what was allowed around it.
func BodyLimit(n int64) Middleware {
	return func(next http.Handler) http.Handler { return &bodyLimiter{next, n} }
}

type bodyLimiter struct {
	next  http.Handler
	limit int64
}

func (b *bodyLimiter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if RouteOf(r.Context()) == nil && r.Body != nil {
		r.Body = http.MaxBytesReader(w, r.Body, b.limit)
	}
	b.next.ServeHTTP(w, r)
}

// Unwrap lets the router look through.
func (b *bodyLimiter) Unwrap() http.Handler { return b.next }

// bodyLimit returns the outermost BodyLimit on the way through h, 0 for none.
func bodyLimit(h http.Handler) int64 {
	for h != nil {
		if b, ok := h.(*bodyLimiter); ok {
			return b.limit
		}
		u, ok := h.(interface{ Unwrap() http.Handler })
		if !ok {
			return 0
		}
		h = u.Unwrap()
	}
	return 0
}
