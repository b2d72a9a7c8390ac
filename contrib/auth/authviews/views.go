package authviews

import (
	"strings"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
)

// Views are all the views of a project. Change what is to be different before calling App.
type Views struct {
	Login  LoginView
	Logout LogoutView
}

// New returns the views as Django has them.
func New(a *auth.Auth) *Views {
	return &Views{Login: LoginView{Auth: a}, Logout: LogoutView{Auth: a}}
}

// App returns the app for core.New, with all views mounted below a path such as "/accounts/". It
// belongs behind the app of auth.
func (v *Views) App(prefix string) core.App {
	return core.App{
		Label:    "authviews",
		Requires: []string{"auth"},
		Routes: func(r *web.Router) {
			v.Routes(r.Root().Prefix(strings.TrimSuffix(prefix, "/")))
		},
	}
}

// Routes registers all views on a router, under its prefix and in its namespace.
func (v *Views) Routes(r *web.Router) {
	v.Login.Mount(r, "/login/", "login")
	v.Logout.Mount(r, "/logout/", "logout")
}
