package coretest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Browser is somebody with cookies who asks the site. It follows no redirects by itself. It is not
// safe for concurrent use; two people are two browsers.
type Browser struct {
	// Header is sent with every request.
	Header http.Header

	site *Site
	jar  http.CookieJar
	base *url.URL
}

// Page is an answer.
type Page struct {
	Status int
	Header http.Header
	Body   string
	// Cookies are those that the answer set.
	Cookies []*http.Cookie
}

// Location returns where a redirect leads, "" for another answer.
func (p *Page) Location() string { return p.Header.Get("Location") }

// Browser returns a new visitor without cookies.
func (s *Site) Browser() *Browser {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &Browser{Header: http.Header{}, site: s, jar: jar, base: &url.URL{Scheme: "http", Host: Host}}
}

// Get asks for a page.
func (b *Browser) Get(t testing.TB, path string) *Page {
	t.Helper()
	return b.Do(t, http.MethodGet, path, nil)
}

// Post sends a form, from a page of the site itself.
func (b *Browser) Post(t testing.TB, path string, form url.Values) *Page {
	t.Helper()
	return b.Do(t, http.MethodPost, path, form)
}

// Follow asks for the page that a redirect leads to, and fails the test when there is none.
func (b *Browser) Follow(t testing.TB, p *Page) *Page {
	t.Helper()
	if p.Status < 300 || p.Status > 399 || p.Location() == "" {
		t.Fatalf("status %d is no redirect to follow; body: %.300s", p.Status, p.Body)
	}
	return b.Get(t, p.Location())
}

// Do sends a request with a form, which may be nil.
func (b *Browser) Do(t testing.TB, method, path string, form url.Values) *Page {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	u, err := b.base.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, u.String(), body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if method != http.MethodGet && method != http.MethodHead {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, values := range b.Header {
		r.Header[name] = values
	}
	return b.Send(t, r)
}

// Send sends a request made by hand, with the browser's cookies.
func (b *Browser) Send(t testing.TB, r *http.Request) *Page {
	t.Helper()
	for _, c := range b.jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.site.handler.ServeHTTP(w, r)
	res := w.Result()
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	b.jar.SetCookies(r.URL, res.Cookies())
	return &Page{Status: res.StatusCode, Header: res.Header, Body: string(text), Cookies: res.Cookies()}
}

// Cookie returns the value of a cookie, "" when the browser has none of that name.
func (b *Browser) Cookie(name string) string {
	for _, c := range b.jar.Cookies(b.base) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// SetCookie puts a cookie into the browser, or takes it out when the value is empty.
func (b *Browser) SetCookie(name, value string) {
	c := &http.Cookie{Name: name, Value: value, Path: "/"}
	if value == "" {
		c.MaxAge = -1
	}
	b.jar.SetCookies(b.base, []*http.Cookie{c})
}
