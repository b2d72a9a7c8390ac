package cookiestore_test

import (
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions/cookiestore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
	"github.com/go-belleville/belleville/core/signing"
)

func BenchmarkCookie(b *testing.B) {
	sessionstest.BenchmarkStore(b, cookiestore.New(signing.Keys{key}))
}
