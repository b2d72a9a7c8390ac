package csrf_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/csrf"
)

func TestProtect(t *testing.T) {
	t.Parallel()
	protect, err := csrf.Protect(csrf.Config{TrustedOrigins: []string{"https://forms.example.com", "https://*.example.org:8443"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		method, site, origin string
		want                 int
	}{
		{"GET", "cross-site", "https://evil.example", 200},
		{"POST", "", "", 200},
		{"POST", "same-origin", "http://testserver", 200},
		{"POST", "none", "", 200},
		{"POST", "cross-site", "https://evil.example", 403},
		{"POST", "same-site", "https://other.example.com", 403},
		{"POST", "cross-site", "", 403},
		{"DELETE", "", "https://evil.example", 403},
		{"POST", "cross-site", "https://forms.example.com", 200},
		{"POST", "", "https://forms.example.com", 200},
		{"POST", "cross-site", "http://forms.example.com", 403},
		{"POST", "cross-site", "https://forms.example.com:444", 403},
		{"POST", "cross-site", "https://a.b.example.org:8443", 200},
		{"POST", "cross-site", "https://example.org:8443", 200},
		{"POST", "cross-site", "https://example.org", 403},
		{"POST", "cross-site", "https://evilexample.org:8443", 403},
		{"POST", "cross-site", "https://a.example.org:8443@evil.example", 403},
		{"POST", "cross-site", "null", 403},
	} {
		r := httptest.NewRequest(tt.method, "http://testserver/", nil)
		for name, value := range map[string]string{"Sec-Fetch-Site": tt.site, "Origin": tt.origin} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		protect(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s from %q, Origin %q: status %d, want %d", tt.method, tt.site, tt.origin, w.Code, tt.want)
		}
	}
}

func TestProtectDenies(t *testing.T) {
	t.Parallel()
	protect, err := csrf.Protect(csrf.Config{Deny: http.RedirectHandler("/why/", http.StatusSeeOther)})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "http://testserver/", nil)
	r.Header.Set("Origin", "https://evil.example")
	w := httptest.NewRecorder()
	protect(http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		t.Errorf("status %d, want that of Deny", w.Code)
	}
}

func TestSettingsThatCannotWork(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{
		"", "forms.example.com", "//forms.example.com", "ftp://forms.example.com", "https://", "https://forms.example.com/",
		"https://forms.example.com/path", "https://forms.example.com?x", "https://user@forms.example.com", "https://[", "https://*",
		"https://a*.example.com", "https://*.*.example.com", "*", "*.example.com", "null",
	} {
		_, err := csrf.Protect(csrf.Config{TrustedOrigins: []string{"https://good.example", origin}})
		_, err2 := csrf.New(csrf.Tokens{TrustedOrigins: []string{origin}})
		for _, err := range []error{err, err2} {
			if err == nil || !strings.Contains(err.Error(), `"`+origin+`"`) || !strings.Contains(err.Error(), "https://*.host") {
				t.Errorf("the trusted origin %q: error %v, want its name and advice", origin, err)
			}
		}
	}
	for _, tokens := range []csrf.Tokens{{CookieName: "a b"}, {CookieName: "a;b"}, {CookieDomain: "a_b;"}, {CookiePath: "/;"}} {
		if _, err := csrf.New(tokens); err == nil || !strings.Contains(err.Error(), "csrf.Tokens") {
			t.Errorf("cookie %q, domain %q, path %q: error %v, want one", tokens.CookieName, tokens.CookieDomain, tokens.CookiePath, err)
		}
	}
	if _, err := csrf.New(csrf.Tokens{TrustedOrigins: []string{"HTTPS://Forms.Example.com:8443", "http://[::1]:80", "https://*.example.com"}}); err != nil {
		t.Errorf("good origins: %v", err)
	}
}
