package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/go-belleville/belleville/core/logging"
)

// Router collects an app's routes: a path, a name, a handler, and what the handler is wrapped
// in. Paths are gorilla/mux patterns ("/polls/{id:[0-9]+}/") from the site's root. Names are
// put into the app's namespace: "index" of the app polls is "polls:index" everywhere else.
//
// Registering does no work and reports nothing; mistakes (two routes with one name, a pattern
// that does not parse) come out of [Router.Build] together. Registration is not safe for
// concurrent use; a built router is.
type Router struct {
	table     *table
	app       string
	namespace string
	prefix    string
	wrap      []Middleware
}

// Route is one registered route.
type Route struct {
	// App is the label of the app that registered it, "" for the project's own.
	App string
	// Name is the full name, "polls:index"; empty for a route without one.
	Name string
	// Path is the pattern from the root of the site.
	Path string
	// Methods are the HTTP methods answered, without the HEAD and OPTIONS that come by themselves.
	Methods []string
	// Rules say who may call it, outermost first; never empty. Those of wrappers around all routes
	// are among them once the router is built.
	Rules []Rule
	// BodyLimit is the largest request body in bytes; 0 means the router's own.
	BodyLimit int64

	handler http.Handler
	mux     *mux.Route
}

// table is shared by all routers made from one NewRouter.
type table struct {
	routes []*Route
	names  map[string]*Route
	errs   []error
}

// NewRouter returns an empty router without a namespace.
func NewRouter() *Router {
	return &Router{table: &table{names: map[string]*Route{}}}
}

// App returns a router on the same table whose names are in the app's namespace.
func (r *Router) App(label string) *Router {
	c := *r
	c.app, c.namespace = label, label
	return &c
}

// Root returns a router on the same table whose names are in no namespace, for routes that
// every project knows by one name, such as "login".
func (r *Router) Root() *Router {
	c := *r
	c.namespace = ""
	return &c
}

// Prefix returns a router that puts a path in front of every pattern and wraps every handler,
// for a part of an app that has one rule: r.Prefix("/staff", auth.LoginRequired).
func (r *Router) Prefix(path string, wrap ...Middleware) *Router {
	c := *r
	c.prefix = r.prefix + strings.TrimSuffix(path, "/")
	c.wrap = append(slices.Clip(r.wrap), wrap...)
	return &c
}

// Get answers GET and HEAD. An empty name makes a route that cannot be reversed.
func (r *Router) Get(path, name string, h Handler, wrap ...Middleware) {
	r.Handle([]string{http.MethodGet}, path, name, h, wrap...)
}

// Post answers POST.
func (r *Router) Post(path, name string, h Handler, wrap ...Middleware) {
	r.Handle([]string{http.MethodPost}, path, name, h, wrap...)
}

// Form answers GET, HEAD and POST: a page with a form that is posted to the same address.
func (r *Router) Form(path, name string, h Handler, wrap ...Middleware) {
	r.Handle([]string{http.MethodGet, http.MethodPost}, path, name, h, wrap...)
}

// Handle answers the methods with any handler. GET brings HEAD with it, and every route answers
// OPTIONS with its methods unless it handles OPTIONS itself. The wrappers are applied here, the
// first outermost, and asked for their rules.
func (r *Router) Handle(methods []string, path, name string, h http.Handler, wrap ...Middleware) {
	route := &Route{App: r.app, Path: r.prefix + path, Methods: slices.Clone(methods)}
	if name != "" {
		route.Name = name
		if r.namespace != "" {
			route.Name = r.namespace + ":" + name
		}
	}
	if err := r.table.add(route, h); err != nil {
		r.table.errs = append(r.table.errs, err)
		return
	}
	route.handler = Chain(Chain(h, wrap...), r.wrap...)
	route.Rules = Rules(route.handler)
	route.BodyLimit = bodyLimit(route.handler)
}

func (t *table) add(route *Route, h http.Handler) error {
	if route.Name != "" {
		if old := t.names[route.Name]; old != nil {
			return fmt.Errorf("two routes have the name %q: %s and %s; give one of them another name",
				route.Name, old.Path, route.Path)
		}
	}
	switch {
	case h == nil || isNilHandler(h):
		return fmt.Errorf("the route %s has no handler", route.label())
	case len(route.Methods) == 0:
		return fmt.Errorf("the route %s answers no method; name at least one", route.label())
	case !strings.HasPrefix(route.Path, "/"):
		return fmt.Errorf("the path of the route %s does not begin with a slash", route.label())
	}
	if err := mux.NewRouter().Path(route.Path).GetError(); err != nil {
		return fmt.Errorf("the path of the route %s cannot be read: %w", route.label(), err)
	}
	t.routes = append(t.routes, route)
	if route.Name != "" {
		t.names[route.Name] = route
	}
	return nil
}

func isNilHandler(h http.Handler) bool {
	f, ok := h.(Handler)
	return ok && f == nil
}

func (r *Route) label() string {
	if r.Name == "" {
		return r.Path
	}
	return r.Name + " (" + r.Path + ")"
}

