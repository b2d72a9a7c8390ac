package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/signals"
	"github.com/go-belleville/belleville/core/signing"
)

// Config is what [New] needs. Users, Sessions and Types are required; the zero value of the rest
// is Django's default.
type Config struct {
	Users    *Users
	Sessions *sessions.Sessions
	Types    *contenttypes.Types

	// Backends say who somebody is and may do what, in order; nil means one [ModelBackend].
	Backends []Backend
	// Hashers make and check passwords; nil means Django 5.2's list. It becomes the one of Users too.
	Hashers *hashers.Hashers
	// Validators are the rules for new passwords; nil means Django's four, an empty slice none.
	Validators []password.Validator
	// Keys bind sessions to the password: SECRET_KEY and its fallbacks. nil takes the project's.
	Keys signing.Keys

	// LoginURL is where visitors are sent who must log in: a path, an address, or a route's name.
	// Empty means "/accounts/login/".
	LoginURL string
	// LoginRedirectURL is where a log-in leads without a `next`; empty means "/accounts/profile/".
	LoginRedirectURL string
	// LogoutRedirectURL is where a log-out leads; empty shows a page.
	LogoutRedirectURL string
	// RedirectField is the parameter that holds the address to come back to; empty means "next".
	RedirectField string
	// ResetTimeout is how long a password reset link works; 0 means three days.
	ResetTimeout time.Duration
	// Cache keeps users and their permissions in memory until they change; see package changes for
	// what that means. It must hear of the database of Users. nil takes the project's,
	// core.Settings.Cache, and without that one every request reads its user from the database. Users
	// that a program looks up by itself are always read. Only ModelBackend and what embeds it make
	// use of it.
	Cache *changes.Feed
	// Log takes what nobody is told otherwise, such as a mail that could not be sent; nil means the
	// project's.
	Log *slog.Logger
}

// Auth is the service: it knows the backends, logs in and out, and guards handlers. It is made by
// [New] and safe for concurrent use once the project is ready.
type Auth struct {
	cfg      Config
	users    *Users
	groups   *Groups
	backends []Backend
	keys     signing.Keys
	binds    []*signing.SaltedKey // one of each key, for what binds a session to a password
	project  projectFacts
	remote   []RemoteUser // what RemoteUserMiddleware was called with, for the checks
	uncached error        // why users are not kept although there is a feed

	loggedIn    signals.Signal[LoggedIn]
	loggedOut   signals.Signal[LoggedOut]
	loginFailed signals.Signal[LoginFailed]
}

// New returns the service. It does no I/O and does not fail; mistakes are found by the system
// checks before any command runs.
func New(c Config) *Auth {
	if c.LoginURL == "" {
		c.LoginURL = "/accounts/login/"
	}
	if c.LoginRedirectURL == "" {
		c.LoginRedirectURL = "/accounts/profile/"
	}
	if c.RedirectField == "" {
		c.RedirectField = "next"
	}
	if c.Hashers != nil {
		c.Users.hashers = c.Hashers
	}
	if c.Validators != nil {
		c.Users.validators = c.Validators
	}
	if c.Backends == nil {
		c.Backends = []Backend{&ModelBackend{}}
	}
	a := &Auth{cfg: c, users: c.Users, groups: NewGroups(c.Users.db), backends: c.Backends}
	a.useKeys(c.Keys)
	for _, b := range a.backends {
		if t, ok := b.(usersTaker); ok {
			t.takeUsers(c.Users)
		}
	}
	a.useFeed(c.Cache)
	return a
}

// Users returns the users of the project.
func (a *Auth) Users() *Users { return a.users }

// Groups returns the groups and permissions of the project.
func (a *Auth) Groups() *Groups { return a.groups }

// Config returns the configuration with its defaults filled in.
func (a *Auth) Config() Config { return a.cfg }

// Backends returns the backends in order.
func (a *Auth) Backends() []Backend { return slices.Clone(a.backends) }

// LoggedIn is sent by Login, when the session and last_login are set.
func (a *Auth) LoggedIn() *signals.Signal[LoggedIn] { return &a.loggedIn }

// LoggedOut is sent by Logout, before the session is flushed.
func (a *Auth) LoggedOut() *signals.Signal[LoggedOut] { return &a.loggedOut }

// LoginFailed is sent by Authenticate when no backend knew the credentials.
func (a *Auth) LoginFailed() *signals.Signal[LoginFailed] { return &a.loginFailed }

// LoggedIn tells that a user was logged in.
type LoggedIn struct {
	Request *http.Request
	User    Account
}

// LoggedOut tells that a session ends. User is nil when nobody was logged in.
type LoggedOut struct {
	Request *http.Request
	User    Account
}

// LoginFailed tells that no backend knew the credentials, whose secrets are replaced by
// asterisks. Request may be nil.
type LoginFailed struct {
	Request     *http.Request
	Credentials map[string]string
}

// ErrNoBackends says that there is nobody to ask.
var ErrNoBackends = errors.New("auth: no backends are configured: leave Config.Backends nil for the default one")

// Authenticate asks the backends in order who the credentials belong to. It returns (nil, nil)
// when none of them knows. Any other error means that it could not be found out, a backend's
// database being gone or too many hashes waiting, and is not "no". r may be nil.
func (a *Auth) Authenticate(ctx context.Context, r *http.Request, c Credentials) (Account, error) {
	if len(a.backends) == 0 {
		return nil, ErrNoBackends
	}
	for _, b := range a.backends {
		u, err := b.Authenticate(ctx, r, c)
		if errors.Is(err, ErrPermissionDenied) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("auth: backend %s: %w", b.Name(), err)
		}
		if !isNobody(u) {
			u.base().state.backend = b.Name()
			return u, nil
		}
	}
	return nil, a.loginFailed.Send(ctx, LoginFailed{Request: r, Credentials: CleanCredentials(c)})
}

// isNobody reports whether a backend's answer is no user: nil, a nil pointer or a visitor.
func isNobody(u Account) bool {
	if u == nil {
		return true
	}
	v := reflect.ValueOf(u)
	return (v.Kind() == reflect.Pointer && v.IsNil()) || u.IsAnonymous()
}

// backend returns the backend of a name, nil when it is not configured.
func (a *Auth) backend(name string) Backend {
	for _, b := range a.backends {
		if b.Name() == name {
			return b
		}
	}
	return nil
}
