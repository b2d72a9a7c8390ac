package web

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Omit is the value of a header's setting that leaves the header out.
const Omit = "-"

// Security are the headers that tell browsers to protect a site's visitors, and the way from http
// to https. The zero value sends what a new Django project sends. A handler that sets one of the
// headers itself wins, and w.Header()["X-Frame-Options"] = nil leaves one out of a single answer.
type Security struct {
	// AllowSniffing leaves out "X-Content-Type-Options: nosniff", so that browsers guess what a
	// file is.
	AllowSniffing bool
	// ReferrerPolicy says what other sites are told about the page a visitor came from; empty
	// means "same-origin", nothing. Several policies are separated by commas, the last one that
	// a browser knows counts.
	ReferrerPolicy string
	// OpenerPolicy is Cross-Origin-Opener-Policy; empty means "same-origin": windows of other
	// sites cannot reach into this one's.
	OpenerPolicy string
	// FrameOptions is X-Frame-Options; empty means "DENY": no page is shown inside another.
	FrameOptions string
	// ContentPolicy is Content-Security-Policy; empty sends none. The default pages work under
	// "default-src 'self'".
	ContentPolicy string

	// HSTS is how long browsers shall use https only once they have seen an answer that came by
	// it, in whole seconds; 0 promises nothing. Begin with an hour: it cannot be taken back.
	HSTS time.Duration
	// HSTSSubdomains makes the promise for all subdomains too, HSTSPreload lets browsers' makers
	// put it into their lists.
	HSTSSubdomains, HSTSPreload bool
	// RedirectToHTTPS answers requests that came by http with a redirect to the same address under
	// https. Behind a proxy, core.Settings must say how https is recognised, or it never ends.
	RedirectToHTTPS bool
	// HTTPSHost is the host to go to; empty means the one that was asked.
	HTTPSHost string
	// HTTPAllowed are paths, without their first slash, that are answered under http all the same:
	// what a load balancer asks, for one.
	HTTPAllowed []*regexp.Regexp
}

// Middleware adds the headers to every answer that passes through it. It belongs around
// everything else, error pages and host checks included, but inside of what puts the [Site] into
// the context.
func (s Security) Middleware(next http.Handler) http.Handler {
	always, secure := s.headers()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := next
		if s.RedirectToHTTPS && !Secure(r) && !s.allowedUnderHTTP(r.URL.Path) {
			inner = Handler(s.redirect)
		}
		BeforeHeader(inner, w, r, func(int) error {
			setDefaults(w.Header(), always)
			if len(secure) > 0 && Secure(r) {
				setDefaults(w.Header(), secure)
			}
			return nil
		})
	})
}

// header is a header field as http.Header holds it.
type header struct {
	name   string // in canonical form
	values []string
}

// headers returns the fields for every answer and those for answers under https.
func (s Security) headers() (always, secure []header) {
	add := func(list *[]header, name, value, otherwise string) {
		if value == "" {
			value = otherwise
		}
		if value != "" && value != Omit {
			*list = append(*list, header{http.CanonicalHeaderKey(name), slices.Clip([]string{value})})
		}
	}
	if !s.AllowSniffing {
		add(&always, "X-Content-Type-Options", "nosniff", "")
	}
	add(&always, "Referrer-Policy", s.ReferrerPolicy, "same-origin")
	add(&always, "Cross-Origin-Opener-Policy", s.OpenerPolicy, "same-origin")
	add(&always, "X-Frame-Options", s.FrameOptions, "DENY")
	add(&always, "Content-Security-Policy", s.ContentPolicy, "")
	add(&secure, "Strict-Transport-Security", s.transport(), "")
	return always, secure
}

// transport is the value of Strict-Transport-Security, "" for none.
func (s Security) transport() string {
	seconds := int64(s.HSTS / time.Second)
	if seconds <= 0 {
		return ""
	}
	value := "max-age=" + strconv.FormatInt(seconds, 10)
	if s.HSTSSubdomains {
		value += "; includeSubDomains"
	}
	if s.HSTSPreload {
		value += "; preload"
	}
	return value
}

func setDefaults(h http.Header, fields []header) {
	for _, f := range fields {
		if _, set := h[f.name]; !set {
			h[f.name] = f.values
		}
	}
}

func (s Security) allowedUnderHTTP(path string) bool {
	path = strings.TrimLeft(path, "/")
	return slices.ContainsFunc(s.HTTPAllowed, func(p *regexp.Regexp) bool { return p.MatchString(path) })
}

// redirect leads to https. A host that is not answered is not redirected to either.
func (s Security) redirect(w http.ResponseWriter, r *http.Request) error {
	host := s.HTTPSHost
	if host == "" {
		if site := SiteOf(r.Context()); site == nil {
			host = r.Host
		} else {
			var err error
			if host, err = site.Hosts.Host(r); err != nil {
				return err
			}
		}
	}
	w.Header().Set("Location", "https://"+host+r.URL.RequestURI())
	w.WriteHeader(http.StatusMovedPermanently)
	return nil
}
