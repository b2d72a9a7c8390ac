package authviews

import (
	"errors"
	"net/http"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/web"
)

// ErrRedirectLoop says that a view with RedirectAuthenticatedUser would send users to itself.
var ErrRedirectLoop = errors.New("authviews: the log-in page would redirect somebody who is logged in to itself: let NextPage or LoginRedirectURL lead to another page")

// LoginForm is a form that finds out who somebody is.
type LoginForm interface {
	forms.Interface
	// User returns who it is, after the form was found valid.
	User() auth.Account
}

var _ LoginForm = (*authforms.AuthenticationForm)(nil)

// LoginView asks for a name and a password and logs in. The template gets form, next (under the
// name of RedirectField; empty when it is not safe) and site.
type LoginView struct {
	// Auth is required; [New] sets it.
	Auth *auth.Auth
	// TemplateName is the page; empty means "registration/login.html".
	TemplateName string
	// Form makes the form for a request; nil means [authforms.NewAuthenticationForm].
	Form func(r *http.Request) LoginForm
	// RedirectField is the parameter that says where to go afterwards; empty means that of Auth, "next".
	RedirectField string
	// NextPage is where to go when the client does not say, a path, an address or a route's name;
	// empty means LoginRedirectURL of Auth, "/accounts/profile/".
	NextPage string
	// DefaultRedirect, when set, takes the place of NextPage.
	DefaultRedirect func(r *http.Request) (string, error)
	// SuccessURLAllowedHosts are other hosts that the client may ask to be sent to.
	SuccessURLAllowedHosts []string
	// RedirectAuthenticatedUser sends on who is logged in already. Other sites can then find out
	// whether their visitors are logged in here, by an image whose address is this page with a
	// next that is an image.
	RedirectAuthenticatedUser bool
	// LoginOptions are handed to [auth.Auth.Login].
	LoginOptions auth.LoginOptions
	// ExtraContext is added to what the template gets.
	ExtraContext web.Data
	// Prepare may change the page before it is rendered.
	Prepare Prepare
}

// Handler returns the view for any router.
func (v LoginView) Handler() http.Handler { return v.view().handler() }

// Mount registers the view.
func (v LoginView) Mount(r *web.Router, path, name string) { v.view().mount(r, path, name) }

func (v LoginView) view() view {
	return view{auth: v.Auth, methods: getAndPost, serve: v.serve, public: true}
}

func (v LoginView) redirect() Redirect {
	config := v.Auth.Config()
	return Redirect{
		Field:        or(v.RedirectField, config.RedirectField),
		AllowedHosts: v.SuccessURLAllowedHosts,
		NextPage:     or(v.NextPage, config.LoginRedirectURL),
		Default:      v.DefaultRedirect,
	}
}

func (v LoginView) serve(w http.ResponseWriter, r *http.Request) error {
	if v.RedirectAuthenticatedUser {
		if done, err := v.sendOn(w, r); done || err != nil {
			return err
		}
	}
	var form LoginForm
	if v.Form != nil {
		form = v.Form(r)
	} else {
		form = authforms.NewAuthenticationForm(v.Auth, r)
	}
	ok, err := forms.Accept(r, form)
	if err != nil {
		return err
	}
	redirect := v.redirect()
	if !ok {
		l := look{or(v.TemplateName, "registration/login.html"), "", v.ExtraContext, v.Prepare}
		return l.render(w, r, web.Data{"form": form, redirect.Field: redirect.Requested(r)})
	}
	to, err := redirect.URL(r)
	if err != nil {
		return err
	}
	if err := v.Auth.Login(r, form.User(), v.LoginOptions); err != nil {
		return err
	}
	return web.Redirect(w, r, to, http.StatusFound)
}

// sendOn redirects who is logged in already, and reports whether it did.
func (v LoginView) sendOn(w http.ResponseWriter, r *http.Request) (bool, error) {
	u, err := auth.UserOf(r.Context())
	if err != nil || !u.IsAuthenticated() {
		return false, err
	}
	if err := readForm(r); err != nil {
		return false, err
	}
	to, err := v.redirect().URL(r)
	if err != nil {
		return false, err
	}
	if to == r.URL.Path {
		return false, ErrRedirectLoop
	}
	return true, web.Redirect(w, r, to, http.StatusFound)
}
