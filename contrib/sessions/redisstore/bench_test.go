package redisstore_test

import (
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions/redisstore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
)

func BenchmarkRedis(b *testing.B) {
	client, prefix := connect(b)
	sessionstest.BenchmarkStore(b, redisstore.NewWith(client, redisstore.Config{Prefix: prefix}))
}
