package djangotest_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/djangocheck"
	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/cookiestore"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/contrib/sessions/filestore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/migrate"
)

// item is a model that only Go knows.
type item struct {
	bun.BaseModel `bun:"table:shop_item,alias:item"`

	ID   int64  `bun:"id,pk,autoincrement"`
	Name string `bun:"name,notnull"`
}

// Member is the user model of people.models.Member.
type Member struct {
	bun.BaseModel `bun:"table:people_member,alias:member"`

	ID database.UUID `bun:"id,pk"`
	auth.AbstractUser
	Nickname string `bun:"nickname,notnull,type:varchar(40)"`
}

// people is the app of members. Without migrations their tables are Django's to make.
func people(m migrate.Source) *core.App {
	return &core.App{Label: "people", Models: []core.Model{auth.Model((*Member)(nil))}, Migrations: m}
}

// belleville is a Belleville project, the other of the two sites.
type belleville struct {
	release
	db      *bun.DB
	files   string    // the folder of sessions in files
	people  *core.App // what has the user model, when it is not auth's
	outbox  mail.Memory
	current atomic.Pointer[service]
}

var _ site = (*belleville)(nil)

// service is the project with certain settings.
type service struct {
	project *core.Project
	auth    *auth.Auth
	checker *djangocheck.Checker
	cookies signing.Cookies
	handler http.Handler
}

// newBelleville returns the project on a database, with an app that has its user model or nil.
func newBelleville(t *testing.T, r release, dbURL, files string, people *core.App) *belleville {
	t.Helper()
	db, err := database.Open(dbURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	b := &belleville{release: r, db: db, files: files, people: people}
	b.use(t, standard)
	return b
}

// use builds the project anew with other settings, as a restart would.
func (b *belleville) use(t *testing.T, r rules) {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	s := core.Settings{
		DB: b.db, Keys: r.keys, AllowedHosts: []string{"127.0.0.1"}, CSRF: &csrf.Tokens{},
		TimeZone: location, Log: slog.New(slog.DiscardHandler),
	}
	v := &service{cookies: signing.Cookies{Keys: r.keys}}
	var model auth.Account = (*auth.User)(nil)
	var own []core.App
	if b.people != nil {
		model = (*Member)(nil)
		own = append(own, *b.people)
	}
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: b.store(s, r.engine)})
	v.auth = auth.New(auth.Config{
		Users: auth.NewUsers(s.DB, model), Sessions: sess, Types: types, Log: s.Log,
		Hashers: hashers.New(hashers.Config{List: b.hashers(r.hashers)}), Validators: []password.Validator{},
		LoginURL: "/go/accounts/login/", LoginRedirectURL: "/go/page/", ResetTimeout: time.Hour,
	})
	views := authviews.New(v.auth)
	views.PasswordReset.Mailer = &mail.Mailer{Transport: &b.outbox}
	apps := []core.App{types.App(), sess.App(), v.auth.App(), messages.New(messages.Config{Sessions: sess}).App(), views.App("/go/accounts/")}
	v.checker = djangocheck.New(v.auth)
	apps = append(append(apps, own...), v.shop(), v.checker.App())
	if v.project, err = core.New(s, apps...); err != nil {
		t.Fatal(err)
	}
	if v.handler, err = v.project.Handler(); err != nil {
		t.Fatal(err)
	}
	b.current.Store(v)
}

// ServeHTTP answers with the settings of the moment.
func (b *belleville) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.current.Load().handler.ServeHTTP(w, r)
}

// store is the store of sessions that fits one of Django's engines.
func (b *belleville) store(s core.Settings, engine string) sessions.Store {
	switch engine {
	case "signed_cookies":
		return cookiestore.New(s.Keys)
	case "file":
		return filestore.NewWith(b.files, s.Keys, filestore.Config{Log: s.Log})
	}
	return dbstore.NewWith(s.DB, s.Keys, dbstore.Config{Log: s.Log})
}

