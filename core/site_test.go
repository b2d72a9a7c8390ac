package core_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
)

// ask makes a project of apps and sends it one request.
func ask(t *testing.T, change func(*core.Settings), r *http.Request, apps ...core.App) *httptest.ResponseRecorder {
	t.Helper()
	s := settings(t)
	if change != nil {
		change(&s)
	}
	p, err := core.New(s, apps...)
	if err != nil {
		t.Fatal(err)
	}
	h, err := p.Handler()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func get(path string) *http.Request {
	r := httptest.NewRequest("GET", "http://testserver"+path, nil)
	r.Header.Set("Accept", "text/html")
	return r
}

func page(path, template string) core.App {
	return core.App{
		Label:     "a",
		Templates: fstest.MapFS{"a.html": {Data: []byte(template)}},
		Routes: func(r *web.Router) {
			r.Get(path, "page", func(w http.ResponseWriter, r *http.Request) error {
				return web.Render(w, r, "a.html", web.Data{"x": "<1>"})
			})
		},
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	app := page("/x/", `{{.x}} {{url "a:page"}} {{url_if "none"}}.`)
	if w := ask(t, nil, get("/x/"), app); w.Code != 200 || w.Body.String() != "&lt;1&gt; /x/ ." {
		t.Errorf("status %d, body %q", w.Code, w.Body)
	}
	own := func(s *core.Settings) { s.Templates = fstest.MapFS{"a.html": {Data: []byte("mine")}} }
	if w := ask(t, own, get("/x/"), app); w.Body.String() != "mine" {
		t.Errorf("the project's own page does not win: %q", w.Body)
	}
	if w := ask(t, nil, get("/nothing/")); w.Code != 404 || !strings.Contains(w.Body.String(), "<!doctype html>") {
		t.Errorf("an unknown path: status %d, body %.100q; want the 404 page", w.Code, w.Body)
	}
	if w := ask(t, func(s *core.Settings) { s.NoAppendSlash = true }, get("/x"), app); w.Code != 404 {
		t.Errorf("without APPEND_SLASH: status %d, want 404", w.Code)
	}
	if w := ask(t, nil, get("/x"), app); w.Code != 301 {
		t.Errorf("with APPEND_SLASH: status %d, want 301", w.Code)
	}
	broken := page("/x/", `{{.x.Nothing}}`)
	if w := ask(t, nil, get("/x/"), broken); w.Code != 500 || strings.Contains(w.Body.String(), "Nothing") {
		t.Errorf("a broken template: status %d, body %.300q; want a 500 page without details", w.Code, w.Body)
	}
	if w := ask(t, func(s *core.Settings) { s.Debug = true }, get("/x/"), broken); w.Code != 500 || !strings.Contains(w.Body.String(), "a.html") {
		t.Errorf("a broken template in DEBUG: status %d, body %.300q; want the file's name", w.Code, w.Body)
	}
}

func TestHostsAndOrigins(t *testing.T) {
	t.Parallel()
	changes := 0
	app := core.App{Label: "a", Routes: func(r *web.Router) {
		r.Form("/x/", "x", func(w http.ResponseWriter, r *http.Request) error { changes++; return nil })
	}}
	evil := get("/x/")
	evil.Host = "evil.example"
	if w := ask(t, nil, evil, app); w.Code != 400 || changes != 0 {
		t.Errorf("an unknown host: status %d, handler ran %d times; want 400 and never", w.Code, changes)
	}
	post := func(header, value string) *http.Request {
		r := httptest.NewRequest("POST", "http://testserver/x/", nil)
		r.Header.Set(header, value)
		return r
	}
	for _, r := range []*http.Request{post("Sec-Fetch-Site", "cross-site"), post("Origin", "https://evil.example"), post("Sec-Fetch-Site", "same-site")} {
		if w := ask(t, nil, r, app); w.Code != 403 || changes != 0 {
			t.Errorf("a post with %v: status %d, handler ran %d times; want 403 and never", r.Header, w.Code, changes)
		}
	}
	trust := func(s *core.Settings) { s.TrustedOrigins = []string{"https://forms.example"} }
	for _, r := range []*http.Request{post("Sec-Fetch-Site", "same-origin"), post("Origin", "http://testserver"), post("X-None", "")} {
		if w := ask(t, nil, r, app); w.Code != 200 {
			t.Errorf("a post with %v: status %d, want 200", r.Header, w.Code)
		}
	}
	if w := ask(t, trust, post("Origin", "https://forms.example"), app); w.Code != 200 {
		t.Errorf("a post from a trusted origin: status %d, want 200", w.Code)
	}
	s := settings(t)
	s.TrustedOrigins = []string{"forms.example"}
	if _, err := core.New(s); err == nil || !strings.Contains(err.Error(), "https://host") {
		t.Errorf("a trusted origin without scheme: %v, want advice", err)
	}
}

func TestMiddlewareSeesWhatItShould(t *testing.T) {
	t.Parallel()
	mark := func(name string) web.Middleware {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Add("Seen", name)
				next.ServeHTTP(w, r)
			})
		}
	}
	a := page("/x/", "x")
	a.Middleware = []web.Middleware{mark("a1"), mark("a2")}
	a.RouteMiddleware = []web.Middleware{mark("inside")}
	b := core.App{Label: "b", Middleware: []web.Middleware{mark("b")}}
	for path, want := range map[string]string{"/x/": "a1 a2 b inside", "/none/": "a1 a2 b"} {
		w := ask(t, nil, get(path), a, b)
		if got := strings.Join(w.Header().Values("Seen"), " "); got != want {
			t.Errorf("GET %s passed %q, want %q", path, got, want)
		}
	}
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	app := page("/x/", `{{static "a.css"}}`)
	app.Static = fstest.MapFS{"a.css": {Data: []byte("body{}")}, "deep/b.js": {Data: []byte("1")}}
	address := ask(t, nil, get("/x/"), app).Body.String()
	if !strings.HasPrefix(address, "/static/a.") || len(address) != len("/static/a.0123456789ab.css") {
		t.Fatalf("the address is %q", address)
	}
	w := ask(t, nil, get(address), app)
	if w.Code != 200 || w.Body.String() != "body{}" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") ||
		!strings.HasPrefix(w.Header().Get("Content-Type"), "text/css") {
		t.Errorf("GET %s: status %d, body %q, headers %v", address, w.Code, w.Body, w.Header())
	}
	for path, want := range map[string]int{
		"/static/a.css": 200, "/static/deep/b.js": 200, "/static/a.ffffffffffff.css": 404, "/static/deep/": 404, "/static/deep": 404,
		"/static/../project.go": 404, "/static/%2e%2e/project.go": 404, "/static/none.css": 404, "/static/belleville.css": 200,
	} {
		if w := ask(t, nil, get(path), app); w.Code != want {
			t.Errorf("GET %s: status %d, want %d", path, w.Code, want)
		}
	}
	if w := ask(t, nil, get("/x/"), page("/x/", `{{static "none.css"}}`)); w.Code != 500 {
		t.Errorf("a page that names an unknown file: status %d, want 500", w.Code)
	}
}

