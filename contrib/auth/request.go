package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/logging"
	"github.com/go-belleville/belleville/core/web"
)

// requestUser finds out who makes a request when that is first asked.
type requestUser struct {
	auth *Auth
	mu   sync.Mutex
	user Account // nil until known

	fresh bool // the user was read from the database, or logged in by this request
}

type requestUserKey struct{}

// Middleware lets the handlers behind it ask for the user. It costs no query until they do. It
// belongs inside the middleware of sessions.
func (a *Auth) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), requestUserKey{}, &requestUser{auth: a})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// WithUser returns a context whose user is u, nil being nobody: for tests, for work outside of
// requests, and for middleware that knows users without a session.
func WithUser(ctx context.Context, u Account) context.Context {
	if isNobody(u) {
		u = &AnonymousUser{}
	}
	return context.WithValue(ctx, requestUserKey{}, &requestUser{user: u})
}

// ErrNoMiddleware says that the request did not pass through [Auth.Middleware].
var ErrNoMiddleware = errors.New("auth: the request has no user: add auth.New(…).App() to the project, after the app of sessions")

// UserOf returns who makes the request: a user of the project's model, or *AnonymousUser. Never
// nil without an error. The first call loads the session and the user, later calls cost nothing; the
// first with a context of [Fresh] reads both again when they may have come from memory.
// An error means that it could not be found out, and must not be taken for "anonymous".
func UserOf(ctx context.Context) (Account, error) {
	ru, ok := ctx.Value(requestUserKey{}).(*requestUser)
	if !ok {
		return nil, ErrNoMiddleware
	}
	return ru.get(ctx)
}

// As is UserOf for the project's own type: auth.As[*accounts.Member](ctx). ErrAnonymous says that
// nobody is logged in.
func As[T Account](ctx context.Context) (T, error) {
	var none T
	u, err := UserOf(ctx)
	if err != nil {
		return none, err
	}
	if t, ok := u.(T); ok {
		return t, nil
	}
	if u.IsAnonymous() {
		return none, ErrAnonymous
	}
	return none, fmt.Errorf("auth: the user of the request is a %T, not a %T", u, none)
}

func (ru *requestUser) get(ctx context.Context) (Account, error) {
	ru.mu.Lock()
	defer ru.mu.Unlock()
	fresh := changes.IsFresh(ctx)
	if ru.user != nil && (!fresh || ru.fresh || ru.auth == nil || !ru.auth.remembers()) {
		return ru.user, nil
	}
	u, err := ru.auth.sessionUser(ctx, sessions.Of(ctx), needsPermissions(ctx))
	if err != nil {
		return nil, fmt.Errorf("auth: find the user of a request: %w", err)
	}
	if u == nil {
		u = &AnonymousUser{}
	}
	ru.user, ru.fresh = u, fresh
	ru.tellLog(ctx)
	return u, nil
}

// tellLog puts the user's key into the lines that are logged from now on.
func (ru *requestUser) tellLog(ctx context.Context) {
	id := ""
	if ru.auth != nil && !ru.user.IsAnonymous() {
		id = ru.auth.users.PK(ru.user)
	}
	logging.Of(ctx).SetUser(id)
}

// setRequestUser makes u the user of the rest of the request.
func setRequestUser(ctx context.Context, u Account) {
	if ru, ok := ctx.Value(requestUserKey{}).(*requestUser); ok {
		ru.mu.Lock()
		defer ru.mu.Unlock()
		ru.user, ru.fresh = u, true
		ru.tellLog(ctx)
	}
}

// remembers reports whether anything about requests may come from memory.
func (a *Auth) remembers() bool { return a.users.feed != nil || a.cfg.Sessions.Config().Cache != nil }

type wantsPermissionsKey struct{}

// needsPermissions reports whether the request's route, or a wrapper around it, will ask for
// permissions, so that they are read together with the user.
func needsPermissions(ctx context.Context) bool {
	if ctx.Value(wantsPermissionsKey{}) != nil {
		return true
	}
	route := web.RouteOf(ctx)
	if route == nil {
		return false
	}
	for _, rule := range route.Rules {
		if rule.Kind == web.KindPermission {
			return true
		}
	}
	return false
}
