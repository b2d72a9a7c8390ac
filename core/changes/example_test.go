package changes_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/database"
)

// A package that keeps rows of its own: the menu of a day is read once, until somebody changes it.
func ExampleKeep() {
	db, remove := exampleDB()
	defer remove()
	ctx := context.Background()
	feed := changes.New(changes.Config{DB: db}) // in a project: core.Settings.Cache
	if err := feed.Start(ctx); err != nil {     // core does it when it serves
		fmt.Println(err)
		return
	}
	defer feed.Close(ctx)

	kept := changes.Keep[string](feed, "menus")
	menu := func(ctx context.Context, day string) string {
		dish, ticket, ok := kept.Get(ctx, day)
		if ok {
			return dish + " (kept)"
		}
		if err := db.NewRaw("SELECT dish FROM menu WHERE day = ?", day).Scan(ctx, &dish); err != nil {
			return err.Error()
		}
		kept.Put(ticket, dish)
		return dish
	}

	fmt.Println(menu(ctx, "Monday"))
	fmt.Println(menu(ctx, "Monday"))
	fmt.Println(menu(changes.Fresh(ctx), "Monday"))
	err := feed.Write(ctx, db, "menus", []string{"Monday"}, func(ctx context.Context, db bun.IDB) error {
		_, err := db.NewRaw("UPDATE menu SET dish = 'stew' WHERE day = 'Monday'").Exec(ctx)
		return err
	})
	fmt.Println(menu(ctx, "Monday"), err)
	// Output:
	// soup
	// soup (kept)
	// soup
	// stew <nil>
}

// Code that keeps things by itself asks whether its caller must be certain.
func ExampleIsFresh() {
	ctx := context.Background()
	fmt.Println(changes.IsFresh(ctx), changes.IsFresh(changes.Fresh(ctx)))
	// Output: false true
}

func ExampleNew() {
	db, remove := exampleDB()
	defer remove()
	feed := changes.New(changes.Config{DB: db})
	fmt.Println(feed.On(db), feed.Tells(), feed.Problem()) // the file of SQLite knows by itself
	// Output: true false <nil>
}

func exampleDB() (db *bun.DB, remove func()) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	db, err = database.Open("sqlite:" + filepath.ToSlash(filepath.Join(dir, "db.sqlite3")))
	if err == nil {
		_, err = db.Exec("CREATE TABLE menu (day text PRIMARY KEY, dish text); INSERT INTO menu VALUES ('Monday', 'soup')")
	}
	if err != nil {
		panic(err)
	}
	return db, func() { _, _ = db.Close(), os.RemoveAll(dir) }
}
