package redisstore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/redisstore"
)

// losing is a connection that, when armed, breaks instead of handing over the answer to a script.
type losing struct {
	net.Conn
	armed *atomic.Bool
	asked bool
}

func (c *losing) Write(p []byte) (int, error) {
	c.asked = bytes.Contains(bytes.ToLower(p), []byte("evalsha"))
	return c.Conn.Write(p)
}

func (c *losing) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.asked && c.armed.CompareAndSwap(true, false) {
		c.Conn.Close()
		return 0, io.EOF
	}
	return n, err
}

// TestLostAnswers breaks the connection after Redis has done what it was asked and before it could
// say so. The client asks again, and nothing is done twice.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	_, prefix := connect(t)
	armed := new(atomic.Bool)
	client := redis.NewClient(&redis.Options{Addr: address, MaxRetries: 2, Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return &losing{Conn: conn, armed: armed}, err
	}})
	t.Cleanup(func() { client.Close() })
	store := redisstore.NewWith(client, redisstore.Config{Prefix: prefix})
	later := time.Now().Add(time.Hour)
	rec := sessions.Record{Data: sessions.Data{"who": json.RawMessage(`"ada"`)}, Expires: later}
	keys := func() (all []string) {
		for e, err := range store.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, e.Key)
		}
		return all
	}
	warm, err := store.Create(t.Context(), rec) // makes Redis know the script
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Delete(t.Context(), warm); err != nil {
		t.Fatal(err)
	}
	armed.Store(true)
	key, err := store.Create(t.Context(), rec)
	if got := keys(); err != nil || armed.Load() || len(got) != 1 || got[0] != key {
		t.Fatalf("Create with a lost answer: key %q, %v; the store has %q, want that one (lost: %v)", key, err, got, !armed.Load())
	}
	if _, err := store.Update(t.Context(), key, rec, sessions.Change{Expires: later}); err != nil {
		t.Fatal(err)
	}
	armed.Store(true)
	fresh, err := store.Update(t.Context(), key, rec, sessions.Change{Expires: later, NewKey: true})
	if got := keys(); err != nil || armed.Load() || len(got) != 1 || got[0] != fresh || fresh == key {
		t.Errorf("a new key with a lost answer: %q, %v; the store has %q, want that one (lost: %v)", fresh, err, got, !armed.Load())
	}
}
