package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/mux"
)

// dispatcher answers what mux found no route for.
type dispatcher struct {
	mux         *mux.Router
	routes      []*Route
	appendSlash bool
}

// unmatched answers a path that has routes for other methods with 405, one that would have a route
// with a slash at its end with a redirect, and any other with 404.
func (d *dispatcher) unmatched(w http.ResponseWriter, r *http.Request) error {
	if methods := d.allowed(r); len(methods) > 0 {
		return methodNotAllowed(w, r, methods)
	}
	if d.appendSlash && !strings.HasSuffix(r.URL.Path, "/") && d.hasSlashRoute(r) {
		u := &url.URL{Path: r.URL.Path + "/", RawQuery: r.URL.RawQuery}
		target := u.EscapedPath()
		if strings.HasPrefix(target, "//") {
			// "//host/x/" would leave this site.
			target = "/%2F" + target[2:]
		}
		if u.RawQuery != "" {
			target += "?" + u.RawQuery
		}
		status := http.StatusMovedPermanently
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			status = http.StatusPermanentRedirect // keeps the method and what was posted
		}
		w.Header().Set("Location", target)
		w.WriteHeader(status)
		return nil
	}
	return NotFound("")
}

// hasSlashRoute reports whether the path with a slash at its end is known for any method.
func (d *dispatcher) hasSlashRoute(r *http.Request) bool {
	c := *r
	u := *r.URL
	u.Path += "/"
	u.RawPath = ""
	c.URL = &u
	return len(d.allowed(&c)) > 0
}

// methodNotAllowed answers OPTIONS with the methods of the path and everything else with 405.
func methodNotAllowed(w http.ResponseWriter, r *http.Request, allowed []string) error {
	w.Header().Set("Allow", strings.Join(append(allowed, http.MethodOptions), ", "))
	if r.Method == http.MethodOptions {
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(http.StatusOK)
		return nil
	}
	return &StatusError{Code: http.StatusMethodNotAllowed}
}

// allowed returns the methods for which the request's path has a route, sorted, by asking mux
// for each method that any route answers. Only error answers pay for this.
func (d *dispatcher) allowed(r *http.Request) []string {
	var all []string
	for _, route := range d.routes {
		all = append(all, route.accepted()...)
	}
	slices.Sort(all)
	var found []string
	for _, method := range slices.Compact(all) {
		c := *r
		c.Method = method
		var match mux.RouteMatch
		if method != http.MethodOptions && d.mux.Match(&c, &match) && match.MatchErr == nil {
			found = append(found, method)
		}
	}
	return found
}
