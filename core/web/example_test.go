package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/go-belleville/belleville/core/logging"
	"github.com/go-belleville/belleville/core/web"
)

// visit sends a request to a handler of an example and prints what comes back.
func visit(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
	return w
}

// Views return errors; the router answers them. core.New does what Build does here.
func Example() {
	r := web.NewRouter()
	polls := r.App("polls").Prefix("/polls")
	polls.Get("/{id:[0-9]+}/", "detail", func(w http.ResponseWriter, r *http.Request) error {
		if web.Var(r, "id") == "404" {
			return web.NotFound("There is no such poll.")
		}
		return web.JSON(w, http.StatusOK, map[string]string{"poll": web.Var(r, "id")})
	})
	h, err := r.Build(web.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	visit(h, "GET", "/polls/3/")
	visit(h, "GET", "/polls/404/")
	path, err := r.Reverse("polls:detail", "id", 3)
	fmt.Println(path, err)
	// Output:
	// 200 {"poll":"3"}
	// 404 There is no such poll.
	// /polls/3/ <nil>
}

// A router answers what its routes know, and 405 to other methods.
func ExampleNewRouter() {
	r := web.NewRouter()
	r.Form("/polls/new/", "new", func(w http.ResponseWriter, r *http.Request) error {
		route := web.RouteOf(r.Context())
		return web.JSON(w, http.StatusOK, []string{route.Name, r.Method})
	})
	h, err := r.Build(web.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	visit(h, "POST", "/polls/new/")
	fmt.Println(visit(h, "DELETE", "/polls/new/").Header().Get("Allow"))
	// Output:
	// 200 ["new","POST"]
	// 405 Method Not Allowed
	// GET, HEAD, POST, OPTIONS
}

// In a template the tag is {{url "polls:detail" 3}}; a view asks for the path itself.
func ExampleReverse() {
	r := web.NewRouter()
	r.App("polls").Get("/polls/{id:[0-9]+}/", "detail", func(http.ResponseWriter, *http.Request) error { return nil })
	if _, err := r.Build(web.Options{}); err != nil {
		fmt.Println(err)
		return
	}
	ctx := web.WithSite(context.Background(), &web.Site{Router: r}) // a project's requests have it
	fmt.Println(web.Reverse(ctx, "polls:detail", 3))
	fmt.Println(web.Reverse(ctx, "polls:detail", "three"))
	fmt.Println(web.SiteOf(ctx).Router == r, web.SiteOf(context.Background()))
	// Output:
	// /polls/3/ <nil>
	//  reverse "polls:detail": mux: variable "three" doesn't match, expected "^[0-9]+$"
	// true <nil>
}

// formats are templates for an example; core/templates has the real ones.
type formats map[string]string

func (f formats) Render(ctx context.Context, w io.Writer, name string, data map[string]any) error {
	_, err := fmt.Fprintf(w, f[name], data["count"], web.RequestOf(ctx).URL.Path)
	return err
}

// A page is rendered whole before the answer begins, so an error in a template is an error page.
func ExampleRender() {
	site := &web.Site{Templates: formats{"polls/index.html": "%v polls at %s"}}
	view := web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		return web.Render(w, r, "polls/index.html", web.Data{"count": 2})
	})
	r := httptest.NewRequest("GET", "/polls/", nil)
	w := httptest.NewRecorder()
	view.ServeHTTP(w, r.WithContext(web.WithSite(r.Context(), site)))
	fmt.Println(w.Code, w.Body)
	// Output: 200 2 polls at /polls/
}

// Each of these is answered with its status, and a 5xx is logged besides.
func ExampleError() {
	refusals := []error{
		web.BadRequest("Choose one of the answers."),
		web.Forbidden("Only the author may close this poll."),
		web.NotFound(""),
		errors.New("the disk is full"),
	}
	for _, err := range refusals {
		w := httptest.NewRecorder()
		web.Error(w, httptest.NewRequest("GET", "/", nil), err)
		fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
	}
	// Output:
	// 400 Choose one of the answers.
	// 403 Only the author may close this poll.
	// 404 Not Found
	// 500 Internal Server Error
}

func ExampleRedirect() {
	for _, target := range []string{"/polls/3/results/", "javascript:alert(1)"} {
		w := httptest.NewRecorder()
		err := web.Redirect(w, httptest.NewRequest("POST", "/polls/3/", nil), target, http.StatusFound)
		fmt.Println(w.Header().Get("Location"), err)
	}
	// Output:
	// /polls/3/results/ <nil>
	//  400 Bad Request: This site does not redirect to javascript: addresses.
}

