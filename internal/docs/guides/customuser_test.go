package guides_test

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// Member is somebody who borrows books.
type Member struct {
	bun.BaseModel `bun:"table:library_member,alias:member"`

	ID database.UUID `bun:"id,pk"`
	auth.AbstractUser
	BirthDate time.Time `bun:"birth_date,nullzero,type:date"`
}

//go:embed migrations
var files embed.FS

// libraryApp owns the users' table.
func libraryApp(a *auth.Auth) core.App {
	sql, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return core.App{
		Label:    "library",
		Requires: []string{"auth"},
		Models:   []core.Model{auth.Model((*Member)(nil))},
		Migrations: migrate.Join(migrate.Files(sql), migrate.List(
			migrate.Migration{
				Name: "0002_member_groups", Requires: []string{"auth.0001_initial"},
				Up: auth.CreateJoins((*Member)(nil)), Down: auth.DropJoins((*Member)(nil)),
			},
		)),
		Routes: func(r *web.Router) {
			r.Get("/me/", "me", me, a.LoginRequired)
		},
	}
}

func me(w http.ResponseWriter, r *http.Request) error {
	member, err := auth.As[*Member](r.Context())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s, born in %d", member.FullName(), member.BirthDate.Year())
	return err
}

func newLibrary(s core.Settings) (*auth.Auth, *core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{
		Users:    auth.NewUsers(s.DB, (*Member)(nil)),
		Sessions: sess,
		Types:    types,
		Hashers:  cheap(),
	})
	p, err := core.New(s, types.App(), sess.App(), a.App(), authviews.New(a).App("/accounts/"), libraryApp(a))
	return a, p, err
}

var library = authtest.New(newLibrary)

func TestMember(t *testing.T) {
	t.Parallel()
	authtest.TestUserModel(t, library, authtest.UserModel{})
}

func TestMemberPage(t *testing.T) {
	t.Parallel()
	library.Each(t, func(t *testing.T, s *authtest.Site) {
		_, err := s.Auth.Users().Create(t.Context(), "ada", "ada@example.org", "engine", func(u auth.Account) error {
			member := u.(*Member)
			member.FirstName, member.LastName = "Ada", "Lovelace"
			member.BirthDate = time.Date(1815, time.December, 10, 0, 0, 0, 0, time.UTC)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		b := s.Browser()
		b.Post(t, "/accounts/login/", url.Values{"username": {"ada"}, "password": {"engine"}})
		if page := b.Get(t, "/me/"); page.Body != "Ada Lovelace, born in 1815" {
			t.Errorf("the page: status %d, %q", page.Status, page.Body)
		}
	})
}