// TestServeStopsInGoodOrder stops a server while a request is under way.
func TestServeStopsInGoodOrder(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	var order []string
	s := settings(t)
	s.AllowedHosts = []string{"127.0.0.1"}
	p, err := core.New(s, core.App{
		Label: "a",
		Routes: func(r *web.Router) {
			r.Get("/slow/", "slow", func(w http.ResponseWriter, r *http.Request) error {
				close(entered)
				<-leave
				order = append(order, "answered")
				_, err := fmt.Fprint(w, "done")
				return err
			})
		},
		Start: func(ctx context.Context) error { order = append(order, "started"); return nil },
		Close: func(ctx context.Context) error {
			if _, ok := ctx.Deadline(); !ok {
				return errors.New("Close got no deadline")
			}
			order = append(order, "closed")
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx, ln) }()
	answer := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + ln.Addr().String() + "/slow/")
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		answer <- string(body)
	}()
	<-entered
	stop()
	for refused := false; !refused; time.Sleep(time.Millisecond) {
		conn, err := net.Dial("tcp", ln.Addr().String())
		if refused = err != nil; !refused {
			conn.Close()
		}
	}
	close(leave)
	if got := <-answer; got != "done" {
		t.Errorf("the request under way got %q, want its answer", got)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve returned %v after a stop in good order", err)
	}
	if got := strings.Join(order, " "); got != "started answered closed" {
		t.Errorf("order %q, want started answered closed", got)
	}
}