// What a client asks for as the next page is looked at before it is followed.
func ExampleSafeURL() {
	for _, next := range []string{"/polls/", "https://example.org/polls/", "https://evil.example/", `/\evil.example/`, "//evil.example/"} {
		fmt.Println(next, web.SafeURL(next, []string{"example.org"}, true))
	}
	// Output:
	// /polls/ true
	// https://example.org/polls/ true
	// https://evil.example/ false
	// /\evil.example/ false
	// //evil.example/ false
}

func ExampleLoginRedirectURL() {
	fmt.Println(web.LoginRedirectURL("/accounts/login/?theme=dark", "/polls/3/?page=2", "next"))
	// Output: /accounts/login/?theme=dark&next=/polls/3/%3Fpage%3D2
}

// A program that does not use web.Router hands the variables of its own over.
func ExampleVar() {
	view := web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		return web.JSON(w, http.StatusOK, web.Var(r, "id"))
	})
	mux := http.NewServeMux()
	mux.HandleFunc("/polls/{id}/", func(w http.ResponseWriter, r *http.Request) {
		view.ServeHTTP(w, web.SetVars(r, map[string]string{"id": r.PathValue("id")}))
	})
	visit(mux, "GET", "/polls/7/")
	// Output: 200 "7"
}

// The list of routes tells who may call what; files are open on purpose here.
func ExampleRules() {
	files := http.FileServer(http.Dir("."))
	fmt.Println(web.Rules(files), web.IsPublic(files))
	fmt.Println(web.Rules(web.Public(files)), web.IsPublic(web.Public(files)))
	// Output:
	// [unknown] false
	// [public] true
}

// The first of the wrappers is the outermost.
func ExampleChain() {
	named := func(name string) web.Middleware {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Print(name, " > ")
				next.ServeHTTP(w, r)
			})
		}
	}
	h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { fmt.Println("view") })
	web.Chain(h, named("log"), named("login")).ServeHTTP(nil, httptest.NewRequest("GET", "/", nil))
	// Output: log > login > view
}

func ExampleBodyLimit() {
	upload := web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		if err := r.ParseForm(); err != nil {
			return err
		}
		return web.JSON(w, http.StatusOK, len(r.PostForm.Get("text")))
	})
	for _, length := range []int{10, 1000} {
		body := url.Values{"text": {strings.Repeat("x", length)}}.Encode()
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		web.BodyLimit(100)(upload).ServeHTTP(w, r)
		fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
	}
	// Output:
	// 200 10
	// 413 What you sent is larger than the 100 bytes allowed here.
}

// Middleware sees the status before anything is sent, and can still change the header.
func ExampleBeforeHeader() {
	view := web.Handler(func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, http.StatusOK, "hello") })
	private := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			web.BeforeHeader(next, w, r, func(status int) error {
				if status == http.StatusOK {
					web.VaryOnCookie(w.Header())
				}
				return nil
			})
		})
	}
	fmt.Println(visit(private(view), "GET", "/").Header().Get("Vary"))
	// Output:
	// 200 "hello"
	// Cookie
}

// Whoever adds something to an answer asks first whether it has begun.
func ExampleWritten() {
	w := &web.Recorder{ResponseWriter: httptest.NewRecorder()}
	fmt.Println(web.Written(w))
	fmt.Fprint(w, "hello")
	fmt.Println(web.Written(w), w.Status)
	// Output:
	// false
	// true 200
}

// A log line names the path, but not what stands in a variable called token.
func ExampleLogPath() {
	r := httptest.NewRequest("GET", "/polls/3/", nil)
	fmt.Println(web.LogPath(r))
	known := logging.NewRequest("", "/reset/MQ/the-token/")
	known.Match("reset", "/reset/{uid}/{token}/") // the router does this
	fmt.Println(web.LogPath(r.WithContext(logging.With(r.Context(), known))))
	// Output:
	// /polls/3/
	// /reset/{uid}/{token}/
}

// Behind a proxy the site's settings tell what the visitor asked for.
func ExampleHost() {
	site := &web.Site{Log: slog.New(slog.DiscardHandler), Hosts: web.Hosts{
		Allowed: []string{".example.org"}, SecureHeader: "X-Forwarded-Proto", SecureValue: "https",
	}}
	r := httptest.NewRequest("GET", "http://polls.example.org/", nil)
	r.Header.Set("X-Forwarded-Proto", "https")
	r = r.WithContext(web.WithSite(r.Context(), site))
	fmt.Println(web.Host(r), web.Secure(r), web.Scheme(r))
	r.Host = "evil.example"
	fmt.Printf("%q\n", web.Host(r))
	// Output:
	// polls.example.org true https
	// ""
}
