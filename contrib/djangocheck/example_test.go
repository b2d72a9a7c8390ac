package djangocheck_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/djangocheck"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
)

func ExampleNew() {
	dir, err := os.MkdirTemp("", "djangocheck")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	db, err := core.OpenDB("sqlite:" + filepath.ToSlash(dir) + "/db.sqlite3")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()

	s := core.Settings{DB: db, Keys: []string{"the SECRET_KEY of both"}}
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types})
	project, err := core.New(s, types.App(), sess.App(), a.App(), djangocheck.New(a).App())
	if err != nil {
		fmt.Println(err)
		return
	}
	env := &command.Env{Stdout: os.Stdout}
	err = project.Call(context.Background(), env, "djangocheck")
	fmt.Println(err)
	// Output:
	// ERROR (djangocheck.E001) The database has none of Django's tables (it has 0 others). Fix: Point DATABASE_URL at the database of Django's DATABASES["default"]. If this project is to make the tables, run migrate.
	// 1 error(s), 0 warning(s); looked at 0 users and 0 live sessions.
	// exit status 1
}
