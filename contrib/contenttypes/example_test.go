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
