package coretest

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/changes"
)

// cacheAge is how long the sites under test keep what nobody says has changed: longer than any
// test, so that what goes stale is found.
const cacheAge = time.Hour

// withCache gives a site a cache when TEST_CACHE=1 and the test gives it none.
func withCache(s *core.Settings) {
	if os.Getenv("TEST_CACHE") == "1" && s.Cache == nil {
		s.Cache = changes.New(changes.Config{DB: s.DB, Age: cacheAge, Log: slog.New(slog.DiscardHandler)})
	}
}

// startCache waits until the cache is on, as it is in a server that has run for a second.
func startCache(t *testing.T, feed *changes.Feed) {
	t.Helper()
	if feed == nil {
		return
	}
	if err := feed.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := feed.Close(ctx); err != nil {
			t.Errorf("closing the cache: %v", err)
		}
	})
	WaitFor(t, "the cache is on", func() bool { return feed.Stats().Up })
}

// WaitFor asks again and again until something holds, and fails the test when it does not within
// half a minute: for what another process will hear of after a while.
func WaitFor(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within half a minute: %s", what)
		}
	}
}
