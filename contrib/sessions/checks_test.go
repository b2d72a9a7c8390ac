package sessions_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/core/command"
)

// messages returns the ids of what the checks find.
func messages(t *testing.T, c sessions.Config, deploy bool) string {
	t.Helper()
	var ids []string
	for _, check := range sessions.New(c).App().Checks {
		if !check.Deploy || deploy {
			for _, m := range check.Run(t.Context()) {
				ids = append(ids, m.ID)
			}
		}
	}
	return strings.Join(ids, " ")
}

func TestChecks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		config sessions.Config
		deploy bool
		want   string
	}{
		{"the defaults", sessions.Config{}, false, ""},
		{"the defaults, deployed", sessions.Config{}, true, "security.W012"},
		{"https alone, deployed", sessions.Config{HostPrefix: true}, true, ""},
		{"scripts", sessions.Config{CookieSecure: true, CookieScripts: true}, true, "security.W015"},
		{"a name that is no name", sessions.Config{CookieName: "a b"}, false, "sessions.E002"},
		{"a domain that is none", sessions.Config{CookieDomain: "exa mple"}, false, "sessions.E002"},
		{"a path that is none", sessions.Config{CookiePath: "app"}, false, "sessions.E003"},
		{"no life", sessions.Config{CookieAge: -time.Hour}, false, "sessions.E004"},
		{"SameSite=None", sessions.Config{CookieSameSite: http.SameSiteNoneMode}, false, "sessions.E005"},
		{"SameSite=None with https", sessions.Config{CookieSameSite: http.SameSiteNoneMode, CookieSecure: true}, false, ""},
		{"__Host- and a domain", sessions.Config{HostPrefix: true, CookieDomain: "example.com"}, false, "sessions.E006"},
		{"__Host- and a path", sessions.Config{HostPrefix: true, CookiePath: "/app/"}, false, "sessions.E006"},
		{"__Host- by hand", sessions.Config{CookieName: "__Host-id"}, false, "sessions.E007"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.config.Store = memstore.New()
			if got := messages(t, tt.config, tt.deploy); got != tt.want {
				t.Errorf("the checks find %q, want %q", got, tt.want)
			}
		})
	}
	if got := messages(t, sessions.Config{}, false); got != "sessions.E001" {
		t.Errorf("without a store the checks find %q, want sessions.E001", got)
	}
}

// clear runs clearsessions on a store.
func clear(t *testing.T, ctx context.Context, s sessions.Store, ask command.Prompter) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	env := &command.Env{Stdout: &out, Stderr: &errs, Prompter: ask}
	err = sessions.New(sessions.Config{Store: s}).App().Commands[0].Execute(ctx, env, nil)
	return out.String(), errs.String(), err
}

func TestDjangoClear(t *testing.T) {
	t.Parallel()
	t.Run("django/sessions_tests/tests.py/ClearSessionsCommandTests.test_clearsessions_unsupported", func(t *testing.T) {
		_, _, err := clear(t, t.Context(), struct{ sessions.Store }{memstore.New()}, nil)
		if err == nil || !strings.Contains(err.Error(), "clear") {
			t.Errorf("clearsessions of a store that cannot = %v, want an error", err)
		}
	})
}

// steps is a store that deletes a session a step, until its context ends.
type steps struct {
	sessions.Store
	left int
	stop func()
}

func (s *steps) DeleteExpired(ctx context.Context, _ time.Time, progress func(int64)) (n int64, err error) {
	for ; s.left > 0; s.left-- {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		if n++; progress != nil {
			progress(n)
		}
		if n == 3 && s.stop != nil {
			s.stop()
		}
	}
	return n, nil
}

// terminal is somebody at a terminal.
type terminal struct{ command.Prompter }

func (terminal) Interactive() bool { return true }

func TestClearProgress(t *testing.T) {
	t.Parallel()
	out, progress, err := clear(t, t.Context(), &steps{left: 4}, terminal{})
	if err != nil || !strings.Contains(out, "4 expired session(s) deleted.") || !strings.Contains(progress, "\r3 ") {
		t.Errorf("stdout %q, stderr %q, %v", out, progress, err)
	}
	if _, progress, _ := clear(t, t.Context(), &steps{left: 4}, nil); progress != "" {
		t.Errorf("without a terminal there is progress: %q", progress)
	}
}

func TestClearInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := &steps{left: 10, stop: cancel}
	out, _, err := clear(t, ctx, s, nil)
	if !errors.Is(err, command.ErrInterrupted) || !strings.Contains(out, "3 expired session(s) deleted.") || s.left != 7 {
		t.Errorf("stdout %q, %v, %d left; want 3 deleted and ErrInterrupted", out, err, s.left)
	}
	if out, _, err := clear(t, t.Context(), s, nil); err != nil || !strings.Contains(out, "7 expired") {
		t.Errorf("the second time: stdout %q, %v", out, err)
	}
}
