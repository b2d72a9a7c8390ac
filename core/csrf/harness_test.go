package csrf_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"io/fs"

	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/templates"
	"github.com/go-belleville/belleville/core/web"
	pages "github.com/go-belleville/belleville/templates"
)

// A secret and two of its tokens, as Django's tests have them.
const (
	secret = "lcccccccX2kcccccccY2jcccccccssIC"
	token1 = "1bcdefghij2bcdefghij3bcdefghij4bcdefghij5bcdefghij6bcdefghijABCD"
	token2 = "2JgchWvM1tpxT2lfz9aydoXW9yT1DN3NdLiejYxOOlzzV4nhBbYqmqZYbAV3V5Bf"
)

// store is where the secret lies: a cookie or the session. Both have the same tests.
type store struct {
	class    string // Django's name of the tests
	sessions bool
}

var (
	inCookie  = store{"CsrfViewMiddlewareTests", false}
	inSession = store{"CsrfViewMiddlewareUseSessionsTests", true}
)

// put returns the request with a secret or token where it is kept.
func (s store) put(r *http.Request, value string) *http.Request {
	if s.sessions {
		_ = sessionOf(r.Context()).Set(r.Context(), "_csrftoken", value)
		return r
	}
	r.Header.Add("Cookie", "csrftoken="+value)
	return r
}

// kept returns what the visitor has after the answer, and whether the answer brought it: with a
// session, whether it has anything.
func (s store) kept(r *http.Request, w *httptest.ResponseRecorder) (string, bool) {
	if s.sessions {
		var value string
		found, _ := sessionOf(r.Context()).Get(r.Context(), "_csrftoken", &value)
		return value, found
	}
	for _, c := range w.Result().Cookies() {
		if c.Name == "csrftoken" {
			return c.Value, true
		}
	}
	return "", false
}

// memory is a session that remembers what is put into it.
type memory struct {
	mu     sync.Mutex
	values map[string]json.RawMessage
	sets   []string
	fail   error
}

func (m *memory) Get(_ context.Context, name string, into any) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	raw, found := m.values[name]
	if m.fail != nil || !found {
		return false, m.fail
	}
	return true, json.Unmarshal(raw, into)
}

func (m *memory) Set(_ context.Context, name string, value any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	raw, err := json.Marshal(value)
	if m.values == nil {
		m.values = map[string]json.RawMessage{}
	}
	m.values[name] = raw
	m.sets = append(m.sets, fmt.Sprint(value))
	return err
}

type memoryKey struct{}

func sessionOf(ctx context.Context) *memory {
	m, _ := ctx.Value(memoryKey{}).(*memory)
	return m
}

// asked is a request that a test describes; an empty text is not sent.
type asked struct {
	method, body     string
	form, header     string // tokens
	host             string // testserver
	origin, referer  string
	https            bool
	localPort        string
	kept             string // secret or token in the store
	forwardedHost    string
	forwardedPort    string
	headerName, kind string
}

func (s store) request(a asked) *http.Request {
	if a.form != "" {
		a.body, a.kind = url.Values{"csrfmiddlewaretoken": {a.form}}.Encode(), "application/x-www-form-urlencoded"
	}
	return s.requestWith(a, strings.NewReader(a.body))
}

func (s store) requestWith(a asked, body io.Reader) *http.Request {
	scheme := "http"
	if a.https {
		scheme = "https"
	}
	if a.method == "" {
		a.method = "GET"
	}
	r := httptest.NewRequest(a.method, scheme+"://testserver/", body)
	if a.host != "" {
		r.Host = a.host
	}
	for name, value := range map[string]string{
		"Origin": a.origin, "Referer": a.referer, "Content-Type": a.kind, "Accept": "text/html",
		"X-Forwarded-Host": a.forwardedHost, "X-Forwarded-Port": a.forwardedPort,
	} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if a.headerName == "" {
		a.headerName = "X-CSRFToken"
	}
	if a.header != "" {
		r.Header.Set(a.headerName, a.header)
	}
	ctx := context.WithValue(r.Context(), memoryKey{}, &memory{})
	if a.localPort != "" {
		addr, _ := net.ResolveTCPAddr("tcp", "127.0.0.1:"+a.localPort)
		ctx = context.WithValue(ctx, http.LocalAddrContextKey, net.Addr(addr))
	}
	r = r.WithContext(ctx)
	if a.kept != "" {
		r = s.put(r, a.kept)
	}
	return r
}

// posting is a POST by a visitor with the secret and a good token.
func (s store) posting(a asked) *http.Request {
	a.method, a.kept, a.form = "POST", token1, token2
	return s.request(a)
}

