package auth

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/web"
)

// checks lists the system checks. Ids up to 099 are Django's; what Django does not look at begins
// at 101.
func (a *Auth) checks() []check.Check {
	return []check.Check{
		{Tags: []string{"models"}, Run: a.checkUserModel},
		{Tags: []string{"security"}, Run: a.checkConfig},
		{Tags: []string{"models"}, Run: a.checkPermissions},
		{Tags: []string{"security"}, Run: a.checkOrder},
		{Tags: []string{"security", "database"}, Run: a.checkRoutes},
		{Tags: []string{"security"}, Deploy: true, Run: a.checkHashers},
		{Tags: []string{"models"}, Deploy: true, Run: a.checkCache},
	}
}

// checkCache says why users are not kept in memory although that was asked for.
func (a *Auth) checkCache(context.Context) []check.Message {
	if a.uncached == nil {
		return nil
	}
	return []check.Message{{Level: check.Warning, ID: "auth.W111", Text: fmt.Sprintf("There is a cache, but users are not kept in it: %v.", a.uncached)}}
}

func (a *Auth) checkUserModel(context.Context) []check.Message {
	m := a.users.model
	if m.problem != nil {
		return []check.Message{{Level: check.Error, ID: "auth.E108", Text: m.problem.Error()}}
	}
	object := m.typ.String()
	found := a.checkMethods(object)
	if slices.Contains(m.required, m.username.Name) {
		found = append(found, check.Message{Level: check.Error, ID: "auth.E002", Object: object,
			Text: fmt.Sprintf("RequiredFields names %q, the field that users log in by.", m.username.Name),
			Hint: "Take it out of RequiredFields: createsuperuser asks for it anyway."})
	}
	if a.usernameIsUnique() {
		return found
	}
	msg := check.Message{Level: check.Warning, ID: "auth.W004", Object: object,
		Text: fmt.Sprintf("Users log in by %q, which is not unique.", m.username.Name),
		Hint: "See to it that the backends can tell users of one name apart."}
	if a.onlyModelBackend() {
		msg.Level, msg.ID = check.Error, "auth.E003"
		msg.Hint = "Add `unique` to the field's bun tag, and the index to a migration."
	}
	return append(found, msg)
}

// checkMethods finds methods of the user model that say something else than they seem to: one
// with another signature is nobody's but the model's own, and a user who is anonymous, or not
// authenticated, is taken for a visitor by some and for a user by others.
func (a *Auth) checkMethods(object string) []check.Message {
	u := a.users.model.new()
	var found []check.Message
	for _, m := range []struct {
		name string
		ok   func() bool
	}{
		{"RequiredFields", func() bool { _, ok := u.(RequiredFielder); return ok }},
		{"UsernameField", func() bool { _, ok := u.(UsernameFielder); return ok }},
		{"EmailField", func() bool { _, ok := u.(EmailFielder); return ok }},
		{"UsernameIgnoresCase", func() bool { _, ok := u.(CaseIgnorer); return ok }},
	} {
		if method := reflect.ValueOf(u).MethodByName(m.name); method.IsValid() && !m.ok() {
			found = append(found, check.Message{Level: check.Error, ID: "auth.E001", Object: object,
				Text: fmt.Sprintf("The method %s is a %s, so nobody calls it.", m.name, method.Type()),
				Hint: "RequiredFields returns []string, UsernameField and EmailField return string, UsernameIgnoresCase returns bool."})
		}
	}
	if u.IsAnonymous() {
		found = append(found, check.Message{Level: check.Critical, ID: "auth.C009", Object: object,
			Text: "IsAnonymous returns true, so users would be taken for visitors.", Hint: "Leave the method to auth.BaseUser."})
	}
	if !u.IsAuthenticated() {
		found = append(found, check.Message{Level: check.Critical, ID: "auth.C010", Object: object,
			Text: "IsAuthenticated returns false, so nobody would ever be logged in.", Hint: "Leave the method to auth.BaseUser."})
	}
	return found
}

// usernameIsUnique reports whether the field is unique by its tag, as the key, or by a rule of
// the model that has no condition.
func (a *Auth) usernameIsUnique() bool {
	m := a.users.model
	if m.username.Tag.HasOption("unique") || m.username == m.pk {
		return true
	}
	for _, model := range a.project.models {
		if model.Type() != m.typ {
			continue
		}
		return slices.ContainsFunc(model.Uniques, func(u core.Unique) bool {
			return u.Where == "" && slices.Equal(u.Columns, []string{m.username.Name})
		})
	}
	return false
}

func (a *Auth) onlyModelBackend() bool {
	if len(a.backends) != 1 {
		return false
	}
	_, ok := a.backends[0].(*ModelBackend)
	return ok
}

func (a *Auth) checkConfig(context.Context) []check.Message {
	var found []check.Message
	add := func(id, text, hint string) {
		found = append(found, check.Message{Level: check.Error, ID: id, Text: text, Hint: hint})
	}
	if len(a.backends) == 0 {
		add("auth.E101", ErrNoBackends.Error(), "")
	}
	seen := map[string]bool{}
	for _, b := range a.backends {
		if seen[b.Name()] {
			add("auth.E102", fmt.Sprintf("Two backends have the name %q.", b.Name()),
				"Sessions could not tell them apart: give one of them another name.")
		}
		seen[b.Name()] = true
	}
	for _, problem := range a.users.hashers.Problems() {
		add("auth.E103", problem, "")
	}
	for _, url := range []struct{ field, to string }{
		{"LoginURL", a.cfg.LoginURL}, {"LoginRedirectURL", a.cfg.LoginRedirectURL}, {"LogoutRedirectURL", a.cfg.LogoutRedirectURL},
	} {
		if url.to != "" && isRouteName(url.to) && !slices.ContainsFunc(a.routes(), func(r *web.Route) bool { return r.Name == url.to }) {
			add("auth.E106", fmt.Sprintf("Config.%s is %q, and there is no route of that name.", url.field, url.to),
				"Write a path with a slash, or register the route.")
		}
	}
	return append(found, a.checkRemote()...)
}

