package filestore_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/filestore"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/sessioncases"
)

var keys = signing.Keys{sessioncases.Key}

var engine = sessioncases.Engine{
	Class: "FileSessionTests", Salt: sessions.Salt,
	Each: func(t *testing.T, f func(t *testing.T, m sessioncases.Medium)) {
		dir := t.TempDir()
		f(t, sessioncases.Medium{
			Store: filestore.New(dir, keys),
			Decode: func(t *testing.T, text string, log *slog.Logger) sessions.Data {
				key := sessions.NewKey()
				if err := os.WriteFile(filepath.Join(dir, "sessionid"+key), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				r, err := filestore.NewWith(dir, keys, filestore.Config{Log: log}).Load(t.Context(), key)
				if err != nil {
					t.Fatal(err)
				}
				return r.Data
			},
		})
	},
}

func TestDjango(t *testing.T) {
	t.Parallel()
	sessioncases.Run(t, engine)
	sessioncases.Case(t, engine, "test_configuration_check", func(t *testing.T, _ sessioncases.Medium) {
		sess := sessions.New(sessions.Config{Store: filestore.New("/if/this/directory/exists/you/have/a/weird/computer", keys)})
		found := ""
		for _, c := range sess.App().Checks {
			for _, m := range c.Run(t.Context()) {
				found += m.String() + "\n"
			}
		}
		if !strings.Contains(found, "sessions.E008") || !strings.Contains(found, "weird/computer") {
			t.Errorf("the checks find %q, want the folder that is not there", found)
		}
	})
	sessioncases.Case(t, engine, "test_invalid_key_backslash", func(t *testing.T, m sessioncases.Medium) { refusesKey(t, m.Store, `a\b\c`) })
	sessioncases.Case(t, engine, "test_invalid_key_forwardslash", func(t *testing.T, m sessioncases.Medium) { refusesKey(t, m.Store, "a/b/c") })
	sessioncases.Case(t, engine, "test_clearsessions_command", testClearSessions)
}

func refusesKey(t *testing.T, s sessions.Store, key string) {
	t.Helper()
	if _, err := s.Load(t.Context(), key); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("Load(%q) = %v, want ErrNotFound", key, err)
	}
	dir := t.TempDir()
	if _, err := filestore.NewWith(dir, keys, filestore.Config{NewKey: func() string { return key }}).
		Create(t.Context(), sessions.Record{Expires: time.Now().Add(time.Hour)}); !errors.Is(err, filestore.ErrKey) {
		t.Errorf("Create with the key %q = %v, want ErrKey", key, err)
	}
}

// testClearSessions has one session in the future, one in the past, and one whose end is now because
// the project lets sessions live no time at all.
func testClearSessions(t *testing.T, _ sessioncases.Medium) {
	dir := t.TempDir()
	files := func() int {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(dir, "sessionid*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	sess := sessions.New(sessions.Config{
		Store: filestore.NewWith(dir, keys, filestore.Config{Age: time.Nanosecond}), CookieAge: time.Nanosecond,
	})
	for _, life := range []time.Duration{time.Hour, -time.Hour, 0} {
		s := sess.Open("")
		if err := s.Set(t.Context(), "foo", "bar"); err != nil {
			t.Fatal(err)
		}
		if life != 0 {
			if err := s.SetExpiry(t.Context(), life); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Save(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if files() != 3 {
		t.Errorf("%d files before, want 3", files())
	}
	var out bytes.Buffer
	if err := sess.App().Commands[0].Execute(t.Context(), &command.Env{Stdout: &out}, nil); err != nil {
		t.Fatal(err)
	}
	if files() != 1 || !strings.Contains(out.String(), "2 expired session(s) deleted") {
		t.Errorf("%d files after clearsessions, which says %q; want one left", files(), out.String())
	}
}
