package redisstore_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/redisstore"
	"github.com/go-belleville/belleville/core/changes"
)

// process is one of several that share a Redis: its own client, store and memory.
type process struct {
	client redis.UniversalClient
	feed   *changes.Feed
	*sessions.Sessions
}

func newProcess(t *testing.T, prefix string) *process {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: address, MaxRetries: 1, ClientName: prefix})
	t.Cleanup(func() { client.Close() })
	feed := redisstore.NewFeed(client, changes.Config{Channel: prefix, Age: time.Hour, Log: slog.New(slog.DiscardHandler)})
	store := redisstore.NewWith(client, redisstore.Config{Prefix: prefix})
	return &process{client, feed, sessions.New(sessions.Config{Store: store, Cache: feed})}
}

func (p *process) start(t *testing.T) {
	t.Helper()
	if err := p.feed.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.feed.Close(context.Background()) })
	waitFor(t, "the feed is up", func() bool { return p.feed.Stats().Up })
}

// read returns a value of a session as the process knows it, and whether it came from memory.
func (p *process) read(t *testing.T, key string) (value string, memory bool) {
	t.Helper()
	before := p.feed.Stats().Hits
	value, _, err := sessions.Get[string](t.Context(), p.Open(key), "name")
	if err != nil {
		t.Fatal(err)
	}
	return value, p.feed.Stats().Hits > before
}

func (p *process) write(t *testing.T, key, value string) string {
	t.Helper()
	s := p.Open(key)
	if err := errors.Join(s.Set(t.Context(), "name", value), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	return s.Key()
}

func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within half a minute: %s", what)
		}
	}
}

// TestFeed changes sessions in one process and waits for another, which keeps them for an hour, to
// see it: with the subscription up, and again after it was killed.
func TestFeed(t *testing.T) {
	t.Parallel()
	admin, prefix := connect(t)
	here, there := newProcess(t, prefix), newProcess(t, prefix)
	here.start(t)
	key := there.write(t, "", "ada")
	warm := func(want string) {
		t.Helper()
		waitFor(t, "the session is read from memory", func() bool {
			got, memory := here.read(t, key)
			return memory && got == want
		})
	}
	for _, name := range []string{"bob", "eve"} {
		warm(map[string]string{"bob": "ada", "eve": "bob"}[name])
		there.write(t, key, name)
		warm(name)
		downs := here.feed.Stats().Downs
		killSubscriptions(t, admin, prefix)
		there.write(t, key, name+"!")
		waitFor(t, "a change while the subscription was down is seen", func() bool { got, _ := here.read(t, key); return got == name+"!" })
		waitFor(t, "the feed is up again", func() bool { s := here.feed.Stats(); return s.Up && s.Downs > downs })
		there.write(t, key, name)
	}
	warm("eve")
	here.write(t, key, "own")
	if got, _ := here.read(t, key); got != "own" {
		t.Errorf("after a change of its own the process reads %q, want own", got)
	}
	warm("own")
	if err := there.Open(key).Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the session is gone", func() bool { got, _ := here.read(t, key); return got == "" })
}

// killSubscriptions ends the connections of a name that listen, from the server's side.
func killSubscriptions(t *testing.T, admin redis.UniversalClient, name string) {
	t.Helper()
	list, err := admin.Do(t.Context(), "CLIENT", "LIST", "TYPE", "pubsub").Text()
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for line := range strings.Lines(list) {
		if !strings.Contains(line, " name="+name+" ") {
			continue
		}
		id := strings.TrimPrefix(strings.Fields(line)[0], "id=")
		if err := admin.Do(t.Context(), "CLIENT", "KILL", "ID", id).Err(); err != nil {
			t.Fatal(err)
		}
		killed++
	}
	if killed != 1 {
		t.Fatalf("%d subscriptions were killed, want 1", killed)
	}
}

// TestFeedOfAnother: a store does not tell a feed that does not listen to its Redis.
func TestFeedOfAnother(t *testing.T) {
	t.Parallel()
	one, two := newProcess(t, "one"), newProcess(t, "two")
	store := one.Store().(*redisstore.Store)
	if store.TellTo(two.feed) == nil || store.TellTo(changes.New(changes.Config{})) == nil {
		t.Error("the store tells feeds that hear of other changes than its own")
	}
	if err := store.TellTo(one.feed); err != nil {
		t.Errorf("the store refuses its own feed: %v", err)
	}
}
