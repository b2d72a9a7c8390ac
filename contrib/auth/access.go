package auth

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-belleville/belleville/core/web"
)

// Access says who may pass a handler and what happens to the others. It is the long form of
// [Auth.LoginRequired] and its relatives; everything in it is asked for at once.
type Access struct {
	// Login asks for somebody who is logged in.
	Login bool
	// Permissions asks for all of these, "app.codename".
	Permissions []string
	// Test, when set, decides by itself. It is called for visitors too.
	Test func(ctx context.Context, u Account) (bool, error)
	// Kind names the rule where it is listed ("staff"); empty says what is asked for.
	Kind web.RuleKind

	// LoginURL takes the place of [Config.LoginURL]: a path, an address or a route's name.
	LoginURL string
	// RedirectField takes the place of [Config.RedirectField].
	RedirectField string
	// NoRedirectField sends no address to come back to.
	NoRedirectField bool
	// RaiseException answers 403 to everybody who may not pass, visitors too.
	RaiseException bool
	// ForbidUsers answers 403 to users who may not pass, and sends only visitors to the login page.
	ForbidUsers bool
	// Challenge answers visitors with 401 and this challenge (the header WWW-Authenticate: "Bearer"),
	// and users who may not pass with 403: for programs, which have no use for a login page.
	Challenge string
	// Message is shown on the 403 page.
	Message string

	loginRoute string // a route to log in at, where there is one, before the others
}

// LoginRequired sends visitors to the login page and lets every user pass, active or not.
func (a *Auth) LoginRequired(next http.Handler) http.Handler {
	return a.Require(Access{Login: true})(next)
}

// PermissionRequired lets users pass who have all the permissions, and sends everybody else to
// the login page. Behind LoginRequired, or with users who would come straight back, use Require
// with RaiseException or ForbidUsers.
func (a *Auth) PermissionRequired(perms ...string) web.Middleware {
	return a.Require(Access{Permissions: perms})
}

// UserPassesTest lets those pass for whom test returns true. It is called for visitors too.
func (a *Auth) UserPassesTest(test func(Account) bool) web.Middleware {
	return a.Require(Access{Test: func(_ context.Context, u Account) (bool, error) { return test(u), nil }})
}

// Require returns the wrapper of an Access. An Access that asks for nothing is an error on every
// request, and found by the system checks.
func (a *Auth) Require(o Access) web.Middleware {
	return func(next http.Handler) http.Handler {
		return &guard{auth: a, access: o, next: next, permissions: len(o.Permissions) > 0 || asksPermissions(next)}
	}
}

// asksPermissions reports whether a handler further in will ask for permissions.
func asksPermissions(h http.Handler) bool {
	for _, rule := range web.Rules(h) {
		if rule.Kind == web.KindPermission {
			return true
		}
	}
	return false
}

// guard is what Require makes.
type guard struct {
	auth        *Auth
	access      Access
	next        http.Handler
	permissions bool
}

var _ web.Guard = (*guard)(nil)

// Rule implements web.Guard.
func (g *guard) Rule() web.Rule {
	r := web.Rule{Kind: g.access.Kind, Permissions: g.access.Permissions, Refuse: g.access.refuses()}
	switch {
	case len(r.Permissions) > 0:
		r.Kind = web.KindPermission
	case r.Kind != "":
	case g.access.Test != nil:
		r.Kind = web.KindTest
	case g.access.Login:
		r.Kind = web.KindLogin
	default:
		r.Kind = kindNothing
	}
	return r
}

// kindNothing is the rule of an Access that asks for nothing, for the check that finds it.
const kindNothing web.RuleKind = "nothing"

// asksNothing reports whether the Access was left empty.
func (o *Access) asksNothing() bool { return !o.Login && o.Test == nil && len(o.Permissions) == 0 }

// refuses reports whether users who may not pass are told so, instead of being asked to log in.
func (o *Access) refuses() bool { return o.RaiseException || o.ForbidUsers || o.Challenge != "" }

