package djangocheck_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/djangocheck"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/internal/testdb"
	"github.com/uptrace/bun"
)

// TestFits: nothing is found in a database where all is well.
func TestFits(t *testing.T) {
	t.Parallel()
	plain.Each(t, func(t *testing.T, s *authtest.Site) {
		now := time.Now()
		u := addUser(t, s, "carla", pbkdf2("1000"), now)
		addUser(t, s, "remote", "", time.Time{})
		addUser(t, s, "gone", "!unusable", now)
		addSession(t, s.DB(), "one", coretest.Key, now, loggedIn(s.Auth.Users().PK(u), auth.ModelBackendName))
		addSession(t, s.DB(), "two", coretest.Key, now, map[string]int{"cart": 3})
		want(t, rebuilt(t, s, options{}, nil).find(t, djangocheck.Options{}))
	})
}

// TestCommand: what is found is printed a line each, and counts for the exit status when it breaks.
func TestCommand(t *testing.T) {
	t.Parallel()
	plain.Each(t, func(t *testing.T, s *authtest.Site) {
		call := func(args ...string) (string, int) {
			t.Helper()
			var out bytes.Buffer
			err := rebuilt(t, s, options{}, nil).project.Call(t.Context(), &command.Env{Stdout: &out}, "djangocheck", args...)
			var exit *command.Exit
			switch {
			case errors.As(err, &exit):
				return out.String(), exit.Code
			case errors.Is(err, command.ErrUsage):
				return out.String(), 2
			case err != nil:
				t.Fatal(err)
			}
			return out.String(), 0
		}
		addUser(t, s, "carla", pbkdf2("77"), time.Now())
		out, code := call() // a warning and a remark
		if code != 0 || !strings.Contains(out, "WARNING (djangocheck.W032) Of the 1 users") ||
			!strings.HasSuffix(out, "0 error(s), 1 warning(s); looked at 1 users and 0 live sessions.\n") {
			t.Errorf("with a warning: exit status %d and %q", code, out)
		}
		addSession(t, s.DB(), "one", "another key", time.Now(), map[string]string{})
		out, code = call()
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if code != 1 || len(lines) != 3 || !strings.HasPrefix(lines[0], "ERROR (djangocheck.E042) 1 of 1 live sessions") || !strings.Contains(lines[0], " Fix: Set SECRET_KEY") {
			t.Errorf("with an error: exit status %d and %q, want status 1 and the error first", code, out)
		}
		for _, args := range [][]string{{"--django", "1.4"}, {"--sample", "0"}, {"extra"}} {
			if out, code := call(args...); code != 2 {
				t.Errorf("djangocheck %v: exit status %d and %q, want 2", args, code, out)
			}
		}
	})
}

// TestSampleIsBounded: no more is read than was asked for.
func TestSampleIsBounded(t *testing.T) {
	t.Parallel()
	plain.Each(t, func(t *testing.T, s *authtest.Site) {
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
			addUser(t, s, name, "crypt$$aaaaaaaaaaaaa", time.Time{})
			addSession(t, s.DB(), name, "another key", time.Now(), map[string]string{})
		}
		found := want(t, rebuilt(t, s, options{}, nil).find(t, djangocheck.Options{Sample: 4}), "E030", "E042")
		says(t, found["E030"], "4 of 4 users", "crypt", "hashers.Crypt{}")
		says(t, found["E042"], "4 of 4 live sessions")
	})
}

// TestNotReady: a checker outside of a project says so.
func TestNotReady(t *testing.T) {
	t.Parallel()
	s := plain.SQLite(t)
	if _, err := djangocheck.New(s.Auth).Find(t.Context(), djangocheck.Options{}); err == nil || !strings.Contains(err.Error(), "core.New") {
		t.Errorf("Find without a project = %v, want an error that says what to do", err)
	}
}

// TestEmptyDatabase: no tables of Django's at all.
func TestEmptyDatabase(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		execute(t, db, "CREATE TABLE stock (id integer NOT NULL PRIMARY KEY)")
		made, err := build(core.Settings{DB: db, Keys: []string{coretest.Key}}, options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := made.project.Ready(); err != nil {
			t.Fatal(err)
		}
		found := want(t, made.find(t, djangocheck.Options{}), "E001")
		says(t, found["E001"], "1 others", "DATABASE_URL")
	})
}