// Routes returns all routes of the site in the order in which they are tried.
func (r *Router) Routes() []*Route { return slices.Clone(r.table.routes) }

// Lookup returns the route of a full name, or nil.
func (r *Router) Lookup(name string) *Route { return r.table.names[name] }

// Options say how a built router answers.
type Options struct {
	// Wrap goes around every matched route, outermost first, inside the router: it is not called
	// for unknown paths nor for methods that are not allowed. RouteOf works in it.
	Wrap []Middleware
	// AppendSlash redirects an unknown path without a slash at its end to the route that has one.
	AppendSlash bool
	// BodyLimit is the largest request body in bytes where a route names no other; 0 means no limit.
	BodyLimit int64
}

// Build returns the handler, or every mistake made while registering.
func (r *Router) Build(o Options) (http.Handler, error) {
	if err := errors.Join(r.table.errs...); err != nil {
		return nil, err
	}
	m := mux.NewRouter().SkipClean(true)
	var sub *mux.Router
	var subPrefix string
	for _, route := range r.table.routes {
		// Routes that stand together and share their first path segment share a subrouter, so
		// that a request skips all of them after one comparison.
		if p := firstSegment(route.Path); sub == nil || p == "" || p != subPrefix {
			subPrefix = p
			sub = m
			if p != "" {
				sub = m.PathPrefix(p).Subrouter()
			}
		}
		mr := sub.Path(strings.TrimPrefix(route.Path, subPrefix)).Methods(route.accepted()...)
		if err := mr.GetError(); err != nil {
			return nil, fmt.Errorf("the route %s: %w", route.label(), err)
		}
		route.mux = mr
		mr.Handler(o.serve(route))
	}
	d := &dispatcher{mux: m, routes: r.table.routes, appendSlash: o.AppendSlash}
	// mux tells the two apart unreliably: it forgets about a method that was not allowed as soon
	// as a later subrouter's prefix matches.
	m.NotFoundHandler, m.MethodNotAllowedHandler = Handler(d.unmatched), Handler(d.unmatched)
	return m, nil
}

var literalSegment = regexp.MustCompile(`^/[A-Za-z0-9._~-]+`)

// firstSegment returns the literal first segment of a pattern, "" when there is none or when
// the segment is the whole pattern.
func firstSegment(path string) string {
	s := literalSegment.FindString(path)
	if s == "" || len(s) == len(path) || path[len(s)] != '/' {
		return ""
	}
	return s
}

// accepted returns the methods that mux lets through to the route.
func (r *Route) accepted() []string {
	m := slices.Clone(r.Methods)
	if slices.Contains(m, http.MethodGet) && !slices.Contains(m, http.MethodHead) {
		m = append(m, http.MethodHead)
	}
	return m
}

type routeKey struct{}

// RouteOf returns the route that the request was matched to, or nil before the router and
// behind another one.
func RouteOf(ctx context.Context) *Route {
	r, _ := ctx.Value(routeKey{}).(*Route)
	return r
}

// Var returns the decoded value of a variable of the route's pattern, "" when it has none of
// that name.
func Var(r *http.Request, name string) string { return mux.Vars(r)[name] }

// SetVars returns a copy of the request with variables as the router would set them, for tests
// of a single handler.
func SetVars(r *http.Request, vars map[string]string) *http.Request { return mux.SetURLVars(r, vars) }

// loggedPath is what logs show instead of a request's path: the pattern, when one of its variables
// holds a secret; "" for all other routes.
func (r *Route) loggedPath() string {
	names, err := r.mux.GetVarNames()
	if err == nil && slices.ContainsFunc(names, isSecretName) {
		return r.Path
	}
	return ""
}

// isSecretName reports whether a variable of this name holds what must not be logged.
func isSecretName(name string) bool {
	for _, word := range []string{"token", "secret", "password", "signature", "signed", "key"} {
		if name == word || strings.HasSuffix(name, "_"+word) {
			return true
		}
	}
	return false
}

// LogPath returns the request's path as it may stand in a log: where a variable of the route's
// pattern is called token, key, secret, password, signature or signed, or ends in _token and so on,
// it is the pattern.
func LogPath(r *http.Request) string {
	if known := logging.Of(r.Context()); known != nil {
		return known.Path()
	}
	return r.URL.Path
}

// serve is what mux calls on a match: limit the body, tell the context, go through Wrap.
func (o Options) serve(route *Route) http.Handler {
	limit := route.BodyLimit
	if limit == 0 {
		limit = o.BodyLimit
	}
	inner, rules := wrapRules(route.handler, Rules(route.handler), o.Wrap)
	route.Rules = rules
	logged := route.loggedPath()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		logging.Of(r.Context()).Match(route.Name, logged)
		r = r.WithContext(context.WithValue(r.Context(), routeKey{}, route))
		if limit > 0 {
			if r.ContentLength > limit {
				w.Header().Set("Connection", "close")
				Error(w, r, &http.MaxBytesError{Limit: limit})
				return
			}
			if r.Body != nil && r.Body != http.NoBody {
				r.Body = http.MaxBytesReader(w, r.Body, limit)
			}
		}
		inner.ServeHTTP(w, r)
	})
}
