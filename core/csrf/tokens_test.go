package csrf_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/web"
)

// TestCookieOnTheWire compares with what Django sends.
func TestCookieOnTheWire(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 19, 11, 47, 0, time.UTC)
	b := inCookie.bench(t, config{tokens: csrf.Tokens{Now: func() time.Time { return now }}})
	w := b.ask(b.Protect(b.view("token.html")), inCookie.request(asked{kept: secret}))
	got := strings.Split(w.Header().Get("Set-Cookie"), "; ")
	slices.Sort(got)
	want := []string{"Expires=Sat, 20 Nov 2027 19:11:47 GMT", "Max-Age=31449600", "Path=/", "SameSite=Lax", "csrftoken=" + secret}
	if !slices.Equal(got, want) {
		t.Errorf("the cookie is %q, want %q", got, want)
	}
}

func TestSafeMethods(t *testing.T) {
	t.Parallel()
	b := inCookie.bench(t, config{})
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "TRACE"} {
		b.wantPassed(t, inCookie.request(asked{method: method, origin: "https://evil.example"}))
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "MKCOL", "get"} {
		b.wantRefused(t, inCookie.request(asked{method: method}), csrf.NoCookie)
	}
}

// TestWhereTheTokenCounts looks at the places in which a token can be sent.
func TestWhereTheTokenCounts(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	text, kind := multipartForm(t, 1)
	other := csrf.Mask(csrf.NewSecret())
	for _, tt := range []struct {
		name string
		a    asked
		want csrf.Reason // "" passes
	}{
		{"in a form with files", asked{body: text, kind: kind}, ""},
		{"the last of two", asked{body: "csrfmiddlewaretoken=" + other + "&csrfmiddlewaretoken=" + token2, kind: form}, ""},
		{"the first of two", asked{body: "csrfmiddlewaretoken=" + token2 + "&csrfmiddlewaretoken=" + other, kind: form}, csrf.Incorrect},
		{"beside a value that is spelt wrong", asked{body: "a=%zz&b;c&csrfmiddlewaretoken=" + token2, kind: form + "; charset=utf-8"}, ""},
		{"a wrong one in the form, a good one in the header", asked{form: other, header: token2}, csrf.Incorrect},
		{"a good one in the form, a wrong one in the header", asked{form: token2, header: other}, ""},
		{"an empty one in the form, a good one in the header", asked{body: "csrfmiddlewaretoken=", kind: form, header: token2}, ""},
		{"in text that is no form", asked{body: "csrfmiddlewaretoken=" + token2, kind: "text/plain"}, csrf.TokenMissing},
		{"in the form of a PUT", asked{method: "PUT", form: token2}, csrf.TokenMissing},
		{"upper case", asked{form: strings.ToUpper(token2)}, csrf.Incorrect},
		{"with a line's end", asked{body: "csrfmiddlewaretoken=" + token2 + "%0A", kind: form}, csrf.IncorrectLength},
		{"with a letter of two bytes", asked{body: "csrfmiddlewaretoken=" + token2[:62] + "%C3%A9", kind: form}, csrf.InvalidCharacters},
	} {
		for _, s := range []store{inCookie, inSession} {
			b := s.bench(t, config{})
			tt.a.kept = token1
			if tt.a.method == "" {
				tt.a.method = "POST"
			}
			t.Run(tt.name, func(t *testing.T) {
				if tt.want == "" {
					b.wantPassed(t, s.request(tt.a))
				} else {
					b.wantRefused(t, s.request(tt.a), tt.want)
				}
			})
		}
	}
	b := inCookie.bench(t, config{})
	r := inCookie.request(asked{method: "POST", kept: token1})
	r.URL.RawQuery = "csrfmiddlewaretoken=" + token2
	b.wantRefused(t, r, csrf.TokenMissing)
	r = inCookie.request(asked{method: "POST", kept: token1})
	r.Header["X-Csrftoken"] = []string{""}
	b.wantRefused(t, r, csrf.IncorrectLength)
}

// TestBodies leaves to the handler what is no form, and gives bad forms their status.
func TestBodies(t *testing.T) {
	t.Parallel()
	b := inCookie.bench(t, config{})
	send := func(h http.Handler, a asked) *httptest.ResponseRecorder {
		a.method, a.kept = "POST", token1
		return b.ask(b.Protect(h), inCookie.request(a))
	}
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	if w := send(echo, asked{body: `{"a":1}`, kind: "application/json", header: token2}); w.Body.String() != `{"a":1}` {
		t.Errorf("a body that is no form: the handler reads %q", w.Body)
	}
	values := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.PostFormValue("a")) })
	if w := send(values, asked{body: "a=1&csrfmiddlewaretoken=" + token2, kind: "application/x-www-form-urlencoded"}); w.Body.String() != "1" {
		t.Errorf("a form: the handler reads a = %q, want 1", w.Body)
	}
	text, kind := multipartForm(t, 10)
	many := strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n", 1001) + "--x--\r\n"
	for name, c := range map[string]struct {
		body, kind string
		want       int
	}{
		"cut off":        {text[:len(text)-30], kind, 400},
		"no boundary":    {text, "multipart/form-data", 400},
		"too many parts": {many, "multipart/form-data; boundary=x", 413},
	} {
		if w := send(b.view(""), asked{body: c.body, kind: c.kind}); w.Code != c.want || b.runs != 0 {
			t.Errorf("%s: status %d, the view ran %d times; want %d and never", name, w.Code, b.runs, c.want)
		}
	}
	limited := web.BodyLimit(20)(b.Protect(b.view("")))
	if w := b.ask(limited, inCookie.posting(asked{})); w.Code != 413 || b.runs != 0 || b.log.Len() != 0 {
		t.Errorf("beyond the limit: status %d, logged %s; want 413 and no refusal", w.Code, b.log)
	}
}

