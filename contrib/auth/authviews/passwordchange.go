package authviews

import (
	"context"
	"net/http"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/web"
)

// PasswordForm is a form that gives a user a new password.
type PasswordForm interface {
	forms.Interface
	// User returns whose password it is.
	User() auth.Account
	// Save stores the password, after the form was found valid.
	Save(ctx context.Context) error
}

var (
	_ PasswordForm = (*authforms.PasswordChangeForm)(nil)
	_ PasswordForm = (*authforms.SetPasswordForm)(nil)
)

// PasswordChangeView lets users change their own password. Visitors are sent to the login page.
// The session goes on under a new key; all others of the user end. The template gets form and
// title.
type PasswordChangeView struct {
	// Auth is required; [New] sets it.
	Auth *auth.Auth
	// TemplateName is the page; empty means "registration/password_change_form.html".
	TemplateName string
	// Title is the page's; empty means "Change your password".
	Title string
	// Form makes the form for the request's user; nil means [authforms.NewPasswordChangeForm].
	Form func(r *http.Request, u auth.Account) PasswordForm
	// SuccessURL is where to go afterwards, a path, an address or a route's name; empty means
	// "password_change_done".
	SuccessURL string
	// ExtraContext is added to what the template gets.
	ExtraContext web.Data
	// Prepare may change the page before it is rendered.
	Prepare Prepare
}

// Handler returns the view for any router.
func (v PasswordChangeView) Handler() http.Handler { return v.view().handler() }

// Mount registers the view.
func (v PasswordChangeView) Mount(r *web.Router, path, name string) { v.view().mount(r, path, name) }

func (v PasswordChangeView) view() view {
	return view{auth: v.Auth, methods: getAndPost, serve: v.serve, login: true}
}

func (v PasswordChangeView) serve(w http.ResponseWriter, r *http.Request) error {
	u, err := auth.UserOf(r.Context())
	if err != nil {
		return err
	}
	var form PasswordForm
	if v.Form != nil {
		form = v.Form(r, u)
	} else {
		form = authforms.NewPasswordChangeForm(v.Auth.Users(), u)
	}
	ok, err := forms.Accept(r, form)
	if err != nil {
		return err
	}
	if !ok {
		l := look{or(v.TemplateName, "registration/password_change_form.html"), or(v.Title, "Change your password"), v.ExtraContext, v.Prepare}
		return l.render(w, r, web.Data{"form": form})
	}
	to, err := auth.ResolveURL(r.Context(), or(v.SuccessURL, "password_change_done"))
	if err != nil {
		return err
	}
	if err := form.Save(r.Context()); err != nil {
		return err
	}
	if err := v.Auth.KeepSession(r, form.User()); err != nil {
		return err
	}
	return web.Redirect(w, r, to, http.StatusFound)
}

// PasswordChangeDoneView says that the password was changed. Visitors are sent to the login page.
// The template gets title.
type PasswordChangeDoneView struct {
	// Auth is required; [New] sets it.
	Auth *auth.Auth
	// TemplateName is the page; empty means "registration/password_change_done.html".
	TemplateName string
	// Title is the page's; empty means "Password changed".
	Title string
	// ExtraContext is added to what the template gets.
	ExtraContext web.Data
	// Prepare may change the page before it is rendered.
	Prepare Prepare
}

// Handler returns the view for any router.
func (v PasswordChangeDoneView) Handler() http.Handler { return v.view().handler() }

// Mount registers the view.
func (v PasswordChangeDoneView) Mount(r *web.Router, path, name string) {
	v.view().mount(r, path, name)
}

func (v PasswordChangeDoneView) view() view {
	l := look{or(v.TemplateName, "registration/password_change_done.html"), or(v.Title, "Password changed"), v.ExtraContext, v.Prepare}
	return view{auth: v.Auth, methods: onlyGet, serve: l.page, login: true}
}