// bench is a checker within a site, and what it logged.
type bench struct {
	*csrf.Checker
	site *web.Site
	log  *strings.Builder
	runs int // of the views
}

// config changes what a bench is made of.
type config struct {
	hosts  []string
	debug  bool
	tokens csrf.Tokens
}

func (s store) bench(t testing.TB, c config) *bench {
	t.Helper()
	b := &bench{log: new(strings.Builder)}
	if c.tokens.Log == nil {
		c.tokens.Log = slog.New(slog.NewJSONHandler(b.log, nil))
	}
	if s.sessions {
		c.tokens.Session = func(ctx context.Context) csrf.Session {
			if m := sessionOf(ctx); m != nil {
				return m
			}
			return nil
		}
	}
	var err error
	if b.Checker, err = csrf.New(c.tokens); err != nil {
		t.Fatal(err)
	}
	if c.hosts == nil {
		c.hosts = []string{"testserver"}
	}
	b.site = &web.Site{
		Debug: c.debug,
		Log:   slog.New(slog.DiscardHandler),
		Hosts: web.Hosts{Allowed: c.hosts},
		Templates: templates.New(templates.Config{
			Sources: []fs.FS{fstest.MapFS{
				"token.html": {Data: []byte(`{{template "forms/csrf.html" .}}`)},
				"plain.html": {Data: []byte(`{{if .nothing}}{{.csrf_token}}{{end}}plain`)},
			}, pages.Pages()},
			Funcs:     map[string]any{"static": func(name string) string { return "/" + name }, "url": func(name string, _ ...any) (string, error) { return "/", nil }},
			Providers: map[string]templates.Provider{"csrf_token": csrf.TemplateToken},
		}),
	}
	return b
}

// view answers with a page of the site; "" answers OK in plain text.
func (b *bench) view(page string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		b.runs++
		if page == "" {
			_, err := fmt.Fprint(w, "OK")
			return err
		}
		return web.Render(w, r, page, nil)
	}
}

// ask sends a request through a handler that stands within the site.
func (b *bench) ask(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(web.WithSite(r.Context(), b.site)))
	return w
}

// inSite puts the bench's site into the request.
func (b *bench) inSite(r *http.Request) *http.Request {
	return r.WithContext(web.WithSite(r.Context(), b.site))
}

// refusals are the reasons logged, in order.
func (b *bench) refusals(t testing.TB) []string {
	t.Helper()
	var reasons []string
	for line := range strings.Lines(b.log.String()) {
		var entry struct{ Level, Reason string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		reasons = append(reasons, entry.Level+" "+entry.Reason)
	}
	return reasons
}

// wantRefused sends the request through the check and wants 403 for the reason, logged once.
func (b *bench) wantRefused(t testing.TB, r *http.Request, want csrf.Reason) *httptest.ResponseRecorder {
	t.Helper()
	before := len(b.refusals(t))
	runs := b.runs
	w := b.ask(b.Protect(b.view("")), r)
	if w.Code != http.StatusForbidden || b.runs != runs {
		t.Errorf("status %d, the view ran %d times; want 403 and never", w.Code, b.runs-runs)
	}
	if got := b.refusals(t)[before:]; len(got) != 1 || got[0] != "WARN "+string(want) {
		t.Errorf("logged %v, want one warning with reason %s", got, want)
	}
	return w
}

// wantPassed sends the request through the check and wants the view to run.
func (b *bench) wantPassed(t testing.TB, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	runs := b.runs
	w := b.ask(b.Protect(b.view("")), r)
	if w.Code != http.StatusOK || b.runs != runs+1 {
		t.Errorf("status %d, the view ran %d times; want 200 and once; logged %s", w.Code, b.runs-runs, b.log)
	}
	return w
}

var fieldPattern = regexp.MustCompile(`name="csrfmiddlewaretoken" value="(.*?)"`)

// shownToken returns the token of a page, "" when it shows none.
func shownToken(w *httptest.ResponseRecorder) string {
	m := fieldPattern.FindStringSubmatch(w.Body.String())
	if m == nil {
		return ""
	}
	return m[1]
}

// wantToken wants a page that shows a token of the secret.
func wantToken(t testing.TB, w *httptest.ResponseRecorder, secret string) {
	t.Helper()
	got := shownToken(w)
	if len(got) != 64 || csrf.CheckFormat(got) != "" || csrf.Unmask(got) != secret {
		t.Errorf("the page shows the token %q, want one of %q; page %.300q", got, secret, w.Body)
	}
}
