package filestore_test

import (
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/filestore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
	"github.com/go-belleville/belleville/core/signing"
)

const key = "a-key-for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz"

func TestStore(t *testing.T) {
	t.Parallel()
	sessionstest.TestStore(t, func(t *testing.T) sessions.Store { return filestore.New(t.TempDir(), signing.Keys{key}) }, sessionstest.Options{
		WithKeys: func(t *testing.T, newKey func() string) sessions.Store {
			return filestore.NewWith(t.TempDir(), signing.Keys{key}, filestore.Config{NewKey: newKey})
		},
	})
}
