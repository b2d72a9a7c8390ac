package csrf

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-belleville/belleville/core/web"
)

// origins are those trusted besides the site's own.
type origins struct {
	exact      []string            // "https://forms.example.com"
	subdomains map[string][]string // scheme -> ".example.com"
	hosts      []string            // of all of them, for the Referer
}

// parseOrigins reads "scheme://host[:port]", where the host may begin with "*.".
func parseOrigins(list []string) (origins, error) {
	var o origins
	for _, text := range list {
		bare := strings.Replace(strings.ToLower(text), "://*.", "://", 1)
		u, err := url.Parse(bare)
		if err != nil || u.Host == "" || u.User != nil || strings.Contains(u.Host, "*") ||
			bare != "http://"+u.Host && bare != "https://"+u.Host {
			return origins{}, fmt.Errorf("the trusted origin %q cannot be used: write it as https://host or https://*.host, with a port if it has one and nothing after it", text)
		}
		if !strings.Contains(text, "://*.") {
			o.exact = append(o.exact, bare)
			o.hosts = append(o.hosts, u.Host)
			continue
		}
		if o.subdomains == nil {
			o.subdomains = map[string][]string{}
		}
		o.subdomains[u.Scheme] = append(o.subdomains[u.Scheme], "."+u.Host)
		o.hosts = append(o.hosts, "."+u.Host)
	}
	return o, nil
}

// has reports whether the text of an Origin header is trusted.
func (o origins) has(origin string) bool {
	if origin == "" || len(o.exact) == 0 && len(o.subdomains) == 0 {
		return false
	}
	if slices.Contains(o.exact, origin) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.User != nil {
		return false
	}
	return slices.ContainsFunc(o.subdomains[u.Scheme], func(pattern string) bool { return sameDomain(u.Host, pattern) })
}

// sameDomain reports whether the host, its port included, is the pattern or, when the pattern
// begins with a dot, one of its subdomains or the domain itself.
func sameDomain(host, pattern string) bool {
	if pattern == "" {
		return false
	}
	pattern = strings.ToLower(pattern)
	return host == pattern || pattern[0] == '.' && (strings.HasSuffix(host, pattern) || host == pattern[1:])
}

// checkOrigin compares an Origin header with the site's own origin and the trusted ones.
func (c *Checker) checkOrigin(r *http.Request) error {
	origin := strings.Join(r.Header["Origin"], ",")
	if host := web.Host(r); host != "" && origin == web.Scheme(r)+"://"+host || c.trusted.has(origin) {
		return nil
	}
	return &Refusal{BadOrigin, origin}
}

// checkReferer is asked under https when there is no Origin: whoever sits between the visitor and
// an http site could otherwise plant both cookie and form.
func (c *Checker) checkReferer(r *http.Request) error {
	sent := r.Header["Referer"]
	if len(sent) == 0 {
		return &Refusal{Reason: NoReferer}
	}
	referer, err := url.Parse(sent[0])
	switch {
	case err != nil || referer.Scheme == "" || referer.Host == "":
		return &Refusal{Reason: MalformedReferer}
	case referer.Scheme != "https":
		return &Refusal{Reason: InsecureReferer}
	}
	good := func(pattern string) bool { return referer.User == nil && sameDomain(referer.Host, pattern) }
	if slices.ContainsFunc(c.trusted.hosts, good) || good(c.refererDomain(r)) {
		return nil
	}
	return &Refusal{BadReferer, sent[0]}
}

// refererDomain is the domain for which the cookie is set, with the port unless it is a usual one;
// without such a domain the request's own host, "" when that is not allowed.
func (c *Checker) refererDomain(r *http.Request) string {
	if c.cfg.CookieDomain == "" {
		return web.Host(r)
	}
	if port := c.port(r); port != "443" && port != "80" {
		return c.cfg.CookieDomain + ":" + port
	}
	return c.cfg.CookieDomain
}

// port is the one that the visitor asked, as far as it can be known.
func (c *Checker) port(r *http.Request) string {
	if forwarded := r.Header.Get("X-Forwarded-Port"); c.cfg.UseForwardedPort && forwarded != "" {
		return forwarded
	}
	if _, port, err := net.SplitHostPort(r.Host); err == nil && port != "" {
		return port
	}
	// Where a proxy speaks https and this program does not, its own port is nobody's concern.
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && r.TLS != nil {
		if _, port, err := net.SplitHostPort(local.String()); err == nil {
			return port
		}
	}
	return "443"
}
