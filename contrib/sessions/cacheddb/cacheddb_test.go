package cacheddb_test

import (
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/cacheddb"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	sessionstest.TestStore(t, func(*testing.T) sessions.Store {
		return cacheddb.New(memstore.New(), cacheddb.Config{Cache: cacheddb.NewMemory(100)})
	}, sessionstest.Options{
		WithKeys: func(_ *testing.T, newKey func() string) sessions.Store {
			return cacheddb.New(&memstore.Store{NewKey: newKey}, cacheddb.Config{Cache: cacheddb.NewMemory(100)})
		},
	})
}
