package redisstore_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/redisstore"
	"github.com/go-belleville/belleville/internal/sessioncases"
)

// The engine that Django calls cache. Its data are not signed.
var engine = sessioncases.Engine{Class: "CacheSessionTests", Each: func(t *testing.T, f func(t *testing.T, m sessioncases.Medium)) {
	client, prefix := connect(t)
	f(t, sessioncases.Medium{
		Store: redisstore.NewWith(client, redisstore.Config{Prefix: prefix}),
		Decode: func(t *testing.T, text string, log *slog.Logger) sessions.Data {
			key := sessions.NewKey()
			if err := errors.Join(client.HSet(t.Context(), prefix+key, "=a", text).Err(), client.Expire(t.Context(), prefix+key, 60e9).Err()); err != nil {
				t.Fatal(err)
			}
			r, err := redisstore.NewWith(client, redisstore.Config{Prefix: prefix, Log: log}).Load(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			return r.Data
		},
	})
}}

func TestDjango(t *testing.T) {
	t.Parallel()
	sessioncases.Run(t, engine)
	sessioncases.Case(t, engine, "test_load_overlong_key", func(t *testing.T, m sessioncases.Medium) {
		key := strings.Repeat("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 20)
		s := sessions.New(sessions.Config{Store: m.Store}).Open(key)
		if names, err := s.Names(t.Context()); len(names) != 0 || err != nil {
			t.Errorf("Names = %v, %v; want none", names, err)
		}
	})
	sessioncases.Case(t, engine, "test_create_and_save", func(t *testing.T, m sessioncases.Medium) {
		s := sessions.New(sessions.Config{Store: m.Store}).Open("")
		for range 2 { // the first creates it, the second saves it
			if err := errors.Join(s.MarkModified(t.Context()), s.Save(t.Context())); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := m.Store.Load(t.Context(), s.Key()); err != nil {
			t.Errorf("Load = %v, want the session", err)
		}
	})
}

// TestDjangoPrefix stands for the cases of the cache that sessions are kept in: here a prefix.
func TestDjangoPrefix(t *testing.T) {
	t.Parallel()
	kept := func(t *testing.T, prefix, other string) {
		client, own := connect(t)
		sess := sessions.New(sessions.Config{Store: redisstore.NewWith(client, redisstore.Config{Prefix: own + prefix})})
		s := sess.Open("")
		if err := errors.Join(s.MarkModified(t.Context()), s.Save(t.Context())); err != nil {
			t.Fatal(err)
		}
		if n, err := client.Exists(t.Context(), own+prefix+s.Key()).Result(); n != 1 || err != nil {
			t.Errorf("%d keys with the prefix %q, %v; want one", n, prefix, err)
		}
		if n, err := client.Exists(t.Context(), own+other+s.Key()).Result(); n != 0 || err != nil {
			t.Errorf("%d keys with the prefix %q, %v; want none", n, other, err)
		}
	}
	const file = "django/sessions_tests/tests.py/CacheSessionTests."
	t.Run(file+"test_default_cache", func(t *testing.T) { kept(t, redisstore.Prefix, "other") })
	t.Run(file+"test_non_default_cache", func(t *testing.T) { kept(t, "other", redisstore.Prefix) })
}
