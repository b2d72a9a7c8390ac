package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// Hosts says which Host headers are answered, and how a request is known to have come by https.
// The zero value answers no host at all; core.Settings fills it.
type Hosts struct {
	// Allowed are the names: "example.com", ".example.com" for it and its subdomains, "*" for all.
	Allowed []string
	// UseForwardedHost reads X-Forwarded-Host first. Only behind a proxy that always sets it.
	UseForwardedHost bool
	// SecureHeader and SecureValue name a header that the proxy sets on https requests, such as
	// "X-Forwarded-Proto" and "https". Empty: only a TLS connection counts.
	SecureHeader, SecureValue string
}

var hostPattern = regexp.MustCompile(`^([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(:[0-9]+)?$`)

// Host returns the request's host with its port as the client sent it, or an error with status
// 400 when it is malformed or not allowed.
func (h Hosts) Host(r *http.Request) (string, error) {
	host := r.Host
	if f := r.Header.Get("X-Forwarded-Host"); h.UseForwardedHost && f != "" {
		host = f
	}
	name := domainOf(host)
	if name == "" {
		return "", BadRequest("The host of this request is not a valid name.")
	}
	for _, pattern := range h.Allowed {
		if matchHost(strings.ToLower(pattern), name) {
			return host, nil
		}
	}
	return "", &StatusError{Code: http.StatusBadRequest, Message: "This site does not answer to that host.",
		Err: fmt.Errorf("host %q is not in ALLOWED_HOSTS", host)}
}

// domainOf returns the lower-cased host without its port and a dot at its end, "" when malformed.
func domainOf(host string) string {
	if plainHost(host) {
		name, _, _ := strings.Cut(host, ":")
		return strings.TrimSuffix(name, ".")
	}
	m := hostPattern.FindStringSubmatch(strings.ToLower(host))
	if m == nil {
		return ""
	}
	return strings.TrimSuffix(m[1], ".")
}

// plainHost reports whether a host is small letters, digits, dots and dashes, with a port or without,
// as most are: a regular expression takes longer than the rest of the check.
func plainHost(host string) bool {
	name, port, found := strings.Cut(host, ":")
	if name == "" || found && port == "" {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' {
			return false
		}
	}
	for _, c := range []byte(port) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func matchHost(pattern, host string) bool {
	if pattern == "*" || pattern == host {
		return true
	}
	return strings.HasPrefix(pattern, ".") && (strings.HasSuffix(host, pattern) || host == pattern[1:])
}

// Secure reports whether the request came by https.
func (h Hosts) Secure(r *http.Request) bool {
	if h.SecureHeader != "" {
		if v, _, _ := strings.Cut(r.Header.Get(h.SecureHeader), ","); v != "" {
			return strings.TrimSpace(v) == h.SecureValue
		}
	}
	return r.TLS != nil
}

// CheckHost answers 400 when the request's host is not allowed.
func (s *Site) CheckHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.Hosts.Host(r); err != nil {
			s.Error(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Host returns the request's host, checked by the site when there is one, "" when it is not
// allowed.
func Host(r *http.Request) string {
	site := SiteOf(r.Context())
	if site == nil {
		return r.Host
	}
	host, err := site.Hosts.Host(r)
	if err != nil {
		return ""
	}
	return host
}

// Secure reports whether the request came by https, as the site's settings tell it.
func Secure(r *http.Request) bool {
	if site := SiteOf(r.Context()); site != nil {
		return site.Hosts.Secure(r)
	}
	return r.TLS != nil
}

// Scheme returns "https" or "http".
func Scheme(r *http.Request) string {
	if Secure(r) {
		return "https"
	}
	return "http"
}
