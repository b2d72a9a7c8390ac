package sessions_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/core/coretest"
)

const middlewareCases = "django/sessions_tests/tests.py/SessionMiddlewareTests."

// TestDjangoCookie stands for the cases about the cookie's attributes.
func TestDjangoCookie(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*sessions.Config)
		ok     func(c *http.Cookie) bool
	}{
		{"test_secure_session_cookie", func(c *sessions.Config) { c.CookieSecure = true }, func(c *http.Cookie) bool { return c.Secure }},
		{"test_httponly_session_cookie", nil, func(c *http.Cookie) bool { return c.HttpOnly && !c.Secure }},
		{"test_no_httponly_session_cookie", func(c *sessions.Config) { c.CookieScripts = true }, func(c *http.Cookie) bool { return !c.HttpOnly }},
		{"test_samesite_session_cookie", func(c *sessions.Config) { c.CookieSameSite = http.SameSiteStrictMode },
			func(c *http.Cookie) bool { return c.SameSite == http.SameSiteStrictMode }},
	}
	for _, tt := range tests {
		t.Run(middlewareCases+tt.name, func(t *testing.T) {
			t.Parallel()
			p := coretest.New(withPages(tt.change)).SQLite(t).Browser().Get(t, "/touch/")
			c := sessionCookie(p)
			if c == nil || !tt.ok(c) {
				t.Errorf("the cookie is %v", c)
			}
			if p.Header.Get("Vary") != "Cookie" {
				t.Errorf("Vary = %q, want Cookie", p.Header.Get("Vary"))
			}
		})
	}
}

func TestDjangoMiddleware(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"500", "503"} {
		name := map[string]string{"500": "test_session_save_on_500", "503": "test_session_save_on_5xx"}[page]
		t.Run(middlewareCases+name, func(t *testing.T) {
			t.Parallel()
			project.Each(t, func(t *testing.T, s *coretest.Site) {
				b := s.Browser()
				if p := b.Get(t, "/touch"+page+"/"); sessionCookie(p) != nil {
					t.Errorf("a %d set the cookie %v", p.Status, sessionCookie(p))
				}
				if r, ok := row(t, s); ok {
					t.Errorf("there is a row %v, want none", r)
				}
				b.Get(t, "/touch/")
				b.Get(t, "/touch"+page+"/")
				if got := hello(t, s); got != `"world"` {
					t.Errorf("the row says %s, want world", got)
				}
			})
		})
	}
	t.Run(middlewareCases+"test_session_update_error_redirect", func(t *testing.T) {
		t.Parallel()
		project.Each(t, func(t *testing.T, s *coretest.Site) {
			b := s.Browser()
			b.Get(t, "/touch/")
			if p := b.Get(t, "/gone/"); p.Status != 400 || sessionCookie(p) != nil {
				t.Errorf("status %d, cookie %v; want 400 and none", p.Status, sessionCookie(p))
			}
			if _, ok := row(t, s); ok {
				t.Error("the row is back")
			}
		})
	})
}

func TestDjangoMiddlewareSaves(t *testing.T) {
	t.Parallel()
	t.Run(middlewareCases+"test_flush_empty_without_session_cookie_doesnt_set_cookie", func(t *testing.T) {
		t.Parallel()
		p := project.SQLite(t).Browser().Get(t, "/flush/")
		if len(p.Cookies) != 0 || p.Header.Get("Vary") != "Cookie" {
			t.Errorf("cookies %v, Vary %q; want none and Cookie", p.Cookies, p.Header.Get("Vary"))
		}
	})
	t.Run(middlewareCases+"test_empty_session_saved", func(t *testing.T) {
		t.Parallel()
		project.Each(t, func(t *testing.T, s *coretest.Site) {
			b := s.Browser()
			first := sessionCookie(b.Get(t, "/touch/"))
			p := b.Get(t, "/clear/")
			second := sessionCookie(p)
			if first == nil || second == nil || first.Value != second.Value || p.Header.Get("Vary") != "Cookie" {
				t.Fatalf("cookies %v, then %v, Vary %q", first, second, p.Header.Get("Vary"))
			}
			r, ok := row(t, s)
			if d := sessions.NewCodec(s.Settings().Keys, "", nil, nil).Decode(t.Context(), r.SessionData); !ok || len(d) != 0 || r.SessionKey != first.Value {
				t.Errorf("the row %q holds %v, want no data under %q", r.SessionKey, d, first.Value)
			}
		})
	})
	t.Run(middlewareCases+"test_save_every_request_with_non_empty_session_renews_session_cookie", func(t *testing.T) {
		t.Parallel()
		now := time.Now().Truncate(time.Second)
		site := coretest.New(withPages(func(c *sessions.Config) {
			c.SaveEveryRequest, c.Store, c.Now = true, memstore.New(), func() time.Time { return now }
		})).SQLite(t)
		b := site.Browser()
		first := sessionCookie(b.Get(t, "/touch/"))
		now = now.Add(time.Hour)
		p := b.Get(t, "/nothing/")
		second := sessionCookie(p)
		if first == nil || second == nil || first.Value != second.Value || second.Expires.Sub(first.Expires) != time.Hour {
			t.Errorf("cookies %v, then %v; want the same, an hour later", first, second)
		}
		if p.Header.Get("Vary") != "Cookie" {
			t.Errorf("Vary = %q, want Cookie", p.Header.Get("Vary"))
		}
	})
}

