package redisstore_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/cacheddb"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/contrib/sessions/redisstore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
)

const address = "127.0.0.1:6379"

// connect returns a client and a prefix of the test's own, whose keys are deleted afterwards.
func connect(t testing.TB) (redis.UniversalClient, string) {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: address, MaxRetries: 1, DialTimeout: 2 * time.Second})
	t.Cleanup(func() { client.Close() })
	if err := client.Ping(t.Context()).Err(); err != nil {
		if os.Getenv("REQUIRE_REDIS") == "1" {
			t.Fatalf("REQUIRE_REDIS=1, but there is no Redis for the tests on %s: %v", address, err)
		}
		t.Skipf("not tested with Redis: none answers on %s (%v)", address, err)
	}
	prefix := "belleville-test:" + sessions.NewKey() + ":"
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		scan := client.Scan(ctx, 0, prefix+"*", 1000).Iterator()
		for scan.Next(ctx) {
			client.Del(ctx, scan.Val())
		}
	})
	return client, prefix
}

func newStore(t *testing.T, newKey func() string) sessions.Store {
	client, prefix := connect(t)
	return redisstore.NewWith(client, redisstore.Config{Prefix: prefix, NewKey: newKey})
}

func TestStore(t *testing.T) {
	t.Parallel()
	sessionstest.TestStore(t, func(t *testing.T) sessions.Store { return newStore(t, nil) }, sessionstest.Options{WithKeys: newStore})
}

// TestCachedStore has the cache in Redis in front of another store.
func TestCachedStore(t *testing.T) {
	t.Parallel()
	cached := func(t *testing.T, newKey func() string) sessions.Store {
		client, prefix := connect(t)
		return cacheddb.New(&memstore.Store{NewKey: newKey}, cacheddb.Config{Cache: redisstore.NewCache(client, prefix)})
	}
	sessionstest.TestStore(t, func(t *testing.T) sessions.Store { return cached(t, nil) }, sessionstest.Options{WithKeys: cached})
}

// TestNeighbours keeps what cacheddb caches beside sessions, under a prefix that begins alike.
func TestNeighbours(t *testing.T) {
	t.Parallel()
	client, prefix := connect(t)
	own := redisstore.NewWith(client, redisstore.Config{Prefix: prefix + redisstore.Prefix})
	cached := cacheddb.New(memstore.New(), cacheddb.Config{Cache: redisstore.NewCache(client, prefix)})
	r := sessions.Record{Data: sessions.Data{"a": []byte("1")}, Expires: time.Now().Add(time.Hour)}
	key, err := own.Create(t.Context(), r)
	other, err2 := cached.Create(t.Context(), r)
	if err = errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for e, err := range own.All(t.Context()) {
		if e.Key != key || err != nil {
			t.Errorf("All yields %q, %v; want %q alone", e.Key, err, key)
		}
	}
	foreign := "d_db" + other // with the prefix the name of what is cached
	if _, err := own.Load(t.Context(), foreign); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("Load of a neighbour's key = %v, want ErrNotFound", err)
	}
	if err := own.Delete(t.Context(), foreign); err != nil {
		t.Errorf("Delete of a neighbour's key = %v", err)
	}
	if n, err := client.Exists(t.Context(), prefix+"django.contrib.sessions.cached_db"+other).Result(); n != 1 || err != nil {
		t.Errorf("what the neighbour cached: %d, %v; want it there", n, err)
	}
}
