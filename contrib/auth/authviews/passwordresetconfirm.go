package authviews

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/tokens"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/core/web"
)

// SessionResetToken is the name under which the token of a reset link is kept in the session,
// Django's.
const SessionResetToken = "_password_reset_token"

// ErrNoResetVariables says that the path of a PasswordResetConfirmView lacks its variables.
var ErrNoResetVariables = errors.New("authviews: the path of a PasswordResetConfirmView needs the variables uidb64 (uidb36 with LegacyUID) and token")

// TokenChecker checks the token of a reset link. [tokens.Generator] and [tokens.LegacyGenerator]
// are ones.
type TokenChecker interface {
	Check(s tokens.Subject, token string) bool
}

// PasswordResetConfirmView is where the mailed link leads. It takes the token out of the address
// and into the session, by a redirect, so that no Referer header carries it away, and then asks for
// a new password. A link that is not valid, for whatever reason, gets a page that says so. The
// template gets validlink, title, and for a valid link form and username.
type PasswordResetConfirmView struct {
	// Auth is required; [New] sets it.
	Auth *auth.Auth
	// TemplateName is the page; empty means "registration/password_reset_confirm.html".
	TemplateName string
	// Title is the page's for a valid link; empty means "Choose a new password".
	Title string
	// InvalidTitle is the page's for any other link; empty means "Your password was not changed".
	InvalidTitle string
	// Form makes the form for the link's user; nil means [authforms.NewSetPasswordForm].
	Form func(r *http.Request, u auth.Account) PasswordForm
	// SuccessURL is where to go afterwards, a path, an address or a route's name; empty means
	// "password_reset_complete".
	SuccessURL string

	// Tokens checks the tokens; nil means [auth.Auth.ResetTokens], with LegacyUID
	// [auth.Auth.LegacyResetTokens].
	Tokens TokenChecker
	// ResetURLToken stands in the address in place of the token; empty means "set-password".
	ResetURLToken string
	// LegacyUID takes the links of Django 1.4: a variable uidb36 instead of uidb64.
	LegacyUID bool
	// PostResetLogin logs in the user whose password was set.
	PostResetLogin bool
	// PostResetLoginBackend is the name of the backend for that; it is required when there are
	// several.
	PostResetLoginBackend string

	// ExtraContext is added to what the template gets.
	ExtraContext web.Data
	// Prepare may change the page before it is rendered.
	Prepare Prepare
}

// Handler returns the view for any router whose variables [web.Var] or [http.Request.PathValue]
// returns.
func (v PasswordResetConfirmView) Handler() http.Handler { return v.view().handler() }

// Mount registers the view.
func (v PasswordResetConfirmView) Mount(r *web.Router, path, name string) {
	v.view().mount(r, path, name)
}

func (v PasswordResetConfirmView) view() view {
	return view{auth: v.Auth, methods: getAndPost, serve: v.serve, public: true}
}

func (v PasswordResetConfirmView) serve(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Referrer-Policy", "same-origin")
	uid, token := variable(r, "uidb64"), variable(r, "token")
	if v.LegacyUID {
		uid = variable(r, "uidb36")
	}
	if uid == "" || token == "" {
		return ErrNoResetVariables
	}
	u, err := v.user(r.Context(), uid)
	if err != nil {
		return err
	}
	if token != v.urlToken() { // public: the word that stands for the token in the address
		return v.keepToken(w, r, u, token)
	}
	kept, _, err := sessions.Get[any](r.Context(), sessions.Of(r.Context()), SessionResetToken)
	if err != nil {
		return err
	}
	if text, ok := kept.(string); !ok || !v.valid(u, text) {
		return v.refuse(w, r)
	}
	return v.setPassword(w, r, u)
}

func variable(r *http.Request, name string) string { return or(web.Var(r, name), r.PathValue(name)) }

func (v PasswordResetConfirmView) urlToken() string { return or(v.ResetURLToken, "set-password") }

