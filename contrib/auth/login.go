package auth

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/signing"
)

// The names under which a log-in is kept in the session, as Django has them.
const (
	SessionUserID  = "_auth_user_id"
	SessionBackend = "_auth_user_backend"
	SessionHash    = "_auth_user_hash"
)

const sessionHashSalt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"

// ErrWhichBackend says that a log-in must name its backend: there are several, and the user was
// not authenticated by one of them.
var ErrWhichBackend = errors.New("auth: several backends are configured and the user was not authenticated by one: name the backend in LoginOptions")

// SessionHash returns what binds a user's sessions to the password: it changes with the password
// and with the key, so every other session ends.
func (a *Auth) SessionHash(u Account) string {
	if len(a.binds) == 0 {
		return hex.EncodeToString(signing.SaltedHMAC(sessionHashSalt, string(u.base().Password), ""))
	}
	return a.binds[0].Hex(string(u.base().Password))
}

// useKeys takes the keys, the first of which signs.
func (a *Auth) useKeys(keys signing.Keys) {
	a.keys, a.binds = keys, nil
	for _, key := range keys {
		a.binds = append(a.binds, signing.NewSaltedKey(sessionHashSalt, key))
	}
}

// LoginOptions change what Login does; the zero value is right for users from Authenticate.
type LoginOptions struct {
	// Backend names the backend whose user it is; empty takes the one that authenticated the
	// user, or the only one there is.
	Backend string
}

// Login makes a user the one of the request's session, from this request on. What an anonymous
// visitor had in the session stays, under a new key; the session of another user is flushed
// first. Form tokens shown before are worthless then. It sets last_login and sends LoggedIn. The
// session is saved when the answer begins.
func (a *Auth) Login(r *http.Request, u Account, o LoginOptions) error {
	ctx := r.Context()
	if isNobody(u) {
		return ErrAnonymous
	}
	if len(a.keys) == 0 {
		return errors.New("auth: there is no SECRET_KEY to bind the session to: pass the service's App to core.New")
	}
	backend, err := a.loginBackend(u, o)
	if err != nil {
		return err
	}
	s := sessions.Of(ctx)
	pk, hash := a.users.PK(u), a.SessionHash(u)
	if err := a.enterSession(ctx, s, pk, hash); err != nil {
		return err
	}
	for _, kv := range [][2]string{{SessionUserID, pk}, {SessionBackend, backend}, {SessionHash, hash}} {
		if err := s.Set(ctx, kv[0], kv[1]); err != nil {
			return err
		}
	}
	u.base().state.backend = backend
	setRequestUser(ctx, u)
	if err := csrf.Rotate(ctx); err != nil {
		return err
	}
	if err := a.touchLastLogin(ctx, u); err != nil {
		return err
	}
	return a.loggedIn.Send(ctx, LoggedIn{Request: r, User: u})
}

// loginBackend finds the backend that later requests will ask for the user.
func (a *Auth) loginBackend(u Account, o LoginOptions) (string, error) {
	name := o.Backend
	if name == "" {
		name = u.base().state.backend
	}
	if name == "" && len(a.backends) == 1 {
		name = a.backends[0].Name()
	}
	if name == "" {
		return "", ErrWhichBackend
	}
	if a.backend(name) == nil {
		return "", fmt.Errorf("auth: there is no backend %q in Config.Backends", name)
	}
	return name, nil
}

// enterSession makes the session fit for the user: another user's is flushed, as is one of the
// same user from before a change of password; an anonymous one gets a new key.
func (a *Auth) enterSession(ctx context.Context, s *sessions.Session, pk, hash string) error {
	taken, err := s.Has(ctx, SessionUserID)
	if err != nil {
		return err
	}
	if !taken {
		return s.CycleKey(ctx)
	}
	oldPK, _, err := s.Text(ctx, SessionUserID)
	if err != nil {
		return err
	}
	oldHash, _, err := s.Text(ctx, SessionHash)
	if err != nil {
		return err
	}
	if oldPK != pk || !signing.Equal(oldHash, hash) {
		return s.Flush(ctx)
	}
	return nil
}

// touchLastLogin writes the one column.
func (a *Auth) touchLastLogin(ctx context.Context, u Account) error {
	if a.users.model.table.LookupField("last_login") == nil {
		return nil
	}
	u.base().LastLogin = a.users.timestamp()
	return a.users.Save(ctx, u, "last_login")
}

// Logout ends the session with all its data, whoever is logged in or nobody, and sends LoggedOut
// before. The row is gone at once; the cookie is deleted with the answer. The error of a receiver
// is returned and keeps nobody logged in.
func (a *Auth) Logout(r *http.Request) error {
	ctx := r.Context()
	u, err := UserOf(ctx)
	if err != nil {
		return err
	}
	if u.IsAnonymous() {
		u = nil
	}
	told := a.loggedOut.SendRobust(ctx, LoggedOut{Request: r, User: u})
	if err := sessions.Of(ctx).Flush(ctx); err != nil {
		return errors.Join(told, err)
	}
	setRequestUser(ctx, &AnonymousUser{})
	return told
}

// KeepSession carries the request's session over a change of the user's password, which ends
// all others: it gets a new key and the new hash.
func (a *Auth) KeepSession(r *http.Request, u Account) error {
	ctx := r.Context()
	s := sessions.Of(ctx)
	if err := s.CycleKey(ctx); err != nil {
		return err
	}
	current, err := UserOf(ctx)
	if err != nil {
		return err
	}
	if a.users.PK(current) != a.users.PK(u) || current.IsAnonymous() {
		return nil
	}
	if err := s.Set(ctx, SessionHash, a.SessionHash(u)); err != nil {
		return err
	}
	setRequestUser(ctx, u)
	return nil
}

// sessionUser returns the user that the session names, or nil: nobody, a backend that is no
// longer configured, a user who is gone or inactive. A hash that does not fit flushes the session.
func (a *Auth) sessionUser(ctx context.Context, s *sessions.Session, forPermissions bool) (Account, error) {
	pk, found, err := s.Text(ctx, SessionUserID)
	if err != nil || !found {
		return nil, err
	}
	name, found, err := s.Text(ctx, SessionBackend)
	if err != nil || !found {
		return nil, err
	}
	b := a.backend(name)
	if b == nil {
		return nil, nil
	}
	u, err := loadUser(ctx, b, pk, forPermissions)
	if err != nil || u == nil {
		return nil, err
	}
	u.base().state.backend = name
	ok, err := a.verifySession(ctx, s, u)
	if err != nil || !ok {
		return nil, err
	}
	return u, nil
}

func loadUser(ctx context.Context, b Backend, pk string, forPermissions bool) (Account, error) {
	if l, ok := b.(PermissionLoader); ok {
		return l.LoadUser(ctx, pk, forPermissions)
	}
	return b.User(ctx, pk)
}

// verifySession compares the session's hash with the user's password as it is now. One that was
// made with a fallback key is renewed; any other, or none, ends the session.
func (a *Auth) verifySession(ctx context.Context, s *sessions.Session, u Account) (bool, error) {
	have, found, err := s.Text(ctx, SessionHash)
	if err != nil {
		return false, err
	}
	if found {
		for i, bind := range a.binds {
			if !signing.Equal(have, bind.Hex(string(u.base().Password))) {
				continue
			}
			if i == 0 {
				return true, nil
			}
			return true, s.RenewKey(ctx, SessionHash, a.SessionHash(u))
		}
	}
	return false, s.Flush(ctx)
}
