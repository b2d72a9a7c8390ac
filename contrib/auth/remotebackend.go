package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
)

// RemoteUserCredentials are the name of somebody whom the server in front of this program has
// authenticated. Make them only of a name that a client cannot have written itself.
type RemoteUserCredentials struct {
	Username string
}

// RemoteUserBackend takes the word of [RemoteUserCredentials], and makes users whom it does not
// know yet, without a usable password. Everything else it does like [ModelBackend], which it
// contains: with AllowInactive it is Django's AllowAllUsersRemoteUserBackend.
// [Auth.RemoteUserMiddleware] asks it.
type RemoteUserBackend struct {
	ModelBackend

	// KnownOnly makes no users: a name that is not in the database is nobody's.
	KnownOnly bool
	// Clean, when set, turns the name that the server gives into the one that is stored, such as
	// the part before an "@". Two names that it makes one are one user.
	Clean func(name string) string
	// Configure, when set, is called at each log-in with the user, whom created says to be new, to
	// fill in and save what the server tells besides. r may be nil.
	Configure func(ctx context.Context, r *http.Request, u Account, created bool) error
}

var (
	_ Backend          = (*RemoteUserBackend)(nil)
	_ PermissionLoader = (*RemoteUserBackend)(nil)
	_ UsernameCleaner  = (*RemoteUserBackend)(nil)
)

// The names under which Django knows its own backends for remote users.
const (
	RemoteUserBackendName              = "django.contrib.auth.backends.RemoteUserBackend"
	AllowAllUsersRemoteUserBackendName = "django.contrib.auth.backends.AllowAllUsersRemoteUserBackend"
)

// Name implements [Backend].
func (b *RemoteUserBackend) Name() string {
	switch {
	case b.StoredName != "":
		return b.StoredName
	case b.AllowInactive:
		return AllowAllUsersRemoteUserBackendName
	}
	return RemoteUserBackendName
}

// CleanUsername implements [UsernameCleaner].
func (b *RemoteUserBackend) CleanUsername(name string) string {
	if b.Clean == nil {
		return name
	}
	return b.Clean(name)
}

// Authenticate implements [Backend] for [RemoteUserCredentials]. A name that the column of names
// cannot hold is nobody's.
func (b *RemoteUserBackend) Authenticate(ctx context.Context, r *http.Request, c Credentials) (Account, error) {
	p, ok := c.(RemoteUserCredentials)
	if !ok || p.Username == "" {
		return nil, nil
	}
	name := b.CleanUsername(p.Username)
	if name == "" {
		return nil, nil
	}
	u, created, err := b.find(ctx, name)
	if errors.Is(err, ErrNoUser) || errors.Is(err, ErrText) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if b.Configure != nil {
		if err := b.Configure(ctx, r, u, created); err != nil {
			return nil, fmt.Errorf("configure a remote user: %w", err)
		}
	}
	if !b.may(u) {
		return nil, nil
	}
	return u, nil
}

// find returns the user of a name, who is made when that is allowed. The name is taken as it is:
// normalising it could give one server's user the account of another.
func (b *RemoteUserBackend) find(ctx context.Context, name string) (u Account, created bool, err error) {
	u, err = b.Users.ByUsername(ctx, name)
	if !errors.Is(err, ErrNoUser) || b.KnownOnly {
		return u, false, err
	}
	u = b.Users.New() // whose password is unusable
	if err := b.Users.model.setText(reflect.ValueOf(u).Elem(), b.Users.model.username, name); err != nil {
		return nil, false, err
	}
	err = b.Users.Insert(ctx, u)
	if errors.Is(err, ErrUsernameTaken) { // by another request of the same user, just now
		u, err = b.Users.ByUsername(ctx, name)
		return u, false, err
	}
	return u, err == nil, err
}
