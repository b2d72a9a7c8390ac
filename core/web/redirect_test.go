package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

func TestSafeURLVectors(t *testing.T) {
	t.Parallel()
	type vector struct {
		URL          string   `json:"url"`
		AllowedHosts []string `json:"allowed_hosts"`
		RequireHTTPS bool     `json:"require_https"`
		Safe         bool     `json:"safe"`
	}
	for _, v := range djangovectors.Section[vector](t, "url_has_allowed_host_and_scheme") {
		if got := web.SafeURL(v.URL, v.AllowedHosts, v.RequireHTTPS); got != v.Safe {
			t.Errorf("SafeURL(%q, %q, https=%v) = %v, want %v", v.URL, v.AllowedHosts, v.RequireHTTPS, got, v.Safe)
		}
	}
}

func TestLoginRedirectURLVectors(t *testing.T) {
	t.Parallel()
	type vector struct {
		Next     string  `json:"next"`
		LoginURL string  `json:"login_url"`
		Field    *string `json:"redirect_field_name"`
		Location string  `json:"location"`
	}
	for _, v := range djangovectors.Section[vector](t, "redirect_to_login") {
		field := ""
		if v.Field != nil {
			field = *v.Field
		}
		if v.LoginURL == "" || v.LoginURL == "login" {
			v.LoginURL = "/accounts/login/" // resolving a setting and a route name is package auth's part
		}
		if got := web.LoginRedirectURL(v.LoginURL, v.Next, field); got != v.Location {
			t.Errorf("LoginRedirectURL(%q, %q, %q) = %q, want %q", v.LoginURL, v.Next, field, got, v.Location)
		}
	}
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	t.Run("row/G17", func(t *testing.T) {
		t.Parallel()
		for _, tt := range []struct {
			target, want string // want "" means refused
		}{
			{"/polls/", "/polls/"},
			{"?page=2", "?page=2"},
			{"https://example.com/x", "https://example.com/x"},
			{"ftp://example.com/x", "ftp://example.com/x"},
			{"/ünï/", "/%C3%BCn%C3%AF/"},
			{"javascript:alert(1)", ""},
			{"JavaScript:alert(1)", ""},
			{"java\tscript:alert(1)", ""},
			{"data:text/html,x", ""},
			{"mailto:x@example.com", ""},
			{"/x\r\nSet-Cookie: a=b", ""},
			{"/x\nSet-Cookie: a=b", ""},
			{"/" + strings.Repeat("x", 2047), "/" + strings.Repeat("x", 2047)},
			{"/" + strings.Repeat("x", 2048), ""},
		} {
			w := httptest.NewRecorder()
			err := web.Redirect(w, httptest.NewRequest("GET", "/", nil), tt.target, http.StatusFound)
			if got := w.Header().Get("Location"); got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("Redirect(%.40q): Location %q, error %v, want %q", tt.target, got, err, tt.want)
			}
		}
	})
}

func FuzzSafeURL(f *testing.F) {
	for _, s := range []string{"/x", "//evil", `\\evil`, "http:///evil", "https://h@evil", "ht\ttp://evil", "\x00/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if web.SafeURL(s, nil, false) && strings.HasPrefix(strings.TrimSpace(strings.ReplaceAll(s, `\`, "/")), "//") {
			t.Errorf("SafeURL accepts %q, which leaves the site", s)
		}
	})
}
