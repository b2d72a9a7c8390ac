// Package auth is Django's authentication and authorization system: users, groups and
// permissions, back ends that check who somebody is and what they may do, log-in and log-out, and
// wrappers that guard a handler. It reads and writes Django's tables and sessions.
//
//	users := auth.NewUsers(db, (*auth.User)(nil))
//	a := auth.New(auth.Config{Users: users, Sessions: sess, Types: types})
//	project, err := core.New(settings, types.App(), sess.App(), a.App(), …)
//
//	func (p *Polls) routes(r *web.Router) {
//		r.Get("/polls/{id:[0-9]+}/", "detail", p.detail, p.auth.LoginRequired)
//		r.Post("/polls/{id:[0-9]+}/close/", "close", p.close, p.auth.PermissionRequired("polls.close_question"))
//	}
//
//	func (p *Polls) detail(w http.ResponseWriter, r *http.Request) error {
//		user, err := auth.As[*auth.User](r.Context())
//		…
//	}
//
// A user is an [Account]: the ready [User], which is Django's, or [EmailUser], who logs in by an
// address, or a struct of your own. Users are plain data; everything that is done with them is a
// method of [Users] (find, create, change the password, groups) or of [Auth] (log in, ask for
// permissions).
//
// # User models of your own
//
// Embed [AbstractUser] for Django's columns and more of your own; or [BaseUser], a password and the
// last log-in, and with it [Permissions], groups and permissions. The key is an int64, a string or
// a [database.UUID]. Methods say the rest: [UsernameFielder] by which column people log in,
// [EmailFielder], [RequiredFielder], [CaseIgnorer], [Activer], [Cleaner].
//
//	type Member struct {
//		bun.BaseModel `bun:"table:accounts_member,alias:member"`
//
//		ID database.UUID `bun:"id,pk"`
//		auth.AbstractUser
//		BirthDate time.Time `bun:"birth_date,nullzero"`
//	}
//
// The model belongs to an app, as Models: []core.Model{auth.Model((*Member)(nil))}. The command
// makemigrations writes the migration that makes its table and those of its groups and permissions
// (one by hand has [CreateJoins]). Name it to [NewUsers] and everything works on it; package authtest
// tests that.
//
// Pages and forms are in contrib/auth/authviews, hashers in contrib/auth/hashers, password rules
// in contrib/auth/password.
package auth
