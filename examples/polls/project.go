package polls

import (
	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/djangocheck"
	"github.com/go-belleville/belleville/contrib/makemigrations"
	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
)

// Plugin makes one more app for the site, of its settings and its users.
type Plugin func(core.Settings, *auth.Auth) core.App

// NewProject puts the site together.
func NewProject(s core.Settings) (*core.Project, error) { return build(s) }

// With returns NewProject with further apps. They come before the demo's own, so that a page of
// theirs takes the place of one of the demo's.
func With(plugins ...Plugin) func(core.Settings) (*core.Project, error) {
	return func(s core.Settings) (*core.Project, error) { return build(s, plugins...) }
}

func build(s core.Settings, plugins ...Plugin) (*core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{
		Users:    auth.NewUsers(s.DB, (*auth.User)(nil)),
		Sessions: sess,
		Types:    types,
	})
	views := authviews.New(a)
	views.PasswordReset.Mailer = s.Mail // without one there is no page to reset a password
	msgs := messages.New(messages.Config{Sessions: sess})
	beside := djangocheck.New(a) // only for a project that shares its database with Django
	apps := []core.App{types.App(), sess.App(), a.App(), msgs.App(), beside.App(), makemigrations.App(), views.App("/accounts/")}
	for _, plugin := range plugins {
		apps = append(apps, plugin(s, a))
	}
	return core.New(s, append(apps, New(s.DB, a).App())...)
}
