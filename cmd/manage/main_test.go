package main

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/go-belleville/belleville/internal/testdb"
)

// TestMain lets the scripts call this program as "manage".
func TestMain(m *testing.M) {
	testscript.Main(wholeRun{m}, map[string]func(){"manage": main})
}

// wholeRun drops the databases that the tests made before it ends.
type wholeRun struct{ m *testing.M }

func (w wholeRun) Run() int { return testdb.Main(w.m) }

// TestScripts types what the files under testdata say, on both databases.
func TestScripts(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name string
		url  func(*testing.T) string
	}{{"sqlite", testdb.SQLiteURL}, {"postgres", testdb.PostgresURL}} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			_ = kind.url(t) // skips here when there is no server
			testscript.Run(t, testscript.Params{
				Dir: "testdata",
				Setup: func(env *testscript.Env) error {
					url := kind.url(t)
					env.Setenv("DATABASE_URL", url)
					env.Setenv("KIND", kind.name)
					env.Setenv("SECRET_KEY", strings.Repeat("a-key-for-tests-", 4))
					env.Setenv("ALLOWED_HOSTS", "127.0.0.1")
					env.Setenv("USER", "nobody-in-particular")
					return nil
				},
				Condition: func(cond string) (bool, error) { return cond == kind.name, nil },
			})
		})
	}
}
