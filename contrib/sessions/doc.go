// Package sessions keeps what a site knows about a visitor between two requests. The browser
// holds a random key in a cookie; the data lie in a [Store]. Cookie, key and data are Django's, so
// that a Django project with the same SECRET_KEY and the same store shares the sessions.
//
//	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
//	project, err := core.New(s, sess.App(), …)
//
//	func (c *Cart) add(w http.ResponseWriter, r *http.Request) error {
//		s := sessions.Of(r.Context())
//		items, _, err := sessions.Get[[]string](r.Context(), s, "cart")
//		if err != nil {
//			return err
//		}
//		return s.Set(r.Context(), "cart", append(items, r.FormValue("item")))
//	}
//
// A session is read when it is first used, and saved before the first byte of the answer when
// something in it was changed, unless the answer is a 5xx. Two requests of one visitor may run at
// once: saving merges the values that each of them changed, and a session that was deleted
// meanwhile stays deleted ([ErrGone], answered as 400).
//
// The stores are packages of their own below this one: dbstore (the one to begin with), cacheddb,
// filestore, cookiestore, memstore for tests, and redisstore, which is a module of its own.
// gorillastore lets code written for gorilla/sessions work on any of them. To write another,
// implement [Store] and run sessionstest.TestStore.
//
// The package knows nothing of users; contrib/auth keeps its log-ins in it.
package sessions
