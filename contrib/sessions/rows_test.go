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

// rowsOf are the rows of the reference that this package alone can show, from HTTP to the table.
var rowsOf = map[string]func(t *testing.T, s *coretest.Site){
	"Y01": func(t *testing.T, s *coretest.Site) {
		b := s.Browser()
		if p := b.Get(t, "/nothing/"); len(p.Cookies) != 0 || p.Header.Get("Vary") != "" {
			t.Errorf("a page that asks nothing: cookies %v, Vary %q", p.Cookies, p.Header.Get("Vary"))
		}
		first := b.Get(t, "/touch/")
		key := b.Cookie("sessionid")
		if r, ok := row(t, s); !ok || r.SessionKey != key || hello(t, s) != `"world"` || sessionCookie(first) == nil {
			t.Errorf("after the first value: row %v, cookie %q", r, key)
		}
		before, _ := row(t, s)
		look := b.Get(t, "/look/")
		if after, _ := row(t, s); look.Body != "world" || len(look.Cookies) != 0 || after != before || look.Header.Get("Vary") != "Cookie" {
			t.Errorf("a page that only reads: %q, cookies %v, Vary %q; row before and after:\n%v\n%v", look.Body, look.Cookies, look.Header.Get("Vary"), before, after)
		}
		if p := b.Get(t, "/nothing/"); len(p.Cookies) != 0 || p.Header.Get("Vary") != "" {
			t.Errorf("a page that asks nothing, with a session: cookies %v, Vary %q", p.Cookies, p.Header.Get("Vary"))
		}
		if p := b.Get(t, "/flush/"); b.Cookie("sessionid") != "" || sessionCookie(p) == nil || p.Header.Get("Vary") != "Cookie" {
			t.Errorf("after Flush: cookies %v, Vary %q", p.Cookies, p.Header.Get("Vary"))
		}
		if _, ok := row(t, s); ok {
			t.Error("the row is there after Flush")
		}
		b.Get(t, "/touch/")
		if p := b.Get(t, "/gone/"); p.Status != 400 {
			t.Errorf("a session deleted in the middle: status %d, want 400", p.Status)
		}
	},
	"G07": func(t *testing.T, s *coretest.Site) {
		for _, key := range []string{"attackersownkeyattackersownkey00", "short", "12345678"} {
			b := s.Browser()
			b.SetCookie("sessionid", key)
			b.Get(t, "/touch/")
			if got := b.Cookie("sessionid"); got == key || len(got) != 32 {
				t.Errorf("the key %q became %q, want one that the server made", key, got)
			}
			r, ok := row(t, s)
			if !ok || r.SessionKey == key || hello(t, s) != `"world"` {
				t.Errorf("the row is %v", r)
			}
			b.Get(t, "/flush/")
		}
		// A key that is too short is none, even if there should be such a row.
		b := s.Browser()
		b.Get(t, "/touch/")
		if _, err := s.DB().NewUpdate().Model((*sessions.Row)(nil)).Set("session_key = ?", "7letter").Where("1 = 1").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.SetCookie("sessionid", "7letter")
		if p := b.Get(t, "/look/"); p.Body != "" || b.Cookie("sessionid") != "" {
			t.Errorf("a key of seven letters gives %q and stays %q", p.Body, b.Cookie("sessionid"))
		}
	},
	"G10": func(t *testing.T, s *coretest.Site) {
		b := s.Browser()
		b.Get(t, "/touch/")
		if p := b.Get(t, "/gone/"); p.Status != 400 {
			t.Errorf("status %d, want 400", p.Status)
		}
		if r, ok := row(t, s); ok {
			t.Errorf("the row %v is back", r)
		}
		if p := b.Get(t, "/look/"); p.Body != "" || b.Cookie("sessionid") != "" {
			t.Errorf("the next request reads %q and keeps the cookie %q", p.Body, b.Cookie("sessionid"))
		}
	},
	"G11": func(t *testing.T, s *coretest.Site) {
		b := s.Browser()
		for _, page := range []string{"nothing", "look", "clear", "flush", "cycle"} {
			b.SetCookie("sessionid", "someunknownkeysomeunknownkey0000")
			b.Get(t, "/"+page+"/")
			s.Browser().Get(t, "/"+page+"/")
			if r, ok := row(t, s); ok {
				t.Errorf("the page %s made the row %v", page, r)
			}
		}
		every, err := withPages(func(c *sessions.Config) { c.SaveEveryRequest = true })(s.Settings())
		must(t, err)
		b = s.On(t, every).Browser()
		b.SetCookie("sessionid", "someunknownkeysomeunknownkey0000")
		p := b.Get(t, "/nothing/")
		if r, ok := row(t, s); ok || p.Status != 200 || b.Cookie("sessionid") != "" {
			t.Errorf("saving at every request made the row %v, status %d, cookie %q", r, p.Status, b.Cookie("sessionid"))
		}
	},
	"G12": func(t *testing.T, s *coretest.Site) {
		b := s.Browser()
		for _, page := range []string{"look", "touch", "look", "clear", "flush", "touch500"} {
			if got := b.Get(t, "/"+page+"/").Header["Vary"]; len(got) != 1 || got[0] != "Cookie" {
				t.Errorf("the page %s: Vary %q, want Cookie", page, got)
			}
		}
		every, err := withPages(func(c *sessions.Config) { c.SaveEveryRequest = true })(s.Settings())
		must(t, err)
		b = s.On(t, every).Browser()
		for range 2 { // without and with a session
			if got := b.Get(t, "/nothing/").Header["Vary"]; len(got) != 1 || got[0] != "Cookie" {
				t.Errorf("saving at every request: Vary %q, want Cookie", got)
			}
			b.Get(t, "/touch/")
		}
		if got := b.Get(t, "/public/").Header.Get("Cache-Control"); strings.Contains(got, "public") || !strings.Contains(got, "private") {
			t.Errorf("a page that sets the cookie may be cached by everybody: %q", got)
		}
	},
	"G13": func(t *testing.T, s *coretest.Site) {
		b := s.Browser()
		b.Get(t, "/touch/")
		for _, page := range []string{"touch500", "touch503", "panic"} {
			if p := b.Get(t, "/"+page+"/"); p.Status < 500 || len(p.Cookies) != 0 || hello(t, s) != `"world"` {
				t.Errorf("the page %s: status %d, cookies %v, the row says %s", page, p.Status, p.Cookies, hello(t, s))
			}
		}
	},
	"G14": func(t *testing.T, s *coretest.Site) {
		change := func(c *sessions.Config) {
			c.CookieSecure, c.CookieDomain, c.CookiePath, c.CookieSameSite = true, "example.com", "/app/", http.SameSiteStrictMode
		}
		for name, tt := range map[string]struct {
			change func(*sessions.Config)
			want   string
		}{
			"defaults":   {nil, "Path=/ HttpOnly SameSite=Lax"},
			"configured": {change, "Path=/app/ Domain=example.com HttpOnly Secure SameSite=Strict"},
			"__Host-":    {func(c *sessions.Config) { c.HostPrefix = true }, "Path=/ HttpOnly Secure SameSite=Lax"},
		} {
			p, err := withPages(tt.change)(s.Settings())
			must(t, err)
			site := s.On(t, p)
			set := site.Browser().Get(t, "/touch/")
			r := httptest.NewRequest("GET", "http://"+coretest.Host+"/flush/", nil)
			r.AddCookie(&http.Cookie{Name: sessionCookie(set).Name, Value: sessionCookie(set).Value})
			removed := site.Browser().Send(t, r)
			for what, header := range map[string]string{"the cookie": set.Header.Get("Set-Cookie"), "the deletion": removed.Header.Get("Set-Cookie")} {
				var flags []string
				for flag := range strings.SplitSeq(header, "; ") {
					if !strings.Contains(flag, "sessionid") && !strings.HasPrefix(flag, "Expires") && !strings.HasPrefix(flag, "Max-Age") {
						flags = append(flags, flag)
					}
				}
				if got := strings.Join(flags, " "); got != tt.want {
					t.Errorf("%s, %s has %q, want %q", name, what, got, tt.want)
				}
			}
		}
	},
}

