package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/go-belleville/belleville/internal/djangovectors"
	"github.com/go-belleville/belleville/internal/testdb"
)

// TestMain lets the scripts call this program as "manage", and two others.
func TestMain(m *testing.M) {
	testscript.Main(wholeRun{m}, map[string]func(){"manage": main, "sql": sqlMain, "processors": processorsMain})
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
					if err := writeDjangos(t, env.WorkDir, kind.name); err != nil {
						return err
					}
					env.Setenv("DATABASE_URL", url)
					env.Setenv("KIND", kind.name)
					env.Setenv("SECRET_KEY", strings.Repeat("a-key-for-tests-", 4))
					env.Setenv("ALLOWED_HOSTS", "127.0.0.1")
					env.Setenv("USER", "nobody-in-particular")
					env.Setenv("GORACE", "atexit_sleep_ms=0") // else each call takes a second more under -race
					return nil
				},
				Condition: func(cond string) (bool, error) { return cond == kind.name, nil },
			})
		})
	}
}

// writeDjangos writes what makes the tables as Django makes them to django.sql, and what fills in its
// history to django_history.sql.
func writeDjangos(t *testing.T, dir, kind string) error {
	tables, history := djangovectors.Schema(t, kind)
	var rows []string
	for _, name := range history {
		app, name, _ := strings.Cut(name, ".")
		rows = append(rows, fmt.Sprintf("('%s', '%s', '2025-01-01 00:00:00+00:00')", app, name))
	}
	for name, text := range map[string]string{
		"django.sql":         tables,
		"django_history.sql": "INSERT INTO django_migrations (app, name, applied) VALUES " + strings.Join(rows, ", ") + ";",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
