package authviews

import (
	"context"
	"net/http"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/web"
)

// ResetForm is a form that mails links for a new password.
type ResetForm interface {
	forms.Interface
	// Save mails the links, after the form was found valid. An error must not depend on whether
	// there is such a user.
	Save(ctx context.Context, o authforms.ResetOptions) error
}

var _ ResetForm = (*authforms.PasswordResetForm)(nil)

// PasswordResetView asks for an e-mail address and mails a link to those who have it, as stored.
// Its answer is the same for known and unknown addresses, for users who are not active or have no
// usable password, and when the mail cannot be sent, which is logged. The template gets form and
// title.
type PasswordResetView struct {
	// Auth is required; [New] sets it.
	Auth *auth.Auth
	// Mailer sends the messages. It is required, and should not wait for a server: give it a
	// mail.Queue.
	Mailer auth.Mailer
	// TemplateName is the page; empty means "registration/password_reset_form.html".
	TemplateName string
	// Title is the page's; empty means "Forgot your password?".
	Title string
	// Form makes the form for a request; nil means [authforms.NewPasswordResetForm].
	Form func(r *http.Request) ResetForm
	// SuccessURL is where to go afterwards, a path, an address or a route's name; empty means
	// "password_reset_done".
	SuccessURL string

	// Tokens makes the tokens; nil means [auth.Auth.ResetTokens].
	Tokens authforms.TokenMaker
	// From is the sender; empty means the mailer's.
	From string
	// SubjectTemplate, EmailTemplate and HTMLEmailTemplate are the templates of the message, see
	// [authforms.ResetOptions].
	SubjectTemplate, EmailTemplate, HTMLEmailTemplate string
	// ExtraEmailContext is added to what those templates get.
	ExtraEmailContext web.Data

	// ExtraContext is added to what the template of the page gets.
	ExtraContext web.Data
	// Prepare may change the page before it is rendered.
	Prepare Prepare
}

// Handler returns the view for any router.
func (v PasswordResetView) Handler() http.Handler { return v.view().handler() }

// Mount registers the view.
func (v PasswordResetView) Mount(r *web.Router, path, name string) { v.view().mount(r, path, name) }

func (v PasswordResetView) view() view {
	return view{auth: v.Auth, methods: getAndPost, serve: v.serve, public: true}
}

func (v PasswordResetView) serve(w http.ResponseWriter, r *http.Request) error {
	var form ResetForm
	if v.Form != nil {
		form = v.Form(r)
	} else {
		form = authforms.NewPasswordResetForm(v.Auth)
	}
	ok, err := forms.Accept(r, form)
	if err != nil {
		return err
	}
	if !ok {
		l := look{or(v.TemplateName, "registration/password_reset_form.html"), or(v.Title, "Forgot your password?"), v.ExtraContext, v.Prepare}
		return l.render(w, r, web.Data{"form": form})
	}
	to, err := auth.ResolveURL(r.Context(), or(v.SuccessURL, "password_reset_done"))
	if err != nil {
		return err
	}
	if err := form.Save(r.Context(), v.options(r)); err != nil {
		return err
	}
	return web.Redirect(w, r, to, http.StatusFound)
}

func (v PasswordResetView) options(r *http.Request) authforms.ResetOptions {
	return authforms.ResetOptions{
		Mailer: v.Mailer, Request: r, Tokens: v.Tokens, From: v.From,
		SubjectTemplate: v.SubjectTemplate, EmailTemplate: v.EmailTemplate, HTMLEmailTemplate: v.HTMLEmailTemplate,
		ExtraContext: v.ExtraEmailContext,
	}
}

// PasswordResetDoneView says that a message is on its way if there is such an account. The
// template gets title.
type PasswordResetDoneView struct {
	// Auth is required; [New] sets it.
	Auth *auth.Auth
	// TemplateName is the page; empty means "registration/password_reset_done.html".
	TemplateName string
	// Title is the page's; empty means "Look into your mailbox".
	Title string
	// ExtraContext is added to what the template gets.
	ExtraContext web.Data
	// Prepare may change the page before it is rendered.
	Prepare Prepare
}

// Handler returns the view for any router.
func (v PasswordResetDoneView) Handler() http.Handler { return v.view().handler() }

// Mount registers the view.
func (v PasswordResetDoneView) Mount(r *web.Router, path, name string) { v.view().mount(r, path, name) }

func (v PasswordResetDoneView) view() view {
	l := look{or(v.TemplateName, "registration/password_reset_done.html"), or(v.Title, "Look into your mailbox"), v.ExtraContext, v.Prepare}
	return view{auth: v.Auth, methods: onlyGet, serve: l.page, public: true}
}

// PasswordResetCompleteView says that the new password is saved. The template gets title and
// login_url.
type PasswordResetCompleteView struct {
	// Auth is required; [New] sets it.
	Auth *auth.Auth
	// TemplateName is the page; empty means "registration/password_reset_complete.html".
	TemplateName string
	// Title is the page's; empty means "Your new password is saved".
	Title string
	// ExtraContext is added to what the template gets.
	ExtraContext web.Data
	// Prepare may change the page before it is rendered.
	Prepare Prepare
}

// Handler returns the view for any router.
func (v PasswordResetCompleteView) Handler() http.Handler { return v.view().handler() }

// Mount registers the view.
func (v PasswordResetCompleteView) Mount(r *web.Router, path, name string) {
	v.view().mount(r, path, name)
}

func (v PasswordResetCompleteView) view() view {
	return view{auth: v.Auth, methods: onlyGet, serve: v.serve, public: true}
}

func (v PasswordResetCompleteView) serve(w http.ResponseWriter, r *http.Request) error {
	login, err := auth.ResolveURL(r.Context(), v.Auth.Config().LoginURL)
	if err != nil {
		return err
	}
	l := look{or(v.TemplateName, "registration/password_reset_complete.html"), or(v.Title, "Your new password is saved"), v.ExtraContext, v.Prepare}
	return l.render(w, r, web.Data{"login_url": login})
}
