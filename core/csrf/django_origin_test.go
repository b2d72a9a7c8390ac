package csrf_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/csrf"
)

// sharedOrigins are the cases about where a request comes from, for both stores.
var sharedOrigins = map[string]func(*testing.T, store){
	"test_https_bad_referer":                                badReferer,
	"test_https_no_referer":                                 noReferer,
	"test_https_malformed_host":                             malformedHost,
	"test_origin_malformed_host":                            originMalformedHost,
	"test_https_malformed_referer":                          malformedReferer,
	"test_https_good_referer":                               goodReferer("https://www.example.com/somepage"),
	"test_https_good_referer_2":                             goodReferer("https://www.example.com"),
	"test_https_good_referer_malformed_host":                goodRefererMalformedHost,
	"test_https_csrf_trusted_origin_allowed":                trustedReferer("https://dashboard.example.com"),
	"test_https_csrf_wildcard_trusted_origin_allowed":       trustedReferer("https://*.example.com"),
	"test_https_good_referer_behind_proxy":                  refererBehindProxy,
	"test_https_good_referer_matches_cookie_domain":         refererOfCookieDomain("", "https://foo.example.com/", "443"),
	"test_https_reject_insecure_referer":                    insecureReferer,
	"test_bad_origin_bad_domain":                            badOrigin("https://www.evil.org", false),
	"test_bad_origin_null_origin":                           badOrigin("null", false),
	"test_bad_origin_bad_protocol":                          badOrigin("http://example.com", true),
	"test_bad_origin_cannot_be_parsed":                      badOrigin("https://[", false),
	"test_bad_origin_csrf_trusted_origin_bad_protocol":      badOriginTrustedElsewhere,
	"test_good_origin_insecure":                             goodOrigin("http://www.example.com", false),
	"test_good_origin_secure":                               goodOrigin("https://www.example.com", true),
	"test_good_origin_csrf_trusted_origin_allowed":          goodOriginTrusted,
	"test_good_origin_wildcard_csrf_trusted_origin_allowed": goodOriginWildcard,
	"test_https_good_referer_matches_cookie_domain_with_different_port": refererOfCookieDomain(
		"www.example.com", "https://foo.example.com:4443/", "4443"),
}

var example = []string{"www.example.com"}

