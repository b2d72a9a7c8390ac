package csrf_test

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/csrf"
)

// TestLoginInMiddleware posts with a token while a middleware logs the visitor in, which rotates
// the secret before the check.
func TestLoginInMiddleware(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		class   string
		backend auth.RemoteUserBackend
		remote  auth.RemoteUser
		user    string
	}{
		{"RemoteUserTest", auth.RemoteUserBackend{}, auth.RemoteUser{}, "fakeuser"},
		{"RemoteUserNoCreateTest", auth.RemoteUserBackend{KnownOnly: true}, auth.RemoteUser{}, "AnonymousUser"},
		{"AllowAllUsersRemoteUserBackendTest", auth.RemoteUserBackend{ModelBackend: auth.ModelBackend{AllowInactive: true}}, auth.RemoteUser{}, "fakeuser"},
		{"RemoteUserCustomTest", customBackend(), auth.RemoteUser{}, "fakeuser"},
		{"CustomHeaderRemoteUserTest", auth.RemoteUserBackend{}, auth.RemoteUser{Header: "Authuser"}, "fakeuser"},
		{"PersistentRemoteUserTest", auth.RemoteUserBackend{}, auth.RemoteUser{Persistent: true}, "fakeuser"},
	} {
		t.Run("django/auth_tests/test_remote_user.py/"+tt.class+".test_csrf_validation_passes_after_process_request_login", func(t *testing.T) {
			t.Parallel()
			if tt.remote.Header == "" {
				tt.remote.Header = "X-Remote-User"
			}
			tt.remote.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // where httptest asks from
			project.Each(t, func(t *testing.T, s *coretest.Site) {
				backend := tt.backend // each project has its own
				p, err := newProject(s.Settings(), &csrf.Tokens{}, func(c *auth.Config) {
					c.Backends = []auth.Backend{&auth.ModelBackend{}, &backend}
				}, &tt.remote)
				if err != nil {
					t.Fatal(err)
				}
				b := s.On(t, p).Browser()
				b.Header = http.Header{http.CanonicalHeaderKey(tt.remote.Header): {"fakeuser"}}
				kept := csrf.NewSecret()
				b.SetCookie("csrftoken", csrf.Mask(kept))
				if got := b.Post(t, "/remote_user/", withToken("")); got.Status != 403 {
					t.Errorf("without a token: status %d, want 403", got.Status)
				}
				if tt.user == "fakeuser" && csrf.Unmask(b.Cookie("csrftoken")) == kept {
					t.Error("the log-in did not rotate the secret")
				}
				b = s.On(t, p).Browser()
				b.Header = http.Header{http.CanonicalHeaderKey(tt.remote.Header): {"fakeuser"}}
				b.SetCookie("csrftoken", csrf.Mask(kept))
				got := b.Post(t, "/remote_user/", withToken(csrf.Mask(kept)))
				if got.Status != 200 || !strings.Contains(got.Body, tt.user) {
					t.Errorf("with a token: status %d, body %.200q; want 200 and %s", got.Status, got.Body, tt.user)
				}
			})
		})
	}
}

// customBackend cuts names at the @ and fills in an address, as the one of Django's tests does.
func customBackend() auth.RemoteUserBackend {
	return auth.RemoteUserBackend{
		Clean: func(name string) string { name, _, _ = strings.Cut(name, "@"); return name },
		Configure: func(_ context.Context, r *http.Request, u auth.Account, created bool) error {
			if member, ok := u.(*auth.User); ok {
				member.Email = r.Header.Get("X-Remote-Email")
			}
			return nil
		},
	}
}
