package migrate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/migrate"
)

// An app's files are usually embedded: //go:embed migrations/*.sql
var pollsFiles = fstest.MapFS{
	"migrations/0001_initial.sql":      {Data: []byte("CREATE TABLE poll (id integer PRIMARY KEY, question text NOT NULL);")},
	"migrations/0001_initial.down.sql": {Data: []byte("DROP TABLE poll;")},
}

// firstPoll is a migration in Go.
var firstPoll = migrate.Migration{
	Name: "0002_first_poll",
	Up: func(ctx context.Context, db bun.IDB) error {
		_, err := db.ExecContext(ctx, "INSERT INTO poll VALUES (1, ?)", "Tea?")
		return err
	},
	DownSQL: "DELETE FROM poll WHERE id = 1",
}

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	db, err := database.Open("sqlite:" + filepath.ToSlash(filepath.Join(dir, "db.sqlite3")))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()

	m, err := migrate.New(db, migrate.App{
		Label:  "polls",
		Source: migrate.Join(migrate.Files(pollsFiles), migrate.List(firstPoll)),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	o := migrate.Options{
		Progress: func(e migrate.Event) {
			if e.Kind == migrate.Finished {
				fmt.Println("applied", e.Step)
			}
		},
		After: func(_ context.Context, _ bun.IDB, steps []migrate.Step) error {
			fmt.Println(len(steps), "applied")
			return nil
		},
	}
	for range 2 {
		if err := m.Migrate(context.Background(), o); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// applied polls.0001_initial
	// applied polls.0002_first_poll
	// 2 applied
	// 0 applied
}

func ExampleNew() {
	db, err := database.Open("sqlite:db.sqlite3")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = migrate.New(db, migrate.App{
		Label:  "polls",
		Source: migrate.List(migrate.Migration{Name: "0001_initial", Requires: []string{"auth.0001_initial"}, UpSQL: "SELECT 1"}),
	})
	fmt.Println(err)
	// Output:
	// migrate: polls.0001_initial requires auth.0001_initial, but there is no app "auth": add the app or correct the requirement
}
