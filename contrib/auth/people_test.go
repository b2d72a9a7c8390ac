package auth_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/migrate"
)

// people is a project with Django's users, their profiles, and tables for user models of all sorts,
// which the models' own services work on beside it.
var people = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
	return newPlain(s, customUsersApp(), accountsApp())
})

// userProfile is what a project knows of its users besides.
type userProfile struct {
	bun.BaseModel `bun:"table:accounts_userprofile,alias:profile"`

	ID     int64  `bun:"id,pk,autoincrement"`
	UserID int64  `bun:"user_id,notnull,unique"`
	Likes  string `bun:"likes,notnull"`
}

// plainModel has nothing to do with users.
type plainModel struct {
	bun.BaseModel `bun:"table:accounts_plain"`

	ID int64 `bun:"id,pk,autoincrement"`
}

func accountsApp() core.App {
	return core.App{
		Label:  "accounts",
		Models: []core.Model{{Of: (*userProfile)(nil), Name: "userprofile"}, {Of: (*plainModel)(nil), Name: "plain"}},
		Migrations: migrate.List(migrate.Migration{
			Name: "0001_initial", Requires: []string{"auth.0001_initial"},
			Up: makeTable(`accounts_userprofile`, `{id}, user_id integer NOT NULL UNIQUE REFERENCES auth_user (id) DEFERRABLE INITIALLY DEFERRED, likes text NOT NULL`),
		}),
	}
}

