// Package sessions keeps a visitor's data between requests, under a key in a cookie, in Django's
// formats: a session begun by a Django project that shares the database and SECRET_KEY goes on
// here, and the other way round.
//
//	sess := sessions.New(sessions.Config{Store: dbstore.New(db, keys)})
//	project, err := core.New(settings, sess.App(), …)
//
//	func view(w http.ResponseWriter, r *http.Request) error {
//		s := sessions.Of(r.Context())
//		visits, _, err := sessions.Get[int](r.Context(), s, "visits")
//		if err != nil {
//			return err
//		}
//		return s.Set(r.Context(), "visits", visits+1)
//	}
//
// A session is loaded when it is first used and saved, when it was changed, just before the
// first byte of the answer. Saving writes only the keys that this request changed, so two
// requests of one visitor do not undo each other's work, and a session that was deleted
// meanwhile is not brought back.
//
// Where sessions are kept is a [Store]; each has a package of its own beside this one. The
// package does not know users: contrib/auth puts a user's id into the session.
package sessions
