package web_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core/web"
)

// secured asks a handler behind the middleware, on a site that answers to example.com.
func secured(s web.Security, url string, h http.HandlerFunc) *httptest.ResponseRecorder {
	site := &web.Site{Hosts: web.Hosts{Allowed: []string{"example.com"}, SecureHeader: "X-Forwarded-Proto", SecureValue: "https"}}
	r := httptest.NewRequest("GET", url, nil)
	r = r.WithContext(web.WithSite(r.Context(), site))
	w := httptest.NewRecorder()
	s.Middleware(h).ServeHTTP(w, r)
	return w
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	type headers = map[string]string
	usual := headers{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		"X-Frame-Options": "DENY", "Content-Security-Policy": "", "Strict-Transport-Security": "",
	}
	for _, tt := range []struct {
		name string
		s    web.Security
		url  string
		want headers // besides the usual ones
	}{
		{"the zero value", web.Security{}, "http://example.com/", nil},
		{"the zero value by https", web.Security{}, "https://example.com/", nil},
		{"left out", web.Security{AllowSniffing: true, ReferrerPolicy: "-", OpenerPolicy: web.Omit, FrameOptions: "-"}, "http://example.com/",
			headers{"X-Content-Type-Options": "", "Referrer-Policy": "", "Cross-Origin-Opener-Policy": "", "X-Frame-Options": ""}},
		{"others", web.Security{ReferrerPolicy: "no-referrer,strict-origin", OpenerPolicy: "unsafe-none", FrameOptions: "SAMEORIGIN", ContentPolicy: "default-src 'self'"}, "http://example.com/",
			headers{"Referrer-Policy": "no-referrer,strict-origin", "Cross-Origin-Opener-Policy": "unsafe-none", "X-Frame-Options": "SAMEORIGIN", "Content-Security-Policy": "default-src 'self'"}},
		{"HSTS by https", web.Security{HSTS: time.Hour}, "https://example.com/", headers{"Strict-Transport-Security": "max-age=3600"}},
		{"HSTS by http", web.Security{HSTS: time.Hour, HSTSPreload: true}, "http://example.com/", nil},
		{"HSTS for all", web.Security{HSTS: 3600*time.Second + 1, HSTSSubdomains: true, HSTSPreload: true}, "https://example.com/",
			headers{"Strict-Transport-Security": "max-age=3600; includeSubDomains; preload"}},
		{"HSTS of less than a second", web.Security{HSTS: 1}, "https://example.com/", nil},
	} {
		w := secured(tt.s, tt.url, func(http.ResponseWriter, *http.Request) {})
		for name, want := range usual {
			if other, ok := tt.want[name]; ok {
				want = other
			}
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", tt.name, name, got, want)
			}
		}
	}
}

func TestHandlersWinOverSecurityHeaders(t *testing.T) {
	t.Parallel()
	w := secured(web.Security{HSTS: time.Hour}, "https://example.com/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Add("Strict-Transport-Security", "max-age=1")
		w.Header()["X-Frame-Options"] = nil
		fmt.Fprint(w, "framed")
	})
	res := w.Result()
	for name, want := range map[string]int{"X-Frame-Options": 0, "X-Content-Type-Options": 1, "Strict-Transport-Security": 1} {
		if got := len(res.Header.Values(name)); got != want {
			t.Errorf("%d fields %s, want %d: %v", got, name, want, res.Header)
		}
	}
	if res.Header.Get("Referrer-Policy") != "no-referrer" || res.Header.Get("Strict-Transport-Security") != "max-age=1" {
		t.Errorf("the handler's headers were replaced: %v", res.Header)
	}
}

func TestRedirectToHTTPS(t *testing.T) {
	t.Parallel()
	s := web.Security{RedirectToHTTPS: true, HTTPAllowed: []*regexp.Regexp{regexp.MustCompile(`^health/$`)}}
	other := s
	other.HTTPSHost = "secure.example.com"
	for _, tt := range []struct {
		s        web.Security
		url      string
		status   int
		location string
	}{
		{web.Security{}, "http://example.com/", 204, ""},
		{s, "https://example.com/", 204, ""},
		{s, "http://example.com/a%2Fb/?next=%2F&x", 301, "https://example.com/a%2Fb/?next=%2F&x"},
		{s, "http://example.com//evil.example/", 301, "https://example.com//evil.example/"},
		{s, "http://example.com:8000/", 301, "https://example.com:8000/"},
		{s, "http://example.com/health/", 204, ""},
		{s, "http://example.com/health/x", 301, "https://example.com/health/x"},
		{other, "http://example.com/x", 301, "https://secure.example.com/x"},
		{s, "http://evil.example/", 400, ""},
	} {
		w := secured(tt.s, tt.url, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
		if w.Code != tt.status || w.Header().Get("Location") != tt.location {
			t.Errorf("GET %s: status %d, Location %q; want %d, %q", tt.url, w.Code, w.Header().Get("Location"), tt.status, tt.location)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("GET %s: no headers on status %d", tt.url, w.Code)
		}
	}
}

func TestSecurityOutsideOfAProject(t *testing.T) {
	t.Parallel()
	h := web.Security{RedirectToHTTPS: true, HSTS: time.Hour}.Middleware(http.NotFoundHandler())
	r := httptest.NewRequest("GET", "http://example.com/x", nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 301 || w.Header().Get("Location") != "https://example.com/x" {
		t.Errorf("by http: status %d, Location %q", w.Code, w.Header().Get("Location"))
	}
	r.TLS = &tls.ConnectionState{}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 404 || w.Header().Get("Strict-Transport-Security") != "max-age=3600" {
		t.Errorf("by https: status %d, headers %v", w.Code, w.Header())
	}
}

func ExampleSecurity() {
	secure := web.Security{HSTS: 24 * time.Hour, ContentPolicy: "default-src 'self'"}
	h := secure.Middleware(http.NotFoundHandler())
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "https://example.com/", nil))
	for _, name := range []string{"X-Frame-Options", "Content-Security-Policy", "Strict-Transport-Security"} {
		fmt.Printf("%s: %s\n", name, w.Header().Get(name))
	}
	// Output:
	// X-Frame-Options: DENY
	// Content-Security-Policy: default-src 'self'
	// Strict-Transport-Security: max-age=86400
}

func BenchmarkSecurity(b *testing.B) {
	h := web.Security{HSTS: time.Hour}.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
	}))
	r := httptest.NewRequest("GET", "https://example.com/", nil)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}
