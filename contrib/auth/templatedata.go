package auth

import (
	"context"
	"strings"

	"github.com/go-belleville/belleville/core/templates"
	"github.com/go-belleville/belleville/core/web"
)

// templateUser is `.user` in templates: the request's user, AnonymousUser outside of a request.
func (a *Auth) templateUser(ctx context.Context) (any, error) {
	if web.RequestOf(ctx) == nil {
		return &AnonymousUser{}, nil
	}
	return UserOf(ctx)
}

// templatePerms is `.perms` in templates: what the request's user may do, a visitor outside of one.
func (a *Auth) templatePerms(ctx context.Context) (any, error) {
	u, err := a.templateUser(ctx)
	if err != nil {
		return nil, err
	}
	return a.Perms(ctx, u.(Account)), nil
}

// Perms is what a user may do, for templates: {{if .perms.polls.add_question}}, {{if .perms.polls}}
// for any permission of the app, {{if .perms.Has "polls.add_question"}} and {{if .perms.Has "polls"}}.
// Each question goes to [Auth.HasPerm] or [Auth.HasModulePerms]. It is meant for one page of one
// request, whose context it keeps.
type Perms struct {
	auth *Auth
	ctx  context.Context
	user Account
}

var _ templates.Lookuper = Perms{}

// Perms returns the permissions of a user in the form that templates ask.
func (a *Auth) Perms(ctx context.Context, u Account) Perms { return Perms{a, ctx, u} }

// Has reports whether the user has a permission "app.codename", or any of an app "app".
func (p Perms) Has(name string) (bool, error) {
	if strings.Contains(name, ".") {
		return p.auth.HasPerm(p.ctx, p.user, name)
	}
	return p.auth.HasModulePerms(p.ctx, p.user, name)
}

// LookupName implements [templates.Lookuper] for the label of an app.
func (p Perms) LookupName(app string) (any, error) {
	some, err := p.auth.HasModulePerms(p.ctx, p.user, app)
	if err != nil {
		return nil, err
	}
	asked := make(modulePerms, 1)
	asked[0] = modulePerm{p, app}
	if !some {
		return asked[:0], nil
	}
	return asked, nil
}

// modulePerms is what a user may do in one app. It is a slice because templates take an empty one
// for false: its one element is there either way, and in sight when there is any permission.
type modulePerms []modulePerm

type modulePerm struct {
	perms Perms
	app   string
}

var _ templates.Lookuper = modulePerms(nil)

// LookupName implements [templates.Lookuper] for a codename.
func (m modulePerms) LookupName(codename string) (any, error) {
	asked := m[:1][0]
	return asked.perms.auth.HasPerm(asked.perms.ctx, asked.perms.user, asked.app+"."+codename)
}