// Unwrap implements web.Guard.
func (g *guard) Unwrap() http.Handler { return g.next }

// ServeHTTP decides before the handler reads anything of the body.
func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.permissions && !needsPermissions(r.Context()) {
		r = r.WithContext(context.WithValue(r.Context(), wantsPermissionsKey{}, true))
	}
	u, err := UserOf(r.Context())
	if err != nil {
		web.Error(w, r, err)
		return
	}
	ok, err := g.passes(r.Context(), u)
	if err == nil && !ok {
		err = g.refuse(w, r, u)
	}
	if err != nil {
		web.Error(w, r, err)
		return
	}
	if ok {
		g.next.ServeHTTP(w, r)
	}
}

func (g *guard) passes(ctx context.Context, u Account) (bool, error) {
	o := &g.access
	if o.asksNothing() {
		return false, errors.New("auth: an Access asks for nothing: set Login, Permissions or Test")
	}
	if o.Login && !u.IsAuthenticated() {
		return false, nil
	}
	if o.Test != nil {
		if ok, err := o.Test(ctx, u); err != nil || !ok {
			return false, err
		}
	}
	return g.auth.HasPerms(ctx, u, o.Permissions...)
}

// refuse answers 401 or 403, or sends to the login page.
func (g *guard) refuse(w http.ResponseWriter, r *http.Request, u Account) error {
	o := &g.access
	if o.RaiseException || (o.refuses() && u.IsAuthenticated()) {
		return web.Forbidden(o.Message)
	}
	if o.Challenge != "" {
		w.Header().Set("WWW-Authenticate", o.Challenge)
		return &web.StatusError{Code: http.StatusUnauthorized, Message: o.Message}
	}
	loginURL := cmp.Or(o.LoginURL, g.auth.cfg.LoginURL)
	if site := web.SiteOf(r.Context()); o.loginRoute != "" && site != nil && site.Router.Lookup(o.loginRoute) != nil {
		loginURL = o.loginRoute
	}
	field := cmp.Or(o.RedirectField, g.auth.cfg.RedirectField)
	if o.NoRedirectField {
		field = ""
	}
	return RedirectToLogin(w, r, loginURL, field)
}

// RedirectToLogin sends the client to a login page (a path, an address, or a route's name) from
// which it comes back to this request's address, named by field in the query; an empty field
// names none. When the login page is on another host, the address to come back to is absolute.
func RedirectToLogin(w http.ResponseWriter, r *http.Request, loginURL, field string) error {
	target, err := ResolveURL(r.Context(), loginURL)
	if err != nil {
		return err
	}
	next := address(r)
	if u, err := url.Parse(target); err == nil && !sameOrigin(u, r) {
		next = web.Scheme(r) + "://" + web.Host(r) + next
	}
	return web.Redirect(w, r, web.LoginRedirectURL(target, next, field), http.StatusFound)
}

func sameOrigin(u *url.URL, r *http.Request) bool {
	return (u.Scheme == "" || u.Scheme == web.Scheme(r)) && (u.Host == "" || u.Host == web.Host(r))
}

// address returns the path and query that the client asked for, also behind http.StripPrefix. A
// path that begins with two slashes would name another host, so one of them is escaped.
func address(r *http.Request) string {
	u := r.URL
	if asked, err := url.ParseRequestURI(r.RequestURI); err == nil {
		u = asked
	}
	path := u.EscapedPath()
	switch {
	case path == "":
		path = "/"
	case strings.HasPrefix(path, "//"):
		path = "/%2F" + path[2:]
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return path
}

// ResolveURL returns the path of a route when to is the name of one, and to itself when it is a
// path or an address, that is, when there is a slash or a dot in it.
func ResolveURL(ctx context.Context, to string) (string, error) {
	if !isRouteName(to) {
		return to, nil
	}
	return web.Reverse(ctx, to)
}
