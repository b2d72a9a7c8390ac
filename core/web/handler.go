package web

import (
	"net/http"
)

// Handler is an http.Handler that may return an error instead of answering. The error becomes
// a page through [Error]: 404 for [NotFound], 403 for [Forbidden], 500 and a log line for the rest.
// A Handler that returns an error must not have written to w.
type Handler func(w http.ResponseWriter, r *http.Request) error

// ServeHTTP calls h and answers with an error page when it returns an error.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h(w, r); err != nil {
		Error(w, r, err)
	}
}

var _ http.Handler = Handler(nil)

// Middleware wraps a handler in another one, as everywhere in net/http.
type Middleware = func(http.Handler) http.Handler

// Chain wraps h in the middleware, the first outermost.
func Chain(h http.Handler, wrap ...Middleware) http.Handler {
	for i := len(wrap) - 1; i >= 0; i-- {
		h = wrap[i](h)
	}
	return h
}
