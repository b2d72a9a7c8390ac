package makemigrations_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/makemigrations"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
)

type memo struct {
	bun.BaseModel `bun:"table:memos_memo"`
	ID            int64  `bun:"id,pk,autoincrement"`
	Text          string `bun:"text,notnull"`
}

// A project has the command by one more app. Here the module is a temporary folder; a project
// writes makemigrations.App() alone.
func ExampleConfig_App() {
	dir, err := os.MkdirTemp("", "module")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module "+modelPackage+"\n"), 0o600); err != nil {
		panic(err)
	}
	db, err := core.OpenDB("sqlite:unused.sqlite3") // nothing is opened
	if err != nil {
		panic(err)
	}
	defer db.Close()
	project, err := core.New(core.Settings{DB: db, Keys: []string{strings.Repeat("a-long-random-text", 3)}},
		core.App{Label: "memos", Models: []core.Model{{Of: (*memo)(nil)}}},
		makemigrations.Config{Root: dir}.App())
	if err != nil {
		panic(err)
	}
	err = project.Call(context.Background(), &command.Env{Stdout: os.Stdout}, "makemigrations")
	files, _ := filepath.Glob(filepath.Join(dir, "migrations", "*"))
	fmt.Println(len(files), "files", err)
	// Output:
	// memos.0001_initial in migrations
	//   Create the table memos_memo
	// 5 files <nil>
}

// One line in a project's list of apps.
func ExampleApp() {
	for _, c := range makemigrations.App().Commands {
		fmt.Println(c.Name)
	}
	// Output: makemigrations
}
