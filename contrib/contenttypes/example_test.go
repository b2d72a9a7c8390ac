package contenttypes_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core"
)

// A project with content types knows each of its models by a row, and a reference finds a row of any.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	db, err := core.OpenDB("sqlite:" + filepath.ToSlash(filepath.Join(dir, "db.sqlite3")))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()

	types := contenttypes.New(db)
	project, err := core.New(core.Settings{DB: db}, types.App())
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	if err := project.Migrate(ctx, core.MigrateOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	ct, err := types.For(ctx, (*contenttypes.ContentType)(nil))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ct, "|", types.AppLabeledName(ct))
	ref, err := types.RefTo(ctx, ct)
	if err != nil {
		fmt.Println(err)
		return
	}
	row, err := types.Object(ctx, ref)
	fmt.Println(row, err)
	// Output:
	// contenttypes.contenttype | Content types | content type
	// contenttypes.contenttype <nil>
}

// A renamed model keeps its row, and with it what points there.
func ExampleRename() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	db, err := core.OpenDB("sqlite:" + filepath.ToSlash(filepath.Join(dir, "db.sqlite3")))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	project, err := core.New(core.Settings{DB: db}, contenttypes.New(db).App())
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	if err := project.Migrate(ctx, core.MigrateOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	key := func(model string) (id int64) {
		_ = db.NewSelect().Table("django_content_type").Column("id").Where("model = ?", model).Scan(ctx, &id)
		return id
	}
	before := key("contenttype")
	// In a project this is a step of a migration: Up: contenttypes.Rename(…), Down: the way back.
	fmt.Println(contenttypes.Rename("contenttypes", "contenttype", "kind")(ctx, db))
	fmt.Println(key("kind") == before, key("contenttype"))

	// Migrate calls Ensure: the model is known by its old name still, so it gets a row
	// again; the other is a row that no model knows.
	rows, err := contenttypes.Ensure(ctx, db, project.Models(), nil)
	fmt.Println(len(rows), err)
	// Output:
	// <nil>
	// true 0
	// 2 <nil>
}