// hashers are the hashers of those names, at the cost of project/hashers.py; without names those of
// the Django at the other side.
func (b *belleville) hashers(names []string) []hashers.Hasher {
	known := map[string]hashers.Hasher{
		"pbkdf2_sha256": hashers.PBKDF2SHA256{Iterations: 1000},
		"argon2":        hashers.Argon2{Memory: 64, Time: 1, Threads: 1},
		"bcrypt_sha256": hashers.BCryptSHA256{Cost: 4},
		"scrypt":        hashers.Scrypt{N: 16, P: 1},
		"md5":           hashers.MD5{},
	}
	if len(names) == 0 {
		switch {
		case b.has("5.1"):
			return hashers.Django52()
		case b.has("4.0"):
			return hashers.Django42()
		}
		return hashers.Django32()
	}
	var all []hashers.Hasher
	for _, name := range names {
		all = append(all, known[name])
	}
	return all
}

// memberTables makes the tables of members, under the name of Django's migration.
type memberTables struct{}

func (memberTables) Migrations(d dialect.Name) ([]migrate.Migration, error) {
	key, moment := "char(32)", "datetime"
	if d == dialect.PG {
		key, moment = "uuid", "timestamp with time zone"
	}
	text := `CREATE TABLE people_member (id ` + key + ` NOT NULL PRIMARY KEY, password varchar(128) NOT NULL, last_login ` + moment + `,
		is_superuser boolean NOT NULL, username varchar(150) NOT NULL UNIQUE, first_name varchar(150) NOT NULL,
		last_name varchar(150) NOT NULL, email varchar(254) NOT NULL, is_staff boolean NOT NULL, is_active boolean NOT NULL,
		date_joined ` + moment + ` NOT NULL, nickname varchar(40) NOT NULL)`
	return []migrate.Migration{{
		Name: "0001_initial", Requires: []string{"auth.0001_initial"},
		Up: func(ctx context.Context, db bun.IDB) error {
			if _, err := db.ExecContext(ctx, text); err != nil {
				return err
			}
			return auth.CreateJoins((*Member)(nil))(ctx, db)
		},
	}}, nil
}

// migrate brings the database up to date and returns what was applied, as "app.name".
func (b *belleville) migrate(t *testing.T) []string {
	t.Helper()
	var applied []string
	err := b.current.Load().project.Migrate(t.Context(), core.MigrateOptions{Progress: func(e migrate.Event) {
		if e.Kind == migrate.Finished {
			applied = append(applied, e.Step.App+"."+e.Step.Name)
		}
	}})
	if err != nil {
		t.Fatalf("Belleville's migrate: %v", err)
	}
	return applied
}

func (b *belleville) name() string { return "belleville" }
func (b *belleville) root() string { return "/go" }

func (b *belleville) users() *auth.Users { return b.current.Load().auth.Users() }

func (b *belleville) find(t *testing.T, name string) auth.Account {
	t.Helper()
	u, err := b.users().ByUsername(t.Context(), name)
	if err != nil {
		t.Fatalf("Belleville: user %q: %v", name, err)
	}
	return u
}

