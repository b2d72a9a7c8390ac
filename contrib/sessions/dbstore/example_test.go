package dbstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signing"
)

// In a project the table is made by `manage migrate`, and the arguments are s.DB and s.Keys of its
// settings.
func ExampleNew() {
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
	if _, err := db.NewCreateTable().Model((*sessions.Row)(nil)).Exec(ctx); err != nil {
		fmt.Println(err)
		return
	}

	sess := sessions.New(sessions.Config{Store: dbstore.New(db, signing.Keys{"a long random text"})})
	s := sess.Open("")
	fmt.Println(s.Set(ctx, "language", "de"), s.Save(ctx))
	language, _, err := sessions.Get[string](ctx, sess.Open(s.Key()), "language")
	fmt.Println(language, err)

	rows, err := db.NewSelect().Model((*sessions.Row)(nil)).Where("session_key = ?", s.Key()).Count(ctx)
	fmt.Println(rows, err)
	// Output:
	// <nil> <nil>
	// de <nil>
	// 1 <nil>
}

// Sessions in a table of the project's own, with a column that says whose they are.
func ExampleNewWith() {
	store := dbstore.NewWith(database.Broken(errors.New("an example needs none")), signing.Keys{"a long random text"}, dbstore.Config{
		Table: "shop_session",
		Columns: []dbstore.Column{{Name: "account_id", Value: func(d sessions.Data) (any, error) {
			if d["_auth_user_id"] == nil {
				return nil, nil // a visitor's
			}
			var id string
			err := json.Unmarshal(d["_auth_user_id"], &id)
			return id, err
		}}},
	})
	fmt.Println(store.Table())
	// Output: shop_session
}