// TestUploadsLeaveNoFiles stores a file beyond the memory for one.
func TestUploadsLeaveNoFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	text, kind := multipartForm(t, 3<<20)
	files := func() int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	b := inCookie.bench(t, config{})
	during := 0
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { during = files() })
	b.ask(b.Protect(h), inCookie.request(asked{method: "POST", kept: token1, body: text, kind: kind}))
	if during != 1 || files() != 0 {
		t.Errorf("%d files while the view ran, %d afterwards; want 1 and 0", during, files())
	}
	b.ask(b.Protect(h), inCookie.request(asked{method: "POST", kept: csrf.NewSecret(), body: text, kind: kind}))
	if files() != 0 {
		t.Errorf("a refused upload leaves %d files", files())
	}
}

// TestExempt finds the mark behind wrappers that can be looked through, and only there.
func TestExempt(t *testing.T) {
	t.Parallel()
	opaque := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r) })
	}
	b := inCookie.bench(t, config{})
	router := web.NewRouter()
	for name, wrap := range map[string][]web.Middleware{
		"plain": nil, "exempt": {csrf.Exempt}, "inside": {web.Public, csrf.EnsureCookie, csrf.Exempt},
		"hidden": {opaque, csrf.Exempt}, "outside": {csrf.Exempt, opaque},
		"again": {csrf.Exempt, b.Protect}, "both": {b.Protect, csrf.Exempt},
	} {
		router.Post("/"+name+"/", name, b.view(""), wrap...)
	}
	// Around all routes stands a wrapper that nobody can look through.
	routes, err := router.Build(web.Options{Wrap: []web.Middleware{b.CheckRoutes, opaque}})
	if err != nil {
		t.Fatal(err)
	}
	h := b.Middleware(routes)
	for name, want := range map[string]int{
		"plain": 403, "exempt": 200, "inside": 200, "hidden": 403, "outside": 200, "again": 403, "both": 200, "none": 404,
	} {
		r := inCookie.request(asked{method: "POST"})
		r.URL.Path = "/" + name + "/"
		if w := b.ask(h, r); w.Code != want {
			t.Errorf("POST /%s/: status %d, want %d", name, w.Code, want)
		}
	}
}

// TestPagesWithoutTokenReadNoSession has a session that cannot be read.
func TestPagesWithoutTokenReadNoSession(t *testing.T) {
	t.Parallel()
	b := inSession.bench(t, config{})
	gone := errors.New("the store is gone")
	for page, want := range map[string]int{"plain.html": 200, "token.html": 500} {
		r := inSession.request(asked{})
		sessionOf(r.Context()).fail = gone
		if w := b.ask(b.Protect(b.view(page)), r); w.Code != want {
			t.Errorf("%s: status %d, want %d", page, w.Code, want)
		}
	}
	r := inSession.posting(asked{})
	sessionOf(r.Context()).fail = gone
	if w := b.ask(b.Protect(b.view("")), r); w.Code != 500 {
		t.Errorf("a post: status %d, want 500", w.Code)
	}
	for name, f := range map[string]func(context.Context) error{
		"Rotate": csrf.Rotate, "Token": func(ctx context.Context) error { _, err := csrf.Token(ctx); return err },
	} {
		b.ask(b.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if err := f(r.Context()); !errors.Is(err, gone) {
				t.Errorf("%s returned %v, want the error of the session", name, err)
			}
		})), r)
	}
}

// TestSessionIsFlushed shows a token after the session was emptied in the same request.
func TestSessionIsFlushed(t *testing.T) {
	t.Parallel()
	b := inSession.bench(t, config{})
	r := inSession.request(asked{kept: secret})
	w := b.ask(b.Protect(web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		mustToken(t, r)
		sessionOf(r.Context()).values = nil
		return b.view("token.html")(w, r)
	})), r)
	kept, _ := inSession.kept(r, w)
	wantToken(t, w, kept)
	for _, bad := range []any{5, nil, "short", map[string]int{}} {
		r := inSession.request(asked{})
		raw, _ := json.Marshal(bad)
		sessionOf(r.Context()).values = map[string]json.RawMessage{"_csrftoken": raw}
		w := b.ask(b.Protect(b.view("token.html")), r)
		kept, _ := inSession.kept(r, w)
		if wantToken(t, w, kept); len(kept) != 32 {
			t.Errorf("the session had %v and has %q, want a secret", bad, kept)
		}
	}
}

