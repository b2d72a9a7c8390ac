package auth

import (
	"context"
	"net/http"

	"github.com/go-belleville/belleville/core/web"
)

// KindStaff is the rule of [Auth.StaffRequired].
const KindStaff web.RuleKind = "staff"

// StaffRequired lets active users pass whose IsStaff is set, and sends everybody else to the
// admin's login page (the route "admin:login"), or to [Config.LoginURL] without one.
func (a *Auth) StaffRequired(next http.Handler) http.Handler {
	staff := func(_ context.Context, u Account) (bool, error) { return a.users.isStaff(u), nil }
	return a.Require(Access{Test: staff, Kind: KindStaff, loginRoute: "admin:login"})(next)
}

func (us *Users) isStaff(u Account) bool {
	v, err := us.model.value(u)
	if err != nil || !us.IsActive(u) {
		return false
	}
	f := us.model.table.LookupField("is_staff")
	return f != nil && v.FieldByIndex(f.Index).Bool()
}

// LoginRequiredByDefault asks everybody to log in, on every route that is not marked by
// [web.Public]: Django's LoginRequiredMiddleware. It belongs into the RouteMiddleware of an app,
// so unknown paths are 404 and not the login page:
//
//	core.App{Label: "closed", Requires: []string{"auth"}, RouteMiddleware: []web.Middleware{a.LoginRequiredByDefault}}
//
// Where the route's own wrapper names a login page or a redirect field, it leads there.
func (a *Auth) LoginRequiredByDefault(next http.Handler) http.Handler {
	if web.IsPublic(next) {
		return next
	}
	o := Access{Login: true}
	if g := findGuard(next); g != nil {
		o.LoginURL, o.loginRoute = g.access.LoginURL, g.access.loginRoute
		o.RedirectField, o.NoRedirectField = g.access.RedirectField, g.access.NoRedirectField
	}
	return a.Require(o)(next)
}

// findGuard returns the outermost wrapper of this package around a handler, or nil.
func findGuard(h http.Handler) *guard {
	for h != nil {
		if g, ok := h.(*guard); ok {
			return g
		}
		u, ok := h.(interface{ Unwrap() http.Handler })
		if !ok {
			return nil
		}
		h = u.Unwrap()
	}
	return nil
}
