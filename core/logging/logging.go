// Package logging tells which request a line in the log belongs to.
//
// A project's handler begins a [Request] for each HTTP request and puts it into the context. What
// finds out more adds it: the router the route, auth the user. A logger whose handler is wrapped by
// [Handler] then adds request_id, route and user_id to every line that is logged with that context:
//
//	slog.InfoContext(r.Context(), "exported", "rows", n)
//	// … level=INFO msg=exported rows=12 request_id=7K5… route=reports:export user_id=42
//
// core.Settings.Log is wrapped by the project, and core.Main makes it slog's default too.
//
// Nothing secret gets in: a user is his key, and a path is given without the values of variables
// that hold secrets, see [Request.Match].
package logging

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
)

// Request is what is known of a request so far. It is made by [NewRequest] and safe for concurrent
// use. A nil Request knows nothing and takes everything.
type Request struct {
	id string

	mu                sync.Mutex
	path, route, user string
}

// NewRequest returns a Request of the given id, or of a new one when it is empty.
func NewRequest(id, path string) *Request {
	if id == "" {
		id = rand.Text()
	}
	return &Request{id: id, path: path}
}

// maxID bounds ids from outside; those made here have 26 characters.
const maxID = 128

// ValidID reports whether an id from outside may stand in logs and headers: up to 128 letters,
// digits and the signs - _ . : / + = of the usual kinds of ids.
func ValidID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for _, c := range []byte(id) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-', c == '_', c == '.', c == ':', c == '/', c == '+', c == '=':
		default:
			return false
		}
	}
	return true
}

// Match notes the route that was found. path is what shall be logged for the request's path from
// now on; "" leaves it as it is.
func (r *Request) Match(route, path string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.route = route
	if path != "" {
		r.path = path
	}
}

// SetUser notes who makes the request, by key; "" is nobody.
func (r *Request) SetUser(id string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.user = id
}

// Path returns the request's path as it may be logged.
func (r *Request) Path() string {
	if r == nil {
		return ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.path
}

// ID returns the request's id.
func (r *Request) ID() string {
	if r == nil {
		return ""
	}
	return r.id
}

// add puts what is known behind a record's own attributes.
func (r *Request) add(record *slog.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	record.AddAttrs(slog.String("request_id", r.id))
	if r.route != "" {
		record.AddAttrs(slog.String("route", r.route))
	}
	if r.user != "" {
		record.AddAttrs(slog.String("user_id", r.user))
	}
}

type requestKey struct{}

// With returns a context that carries a request.
func With(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// Of returns the context's request, nil outside of one.
func Of(ctx context.Context) *Request {
	r, _ := ctx.Value(requestKey{}).(*Request)
	return r
}

// Handler returns a handler that adds to each record what the context knows of its request and
// passes it on. In a logger with an open group the attributes are in that group. A handler that does
// so already is returned as it is.
func Handler(next slog.Handler) slog.Handler {
	if h, ok := next.(handler); ok {
		return h
	}
	return handler{next}
}

type handler struct{ next slog.Handler }

var _ slog.Handler = handler{}

func (h handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h handler) Handle(ctx context.Context, record slog.Record) error {
	if r := Of(ctx); r != nil {
		record = record.Clone()
		r.add(&record)
	}
	return h.next.Handle(ctx, record)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.next.WithAttrs(attrs)}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.next.WithGroup(name)} }
