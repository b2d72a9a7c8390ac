package authviews

import (
	"net/http"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/web"
)

// LogoutView logs out, whoever is logged in or nobody, and then redirects or shows a page. It
// answers POST only. The template gets title and site.
type LogoutView struct {
	// Auth is required; [New] sets it.
	Auth *auth.Auth
	// TemplateName is the page; empty means "registration/logged_out.html".
	TemplateName string
	// Title is the page's; empty means "Logged out".
	Title string
	// RedirectField is the parameter that says where to go afterwards; empty means that of Auth, "next".
	RedirectField string
	// NextPage is where to go when the client does not say, a path, an address or a route's name;
	// empty means LogoutRedirectURL of Auth, and when that is empty too, the page is shown.
	NextPage string
	// DefaultRedirect, when set, takes the place of NextPage.
	DefaultRedirect func(r *http.Request) (string, error)
	// SuccessURLAllowedHosts are other hosts that the client may ask to be sent to.
	SuccessURLAllowedHosts []string
	// AllowGet logs out on GET too, as Django before 5.0 did. Any page of the world can then log
	// somebody out with an image.
	AllowGet bool
	// ExtraContext is added to what the template gets.
	ExtraContext web.Data
	// Prepare may change the page before it is rendered.
	Prepare Prepare
}

// Handler returns the view for any router.
func (v LogoutView) Handler() http.Handler { return v.view().handler() }

// Mount registers the view.
func (v LogoutView) Mount(r *web.Router, path, name string) { v.view().mount(r, path, name) }

func (v LogoutView) view() view {
	methods := onlyPost
	if v.AllowGet {
		methods = getAndPost
	}
	return view{auth: v.Auth, methods: methods, serve: v.serve}
}

func (v LogoutView) serve(w http.ResponseWriter, r *http.Request) error {
	if err := v.Auth.Logout(r); err != nil {
		return err
	}
	if err := readForm(r); err != nil {
		return err
	}
	config := v.Auth.Config()
	redirect := Redirect{
		Field:        or(v.RedirectField, config.RedirectField),
		AllowedHosts: v.SuccessURLAllowedHosts,
		NextPage:     or(v.NextPage, config.LogoutRedirectURL),
		Default:      v.DefaultRedirect,
	}
	if redirect.NextPage == "" && redirect.Default == nil {
		redirect.NextPage = r.URL.EscapedPath() // without the query: an unsafe next is gone for good
	}
	to, err := redirect.URL(r)
	if err != nil {
		return err
	}
	if to != r.URL.RequestURI() {
		return web.Redirect(w, r, to, http.StatusFound)
	}
	l := look{or(v.TemplateName, "registration/logged_out.html"), or(v.Title, "Logged out"), v.ExtraContext, v.Prepare}
	return l.render(w, r, nil)
}

// LogoutThenLogin logs out, on POST only, and shows the login page next.
type LogoutThenLogin struct {
	// Auth is required.
	Auth *auth.Auth
	// LoginURL is a path, an address or a route's name; empty means that of Auth.
	LoginURL string
}

// Handler returns the view for any router.
func (v LogoutThenLogin) Handler() http.Handler { return v.logout().Handler() }

// Mount registers the view.
func (v LogoutThenLogin) Mount(r *web.Router, path, name string) { v.logout().Mount(r, path, name) }

func (v LogoutThenLogin) logout() LogoutView {
	to := v.LoginURL
	if to == "" && v.Auth != nil {
		to = v.Auth.Config().LoginURL
	}
	return LogoutView{Auth: v.Auth, NextPage: to}
}
