package polls

import (
	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/djangocheck"
	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
)

// NewProject puts the site together.
func NewProject(s core.Settings) (*core.Project, error) {
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
	return core.New(s, types.App(), sess.App(), a.App(), msgs.App(), beside.App(), views.App("/accounts/"), New(s.DB, a).App())
}
