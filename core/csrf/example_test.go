package csrf_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/go-belleville/belleville/core/csrf"
)

func ExampleProtect() {
	protect, err := csrf.Protect(csrf.Config{TrustedOrigins: []string{"https://*.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "done") }))
	for _, origin := range []string{"https://www.example.org", "https://forms.example.com", "https://evil.example"} {
		r := httptest.NewRequest("POST", "https://www.example.org/", nil)
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(origin, w.Code)
	}
	// Output:
	// https://www.example.org 200
	// https://forms.example.com 200
	// https://evil.example 403
}

// A program without a project shows a form and takes it back.
func ExampleChecker_Protect() {
	c, err := csrf.New(csrf.Tokens{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		return
	}
	var token string
	h := c.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, err = csrf.Token(r.Context())
		if err != nil {
			http.Error(w, "try again later", http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, `<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="%s">`, token)
	}))

	page := httptest.NewRecorder()
	h.ServeHTTP(page, httptest.NewRequest("GET", "/", nil))
	cookie := page.Result().Cookies()[0]
	fmt.Println(cookie.Name, len(cookie.Value), len(token))

	for _, form := range []url.Values{{"csrfmiddlewaretoken": {token}}, {}} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// csrftoken 32 64
	// 200
	// 403
}

// A webhook has no token; its sender is known by a signature.
func ExampleExempt() {
	c, err := csrf.New(csrf.Tokens{})
	if err != nil {
		fmt.Println(err)
		return
	}
	hook := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "checked by signature") })
	w := httptest.NewRecorder()
	c.Protect(csrf.Exempt(hook)).ServeHTTP(w, httptest.NewRequest("POST", "/", nil))
	fmt.Println(w.Code, w.Body)
	// Output: 200 checked by signature
}

// A page without a form whose script posts: the cookie is there for the script to read. A log-in
// makes what was shown before worthless.
func ExampleEnsureCookie() {
	c, err := csrf.New(csrf.Tokens{})
	if err != nil {
		fmt.Println(err)
		return
	}
	page := func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<script>…</script>") }
	login := func(w http.ResponseWriter, r *http.Request) {
		if err := csrf.Rotate(r.Context()); err != nil {
			http.Error(w, "try again later", http.StatusInternalServerError)
		}
	}
	w := httptest.NewRecorder()
	c.Middleware(csrf.EnsureCookie(http.HandlerFunc(page))).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	before := w.Result().Cookies()[0]
	fmt.Println(before.Name, len(before.Value))

	r := httptest.NewRequest("POST", "/login/", nil)
	r.AddCookie(before)
	w = httptest.NewRecorder()
	c.Middleware(http.HandlerFunc(login)).ServeHTTP(w, r)
	fmt.Println(w.Result().Cookies()[0].Value == before.Value)
	// Output:
	// csrftoken 32
	// false
}

// Templates have the token as {{.csrf_token}}: core.New hands them this function.
func ExampleTemplateToken() {
	token, err := csrf.TemplateToken(context.Background()) // no request
	fmt.Printf("%q %v\n", token, err)
	// Output: "" <nil>
}
