package web

import "net/http"

// Handler returns the route's handler within its own wrappers, without those around all routes.
// A wrapper around all routes that treats some of them in another way looks through it, by
// `Unwrap() http.Handler`, for the mark that it knows.
func (r *Route) Handler() http.Handler { return r.handler }
