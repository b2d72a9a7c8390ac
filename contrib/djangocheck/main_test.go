package djangocheck_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/djangocheck"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/check"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signing"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

// iterations is what hashes cost here.
const iterations = 1000

// site is a project beside Django and its checker.
type site struct {
	auth    *auth.Auth
	checker *djangocheck.Checker
	project *core.Project
}

// options are what tests change in a project.
type options struct {
	store    func(core.Settings) sessions.Store
	backends []auth.Backend
	model    auth.Account
	hashers  []hashers.Hasher
	apps     []core.App
}

// build puts a project together. Its hashers cost next to nothing.
func build(s core.Settings, o options) (*site, error) {
	if o.store == nil {
		o.store = func(s core.Settings) sessions.Store { return dbstore.New(s.DB, s.Keys) }
	}
	if o.model == nil {
		o.model = (*auth.User)(nil)
	}
	if o.hashers == nil {
		o.hashers = []hashers.Hasher{hashers.PBKDF2SHA256{Iterations: iterations}, hashers.MD5{}}
	}
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: o.store(s)})
	a := auth.New(auth.Config{
		Users: auth.NewUsers(s.DB, o.model), Sessions: sess, Types: types, Backends: o.backends,
		Hashers: hashers.New(hashers.Config{List: o.hashers}),
	})
	c := djangocheck.New(a)
	p, err := core.New(s, append([]core.App{types.App(), sess.App(), a.App(), c.App()}, o.apps...)...)
	return &site{a, c, p}, err
}

// plain is a project as most are.
var plain = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
	made, err := build(s, options{})
	if err != nil {
		return nil, nil, err
	}
	return made.auth, made.project, nil
})

// rebuilt is the project of a test on its database, with other options and settings.
func rebuilt(t *testing.T, s *authtest.Site, o options, change func(*core.Settings)) *site {
	t.Helper()
	settings := s.Project.Settings()
	if change != nil {
		change(&settings)
	}
	made, err := build(settings, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := made.project.Ready(); err != nil {
		t.Fatal(err)
	}
	return made
}

// find returns what is found, and fails when something secret is in it.
func (s *site) find(t *testing.T, o djangocheck.Options) []check.Message {
	t.Helper()
	found, err := s.checker.Find(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range found {
		for _, secret := range []string{coretest.Key, digest, "carla", "sessionkeyof"} {
			if strings.Contains(m.Text+m.Hint, secret) {
				t.Errorf("%s tells %q: %s", m.ID, secret, m.Text)
			}
		}
		if strings.ContainsAny(m.Text+m.Hint, "\n\t") || m.Text == "" || m.Hint == "" {
			t.Errorf("%s is not one line with a fix: %q, %q", m.ID, m.Text, m.Hint)
		}
	}
	return found
}

// ids are the ids of findings, in order.
func ids(found []check.Message) []string {
	var all []string
	for _, m := range found {
		all = append(all, strings.TrimPrefix(m.ID, "djangocheck."))
	}
	return all
}

// want fails unless exactly these are found, and returns them by id.
func want(t *testing.T, found []check.Message, wanted ...string) map[string]check.Message {
	t.Helper()
	if got := ids(found); !slices.Equal(got, wanted) {
		t.Errorf("found %v, want %v: %v", got, wanted, found)
	}
	byID := map[string]check.Message{}
	for _, m := range found {
		byID[strings.TrimPrefix(m.ID, "djangocheck.")] = m
	}
	return byID
}

// says fails unless a text has all parts.
func says(t *testing.T, m check.Message, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(m.Text+" "+m.Hint, part) {
			t.Errorf("%s says %q, fix %q; want %q in it", m.ID, m.Text, m.Hint, part)
		}
	}
}

// execute runs SQL.
func execute(t *testing.T, db *bun.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// digest stands in the hashes of the tests, and must not be shown.
const digest = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

// pbkdf2 is a hash of so many iterations.
func pbkdf2(iterations string) string {
	return "pbkdf2_sha256$" + iterations + "$ssssssssssssssssssssss$" + digest
}

// addUser stores a user with a hash who logged in at a time, zero for never.
func addUser(t *testing.T, s *authtest.Site, name, hash string, login time.Time) *auth.User {
	t.Helper()
	u, err := s.Auth.Users().CreateWithoutPassword(t.Context(), name, "", func(a auth.Account) error {
		a.(*auth.User).Password, a.(*auth.User).LastLogin = auth.Hash(hash), login
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return u.(*auth.User)
}

// addSession stores a row whose text is signed by a key at a time.
func addSession(t *testing.T, db *bun.DB, name, key string, signed time.Time, data any) {
	t.Helper()
	text, err := signing.Dumps(signing.Keys{key}, sessions.Salt, data, signed, true)
	if err != nil {
		t.Fatal(err)
	}
	addRow(t, db, name, text, time.Now().Add(24*time.Hour))
}

func addRow(t *testing.T, db *bun.DB, name, text string, expires time.Time) {
	t.Helper()
	row := &sessions.Row{SessionKey: "sessionkeyof" + name, SessionData: text, ExpireDate: expires.UTC()}
	if _, err := db.NewInsert().Model(row).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// loggedIn is the data of a session.
func loggedIn(pk, backend string) map[string]string {
	return map[string]string{auth.SessionUserID: pk, auth.SessionBackend: backend, auth.SessionHash: "0"}
}

func isPostgres(s *authtest.Site) bool { return database.IsPostgres(s.DB()) }