// wantDetail wants a text among the details that the page for 403 shows in DEBUG.
func wantDetail(t *testing.T, w *httptest.ResponseRecorder, text string) {
	t.Helper()
	page := html.UnescapeString(w.Body.String())
	// The details quote what was sent as a Go string.
	if !strings.Contains(strings.ReplaceAll(page, `\`, ""), text) {
		t.Errorf("the page does not show %q: %.1500s", text, page)
	}
}

func badReferer(t *testing.T, s store) {
	b := s.bench(t, config{hosts: example, debug: true})
	r := s.posting(asked{https: true, host: "www.example.com", referer: "https://www.evil.org/somepage", localPort: "443"})
	wantDetail(t, b.wantRefused(t, r, csrf.BadReferer), `Referer "https://www.evil.org/somepage"`)
}

func wantRefererRefused(t *testing.T, b *bench, r *http.Request, want csrf.Reason) {
	t.Helper()
	if got, refused := isRefusal(b.CheckReferer(b.inSite(r))); !refused || got != want {
		t.Errorf("the Referer %q is refused: %t, reason %q; want %q", r.Header["Referer"], refused, got, want)
	}
}

func noReferer(t *testing.T, s store) {
	b := s.bench(t, config{debug: true})
	r := s.posting(asked{https: true})
	wantRefererRefused(t, b, r, csrf.NoReferer)
	wantDetail(t, b.wantRefused(t, r, csrf.NoReferer), "neither by Origin nor by Referer")
}

func malformedHost(t *testing.T, s store) {
	b := s.bench(t, config{})
	r := s.request(asked{method: "POST", https: true, host: "@malformed", referer: "https://www.evil.org/somepage", localPort: "443"})
	wantRefererRefused(t, b, r, csrf.BadReferer)
	b.wantRefused(t, r, csrf.BadReferer)
}

func originMalformedHost(t *testing.T, s store) {
	b := s.bench(t, config{})
	r := s.request(asked{method: "POST", https: true, host: "@malformed", origin: "https://www.evil.org"})
	wantRefererRefused(t, b, r, csrf.NoReferer)
	b.wantRefused(t, r, csrf.BadOrigin)
}

func malformedReferer(t *testing.T, s store) {
	for referer, want := range map[string]csrf.Reason{
		"http://http://www.example.com/": csrf.InsecureReferer,
		"":                               csrf.MalformedReferer,
		"ØBöIß":                          csrf.MalformedReferer,
		"//example.com/":                 csrf.MalformedReferer,
		"https://":                       csrf.MalformedReferer,
		"https://[":                      csrf.MalformedReferer,
	} {
		b := s.bench(t, config{debug: true})
		r := s.posting(asked{https: true})
		r.Header.Set("Referer", referer)
		wantRefererRefused(t, b, r, want)
		w := b.wantRefused(t, r, want)
		wantDetail(t, w, map[csrf.Reason]string{
			csrf.InsecureReferer: "not secure although", csrf.MalformedReferer: "not an absolute address",
		}[want])
	}
}

func goodReferer(referer string) func(*testing.T, store) {
	return func(t *testing.T, s store) {
		b := s.bench(t, config{hosts: example})
		b.wantPassed(t, s.posting(asked{https: true, host: "www.example.com", referer: referer}))
	}
}

func goodRefererMalformedHost(t *testing.T, s store) {
	b := s.bench(t, config{tokens: csrf.Tokens{TrustedOrigins: []string{"https://dashboard.example.com"}}})
	b.wantPassed(t, s.posting(asked{https: true, host: "@malformed", referer: "https://dashboard.example.com/somepage"}))
}

func trustedReferer(trusted string) func(*testing.T, store) {
	return func(t *testing.T, s store) {
		b := s.bench(t, config{hosts: example, tokens: csrf.Tokens{TrustedOrigins: []string{trusted}}})
		b.wantPassed(t, s.posting(asked{https: true, host: "www.example.com", referer: "https://dashboard.example.com"}))
	}
}

func refererBehindProxy(t *testing.T, s store) {
	b := s.bench(t, config{hosts: example, tokens: csrf.Tokens{CookieDomain: ".example.com", UseForwardedPort: true}})
	b.wantPassed(t, s.posting(asked{
		https: true, host: "10.0.0.2", referer: "https://www.example.com/somepage", localPort: "8080",
		forwardedHost: "www.example.com", forwardedPort: "443",
	}))
}

func refererOfCookieDomain(host, referer, port string) func(*testing.T, store) {
	return func(t *testing.T, s store) {
		b := s.bench(t, config{hosts: example, tokens: csrf.Tokens{CookieDomain: ".example.com"}})
		b.wantPassed(t, s.posting(asked{https: true, host: host, referer: referer, localPort: port}))
	}
}

func insecureReferer(t *testing.T, s store) {
	b := s.bench(t, config{debug: true, tokens: csrf.Tokens{CookieDomain: ".example.com"}})
	r := s.posting(asked{https: true, referer: "http://example.com/", localPort: "443"})
	wantRefererRefused(t, b, r, csrf.InsecureReferer)
	wantDetail(t, b.wantRefused(t, r, csrf.InsecureReferer), "not secure although")
}

func wantBadOrigin(t *testing.T, s store, b *bench, origin string, https bool) {
	t.Helper()
	r := s.posting(asked{host: "www.example.com", origin: origin, https: https})
	wantRefererRefused(t, b, r, csrf.NoReferer)
	if b.OriginVerified(b.inSite(r)) {
		t.Errorf("the Origin %q is taken for good", origin)
	}
	b.wantRefused(t, r, csrf.BadOrigin)
	if !strings.Contains(strings.ReplaceAll(b.log.String(), `\`, ""), `"`+origin+`"`) {
		t.Errorf("the log does not name the Origin %q: %s", origin, b.log)
	}
}

func badOrigin(origin string, https bool) func(*testing.T, store) {
	return func(t *testing.T, s store) {
		wantBadOrigin(t, s, s.bench(t, config{hosts: example}), origin, https)
	}
}

func badOriginTrustedElsewhere(t *testing.T, s store) {
	b := s.bench(t, config{hosts: example, tokens: csrf.Tokens{TrustedOrigins: []string{
		"http://no-match.com", "https://*.example.com", "http://*.no-match.com", "http://*.no-match-2.com",
	}}})
	wantBadOrigin(t, s, b, "http://foo.example.com", true)
	wantTrusted(t, b, []string{"http://no-match.com"}, map[string][]string{
		"https": {".example.com"}, "http": {".no-match.com", ".no-match-2.com"},
	})
}

func wantTrusted(t *testing.T, b *bench, exact []string, subdomains map[string][]string) {
	t.Helper()
	gotExact, gotSub := b.Trusted()
	if !reflect.DeepEqual(gotExact, exact) || !reflect.DeepEqual(gotSub, subdomains) {
		t.Errorf("trusted are %v and below %v, want %v and below %v", gotExact, gotSub, exact, subdomains)
	}
}

func wantGoodOrigin(t *testing.T, s store, b *bench, origin string, https bool) {
	t.Helper()
	r := s.posting(asked{host: "www.example.com", origin: origin, https: https})
	if !b.OriginVerified(b.inSite(r)) {
		t.Errorf("the Origin %q is not taken for good", origin)
	}
	b.wantPassed(t, r)
}

func goodOrigin(origin string, https bool) func(*testing.T, store) {
	return func(t *testing.T, s store) {
		wantGoodOrigin(t, s, s.bench(t, config{hosts: example}), origin, https)
	}
}

func goodOriginTrusted(t *testing.T, s store) {
	b := s.bench(t, config{hosts: example, tokens: csrf.Tokens{TrustedOrigins: []string{"https://dashboard.example.com"}}})
	wantGoodOrigin(t, s, b, "https://dashboard.example.com", true)
	wantTrusted(t, b, []string{"https://dashboard.example.com"}, nil)
}

func goodOriginWildcard(t *testing.T, s store) {
	b := s.bench(t, config{hosts: example, tokens: csrf.Tokens{TrustedOrigins: []string{"https://*.example.com"}}})
	wantGoodOrigin(t, s, b, "https://foo.example.com", true)
	wantTrusted(t, b, nil, map[string][]string{"https": {".example.com"}})
}
