package core_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/web"
)

// TestSecurityHeaders looks at every kind of answer that a project gives.
func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	app := core.App{Label: "a", Routes: func(r *web.Router) {
		r.Form("/x/", "x", ok)
		r.Get("/panic/", "panic", func(http.ResponseWriter, *http.Request) error { panic("no") })
		r.Get("/framed/", "framed", func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("X-Frame-Options", "SAMEORIGIN")
			return nil
		})
	}}
	foreign := httptest.NewRequest("POST", "http://testserver/x/", nil)
	foreign.Header.Set("Origin", "https://evil.example")
	host := get("/x/")
	host.Host = "evil.example"
	for name, c := range map[string]struct {
		r      *http.Request
		status int
	}{
		"a page": {get("/x/"), 200}, "not found": {get("/none/"), 404}, "a redirect": {get("/x"), 301}, "a panic": {get("/panic/"), 500},
		"a file": {get("/static/belleville.css"), 200}, "a refused post": {foreign, 403}, "another host": {host, 400},
	} {
		w := ask(t, nil, c.r, app)
		if w.Code != c.status {
			t.Errorf("%s: status %d, want %d", name, w.Code, c.status)
		}
		for header, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Strict-Transport-Security": "", "Content-Security-Policy": "",
		} {
			if got := strings.Join(w.Header().Values(header), "|"); got != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
	}
	if got := ask(t, nil, get("/framed/"), app).Header().Values("X-Frame-Options"); !slices.Equal(got, []string{"SAMEORIGIN"}) {
		t.Errorf("a handler's own X-Frame-Options becomes %q", got)
	}
	secure := func(s *core.Settings) {
		s.SecureProxyHeader, s.SecureProxyValue = "X-Forwarded-Proto", "https"
		s.Security = web.Security{HSTS: time.Hour, RedirectToHTTPS: true}
	}
	r := get("/x/")
	if w := ask(t, secure, r, app); w.Code != 301 || w.Header().Get("Location") != "https://testserver/x/" {
		t.Errorf("by http: status %d, Location %q; want the way to https", w.Code, w.Header().Get("Location"))
	}
	if w := ask(t, secure, host, app); w.Code != 400 {
		t.Errorf("by http, another host: status %d, want 400", w.Code)
	}
	r.Header.Set("X-Forwarded-Proto", "https")
	if w := ask(t, secure, r, app); w.Code != 200 || w.Header().Get("Strict-Transport-Security") != "max-age=3600" {
		t.Errorf("by https: status %d, headers %v", w.Code, w.Header())
	}
}

// TestTokensInProject shows that the check knows the route: before its wrappers, after the match.
func TestTokensInProject(t *testing.T) {
	t.Parallel()
	var seen []string
	mark := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen = append(seen, r.URL.Path)
			next.ServeHTTP(w, r)
		})
	}
	app := page("/page/", `{{.csrf_token}}`)
	pages := app.Routes
	app.Routes = func(r *web.Router) {
		pages(r)
		r.Post("/x/", "x", ok, mark)
		r.Post("/hook/", "hook", ok, mark, csrf.Exempt)
	}
	app.RouteMiddleware = []web.Middleware{mark}
	tokens := func(s *core.Settings) {
		s.CSRF = &csrf.Tokens{TrustedOrigins: []string{"https://a.example"}}
		s.TrustedOrigins = []string{"https://*.b.example"}
	}
	post := func(path, origin, token string) int {
		r := httptest.NewRequest("POST", "http://testserver"+path, strings.NewReader("csrfmiddlewaretoken="+token))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", "csrftoken=abcdefghijklmnopqrstuvwxyzabcdef")
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		return ask(t, tokens, r, app).Code
	}
	const good = "abcdefghijklmnopqrstuvwxyzabcdef"
	for _, c := range []struct {
		path, origin, token string
		want                int
	}{
		{"/x/", "", good, 200}, {"/x/", "", "", 403}, {"/x/", "http://testserver", good, 200}, {"/x/", "https://testserver", good, 403},
		{"/x/", "https://a.example", good, 200}, {"/x/", "https://x.b.example", good, 200}, {"/x/", "https://evil.example", good, 403},
		{"/none/", "https://evil.example", "", 404}, {"/page/", "", "", 405}, {"/x", "", "", 308},
	} {
		if got := post(c.path, c.origin, c.token); got != c.want {
			t.Errorf("POST %s from %q with token %q: status %d, want %d", c.path, c.origin, c.token, got, c.want)
		}
	}
	seen = nil
	if got := post("/x/", "", ""); got != 403 || len(seen) != 0 {
		t.Errorf("a refused post: status %d, passed wrappers %v; want 403 and none", got, seen)
	}
	// The mark around all routes cannot be looked through; the one of the route can not either.
	if got := post("/hook/", "https://evil.example", ""); got != 403 {
		t.Errorf("an exemption behind a closed wrapper: status %d, want 403", got)
	}
	if w := ask(t, nil, get("/page/"), app); w.Body.String() != "" || len(w.Result().Cookies()) != 0 {
		t.Errorf("without tokens a page shows %q and sets %v, want nothing", w.Body, w.Result().Cookies())
	}
	if w := ask(t, tokens, get("/page/"), app); len(w.Body.String()) != 64 || len(w.Result().Cookies()) != 1 {
		t.Errorf("with tokens a page shows %q and sets %v, want a token and its cookie", w.Body, w.Result().Cookies())
	}
}

