package polls_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/examples/polls"
)

// TestMigrationsAreComplete is what a project's CI does: the models want nothing that no migration does.
func TestMigrationsAreComplete(t *testing.T) {
	t.Parallel()
	db, err := core.OpenDB("sqlite:" + filepath.ToSlash(filepath.Join(t.TempDir(), "unused.sqlite3")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p, err := polls.NewProject(core.Settings{DB: db, Keys: []string{strings.Repeat("a-key-for-tests-", 4)}})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := p.Call(t.Context(), &command.Env{Stdout: &out, Program: "manage"}, "makemigrations", "--check"); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
}
