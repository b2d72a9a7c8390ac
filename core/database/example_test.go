package database_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/uptrace/bun"

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

// exampleDB returns a database with a table of persons and their pets, in a folder of its own.
func exampleDB() (db *bun.DB, remove func(), err error) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		return nil, nil, err
	}
	db, err = database.Open("sqlite:" + filepath.ToSlash(filepath.Join(dir, "db.sqlite3")))
	if err != nil {
		return nil, nil, err
	}
	_, err = db.Exec(`CREATE TABLE person (email text NOT NULL UNIQUE, id integer PRIMARY KEY);
		CREATE TABLE pet (owner integer NOT NULL REFERENCES person (id))`)
	return db, func() {
		_ = db.Close()
		_ = os.RemoveAll(dir)
	}, err
}

// What a database refuses is told apart by functions that know both databases.
func ExampleIsUniqueViolationOf() {
	db, remove, err := exampleDB()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer remove()
	for _, statement := range []string{
		"INSERT INTO person VALUES ('ada@example.org', 1)",
		"INSERT INTO person VALUES ('ada@example.org', 2)",
		"INSERT INTO pet VALUES (77)",
	} {
		_, err := db.Exec(statement)
		fmt.Println(database.IsUniqueViolationOf(err, "email"), database.IsForeignKeyViolation(err), database.IsBusy(err))
	}
	fmt.Println(database.IsPostgres(db))
	// Output:
	// false false false
	// true false false
	// false true false
	// false
}

// A statement that is run for each request is parsed once.
func ExampleNewPrepared() {
	db, remove, err := exampleDB()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer remove()
	ctx := context.Background()
	insert := database.NewPrepared(db, `INSERT INTO person (email) VALUES ($1)`)
	find := database.NewPrepared(db, `SELECT id FROM person WHERE email = $1`)
	_, err = insert.Exec(ctx, "ada@example.org")
	fmt.Println(err)
	var id int
	fmt.Println(find.QueryRow(ctx, []any{"ada@example.org"}, &id), id)
	// Output:
	// <nil>
	// <nil> 1
}

// A key that the program makes itself, written as each database has it.
func ExampleNewUUID() {
	key := database.NewUUID()
	again, err := database.ParseUUID(key.Hex())
	fmt.Println(len(key.String()), len(key.Hex()), key.IsZero(), again == key, err)
	// Output: 36 32 false true <nil>
}

// The function sees the connector between bun's pool and the driver: here it only says so.
func ExampleOpenWith() {
	db, err := database.OpenWith("sqlite:not-opened-before-it-is-used.sqlite3", func(c driver.Connector) driver.Connector {
		fmt.Println("opening")
		return c
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(db.Close())
	// Output:
	// opening
	// <nil>
}

// A program whose database URL is wrong can still be put together, and print its help.
func ExampleBroken() {
	db := database.Broken(errors.New("DATABASE_URL is not set"))
	fmt.Println(db.Ping())
	// Output: DATABASE_URL is not set
}

// A connection of one's own, outside of the pool, for what keeps a connection for itself.
func ExampleConnect() {
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
	fmt.Println(database.Connectable(db))
	conn, err := database.Connect(context.Background(), db)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(conn.Close())
	// Output:
	// <nil>
	// <nil>
}
