package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/migrate"
)

// exampleSite migrates a project on a database in a folder of its own.
func exampleSite(model auth.Account, apps ...core.App) (a *auth.Auth, done func()) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	db, err := database.Open("sqlite:" + filepath.ToSlash(filepath.Join(dir, "db.sqlite3")))
	if err != nil {
		log.Fatal(err)
	}
	s := core.Settings{DB: db, Keys: signing.Keys{"an-example-needs-no-secret-but-a-long-text-0123456789"}}
	types := contenttypes.New(db)
	sess := sessions.New(sessions.Config{Store: dbstore.New(db, s.Keys)})
	a = auth.New(auth.Config{Users: auth.NewUsers(db, model), Sessions: sess, Types: types})
	project, err := core.New(s, append([]core.App{types.App(), sess.App(), a.App()}, apps...)...)
	if err != nil {
		log.Fatal(err)
	}
	if err := project.Migrate(context.Background(), core.MigrateOptions{}); err != nil {
		log.Fatal(err)
	}
	return a, func() {
		_ = db.Close()
		_ = os.RemoveAll(dir)
	}
}

func ExampleUsers() {
	a, done := exampleSite((*auth.User)(nil))
	defer done()
	ctx, users := context.Background(), a.Users()

	john, err := users.CreateWithoutPassword(ctx, "john", "John@EXAMPLE.org", func(u auth.Account) error {
		u.(*auth.User).LastName = "Lennon"
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(john, users.Email(john), users.HasUsablePassword(john))

	_, err = users.CreateWithoutPassword(ctx, "john", "", nil)
	fmt.Println(errors.Is(err, auth.ErrUsernameTaken))

	editors, err := a.Groups().Create(ctx, "Site editors")
	if err != nil {
		log.Fatal(err)
	}
	perm, err := a.Groups().Permission(ctx, "auth.change_user")
	if err != nil {
		log.Fatal(err)
	}
	err = errors.Join(a.Groups().Permissions(editors).Add(ctx, perm), users.Groups(john).Add(ctx, editors))
	if err != nil {
		log.Fatal(err)
	}
	ok, err := a.HasPerm(ctx, john, "auth.change_user")
	fmt.Println(ok, err)
	// Output:
	// john John@example.org false
	// true
	// true <nil>
}

func ExampleEmailUser() {
	a, done := exampleSite((*auth.EmailUser)(nil))
	defer done()
	ctx, users := context.Background(), a.Users()

	if _, err := users.CreateWithoutPassword(ctx, "Ada@EXAMPLE.org", "", nil); err != nil {
		log.Fatal(err)
	}
	ada, err := users.ByUsername(ctx, "ada@example.org")
	fmt.Println(ada, err)
	_, err = users.CreateWithoutPassword(ctx, "ADA@example.org", "", nil)
	fmt.Println(errors.Is(err, auth.ErrUsernameTaken))
	// Output:
	// Ada@example.org <nil>
	// true
}

// Reader is a user model with a key that needs no database to be made.
type Reader struct {
	bun.BaseModel `bun:"table:library_reader,alias:reader"`

	ID database.UUID `bun:"id,pk"`
	auth.BaseUser
	auth.Permissions
	Card string `bun:"card,notnull,unique,type:varchar(20)"`
}

// UsernameField says that readers log in by the number on their card.
func (*Reader) UsernameField() string { return "card" }

// String returns the number on the card.
func (r *Reader) String() string { return r.Card }

// A project's own user model is in the models of an app, whose migrations make its tables.
func ExampleModel() {
	library := core.App{
		Label:  "library",
		Models: []core.Model{auth.Model((*Reader)(nil))},
		Migrations: migrate.List(
			migrate.Migration{Name: "0001_reader", UpSQL: `CREATE TABLE library_reader (
				id char(32) NOT NULL PRIMARY KEY, password varchar(128) NOT NULL, last_login datetime NULL,
				is_superuser bool NOT NULL, card varchar(20) NOT NULL UNIQUE)`},
			migrate.Migration{Name: "0002_groups", Requires: []string{"auth.0001_initial"},
				Up: auth.CreateJoins((*Reader)(nil)), Down: auth.DropJoins((*Reader)(nil))},
		),
	}
	a, done := exampleSite((*Reader)(nil), library)
	defer done()
	ctx, users := context.Background(), a.Users()

	reader, err := users.CreateSuperuserWithoutPassword(ctx, "A-1815", "", nil)
	if err != nil {
		log.Fatal(err)
	}
	again, err := users.ByPK(ctx, users.PK(reader))
	fmt.Println(again, err, len(users.PK(reader)))
	fmt.Println(a.HasPerm(ctx, again, "library.delete_reader"))
	// Output:
	// A-1815 <nil> 36
	// true <nil>
}

func ExampleAuth_WithPerm() {
	a, done := exampleSite((*auth.User)(nil))
	defer done()
	ctx, users := context.Background(), a.Users()

	for _, name := range []string{"john", "paul"} {
		if _, err := users.CreateWithoutPassword(ctx, name, "", nil); err != nil {
			log.Fatal(err)
		}
	}
	paul, err := users.ByUsername(ctx, "paul")
	if err != nil {
		log.Fatal(err)
	}
	perm, err := a.Groups().Permission(ctx, "auth.change_user")
	if err != nil {
		log.Fatal(err)
	}
	if err := users.Permissions(paul).Add(ctx, perm); err != nil {
		log.Fatal(err)
	}
	fmt.Println(a.WithPerm(ctx, "auth.change_user", auth.WithPermOptions{}))
	_, err = a.WithPerm(ctx, "change_user", auth.WithPermOptions{})
	fmt.Println(err)
	// Output:
	// [paul] <nil>
	// auth: a permission is named app.codename: "change_user" is not
}

func ExampleHash() {
	u := &auth.User{AbstractUser: auth.AbstractUser{Username: "john"}}
	u.Password = "pbkdf2_sha256$1000000$salt$hash"
	fmt.Printf("%v %s %d %q\n", u.Password, u.Password, u.Password, u.Password)
	// Output: *** *** *** "***"
}