func (b *belleville) createUser(t *testing.T, u newUser) string {
	t.Helper()
	made, err := b.users().Create(t.Context(), u.name, u.email, u.password, func(a auth.Account) error {
		switch a := a.(type) {
		case *auth.User:
			a.IsStaff, a.IsSuperuser = u.staff, u.superuser
		case *Member:
			a.IsStaff, a.IsSuperuser, a.Nickname = u.staff, u.superuser, u.nickname
			a.ID = database.NewUUID()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.users().PK(made)
}

// columns are the user's columns, whatever the model.
func columns(a auth.Account) *auth.AbstractUser {
	if m, ok := a.(*Member); ok {
		return &m.AbstractUser
	}
	return &a.(*auth.User).AbstractUser
}

func (b *belleville) user(t *testing.T, name string) facts {
	t.Helper()
	u := b.find(t, name)
	c := columns(u)
	f := facts{
		PK: b.users().PK(u), Email: c.Email, FirstName: c.FirstName, Password: string(c.Password),
		Active: c.IsActive, Staff: c.IsStaff, Superuser: c.IsSuperuser,
	}
	groups, err := b.users().Groups(u).All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		f.Groups = append(f.Groups, g.Name)
	}
	perms, err := b.current.Load().auth.AllPermissions(t.Context(), u, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name := range perms {
		f.Permissions = append(f.Permissions, name)
	}
	slices.Sort(f.Groups)
	slices.Sort(f.Permissions)
	return f
}

func (b *belleville) setPassword(t *testing.T, name, raw string) {
	t.Helper()
	if err := b.users().ChangePassword(t.Context(), b.find(t, name), raw); err != nil {
		t.Fatal(err)
	}
}

func (b *belleville) checkPassword(t *testing.T, name, raw string) bool {
	t.Helper()
	ok, err := b.users().CheckPassword(t.Context(), b.find(t, name), raw)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func (b *belleville) setActive(t *testing.T, name string, active bool) {
	t.Helper()
	u := b.find(t, name)
	columns(u).IsActive = active
	if err := b.users().Save(t.Context(), u, "is_active"); err != nil {
		t.Fatal(err)
	}
}

func (b *belleville) permissions(t *testing.T, names []string) []*auth.Permission {
	t.Helper()
	var all []*auth.Permission
	for _, name := range names {
		p, err := b.current.Load().auth.Groups().Permission(t.Context(), name)
		if err != nil {
			t.Fatalf("Belleville: permission %q: %v", name, err)
		}
		all = append(all, p)
	}
	return all
}

func (b *belleville) groups(t *testing.T, names []string) []*auth.Group {
	t.Helper()
	var all []*auth.Group
	for _, name := range names {
		g, err := b.current.Load().auth.Groups().ByName(t.Context(), name)
		if err != nil {
			t.Fatalf("Belleville: group %q: %v", name, err)
		}
		all = append(all, g)
	}
	return all
}

func (b *belleville) createGroup(t *testing.T, name string, permissions ...string) {
	t.Helper()
	gs := b.current.Load().auth.Groups()
	g, err := gs.Create(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := gs.Permissions(g).Add(t.Context(), b.permissions(t, permissions)...); err != nil {
		t.Fatal(err)
	}
}

func (b *belleville) grant(t *testing.T, name string, permissions, groups []string) {
	t.Helper()
	u := b.find(t, name)
	if err := b.users().Permissions(u).Add(t.Context(), b.permissions(t, permissions)...); err != nil {
		t.Fatal(err)
	}
	if err := b.users().Groups(u).Add(t.Context(), b.groups(t, groups)...); err != nil {
		t.Fatal(err)
	}
}

func (b *belleville) revoke(t *testing.T, name string, permissions, groups []string) {
	t.Helper()
	u := b.find(t, name)
	if err := b.users().Permissions(u).Remove(t.Context(), b.permissions(t, permissions)...); err != nil {
		t.Fatal(err)
	}
	if err := b.users().Groups(u).Remove(t.Context(), b.groups(t, groups)...); err != nil {
		t.Fatal(err)
	}
}

func (b *belleville) deleteUser(t *testing.T, name string) {
	t.Helper()
	if err := b.users().Delete(t.Context(), b.find(t, name)); err != nil {
		t.Fatal(err)
	}
}

func (b *belleville) createSuperuser(t *testing.T, name string, more ...string) {
	t.Helper()
	var out bytes.Buffer
	env := &command.Env{Stdout: &out, Stderr: &out, LookupEnv: func(v string) (string, bool) {
		return secret, v == "DJANGO_SUPERUSER_PASSWORD"
	}}
	args := append([]string{"--noinput", "--username=" + name, "--email=" + name + "@example.org"}, more...)
	if err := b.current.Load().project.Call(t.Context(), env, "createsuperuser", args...); err != nil {
		t.Fatalf("Belleville's createsuperuser: %v\n%s", err, &out)
	}
}

func (b *belleville) mails(*testing.T) []string {
	var all []string
	for _, m := range b.outbox.Outbox() {
		all = append(all, m.Text)
	}
	return all
}
