package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/web"
)

// say answers with a text and the route's variables.
func say(text string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		_, err := fmt.Fprintf(w, "%s id=%s", text, web.Var(r, "id"))
		return err
	}
}

func build(t *testing.T, register func(*web.Router)) (*web.Router, http.Handler) {
	t.Helper()
	r := web.NewRouter()
	register(r)
	h, err := r.Build(web.Options{AppendSlash: true, BodyLimit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return r, h
}

func ask(h http.Handler, method, target, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	return w
}

func site(r *web.Router) {
	polls := r.App("polls")
	polls.Get("/polls/", "index", say("index"))
	polls.Get("/polls/{id:[0-9]+}/", "detail", say("detail"))
	polls.Post("/polls/{id:[0-9]+}/vote/", "vote", say("vote"))
	polls.Form("/polls/add/", "add", say("add"))
	polls.Root().Get("/login/", "login", say("login"))
	r.App("shop").Get("/shop", "exact", say("shop"))
	r.App("shop").Get("/shopping/", "list", say("shopping"))
	r.App("polls2").Get("/polls/late/", "late", say("late"))
	r.App("wild").Get("/{name}/", "wild", say("wild"))
}

func TestRouting(t *testing.T) {
	t.Parallel()
	_, h := build(t, site)
	for _, tt := range []struct {
		method, path string
		status       int
		body, header string // header is "Name: value"
	}{
		{"GET", "/polls/", 200, "index id=", ""},
		{"HEAD", "/polls/", 200, "", ""},
		{"GET", "/polls/7/", 200, "detail id=7", ""},
		{"POST", "/polls/7/vote/", 200, "vote id=7", ""},
		{"POST", "/polls/add/", 200, "add id=", ""},
		{"GET", "/polls/late/", 200, "late id=", ""},
		{"GET", "/shop", 200, "shop id=", ""},
		{"GET", "/shopping/", 200, "shopping id=", ""},
		{"GET", "/other/", 200, "wild id=", ""},
		{"GET", "/polls/7/vote/", 405, "", "Allow: POST, OPTIONS"},
		{"PUT", "/polls/add/", 405, "", "Allow: GET, HEAD, POST, OPTIONS"},
		{"OPTIONS", "/polls/add/", 200, "", "Allow: GET, HEAD, POST, OPTIONS"},
		{"OPTIONS", "/nowhere/at/all/", 404, "", ""},
		{"GET", "/nowhere/at/all/", 404, "", ""},
		{"GET", "/polls/7", 301, "", "Location: /polls/7/"},
		{"GET", "/polls/7?a=b%20c", 301, "", "Location: /polls/7/?a=b%20c"},
		{"POST", "/polls/7/vote", 308, "", "Location: /polls/7/vote/"},
		{"GET", "/polls/x%2Fy/", 404, "", ""},
	} {
		w := ask(h, tt.method, tt.path, "")
		if w.Code != tt.status {
			t.Errorf("%s %s: status %d, want %d", tt.method, tt.path, w.Code, tt.status)
		}
		if tt.body != "" && w.Body.String() != tt.body {
			t.Errorf("%s %s: body %q, want %q", tt.method, tt.path, w.Body, tt.body)
		}
		if name, value, ok := strings.Cut(tt.header, ": "); ok && w.Header().Get(name) != value {
			t.Errorf("%s %s: %s is %q, want %q", tt.method, tt.path, name, w.Header().Get(name), value)
		}
	}
}

func TestAppendSlashStaysOnTheSite(t *testing.T) {
	t.Parallel()
	_, h := build(t, func(r *web.Router) { r.Get("/{path:.*}/", "all", say("all")) })
	r := httptest.NewRequest("GET", "/x", nil)
	r.URL.Path = "//evil.example/x"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Header().Get("Location"); strings.HasPrefix(got, "//") || w.Code != 301 {
		t.Errorf("status %d, Location %q: it must not begin with two slashes", w.Code, got)
	}
}

func TestReverse(t *testing.T) {
	t.Parallel()
	r, _ := build(t, site)
	for _, tt := range []struct {
		name string
		args []any
		want string // "" for an error
	}{
		{"polls:index", nil, "/polls/"},
		{"polls:detail", []any{7}, "/polls/7/"},
		{"polls:detail", []any{"id", int64(7)}, "/polls/7/"},
		{"login", nil, "/login/"},
		{"wild:wild", []any{"a b"}, "/a%20b/"},
		{"polls:detail", []any{"x"}, ""},
		{"polls:detail", nil, ""},
		{"polls:detail", []any{1, 2, 3}, ""},
		{"polls:nothing", nil, ""},
		{"index", nil, ""},
	} {
		got, err := r.Reverse(tt.name, tt.args...)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("Reverse(%q, %v) = %q, %v; want %q", tt.name, tt.args, got, err, tt.want)
		}
	}
}

func TestMistakesAreReportedTogether(t *testing.T) {
	t.Parallel()
	r := web.NewRouter()
	a := r.App("a")
	a.Get("/1/", "same", say("1"))
	a.Get("/2/", "same", say("2"))
	a.Get("/3/{id:[0-9/", "broken", say("3"))
	a.Get("4/", "relative", say("4"))
	a.Get("/5/", "none", nil)
	_, err := r.Build(web.Options{})
	if err == nil {
		t.Fatal("Build accepts the routes")
	}
	for _, want := range []string{`"a:same"`, "/1/", "/2/", "a:broken", "a:relative", "a:none"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s:\n%v", want, err)
		}
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	read := web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		if err := r.ParseForm(); err != nil {
			return err
		}
		_, err := fmt.Fprint(w, len(r.PostForm.Get("x")))
		return err
	})
	_, h := build(t, func(r *web.Router) {
		r.Post("/small/", "", read)
		r.Post("/large/", "", read, web.BodyLimit(1000))
	})
	post := func(path string, n int, chunked bool) int {
		r := httptest.NewRequest("POST", path, strings.NewReader("x="+strings.Repeat("y", n)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if chunked {
			r.ContentLength = -1
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for _, tt := range []struct {
		path    string
		n       int
		chunked bool
		want    int
	}{
		{"/small/", 98, false, 200}, {"/small/", 99, false, 413}, {"/small/", 99, true, 413},
		{"/large/", 900, false, 200}, {"/large/", 900, true, 200}, {"/large/", 1000, false, 413}, {"/large/", 1000, true, 413},
	} {
		if got := post(tt.path, tt.n, tt.chunked); got != tt.want {
			t.Errorf("POST %s with %d bytes (chunked %v): status %d, want %d", tt.path, tt.n+2, tt.chunked, got, tt.want)
		}
	}
}

// lock is a Guard that lets nobody pass.
type lock struct{ next http.Handler }

func (l lock) ServeHTTP(w http.ResponseWriter, r *http.Request) { web.Error(w, r, web.Forbidden("no")) }
func (l lock) Rule() web.Rule                                   { return web.Rule{Kind: web.KindLogin} }
func (l lock) Unwrap() http.Handler                             { return l.next }

func TestRulesOfRoutes(t *testing.T) {
	t.Parallel()
	guard := func(h http.Handler) http.Handler { return lock{h} }
	opaque := func(h http.Handler) http.Handler { return http.HandlerFunc(h.ServeHTTP) }
	r, _ := build(t, func(r *web.Router) {
		r.Get("/public/", "public", say(""))
		r.Get("/login/", "login", say(""), guard)
		r.Get("/limited/", "limited", say(""), web.BodyLimit(1), guard)
		r.Get("/opaque/", "opaque", say(""), opaque)
		r.Get("/hidden/", "hidden", say(""), opaque, guard)
		r.Get("/outer/", "outer", say(""), guard, opaque)
		r.Handle([]string{"GET"}, "/files/", "files", http.FileServer(http.Dir(".")))
		r.Handle([]string{"GET"}, "/open/", "open", web.Public(http.FileServer(http.Dir("."))))
		r.Prefix("/staff", guard).Get("/x/", "staff", say(""))
	})
	for name, want := range map[string]web.RuleKind{
		"public": web.KindPublic, "login": web.KindLogin, "limited": web.KindLogin, "opaque": web.KindUnknown,
		"hidden": web.KindUnknown, "outer": web.KindLogin, "files": web.KindUnknown, "open": web.KindPublic, "staff": web.KindLogin,
	} {
		if got := r.Lookup(name).Rules[0].Kind; got != want {
			t.Errorf("the rule of %s is %q, want %q", name, got, want)
		}
	}
	if got := r.Lookup("staff").Path; got != "/staff/x/" {
		t.Errorf("the path under a prefix is %q", got)
	}
}
