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
// A user is an [Account]: a struct of your own that embeds [BaseUser], [Permissions] or
// [AbstractUser], or the ready [User]. Users are plain data; everything that is done with them is
// a method of [Users] (find, create, change the password, groups) or of [Auth] (log in, ask for
// permissions).
//
// Pages and forms are in contrib/auth/authviews, hashers in contrib/auth/hashers, password rules
// in contrib/auth/password.
package auth