// checkRemote looks at what RemoteUserMiddleware was called with.
func (a *Auth) checkRemote() []check.Message {
	var found []check.Message
	for _, c := range a.remote {
		if c.Header == "" || (len(c.Proxies) == 0 && !c.UnixSocket) {
			found = append(found, check.Message{Level: check.Error, ID: "auth.E107",
				Text: "RemoteUserMiddleware would never believe anybody.",
				Hint: "Name the Header and the Proxies that set it."})
		}
	}
	ours := slices.ContainsFunc(a.backends, func(b Backend) bool { _, ok := b.(UsernameCleaner); return ok })
	if len(a.remote) > 0 && !ours {
		found = append(found, check.Message{Level: check.Error, ID: "auth.E109",
			Text: "RemoteUserMiddleware has no backend to ask.", Hint: "Add a RemoteUserBackend to Config.Backends."})
	}
	return found
}

// checkHashers tells of passwords that are hashed in a way that is good for tests only.
func (a *Auth) checkHashers(context.Context) []check.Message {
	var found []check.Message
	for _, warning := range a.users.hashers.Warnings() {
		found = append(found, check.Message{Level: check.Warning, ID: "auth.W110", Text: warning})
	}
	return found
}

// checkOrder finds a LoginRequiredByDefault that comes before anybody knows the user.
func (a *Auth) checkOrder(context.Context) []check.Message {
	known := false
	for _, app := range a.project.apps {
		for _, m := range app.Middleware {
			known = known || isMethod(m, a.Middleware)
			if !known && isMethod(m, a.LoginRequiredByDefault) {
				return loginBeforeAuth(app)
			}
		}
	}
	for _, app := range a.project.apps {
		for _, m := range app.RouteMiddleware {
			if !known && isMethod(m, a.LoginRequiredByDefault) {
				return loginBeforeAuth(app)
			}
		}
	}
	return nil
}

func loginBeforeAuth(app core.App) []check.Message {
	return []check.Message{{Level: check.Error, ID: "auth.E013", Object: app.Label,
		Text: "LoginRequiredByDefault runs before the middleware of auth, so nobody knows the user yet.",
		Hint: "Put it into RouteMiddleware, and keep the Middleware of auth's own app."}}
}

// isMethod reports whether a middleware is a method of Auth, handed over as it is. Asking it by a
// call could have effects.
func isMethod(m, method func(http.Handler) http.Handler) bool {
	return m != nil && reflect.ValueOf(m).Pointer() == reflect.ValueOf(method).Pointer()
}

// checkRoutes finds routes that ask for what nobody can have: a permission that no model or app
// declares and that is no row of auth_permission either, or nothing at all.
func (a *Auth) checkRoutes(ctx context.Context) []check.Message {
	var found []check.Message
	declared := a.declared()
	unknown := map[string][]string{} // permission -> routes
	var order []string
	for _, route := range a.routes() {
		name := route.Name
		if name == "" {
			name = route.Path
		}
		for _, rule := range route.Rules {
			if rule.Kind == kindNothing {
				found = append(found, check.Message{Level: check.Error, ID: "auth.E105", Object: name,
					Text: "The route has an Access that asks for nothing.", Hint: "Set Login, Permissions or Test."})
			}
			for _, perm := range rule.Permissions {
				if declared.Has(perm) {
					continue
				}
				if unknown[perm] == nil {
					order = append(order, perm)
				}
				unknown[perm] = append(unknown[perm], name)
			}
		}
	}
	if len(order) == 0 {
		return found
	}
	stored, err := permissionNames(ctx, a.users.db)
	for _, perm := range order {
		if err == nil && stored.Has(perm) {
			continue
		}
		for _, route := range slices.Compact(unknown[perm]) {
			found = append(found, undeclared(route, perm, err))
		}
	}
	return found
}

// routes returns the project's routes, none before it is ready.
func (a *Auth) routes() []*web.Route {
	if a.project.site == nil {
		return nil
	}
	return a.project.site.Router.Routes()
}

func undeclared(route, perm string, dbErr error) check.Message {
	m := check.Message{Level: check.Error, ID: "auth.E104", Object: route,
		Text: fmt.Sprintf("The route asks for the permission %q, which nobody declares.", perm),
		Hint: "Correct the name, or declare the permission in a model's Permissions or in App.Permissions."}
	if !strings.Contains(perm, ".") {
		m.Hint = "The name of a permission is app.codename."
	}
	if dbErr != nil {
		m.Level, m.ID = check.Warning, "auth.W104"
		m.Text += " Whether the database has it is not known: " + dbErr.Error()
	}
	return m
}

// isRouteName reports whether a place to go to is the name of a route; see ResolveURL.
func isRouteName(to string) bool { return !strings.ContainsAny(to, "/.") }
