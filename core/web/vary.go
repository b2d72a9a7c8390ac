package web

import (
	"net/http"
	"strings"
)

// VaryOnCookie says in a header that the answer depends on the request's cookies, unless it says so
// already.
func VaryOnCookie(h http.Header) {
	for _, line := range h.Values("Vary") {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name == "*" || strings.EqualFold(name, "Cookie") {
				return
			}
		}
	}
	h.Add("Vary", "Cookie")
}
