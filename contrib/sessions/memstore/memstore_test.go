package memstore_test

import (
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	sessionstest.TestStore(t, func(*testing.T) sessions.Store { return memstore.New() }, sessionstest.Options{
		WithKeys: func(_ *testing.T, newKey func() string) sessions.Store { return &memstore.Store{NewKey: newKey} },
	})
}
