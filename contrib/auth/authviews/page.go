package authviews

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/web"
)

// Page is what a view is about to show.
type Page struct {
	// TemplateName is the page's template.
	TemplateName string
	// Status is the status of the answer: 200.
	Status int
	// Data is what the template gets; never nil.
	Data web.Data
}

// Prepare is called before a page is rendered and may change all of it. An error becomes an error
// page.
type Prepare func(r *http.Request, p *Page) error

// RequestSite is the site as far as a request knows it: both are the host that was asked.
type RequestSite struct{ Name, Domain string }

// String returns the domain.
func (s RequestSite) String() string { return s.Domain }

// siteOf returns the request's site.
func siteOf(r *http.Request) RequestSite {
	host := web.Host(r)
	return RequestSite{Name: host, Domain: host}
}

// look is what all views have in common in showing themselves.
type look struct {
	template, title string
	extra           web.Data
	prepare         Prepare
}

// render shows the page with the view's data; what the project set wins.
func (l look) render(w http.ResponseWriter, r *http.Request, data web.Data) error {
	site := siteOf(r)
	p := &Page{TemplateName: l.template, Status: http.StatusOK, Data: web.Data{"site": site, "site_name": site.Name}}
	if l.title != "" {
		p.Data["title"] = l.title
	}
	maps.Copy(p.Data, data)
	maps.Copy(p.Data, l.extra)
	if l.prepare != nil {
		if err := l.prepare(r, p); err != nil {
			return err
		}
	}
	s := web.SiteOf(r.Context())
	if s == nil {
		return errNoProject
	}
	return s.Render(w, r, p.Status, p.TemplateName, p.Data)
}

// page is the whole of a view that only shows a page.
func (l look) page(w http.ResponseWriter, r *http.Request) error { return l.render(w, r, nil) }

var (
	errNoAuth    = errors.New("authviews: a view was mounted without its Auth: set it, or make the views with authviews.New")
	errNoProject = errors.New("authviews: the request has passed through no project, so there is no template to show")
)

// view is a handler that no cache may keep the answers of, for some methods only.
type view struct {
	auth    *auth.Auth
	methods []string
	serve   web.Handler
	// login sends visitors to the login page first.
	login bool
	// public lets visitors in where everything else asks for a log-in.
	public bool
}

// handler returns the view for any router.
func (v view) handler() http.Handler {
	var h http.Handler = web.Handler(v.check)
	if v.login && v.auth != nil {
		h = v.auth.LoginRequired(h)
	}
	if v.public {
		h = web.Public(h)
	}
	return &neverCache{h}
}

func (v view) mount(r *web.Router, path, name string) {
	r.Handle(v.methods, path, name, v.handler())
}

// check does what a router without methods would leave undone.
func (v view) check(w http.ResponseWriter, r *http.Request) error {
	if v.auth == nil {
		return errNoAuth
	}
	for _, m := range v.methods {
		if m == r.Method || m == http.MethodGet && r.Method == http.MethodHead {
			return v.serve(w, r)
		}
	}
	w.Header().Set("Allow", strings.Join(append(v.methods[:len(v.methods):len(v.methods)], http.MethodOptions), ", "))
	if r.Method == http.MethodOptions {
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(http.StatusOK)
		return nil
	}
	return &web.StatusError{Code: http.StatusMethodNotAllowed}
}

var (
	onlyGet    = []string{http.MethodGet}
	onlyPost   = []string{http.MethodPost}
	getAndPost = []string{http.MethodGet, http.MethodPost}
)

// neverCache tells every cache on the way to keep nothing.
type neverCache struct{ next http.Handler }

func (n *neverCache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "max-age=0, no-cache, no-store, must-revalidate, private")
	h.Set("Expires", time.Now().UTC().Format(http.TimeFormat))
	n.next.ServeHTTP(w, r)
}

// Unwrap lets the router read the rules of what is inside.
func (n *neverCache) Unwrap() http.Handler { return n.next }

// or returns the first text that is not empty.
func or(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
