package cookiestore_test

import (
	"log/slog"
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/cookiestore"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/sessioncases"
)

func TestDjango(t *testing.T) {
	t.Parallel()
	sessioncases.Run(t, sessioncases.Engine{
		Class: "CookieSessionTests", Salt: cookiestore.Salt, InCookie: true,
		Each: func(t *testing.T, f func(t *testing.T, m sessioncases.Medium)) {
			f(t, sessioncases.Medium{
				Store: cookiestore.New(signing.Keys{sessioncases.Key}),
				// A cookie that cannot be read is a visitor without a session, which nobody logs.
				Decode: func(t *testing.T, text string, log *slog.Logger) sessions.Data {
					return sessions.NewCodec(signing.Keys{sessioncases.Key}, cookiestore.Salt, nil, log).Decode(t.Context(), text)
				},
			})
		},
	})
}