func TestTokensThatCannotWork(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s.CSRF = &csrf.Tokens{CookieName: "no name"}
	if _, err := core.New(s); err == nil || !strings.Contains(err.Error(), "csrf.Tokens") {
		t.Errorf("a cookie's name with a space: %v, want an error", err)
	}
	s.CSRF = &csrf.Tokens{}
	s.TrustedOrigins = []string{"forms.example"}
	if _, err := core.New(s); err == nil || !strings.Contains(err.Error(), "https://host") {
		t.Errorf("a trusted origin without scheme: %v, want advice", err)
	}
}

func TestCheckDeploy(t *testing.T) {
	t.Parallel()
	safe := web.Security{HSTS: time.Hour, HSTSSubdomains: true, HSTSPreload: true, RedirectToHTTPS: true}
	for name, c := range map[string]struct {
		change func(*core.Settings)
		want   string
	}{
		"nothing":              {func(*core.Settings) {}, ""},
		"the zero value":       {func(s *core.Settings) { s.Security = web.Security{} }, "W004 W008"},
		"HSTS alone":           {func(s *core.Settings) { s.Security = web.Security{HSTS: 1} }, "W005 W008 W021"},
		"short key":            {func(s *core.Settings) { s.Keys[0] = "short" }, "W009"},
		"few letters":          {func(s *core.Settings) { s.Keys[0] = strings.Repeat("abcd", 20) }, "W009"},
		"Django's made-up key": {func(s *core.Settings) { s.Keys[0] = "django-insecure-" + s.Keys[0] }, "W009"},
		"weak fallbacks":       {func(s *core.Settings) { s.Keys = append(s.Keys, "short", "shorter") }, "W025"},
		"debug":                {func(s *core.Settings) { s.Debug = true }, "W018"},
		"no hosts":             {func(s *core.Settings) { s.AllowedHosts = nil }, "W020"},
		"sniffing":             {func(s *core.Settings) { s.Security.AllowSniffing = true }, "W006"},
		"frames":               {func(s *core.Settings) { s.Security.FrameOptions = "SAMEORIGIN" }, "W019"},
		"no frames":            {func(s *core.Settings) { s.Security.FrameOptions = "deny" }, ""},
		"no referrer policy":   {func(s *core.Settings) { s.Security.ReferrerPolicy = "-" }, "W022"},
		"referrer policies":    {func(s *core.Settings) { s.Security.ReferrerPolicy = "no-referrer, strict-origin" }, ""},
		"referrer typo":        {func(s *core.Settings) { s.Security.ReferrerPolicy = "no-referrer,same-orgin" }, "E023"},
		"no opener policy":     {func(s *core.Settings) { s.Security.OpenerPolicy = "-" }, ""},
		"opener typo":          {func(s *core.Settings) { s.Security.OpenerPolicy = "same-site" }, "E024"},
		"open token cookie":    {func(s *core.Settings) { s.CSRF = &csrf.Tokens{} }, "W016"},
		"token cookie":         {func(s *core.Settings) { s.CSRF = &csrf.Tokens{CookieSecure: true} }, ""},
	} {
		s := settings(t)
		s.Security = safe
		c.change(&s)
		p, err := core.New(s)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for _, m := range p.Check(t.Context(), true) {
			if id, ok := strings.CutPrefix(m.ID, "security."); ok {
				found[id] = true
				if (m.Level >= check.Error) != strings.HasPrefix(id, "E") || m.Hint == "" {
					t.Errorf("%s: %s has level %s, hint %q", name, id, m.Level, m.Hint)
				}
			}
		}
		if got := fmt.Sprint(slices.Sorted(maps.Keys(found))); got != "["+c.want+"]" {
			t.Errorf("%s: found %s, want [%s]", name, got, c.want)
		}
		for _, m := range p.Check(t.Context(), false) {
			if strings.HasPrefix(m.ID, "security.") {
				t.Errorf("%s: %s is found without --deploy", name, m.ID)
			}
		}
	}
}