// user returns the user that a link is for, nil when there is none.
func (v PasswordResetConfirmView) user(ctx context.Context, uid string) (auth.Account, error) {
	pk, ok := authforms.DecodeUID(uid)
	if v.LegacyUID {
		n, err := signing.DecodeBase36(uid)
		pk, ok = strconv.FormatInt(n, 10), err == nil
	}
	if !ok {
		return nil, nil
	}
	u, err := v.Auth.Users().ByPK(ctx, pk)
	if errors.Is(err, auth.ErrNoUser) {
		return nil, nil
	}
	return u, err
}

func (v PasswordResetConfirmView) valid(u auth.Account, token string) bool {
	var checker TokenChecker = v.Auth.ResetTokens()
	switch {
	case v.Tokens != nil:
		checker = v.Tokens
	case v.LegacyUID:
		checker = v.Auth.LegacyResetTokens()
	}
	return u != nil && checker.Check(v.Auth.Users().TokenSubject(u), token)
}

// keepToken moves a valid token from the address to the session.
func (v PasswordResetConfirmView) keepToken(w http.ResponseWriter, r *http.Request, u auth.Account, token string) error {
	if !v.valid(u, token) {
		return v.refuse(w, r)
	}
	if err := sessions.Of(r.Context()).Set(r.Context(), SessionResetToken, token); err != nil {
		return err
	}
	path := r.URL.Path
	if i := strings.LastIndex(path, token); i >= 0 {
		path = path[:i] + v.urlToken() + path[i+len(token):]
	}
	return web.Redirect(w, r, (&url.URL{Path: path}).EscapedPath(), http.StatusFound)
}

// refuse shows the page for a link that does not work.
func (v PasswordResetConfirmView) refuse(w http.ResponseWriter, r *http.Request) error {
	return v.look(or(v.InvalidTitle, "Your password was not changed")).render(w, r, web.Data{"form": nil, "validlink": false})
}

func (v PasswordResetConfirmView) look(title string) look {
	return look{or(v.TemplateName, "registration/password_reset_confirm.html"), title, v.ExtraContext, v.Prepare}
}

// setPassword asks for the new password of the user whose link it is, and stores it.
func (v PasswordResetConfirmView) setPassword(w http.ResponseWriter, r *http.Request, u auth.Account) error {
	var form PasswordForm
	if v.Form != nil {
		form = v.Form(r, u)
	} else {
		form = authforms.NewSetPasswordForm(v.Auth.Users(), u)
	}
	ok, err := forms.Accept(r, form)
	if err != nil {
		return err
	}
	if !ok {
		data := web.Data{"form": form, "validlink": true, "username": v.Auth.Users().Username(u)}
		return v.look(or(v.Title, "Choose a new password")).render(w, r, data)
	}
	to, err := auth.ResolveURL(r.Context(), or(v.SuccessURL, "password_reset_complete"))
	if err != nil {
		return err
	}
	if err := v.save(r, form); err != nil {
		return err
	}
	return web.Redirect(w, r, to, http.StatusFound)
}

// save stores the password and makes the session fit for what comes next.
func (v PasswordResetConfirmView) save(r *http.Request, form PasswordForm) error {
	ctx := r.Context()
	if v.PostResetLogin && v.PostResetLoginBackend == "" && len(v.Auth.Backends()) > 1 {
		return auth.ErrWhichBackend
	}
	// Who is logged in must be known before the change: afterwards the session would be one from
	// before it.
	if _, err := auth.UserOf(ctx); err != nil {
		return err
	}
	if err := form.Save(ctx); err != nil {
		return err
	}
	if err := sessions.Of(ctx).Delete(ctx, SessionResetToken); err != nil {
		return err
	}
	if err := v.Auth.KeepSession(r, form.User()); err != nil {
		return err
	}
	if !v.PostResetLogin {
		return nil
	}
	return v.Auth.Login(r, form.User(), auth.LoginOptions{Backend: v.PostResetLoginBackend})
}
