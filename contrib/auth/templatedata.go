package auth

import (
	"context"
	"strings"

	"github.com/go-belleville/belleville/core/web"
)

// templateUser is `.user` in templates: the request's user, AnonymousUser outside of a request.
func (a *Auth) templateUser(ctx context.Context) (any, error) {
	if web.RequestOf(ctx) == nil {
		return &AnonymousUser{}, nil
	}
	return UserOf(ctx)
}

// templatePerms is `.perms` in templates: what the request's user may do.
func (a *Auth) templatePerms(ctx context.Context) (any, error) {
	if web.RequestOf(ctx) == nil {
		return Perms{}, nil
	}
	u, err := UserOf(ctx)
	if err != nil {
		return nil, err
	}
	return a.Perms(ctx, u)
}

// Perms is what a user may do, for templates: {{if .perms.polls.add_question}}, {{if .perms.polls}}
// for any permission of the app, {{if .perms.Has "polls.add_question"}} and {{if .perms.Has "polls"}}.
type Perms map[string]map[string]bool

// Has reports whether the user has a permission "app.codename", or any of an app "app".
func (p Perms) Has(name string) bool {
	app, codename, ok := strings.Cut(name, ".")
	if !ok {
		return len(p[app]) > 0
	}
	return p[app][codename]
}

// Perms returns all of a user's permissions in the form that templates read. A superuser has
// those that the project declares besides those in the database.
func (a *Auth) Perms(ctx context.Context, u Account) (Perms, error) {
	set, err := a.AllPermissions(ctx, u, nil)
	if err != nil {
		return nil, err
	}
	perms := Perms{}
	put := func(name string) {
		app, codename, _ := strings.Cut(name, ".")
		if perms[app] == nil {
			perms[app] = map[string]bool{}
		}
		perms[app][codename] = true
	}
	for name := range set {
		put(name)
	}
	if a.users.IsActive(u) && a.users.model.isSuperuser(u) {
		for name := range a.declared() {
			put(name)
		}
	}
	return perms, nil
}

// declared returns every permission that an app of the project declares.
func (a *Auth) declared() PermissionSet {
	set := PermissionSet{}
	for _, m := range a.project.models {
		for _, p := range m.AllPermissions() {
			set[m.AppLabel()+"."+p.Codename] = struct{}{}
		}
	}
	for _, app := range a.project.apps {
		for _, p := range app.Permissions {
			set[app.Label+"."+p.Codename] = struct{}{}
		}
	}
	return set
}
