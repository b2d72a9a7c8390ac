package csrf

import (
	"context"
	"errors"
	"net/http"

	"github.com/go-belleville/belleville/core/web"
)

// Middleware remembers a request's secret, so that [Token] and [Rotate] work behind it, and sets
// the cookie before the answer begins. It refuses nothing by itself. It reads no session.
func (c *Checker) Middleware(next http.Handler) http.Handler { return &keeper{next, c} }

type keeper struct {
	http.Handler
	checker *Checker
}

func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r, s := k.checker.enter(r)
	web.BeforeHeader(k.Handler, w, r, func(int) error { s.begin(w.Header()); return nil })
}

// Unwrap lets the router look through.
func (k *keeper) Unwrap() http.Handler { return k.Handler }

// enter returns the request with a state in its context, and that state.
func (c *Checker) enter(r *http.Request) (*http.Request, *state) {
	if s := stateOf(r.Context()); s != nil && s.checker == c {
		return r, s
	}
	s := &state{checker: c, request: r}
	return r.WithContext(context.WithValue(r.Context(), stateKey{}, s)), s
}

// CheckRoutes refuses unsafe requests without a good token. It is for core.App.RouteMiddleware and
// the like: around all matched routes, inside of Middleware. A route is exempt when [Exempt] is
// among its wrappers.
func (c *Checker) CheckRoutes(next http.Handler) http.Handler {
	return &guard{next, c, func(r *http.Request) bool {
		route := web.RouteOf(r.Context())
		return route != nil && isExempt(route.Handler())
	}}
}

// Protect is Middleware and the check around a single handler, for programs without a project.
func (c *Checker) Protect(next http.Handler) http.Handler {
	exempt := isExempt(next)
	return c.Middleware(&guard{next, c, func(*http.Request) bool { return exempt }})
}

// guard is the check as a handler.
type guard struct {
	http.Handler
	checker *Checker
	exempt  func(*http.Request) bool
}

// Unwrap lets the router look through.
func (g *guard) Unwrap() http.Handler { return g.Handler }

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isSafe(r.Method) || g.exempt(r) {
		g.Handler.ServeHTTP(w, r)
		return
	}
	r, s := g.checker.enter(r)
	if !s.hasPassed() {
		// The server removes the files of a form only where it parsed the form itself.
		defer removeFiles(r)
		if err := g.checker.Check(r); err != nil {
			g.checker.deny(w, r, err)
			return
		}
	}
	g.Handler.ServeHTTP(w, r)
}

// isSafe reports whether a method promises to change nothing.
func isSafe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// Check decides about one request, whatever its method: nil lets it pass. It is a [*Refusal] with
// status 403, or an error that says why it cannot be known: a form beyond the body's limit is 413,
// one that is none 400. It reads the form of a POST request, which can be read again from r.
func (c *Checker) Check(r *http.Request) error {
	r2, s := c.enter(r)
	defer func() { r.Form, r.PostForm, r.MultipartForm = r2.Form, r2.PostForm, r2.MultipartForm }()
	if len(r.Header["Origin"]) > 0 {
		if err := c.checkOrigin(r2); err != nil {
			return err
		}
	} else if web.Secure(r2) {
		if err := c.checkReferer(r2); err != nil {
			return err
		}
	}
	secret, err := s.original(r2.Context())
	if err != nil {
		return err
	}
	token, source, err := c.sentToken(r2)
	if err != nil {
		return err
	}
	if problem := checkFormat(token); problem != "" {
		return &Refusal{problem, source}
	}
	if !match(token, secret) {
		return &Refusal{Incorrect, source}
	}
	s.pass()
	return nil
}

// sentToken finds the token beside the cookie: in the form, else in the header.
func (c *Checker) sentToken(r *http.Request) (token, source string, err error) {
	if r.Method == http.MethodPost {
		if token, err = postedToken(r); token != "" || err != nil {
			return token, "POST", err
		}
	}
	values := r.Header[c.header]
	if len(values) == 0 {
		return "", "", &Refusal{Reason: TokenMissing}
	}
	return values[0], c.cfg.Header, nil
}

// deny answers a request that Check did not let pass.
func (c *Checker) deny(w http.ResponseWriter, r *http.Request, err error) {
	var why *Refusal
	if !errors.As(err, &why) {
		web.Error(w, r, err)
		return
	}
	c.log().WarnContext(r.Context(), "csrf: request refused",
		"reason", string(why.Reason), "error", why.Error(), "method", r.Method, "path", web.LogPath(r))
	if c.cfg.Deny != nil {
		web.Error(w, r, c.cfg.Deny(w, r, why))
		return
	}
	refuse(w, r, &web.StatusError{Code: why.HTTPStatus(), Message: why.message(), Err: why})
}
