package sessions

import (
	"context"

	"github.com/go-belleville/belleville/core/csrf"
)

// ForCSRF returns the request's session as a place for the secret behind form tokens, Django's
// CSRF_USE_SESSIONS:
//
//	s.CSRF = &csrf.Tokens{Session: sessions.ForCSRF}
//
// The value is "_csrftoken". Visitors who are shown a form then have a session from there on.
func ForCSRF(ctx context.Context) csrf.Session { return Of(ctx) }

var _ csrf.Session = (*Session)(nil)
