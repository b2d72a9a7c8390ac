package auth

import (
	"context"
	"errors"
	"net/http"
)

// Backend checks who somebody is. The backends of [Config.Backends] are asked in order; the first
// that knows the answer gives it. A backend may also decide what users may do, by implementing
// any of [Authorizer], [ModuleAuthorizer] and [PermissionLister]; what one of them grants is granted.
// authtest.TestBackend checks an implementation. Backends are used concurrently.
type Backend interface {
	// Name is stored in sessions and must never change. Backends that stand for Django's carry
	// Django's dotted name, so that both programs accept each other's sessions.
	Name() string
	// Authenticate returns the user that the credentials belong to. It returns (nil, nil) when
	// they are wrong and when it does not know their type; ErrPermissionDenied when nobody else
	// shall be asked either; any other error when it could not find out. r may be nil.
	Authenticate(ctx context.Context, r *http.Request, c Credentials) (Account, error)
	// User returns the user of a key that Authenticate returned in an earlier request, or
	// (nil, nil) when that user is gone or may not be logged in any more.
	User(ctx context.Context, pk string) (Account, error)
}

// Credentials is anything by which somebody can be known. Each sort is a type of its own, so a
// backend knows its own by a type switch.
type Credentials any

// PasswordCredentials are a name and a password.
type PasswordCredentials struct {
	Username, Password string
}

// ErrPermissionDenied is returned by a backend that wants the final say: no other backend is
// asked, and the answer is no.
var ErrPermissionDenied = errors.New("auth: permission denied")

// Authorizer decides on single permissions, also for anonymous and inactive users. obj is what
// the permission is asked for, nil for none.
type Authorizer interface {
	HasPerm(ctx context.Context, u Account, perm string, obj any) (bool, error)
}

// ModuleAuthorizer decides whether a user has any permission in an app.
type ModuleAuthorizer interface {
	HasModulePerms(ctx context.Context, u Account, app string) (bool, error)
}

// PermissionLister lists what a user may do, "app.codename". obj is as in Authorizer. A backend that
// is no Authorizer or ModuleAuthorizer grants what it lists.
type PermissionLister interface {
	UserPermissions(ctx context.Context, u Account, obj any) (PermissionSet, error)
	GroupPermissions(ctx context.Context, u Account, obj any) (PermissionSet, error)
}

// UsernameCleaner is a backend for users whom the server in front vouches for, such as
// [RemoteUserBackend]: [Auth.RemoteUserMiddleware] ends its users' sessions when the server no
// longer names them. CleanUsername turns what the server says into the name that is stored.
type UsernameCleaner interface {
	CleanUsername(name string) string
}

// PermissionLoader is a backend that can read a user and its permissions at once. forPermissions
// says that they are going to be asked for. The answers are those of User.
type PermissionLoader interface {
	LoadUser(ctx context.Context, pk string, forPermissions bool) (Account, error)
}
