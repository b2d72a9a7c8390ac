package memstore_test

import (
	"log/slog"
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/sessioncases"
)

// TestCases runs the cases of Django's engines, though Django has no engine like this.
func TestCases(t *testing.T) {
	t.Parallel()
	sessioncases.Run(t, sessioncases.Engine{Each: func(t *testing.T, f func(t *testing.T, m sessioncases.Medium)) {
		f(t, sessioncases.Medium{Store: memstore.New(), Decode: func(t *testing.T, text string, log *slog.Logger) sessions.Data {
			return sessions.NewCodec(signing.Keys{sessioncases.Key}, "", nil, log).Decode(t.Context(), text)
		}})
	}, Salt: sessions.Salt})
}
