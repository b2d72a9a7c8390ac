// Package web is the thin layer between net/http and a Belleville project: named routes over
// gorilla/mux, handlers that return an error, error pages, host checks, and access rules that
// can be read back from a route.
//
// Everything here is net/http: a [Handler] is an http.Handler, a [Middleware] wraps one in
// another, and handlers written elsewhere can be mounted as they are.
//
//	func routes(r *web.Router) {
//		r.Get("/polls/", "index", index)
//		r.Get("/polls/{id:[0-9]+}/", "detail", detail, auth.LoginRequired)
//	}
//
//	func detail(w http.ResponseWriter, r *http.Request) error {
//		q, err := find(r.Context(), web.Var(r, "id"))
//		if errors.Is(err, sql.ErrNoRows) {
//			return web.NotFound("There is no such poll.")
//		}
//		if err != nil {
//			return err // logged, and shown as a page that gives no detail away
//		}
//		return web.Render(w, r, "polls/detail.html", web.Data{"question": q})
//	}
//
// What the project knows and a view does not (templates, the names of all routes, whether
// details may be shown) is a [Site], which the project's handler puts into each request's context.
package web
