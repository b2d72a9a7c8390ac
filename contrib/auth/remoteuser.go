package auth

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-belleville/belleville/core/web"
)

// RemoteUser says where the name of a user comes from whom the server in front has authenticated.
// There are no defaults: whose header is believed decides who can be anybody.
type RemoteUser struct {
	// Header is the name of the header, such as "X-Remote-User". The server in front must remove
	// it from what clients send, under every spelling that it passes on.
	Header string
	// Proxies are the addresses of the servers in front; the header of anybody else is ignored.
	Proxies []netip.Prefix
	// UnixSocket believes whoever connects through a Unix socket.
	UnixSocket bool
	// Persistent keeps users logged in when a request comes without the header, for servers that
	// send it on one page only. Otherwise they are logged out by the first such request.
	Persistent bool
}

// RemoteUserMiddleware logs users in whom the server in front names in a header, and out when it
// names them no longer or names another. It belongs into the Middleware of an app that comes after
// auth, and needs a [RemoteUserBackend] among the backends:
//
//	core.App{Label: "sso", Requires: []string{"auth"}, Middleware: []web.Middleware{
//		a.RemoteUserMiddleware(auth.RemoteUser{
//			Header: "X-Remote-User", Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.5/32")},
//		}),
//	}}
//
// Users who logged in by another backend are left alone by a request without the header. A request
// whose header comes twice, or besides in another spelling (Remote_User for Remote-User), is
// answered with 400: one of them may have slipped past the server. Every request with a session
// costs the two queries of finding its user, permissions included.
func (a *Auth) RemoteUserMiddleware(c RemoteUser) web.Middleware {
	c.Header = http.CanonicalHeaderKey(c.Header)
	c.Proxies = slices.Clone(c.Proxies)
	a.remote = append(a.remote, c)
	return func(next http.Handler) http.Handler { return &remoteUser{a, c, next} }
}

type remoteUser struct {
	auth   *Auth
	config RemoteUser
	next   http.Handler
}

// Unwrap lets the router look through.
func (h *remoteUser) Unwrap() http.Handler { return h.next }

func (h *remoteUser) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// It is not known yet which page it will be, so the permissions are read at once.
	r = r.WithContext(context.WithValue(r.Context(), wantsPermissionsKey{}, true))
	if err := h.enter(r); err != nil {
		web.Error(w, r, err)
		return
	}
	h.next.ServeHTTP(w, r)
}

// enter makes the request's user the one whom the header names.
func (h *remoteUser) enter(r *http.Request) error {
	name, sent, err := h.config.read(r)
	if err != nil {
		return err
	}
	u, err := UserOf(r.Context())
	if err != nil {
		return err
	}
	if !sent {
		if h.config.Persistent {
			return nil
		}
		return h.leave(r, u)
	}
	if u.IsAuthenticated() {
		if h.auth.users.Username(u) == h.clean(u, name) {
			return nil
		}
		if err := h.leave(r, u); err != nil {
			return err
		}
	}
	u, err = h.auth.Authenticate(r.Context(), r, RemoteUserCredentials{Username: name})
	if err != nil || u == nil {
		return err
	}
	return h.auth.Login(r, u, LoginOptions{})
}

// leave logs a user out who came by way of a header.
func (h *remoteUser) leave(r *http.Request, u Account) error {
	if !u.IsAuthenticated() {
		return nil
	}
	if _, ok := h.auth.backend(u.base().Backend()).(UsernameCleaner); !ok {
		return nil
	}
	return h.auth.Logout(r)
}

// clean is the name as the backend of the user's session stores it.
func (h *remoteUser) clean(u Account, name string) string {
	if c, ok := h.auth.backend(u.base().Backend()).(UsernameCleaner); ok {
		return c.CleanUsername(name)
	}
	return name
}

// read returns the name in the header; sent is false when nobody who is believed has sent one.
func (c *RemoteUser) read(r *http.Request) (name string, sent bool, err error) {
	if !c.believes(r.RemoteAddr) {
		return "", false, nil
	}
	wanted := spelling(c.Header)
	for key := range r.Header {
		if key != c.Header && spelling(key) == wanted {
			return "", false, web.BadRequest("This request names its user twice, or in a misleading way.")
		}
	}
	switch values := r.Header[c.Header]; len(values) {
	case 0:
		return "", false, nil
	case 1:
		return values[0], true, nil
	}
	return "", false, web.BadRequest("This request names its user twice, or in a misleading way.")
}

// spelling is equal for headers that a server may take for one: CGI makes "_" of "-", and of
// small letters capitals.
func spelling(header string) string { return strings.ToLower(strings.ReplaceAll(header, "_", "-")) }

// believes reports whether the peer is one of the servers in front.
func (c *RemoteUser) believes(peer string) bool {
	if peer == "" || peer == "@" || strings.HasPrefix(peer, "/") {
		return c.UnixSocket
	}
	at, err := netip.ParseAddrPort(peer)
	if err != nil {
		return false
	}
	addr := at.Addr().Unmap().WithZone("")
	return slices.ContainsFunc(c.Proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}
