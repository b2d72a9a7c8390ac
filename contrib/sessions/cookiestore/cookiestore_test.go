package cookiestore_test

import (
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/cookiestore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
	"github.com/go-belleville/belleville/core/signing"
)

const key = "a-key-for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz"

func TestStore(t *testing.T) {
	t.Parallel()
	sessionstest.TestStore(t, func(*testing.T) sessions.Store { return cookiestore.New(signing.Keys{key}) },
		sessionstest.Options{InCookie: true, MaxBytes: 3000})
}