// The user models of Django's tests.
type (
	extensionUser struct {
		bun.BaseModel `bun:"table:auth_tests_extensionuser,alias:extension_user"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.AbstractUser
		DateOfBirth time.Time `bun:"date_of_birth,notnull"`

		visitor bool // passes for somebody who is not logged in
	}
	customUserModel struct {
		bun.BaseModel `bun:"table:auth_tests_custom,alias:custom_user"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Email       string    `bun:"email,notnull,unique,type:varchar(255)"`
		IsActive    bool      `bun:"is_active,notnull"`
		IsAdmin     bool      `bun:"is_admin,notnull"`
		DateOfBirth time.Time `bun:"date_of_birth,notnull"`
	}
	permissionsUser struct {
		bun.BaseModel `bun:"table:auth_tests_custompermissionsuser,alias:permissions_user"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		auth.Permissions
		Email       string    `bun:"email,notnull,unique,type:varchar(255)"`
		DateOfBirth time.Time `bun:"date_of_birth,notnull"`
		Disabled    bool      `bun:"-"`

		visitor bool
	}
	uuidUser struct {
		bun.BaseModel `bun:"table:auth_tests_uuiduser,alias:uuid_user"`

		ID database.UUID `bun:"id,pk"`
		auth.AbstractUser
	}
	alwaysActiveUser struct {
		bun.BaseModel `bun:"table:auth_tests_isactivetestuser1,alias:always_active"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username string `bun:"username,notnull,unique,type:varchar(30)"`
		Disabled bool   `bun:"-"`
	}
	customEmailField struct {
		bun.BaseModel `bun:"table:auth_tests_customemailfield,alias:custom_email"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username     string `bun:"username,notnull,unique,type:varchar(255)"`
		EmailAddress string `bun:"email_address,notnull,type:varchar(254)"`
		IsActive     bool   `bun:"is_active,notnull"`
	}
	integerUser struct {
		bun.BaseModel `bun:"table:auth_tests_integerusernameuser,alias:integer_user"`

		ID int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username int64 `bun:"username,notnull,unique"`
	}
)

func (u *extensionUser) IsAnonymous() bool        { return u.visitor }
func (*customUserModel) UsernameField() string    { return "email" }
func (*permissionsUser) UsernameField() string    { return "email" }
func (u *permissionsUser) IsAnonymous() bool      { return u.visitor }
func (u *permissionsUser) Active() bool           { return !u.Disabled }
func (u *alwaysActiveUser) Active() bool          { return !u.Disabled }
func (*customEmailField) EmailField() string      { return "email_address" }
func (*customUserModel) RequiredFields() []string { return []string{"date_of_birth"} }

// customUsersApp is an app "auth_tests" with all of them.
func customUsersApp() core.App {
	const (
		base     = `{id}, password varchar(128) NOT NULL, last_login timestamp with time zone NULL`
		abstract = `password varchar(128) NOT NULL, last_login timestamp with time zone NULL, is_superuser boolean NOT NULL, ` +
			`username varchar(150) NOT NULL UNIQUE, first_name varchar(150) NOT NULL, last_name varchar(150) NOT NULL, ` +
			`email varchar(254) NOT NULL, is_staff boolean NOT NULL, is_active boolean NOT NULL, date_joined timestamp with time zone NOT NULL`
	)
	tables := []struct {
		model         auth.Account
		name, columns string
	}{
		{(*extensionUser)(nil), `auth_tests_extensionuser`, `{id}, ` + abstract + `, date_of_birth date NOT NULL`},
		{(*customUserModel)(nil), `auth_tests_custom`, base + `, email varchar(255) NOT NULL UNIQUE, is_active boolean NOT NULL, is_admin boolean NOT NULL, date_of_birth date NOT NULL`},
		{(*permissionsUser)(nil), `auth_tests_custompermissionsuser`, base + `, is_superuser boolean NOT NULL, email varchar(255) NOT NULL UNIQUE, date_of_birth date NOT NULL`},
		{(*uuidUser)(nil), `auth_tests_uuiduser`, `id {uuid} NOT NULL PRIMARY KEY, ` + abstract},
		{(*alwaysActiveUser)(nil), `auth_tests_isactivetestuser1`, base + `, username varchar(30) NOT NULL UNIQUE`},
		{(*customEmailField)(nil), `auth_tests_customemailfield`, base + `, username varchar(255) NOT NULL UNIQUE, email_address varchar(254) NOT NULL, is_active boolean NOT NULL`},
		{(*integerUser)(nil), `auth_tests_integerusernameuser`, base + `, username integer NOT NULL UNIQUE`},
	}
	app := core.App{Label: "auth_tests"}
	var steps []migrate.Migration
	for i, table := range tables {
		m := auth.Model(table.model)
		if _, ok := table.model.(*customEmailField); ok {
			m.VerboseName = "custom email field"
		}
		app.Models = append(app.Models, m)
		steps = append(steps, migrate.Migration{Name: fmt.Sprintf("%04d_%s", 2*i+1, table.name), Up: makeTable(table.name, table.columns)})
		if len(m.Joins) > 0 {
			steps = append(steps, migrate.Migration{
				Name: fmt.Sprintf("%04d_%s_groups", 2*i+2, table.name), Requires: []string{"auth.0001_initial"}, Up: auth.CreateJoins(table.model),
			})
		}
	}
	app.Migrations = migrate.List(steps...)
	return app
}

// makeTable makes a table; in its columns {id} is a key that counts, {uuid} the type of a UUID.
func makeTable(name, columns string) func(context.Context, bun.IDB) error {
	return func(ctx context.Context, db bun.IDB) error {
		id := "id integer NOT NULL PRIMARY KEY AUTOINCREMENT"
		if database.IsPostgres(db) {
			id = "id integer NOT NULL PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY"
		}
		columns := strings.NewReplacer("{id}", id, "{uuid}", database.UUID{}.SQLType(db.Dialect().Name())).Replace(columns)
		_, err := db.ExecContext(ctx, "CREATE TABLE "+name+" ("+columns+")")
		return err
	}
}

// peopleTest is a test on a site of people.
type peopleTest struct {
	*testing.T
	*authtest.Site
	ctx    context.Context
	users  *auth.Users
	groups *auth.Groups
}

// peopleCase is one such test under the name of a case or row.
type peopleCase struct {
	name string
	run  func(*peopleTest)
}

// runPeople runs cases on both databases.
func runPeople(t *testing.T, prefix string, cases []peopleCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(prefix+c.name, func(t *testing.T) {
			t.Parallel()
			people.Each(t, func(t *testing.T, s *authtest.Site) {
				c.run(&peopleTest{T: t, Site: s, ctx: t.Context(), users: s.Auth.Users(), groups: s.Auth.Groups()})
			})
		})
	}
}

// with is the same test with the users of another model. Changes of the Config may be nil.
func (t *peopleTest) with(model auth.Account, change func(*auth.Config)) *peopleTest {
	c := auth.Config{
		Users: auth.NewUsers(t.DB(), model), Sessions: t.Auth.Config().Sessions, Types: t.Auth.Types(), Keys: t.Settings().Keys,
		Hashers: hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}}),
	}
	if change != nil {
		change(&c)
	}
	a := auth.New(c)
	return &peopleTest{T: t.T, Site: &authtest.Site{Site: t.Site.Site, Auth: a}, ctx: t.ctx, users: a.Users(), groups: a.Groups()}
}

func (t *peopleTest) noError(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// user makes a user of auth.User without a password; fill may be nil.
func (t *peopleTest) user(name string, fill func(*auth.User)) *auth.User {
	t.Helper()
	u, err := t.users.CreateWithoutPassword(t.ctx, name, name+"@example.com", func(u auth.Account) error {
		if fill != nil {
			fill(u.(*auth.User))
		}
		return nil
	})
	t.noError(err)
	return u.(*auth.User)
}

// reload reads a user again.
func (t *peopleTest) reload(u auth.Account) auth.Account {
	t.Helper()
	again, err := t.users.ByPK(t.ctx, t.users.PK(u))
	t.noError(err)
	return again
}

// group makes a group with permissions.
func (t *peopleTest) group(name string, perms ...*auth.Permission) *auth.Group {
	t.Helper()
	g, err := t.groups.Create(t.ctx, name)
	t.noError(err)
	t.noError(t.groups.Permissions(g).Add(t.ctx, perms...))
	return g
}

// permission makes a permission of groups.
func (t *peopleTest) permission(codename string) *auth.Permission {
	t.Helper()
	ct, err := t.Auth.Types().For(t.ctx, (*auth.Group)(nil))
	t.noError(err)
	p := &auth.Permission{Name: codename, ContentTypeID: ct.ID, Codename: codename, ContentType: ct}
	_, err = t.DB().NewInsert().Model(p).Exec(t.ctx)
	t.noError(err)
	return p
}

// wantBool fails unless a question has the wanted answer.
func (t *peopleTest) wantBool(what string, want bool) func(bool, error) {
	return func(got bool, err error) {
		t.Helper()
		if err != nil || got != want {
			t.Errorf("%s = %v, %v; want %v", what, got, err, want)
		}
	}
}

// wantPerms fails unless a set holds exactly these.
func (t *peopleTest) wantPerms(what string, want ...string) func(auth.PermissionSet, error) {
	return func(got auth.PermissionSet, err error) {
		t.Helper()
		names := slices.Sorted(maps.Keys(got))
		slices.Sort(want)
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("%s = %q, %v; want %q", what, names, err, want)
		}
	}
}

// wantUsers fails unless these are the users, in any order.
func (t *peopleTest) wantUsers(what string, want ...string) func([]auth.Account, error) {
	return func(got []auth.Account, err error) {
		t.Helper()
		var names []string
		for _, u := range got {
			names = append(names, t.users.Username(u))
		}
		slices.Sort(names)
		slices.Sort(want)
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("%s finds %q, %v; want %q", what, names, err, want)
		}
	}
}

// wantError fails unless an error is of a kind.
func (t *peopleTest) wantError(what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// forceLogin logs a browser in.
func (t *peopleTest) forceLogin(b *coretest.Browser, u auth.Account) {
	t.Helper()
	authtest.ForceLogin(t.T, t.Auth, b, u)
}