func TestRows(t *testing.T) {
	t.Parallel()
	for id, f := range rowsOf {
		t.Run("row/"+id, func(t *testing.T) {
			t.Parallel()
			project.Each(t, f)
		})
	}
	t.Run("row/G44", func(t *testing.T) {
		t.Parallel()
		keysAreRandom(t)
	})
}

// keysAreRandom looks at the form of keys; that their letters are equally likely is shown where they
// are drawn, in core/signing.
func keysAreRandom(t *testing.T) {
	seen, letters := map[string]bool{}, map[rune]bool{}
	for range 1000 {
		key := sessions.NewKey()
		if len(key) != 32 || seen[key] {
			t.Fatalf("NewKey = %q, want 32 letters that were not there before", key)
		}
		seen[key] = true
		for _, letter := range key {
			letters[letter] = true
		}
	}
	if len(letters) != 36 {
		t.Errorf("keys are made of %d letters, want 36", len(letters))
	}
}

// TestSaveEveryRequest moves the end of a session that nobody changes, and not on a 5xx.
func TestSaveEveryRequest(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	store := &memstore.Store{Now: clock}
	site := coretest.New(withPages(func(c *sessions.Config) { c.SaveEveryRequest, c.Now, c.Store = true, clock, store })).SQLite(t)
	b := site.Browser()
	b.Get(t, "/touch/")
	end := func() time.Time {
		for e := range store.All(t.Context()) {
			return e.Expires
		}
		return time.Time{}
	}
	now = now.Add(time.Hour)
	b.Get(t, "/nothing/")
	if want := now.Add(14 * 24 * time.Hour); !end().Equal(want) {
		t.Errorf("the session ends at %v, want %v", end(), want)
	}
	before := end()
	now = now.Add(time.Hour)
	b.Get(t, "/touch500/")
	if !end().Equal(before) {
		t.Errorf("a 500 moved the end to %v", end())
	}
}