// TestDjangoDeletion sends a cookie that is no key to a page that flushes.
func TestDjangoDeletion(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                 string
		change               func(*sessions.Config)
		wantDomain, wantPath string
	}{
		{"test_session_delete_on_end", nil, "", "/"},
		{"test_session_delete_on_end_with_custom_domain_and_path",
			func(c *sessions.Config) { c.CookieDomain, c.CookiePath = ".example.local", "/example/" }, "example.local", "/example/"},
	}
	for _, tt := range tests {
		t.Run(middlewareCases+tt.name, func(t *testing.T) {
			t.Parallel()
			c := sessions.Config{Store: memstore.New()}
			if tt.change != nil {
				tt.change(&c)
			}
			h := sessions.New(c).Middleware(handlers["flush"])
			r := httptest.NewRequest("GET", "/", nil)
			r.AddCookie(&http.Cookie{Name: "sessionid", Value: "abc"})
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			text := w.Header().Get("Set-Cookie")
			got, err := http.ParseSetCookie(text)
			if err != nil || got.Value != "" || got.MaxAge != -1 || !got.Expires.Equal(time.Unix(0, 0)) ||
				got.Domain != tt.wantDomain || got.Path != tt.wantPath || got.SameSite != http.SameSiteLaxMode {
				t.Errorf("Set-Cookie: %s (%v)", text, err)
			}
			if w.Header().Get("Vary") != "Cookie" {
				t.Errorf("Vary = %q, want Cookie", w.Header().Get("Vary"))
			}
		})
	}
}

// TestCookieForms looks at the cookie of each sort of session.
func TestCookieForms(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 19, 11, 47, 0, time.UTC)
	tests := []struct {
		name, page string
		change     func(*sessions.Config)
		want       string // after the value
	}{
		{"two weeks", "touch", nil, "; Path=/; Expires=Sat, 05 Dec 2026 19:11:47 GMT; Max-Age=1209600; HttpOnly; SameSite=Lax"},
		{"a minute", "minute", nil, "; Path=/; Expires=Sat, 21 Nov 2026 19:12:47 GMT; Max-Age=60; HttpOnly; SameSite=Lax"},
		{"until the browser closes", "browser", nil, "; Path=/; HttpOnly; SameSite=Lax"},
		{"the project's browser setting", "touch", func(c *sessions.Config) { c.ExpireAtBrowserClose = true }, "; Path=/; HttpOnly; SameSite=Lax"},
		{"a session's own life wins", "minute", func(c *sessions.Config) { c.ExpireAtBrowserClose = true }, "; Path=/; Expires=Sat, 21 Nov 2026 19:12:47 GMT; Max-Age=60; HttpOnly; SameSite=Lax"},
		{"for https alone", "browser", func(c *sessions.Config) { c.HostPrefix = true }, "; Path=/; HttpOnly; Secure; SameSite=Lax"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := sessions.Config{Store: &memstore.Store{Now: func() time.Time { return now }}, Now: func() time.Time { return now }}
			if tt.change != nil {
				tt.change(&c)
			}
			w := httptest.NewRecorder()
			sessions.New(c).Middleware(handlers[tt.page]).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			text := w.Header().Get("Set-Cookie")
			if _, rest, _ := strings.Cut(text, ";"); ";"+rest != tt.want {
				t.Errorf("Set-Cookie: %s\nwant …%s", text, tt.want)
			}
			if c.HostPrefix != strings.HasPrefix(text, "__Host-sessionid=") {
				t.Errorf("Set-Cookie: %s", text)
			}
		})
	}
}

func TestCacheControl(t *testing.T) {
	t.Parallel()
	site := project.SQLite(t)
	b := site.Browser()
	if got := b.Get(t, "/public/").Header["Cache-Control"]; len(got) != 1 || got[0] != "private, max-age=60" {
		t.Errorf("Cache-Control of a public page that sets the cookie = %q", got)
	}
	if got := b.Get(t, "/touch/").Header["Cache-Control"]; len(got) != 1 || got[0] != "private" {
		t.Errorf("Cache-Control of a page that sets the cookie = %q", got)
	}
	if got := b.Get(t, "/look/").Header["Cache-Control"]; len(got) != 0 {
		t.Errorf("Cache-Control of a page that sets none = %q", got)
	}
}

// TestManyCookies sends the name twice, as browsers do for two paths: the last counts, in Django too.
func TestManyCookies(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	sess := sessions.New(sessions.Config{Store: store})
	keys := []string{}
	for _, value := range []string{"first", "second"} {
		s := sess.Open("")
		must(t, s.Set(t.Context(), "hello", value))
		must(t, s.Save(t.Context()))
		keys = append(keys, s.Key())
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "sessionid="+keys[0]+"; other=1; sessionid="+keys[1])
	w := httptest.NewRecorder()
	sess.Middleware(handlers["look"]).ServeHTTP(w, r)
	if w.Body.String() != "second" {
		t.Errorf("the session of the cookie says %q, want second", w.Body.String())
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
