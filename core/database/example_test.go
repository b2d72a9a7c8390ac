package database_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-belleville/belleville/core/database"
)

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

	ctx := context.Background()
	fmt.Println(database.Check(ctx, db))

	_, err = db.ExecContext(ctx, "CREATE TABLE fruit (name text PRIMARY KEY); INSERT INTO fruit VALUES ('plum')")
	fmt.Println(err)
	_, err = db.ExecContext(ctx, "INSERT INTO fruit VALUES (?)", "plum")
	fmt.Println(database.IsUniqueViolation(err))
	// Output:
	// <nil>
	// <nil>
	// true
}

func ExampleOpen() {
	_, err := database.Open("mysql://localhost/shop")
	fmt.Println(err)
	// Output:
	// database: the database URL begins with mysql: which is not a known kind of database: write sqlite:path/to/file or postgres://user:password@host:5432/name
}
