package makemigrations_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/makemigrations"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
	"github.com/go-belleville/belleville/migrate"
)

// TestMain lets the scripts call a project's program as "manage".
func TestMain(m *testing.M) {
	testscript.Main(wholeRun{m}, map[string]func(){"manage": manageMain, "sql": sqlMain})
}

// wholeRun drops the databases that the tests made before it ends.
type wholeRun struct{ m *testing.M }

func (w wholeRun) Run() int { return testdb.Main(w.m) }

// modelPackage is the package of this package's models; the tests' modules are called so, that the
// models' folder is theirs.
const modelPackage = "github.com/go-belleville/belleville/contrib/makemigrations_test"

// site is a module in a temporary folder, with a database.
type site struct {
	dir string
	db  *bun.DB
}

func newSite(t *testing.T, db *bun.DB) *site {
	t.Helper()
	s := &site{t.TempDir(), db}
	if err := os.WriteFile(filepath.Join(s.dir, "go.mod"), []byte("module "+modelPackage+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// folder is where the migrations of an app lie, alone or among several.
func (s *site) folder(label string, alone bool) string {
	if alone {
		return filepath.Join(s.dir, "migrations")
	}
	return filepath.Join(s.dir, "migrations", label)
}

// project puts apps together with the migrations that lie in the folder by now.
func (s *site) project(t *testing.T, apps []core.App) *core.Project {
	t.Helper()
	all := slices.Clone(apps)
	modelled := 0
	for _, a := range all {
		if len(a.Models) > 0 && !a.HandMigrated {
			modelled++
		}
	}
	for i, a := range all {
		if a.Migrations == nil && a.Label != "auth" {
			_, err := os.Stat(s.folder(a.Label, false))
			all[i].Migrations = migrate.Files(os.DirFS(existing(t, s.folder(a.Label, modelled < 2 && err != nil))))
		}
	}
	all = append(all, makemigrations.Config{Root: s.dir}.App())
	p, err := core.New(core.Settings{DB: s.db, Keys: []string{strings.Repeat("a-key-for-tests-", 4)}}, all...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// existing makes sure that a folder is there.
func existing(t *testing.T, dir string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// run runs a command and returns what it prints.
func (s *site) run(t *testing.T, apps []core.App, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := s.project(t, apps).Call(t.Context(), &command.Env{Stdout: &out, Program: "manage"}, args[0], args[1:]...)
	return out.String(), err
}

// must is run of a command that has to work.
func (s *site) must(t *testing.T, apps []core.App, args ...string) string {
	t.Helper()
	out, err := s.run(t, apps, args...)
	if err != nil {
		t.Fatalf("%q: %v\n%s\n%s", args, err, out, s.files(t))
	}
	return out
}

// files shows the SQL that lies in the module, for messages.
func (s *site) files(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	_ = filepath.WalkDir(s.dir, func(path string, _ os.DirEntry, _ error) error {
		if strings.HasSuffix(path, ".sql") && strings.Contains(path, ".sqlite.") != database.IsPostgres(s.db) && !strings.Contains(path, "0001_") {
			text, _ := os.ReadFile(path)
			fmt.Fprintf(&b, "== %s\n%s\n", filepath.Base(path), text)
		}
		return nil
	})
	return b.String()
}

// exec runs statements.
func (s *site) exec(t *testing.T, statements ...string) {
	t.Helper()
	for _, q := range statements {
		if _, err := s.db.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// rows returns what a query finds: the rows with spaces between them, their values with commas.
func (s *site) rows(t *testing.T, query string) string {
	t.Helper()
	return strings.Join(lines(t, s.db, query), " ")
}

// lines returns a text for each row of a query, its values with commas between them.
func lines(t *testing.T, db *bun.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(context.WithoutCancel(t.Context()), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		parts := make([]string, len(values))
		for i, v := range values {
			v := *v.(*any)
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			parts[i] = strings.TrimSpace(fmt.Sprint(v))
		}
		found = append(found, strings.Join(parts, ","))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}