func TestDeny(t *testing.T) {
	t.Parallel()
	b := inCookie.bench(t, config{tokens: csrf.Tokens{Deny: func(w http.ResponseWriter, r *http.Request, why *csrf.Refusal) error {
		if why.Reason == csrf.NoCookie {
			return web.BadRequest("No cookie.")
		}
		w.WriteHeader(http.StatusTeapot)
		return nil
	}}})
	for kept, want := range map[string]int{"": 400, secret: 418} {
		if w := b.ask(b.Protect(b.view("")), inCookie.request(asked{method: "POST", kept: kept})); w.Code != want {
			t.Errorf("secret %q: status %d, want %d", kept, w.Code, want)
		}
	}
}

// TestRefusalsTellNoToken reads pages and logs for the visitor's secret.
func TestRefusalsTellNoToken(t *testing.T) {
	t.Parallel()
	wrong := csrf.Mask(csrf.NewSecret())
	for _, a := range []asked{
		{form: wrong}, {header: wrong}, {form: wrong[:20]}, {origin: "https://evil.example"}, {https: true}, {https: true, referer: "x"},
		{https: true, referer: "http://x/"}, {https: true, referer: "https://evil.example/"}, {},
	} {
		b := inCookie.bench(t, config{debug: true})
		a.method, a.kept = "POST", secret
		w := b.ask(b.Protect(b.view("")), inCookie.request(a))
		for _, text := range []string{w.Body.String(), b.log.String()} {
			if strings.Contains(text, secret) || strings.Contains(text, wrong[:20]) || len(text) < 50 {
				t.Errorf("%+v tells %q", a, text)
			}
		}
	}
}

// TestInTimeoutHandler has a writer in between that keeps a header of its own.
func TestInTimeoutHandler(t *testing.T) {
	t.Parallel()
	b := inCookie.bench(t, config{})
	r := inCookie.request(asked{})
	page := web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		http.SetCookie(w, &http.Cookie{Name: "other", Value: "1"})
		return b.view("token.html")(w, r)
	})
	w := b.ask(b.Middleware(http.TimeoutHandler(page, time.Minute, "")), r)
	kept, _ := inCookie.kept(r, w)
	wantToken(t, w, kept)
	if got := len(w.Result().Cookies()); got != 2 {
		t.Errorf("%d cookies are set, want the page's own too", got)
	}
}

func TestTokensAtOnce(t *testing.T) {
	t.Parallel()
	b := inCookie.bench(t, config{})
	r := inCookie.request(asked{})
	tokens := make([]string, 8)
	w := b.ask(b.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		for i := range tokens {
			wg.Go(func() { tokens[i] = mustToken(t, r) })
		}
		wg.Wait()
	})), r)
	kept, _ := inCookie.kept(r, w)
	for _, token := range tokens {
		wantMasked(t, token, kept)
	}
}

func TestOutsideOfMiddleware(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	if _, err := csrf.Token(ctx); !errors.Is(err, csrf.ErrNoChecker) {
		t.Errorf("Token returned %v, want ErrNoChecker", err)
	}
	if got, err := csrf.TemplateToken(ctx); got != "" || err != nil {
		t.Errorf("TemplateToken returned %q, %v; want nothing", got, err)
	}
	if err := csrf.Rotate(ctx); err != nil {
		t.Errorf("Rotate returned %v", err)
	}
	w := httptest.NewRecorder()
	csrf.EnsureCookie(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 404 || len(w.Result().Cookies()) != 0 {
		t.Errorf("EnsureCookie: status %d, headers %v; want the handler's own answer", w.Code, w.Header())
	}
	b := inCookie.bench(t, config{})
	if err := b.Check(b.inSite(inCookie.posting(asked{}))); err != nil {
		t.Errorf("Check returned %v for a good request", err)
	}
	r := b.inSite(inCookie.posting(asked{}))
	if err := b.Check(r); err != nil || r.PostForm.Get("csrfmiddlewaretoken") != token2 {
		t.Errorf("Check returned %v and leaves the form %v", err, r.PostForm)
	}
}

func TestKeepPrivate(t *testing.T) {
	t.Parallel()
	for before, want := range map[string]string{
		"":                                      "private",
		"private":                               "private",
		"no-store":                              "no-store",
		"max-age=0, no-cache, no-store":         "max-age=0, no-cache, no-store",
		"public":                                "private",
		"Public, max-age=60, S-MaxAge=60":       "max-age=60, private",
		"no-cache":                              "no-cache, private",
		"public, max-age=31536000, immutable":   "max-age=31536000, immutable, private",
		"must-revalidate,private=\"x\", public": "must-revalidate,private=\"x\", public",
	} {
		h := http.Header{}
		if before != "" {
			h.Set("Cache-Control", before)
		}
		csrf.KeepPrivate(h)
		if got := h.Get("Cache-Control"); got != want {
			t.Errorf("Cache-Control %q becomes %q, want %q", before, got, want)
		}
	}
}
