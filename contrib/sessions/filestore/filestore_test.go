package filestore_test

import (
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/filestore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	sessionstest.TestStore(t, func(t *testing.T) sessions.Store { return filestore.New(t.TempDir(), keys) }, sessionstest.Options{
		WithKeys: func(t *testing.T, newKey func() string) sessions.Store {
			return filestore.NewWith(t.TempDir(), keys, filestore.Config{NewKey: newKey})
		},
	})
}
