package main

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/examples/polls"

	"example.com/announcements"
)

var project = coretest.New(polls.With(announcements.App))

// TestMain lets the scripts call this program as "manage".
func TestMain(m *testing.M) {
	testscript.Main(wholeRun{m}, map[string]func(){"manage": main})
}

// wholeRun drops the databases that the tests made before it ends.
type wholeRun struct{ m *testing.M }

// Run implements testscript.TestingM.
func (w wholeRun) Run() int { return coretest.Main(w.m) }

// TestScript types what testdata/announce.txtar says, on both databases.
func TestScript(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		testscript.Run(t, testscript.Params{
			Files: []string{"testdata/announce.txtar"},
			Setup: func(env *testscript.Env) error {
				env.Setenv("DATABASE_URL", s.URL)
				env.Setenv("SECRET_KEY", strings.Repeat("a-key-for-tests-", 4))
				env.Setenv("GORACE", "atexit_sleep_ms=0") // else each call takes a second more under -race
				return nil
			},
		})
	})
}

// TestMigrations fails when a model was changed and makemigrations was not run.
func TestMigrations(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	env := &command.Env{Stdout: &said, Program: "manage"}
	if err := project.SQLite(t).Call(t.Context(), env, "makemigrations", "announcements", "--check"); err != nil {
		t.Errorf("%v:\n%s", err, said.String())
	}
}

// TestDemo looks at the bar on pages of the demo, which knows nothing of the plugin.
func TestDemo(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		if err := s.Call(t.Context(), nil, "announce", "Closed on Friday"); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/", "/polls/", "/accounts/login/"} {
			if page := s.Browser().Get(t, path); page.Status != 200 || !strings.Contains(page.Body, "Closed on Friday") {
				t.Errorf("%s: status %d; body %.600s", path, page.Status, page.Body)
			}
		}
	})
}
