package authviews_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/web"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

// tables is the project that makes the tables; tests ask other projects on the same database.
var tables = coretest.New(func(s core.Settings) (*core.Project, error) {
	_, p, err := newProject(s, options{}, nil)
	return p, err
})

// options are what differs from one site of the tests to another.
type options struct {
	model     auth.Account // nil means *auth.User
	settings  func(*core.Settings)
	config    func(*auth.Config)
	views     func(*authviews.Views)
	routes    func(r *web.Router, a *auth.Auth, w *world)
	templates fstest.MapFS
	closed    bool // everything asks for a log-in
}

// world is a site and what happens in it.
type world struct {
	*coretest.Site
	auth   *auth.Auth
	users  *auth.Users
	outbox mail.Memory
	log    logs
	page   *authviews.Page // the last one that a view showed
}

// logs collects what is logged; it may be written to by several goroutines.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newProject puts a site together. w, which may be nil, gets what happens in it.
func newProject(s core.Settings, o options, w *world) (*authviews.Views, *core.Project, error) {
	if w == nil {
		w = new(world)
	}
	var own []core.Model
	if o.model == nil {
		o.model = (*auth.User)(nil)
	} else {
		own = append(own, auth.Model(o.model))
	}
	s.Templates = o.templates
	s.Log = slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if o.settings != nil {
		o.settings(&s)
	}
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	c := auth.Config{
		Users: auth.NewUsers(s.DB, o.model), Sessions: sess, Types: types, Log: s.Log,
		Hashers:    hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}}),
		Validators: []password.Validator{},
	}
	if o.config != nil {
		o.config(&c)
	}
	a := auth.New(c)
	w.auth, w.users = a, a.Users()
	views := authviews.New(a)
	views.PasswordReset.Mailer = &mail.Mailer{Transport: &w.outbox, DefaultFrom: "site@example.com"}
	watch(views, w)
	if o.views != nil {
		o.views(views)
	}
	extra := core.App{Label: "extra", Models: own, Migrations: models{}, Routes: func(r *web.Router) {
		if o.routes != nil {
			o.routes(r.Root(), a, w)
		}
	}}
	if o.closed {
		extra.RouteMiddleware = []web.Middleware{a.LoginRequiredByDefault}
	}
	p, err := core.New(s, types.App(), sess.App(), a.App(), views.App("/"), extra)
	return views, p, err
}

// watch notes each page that a view shows.
func watch(v *authviews.Views, w *world) {
	see := w.see
	v.Login.Prepare, v.Logout.Prepare, v.PasswordChange.Prepare, v.PasswordChangeDone.Prepare = see, see, see, see
	v.PasswordReset.Prepare, v.PasswordResetDone.Prepare = see, see
	v.PasswordResetConfirm.Prepare, v.PasswordResetComplete.Prepare = see, see
}

func (w *world) see(_ *http.Request, p *authviews.Page) error {
	w.page = p
	return nil
}

// open returns a site on a database that has the tables.
func open(t *testing.T, s *coretest.Site, o options) *world {
	t.Helper()
	w := new(world)
	_, p, err := newProject(s.Settings(), o, w)
	if err != nil {
		t.Fatal(err)
	}
	w.Site = s.On(t, p)
	return w
}

// each runs f on both databases, with the people of Django's test data.
func each(t *testing.T, o options, f func(t *testing.T, w *world)) {
	t.Helper()
	tables.Each(t, func(t *testing.T, s *coretest.Site) {
		w := open(t, s, o)
		people(t, w)
		f(t, w)
	})
}

func people(t testing.TB, w *world) {
	t.Helper()
	w.create(t, "testclient", "testclient@example.com", "password")
	w.create(t, "staff", "staffmember@example.com", "password")
}

// cases returns what runs the cases of a class of Django's, each with a new browser.
func (w *world) cases(t *testing.T, class string) func(name string, f func(t *testing.T, b *coretest.Browser)) {
	return func(name string, f func(t *testing.T, b *coretest.Browser)) {
		t.Helper()
		t.Run("django/auth_tests/test_views.py/"+class+"."+name, func(t *testing.T) { f(t, w.Browser()) })
	}
}

func (w *world) create(t testing.TB, name, email, raw string) auth.Account {
	t.Helper()
	u, err := w.users.Create(t.Context(), name, email, raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (w *world) find(t testing.TB, name string) auth.Account {
	t.Helper()
	u, err := w.users.ByUsername(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// login logs in through the page and fails the test unless that works.
func (w *world) login(t testing.TB, b *coretest.Browser, name, raw string) *coretest.Page {
	t.Helper()
	p := w.enter(t, b, "/login/", name, raw)
	if p.Status != http.StatusFound || w.loggedIn(t, b) == "" {
		t.Fatalf("log-in as %s: status %d, logged in as %q", name, p.Status, w.loggedIn(t, b))
	}
	return p
}

// enter posts a name and a password.
func (w *world) enter(t testing.TB, b *coretest.Browser, path, name, raw string, more ...string) *coretest.Page {
	t.Helper()
	return b.Post(t, path, form(append(more, "username", name, "password", raw)...))
}

// form makes values of pairs.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// session returns the data of a browser's session as the database has it.
func (w *world) session(t testing.TB, b *coretest.Browser) *sessions.Session {
	t.Helper()
	return w.auth.Config().Sessions.Open(b.Cookie("sessionid"))
}

// loggedIn returns the key of the user that the browser's session names, "" for nobody.
func (w *world) loggedIn(t testing.TB, b *coretest.Browser) string {
	t.Helper()
	return w.sessionText(t, b, auth.SessionUserID)
}

func (w *world) sessionText(t testing.TB, b *coretest.Browser, name string) string {
	t.Helper()
	text, _, err := sessions.Get[string](t.Context(), w.session(t, b), name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// wantRedirect fails the test unless the page is a redirect to an address.
func wantRedirect(t testing.TB, p *coretest.Page, to string) {
	t.Helper()
	if p.Status != http.StatusFound || p.Location() != to {
		t.Errorf("status %d, Location %q; want a redirect to %q", p.Status, p.Location(), to)
	}
}

func wantStatus(t testing.TB, p *coretest.Page, status int) {
	t.Helper()
	if p.Status != status {
		t.Errorf("status %d, want %d; body: %.300s", p.Status, status, p.Body)
	}
}

// checkPassword compares a password with the one in the database.
func (w *world) checkPassword(t testing.TB, name, raw string, want bool) {
	t.Helper()
	got, err := w.users.CheckPassword(t.Context(), w.find(t, name), raw)
	if err != nil || got != want {
		t.Errorf("the password of %s is %q: %v, %v; want %v", name, raw, got, err, want)
	}
}
