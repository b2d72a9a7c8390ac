package csrf_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
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
	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/web"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

// project has log-ins and a form, with tokens in cookies. Tests make others on the same database.
var project = coretest.New(func(s core.Settings) (*core.Project, error) { return newProject(s, &csrf.Tokens{}, nil, nil) })

// newProject has log-ins, and a form that stores a group. change and remote may be nil.
func newProject(s core.Settings, tokens *csrf.Tokens, change func(*auth.Config), remote *auth.RemoteUser) (*core.Project, error) {
	s.CSRF = tokens
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	c := auth.Config{
		Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types,
		Hashers: cheap(), Validators: []password.Validator{},
	}
	if change != nil {
		change(&c)
	}
	a := auth.New(c)
	form := fstest.MapFS{"extra/form.html": {Data: []byte(`{{template "forms/csrf.html" .}}`)}}
	extra := core.App{Label: "extra", Templates: form, Routes: func(r *web.Router) {
		r.Form("/form/", "form", func(w http.ResponseWriter, r *http.Request) error {
			if r.Method == http.MethodPost {
				_, err := s.DB.NewInsert().Model(&auth.Group{Name: r.PostFormValue("name")}).Exec(r.Context())
				return err
			}
			return web.Render(w, r, "extra/form.html", nil)
		})
		r.Post("/members/", "members", func(http.ResponseWriter, *http.Request) error { return nil }, a.LoginRequired)
		r.Form("/remote_user/", "remote", func(w http.ResponseWriter, r *http.Request) error {
			u, err := auth.UserOf(r.Context())
			if err == nil {
				_, err = fmt.Fprint(w, "user: ", u)
			}
			return err
		})
		r.Post("/hook/", "hook", func(w http.ResponseWriter, r *http.Request) error { return nil }, web.Public, csrf.Exempt)
	}}
	if remote != nil {
		extra.Middleware = []web.Middleware{a.RemoteUserMiddleware(*remote)}
	}
	return core.New(s, types.App(), sess.App(), a.App(), authviews.New(a).App("/accounts/"), extra)
}

func cheap() *hashers.Hashers {
	return hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}})
}

// demo is the project on one database, with users, and the secret in one store.
type demo struct {
	*coretest.Site
	store store
	users *auth.Users
}

// each runs f on both databases, with the secret in cookies and in sessions.
func each(t *testing.T, f func(t *testing.T, d *demo)) {
	t.Helper()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		users := auth.New(auth.Config{Users: auth.NewUsers(s.DB(), (*auth.User)(nil)), Hashers: cheap()}).Users()
		if _, err := users.Create(t.Context(), "fay", "", "fay-password", nil); err != nil {
			t.Fatal(err)
		}
		f(t, &demo{s, inCookie, users})
		p, err := newProject(s.Settings(), &csrf.Tokens{Session: sessions.ForCSRF}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		f(t, &demo{s.On(t, p), inSession, users})
	})
}

// secretOf is what the visitor has: a cookie, or a value in the database.
func (d *demo) secretOf(t *testing.T, b *coretest.Browser) string {
	t.Helper()
	if !d.store.sessions {
		return b.Cookie("csrftoken")
	}
	raw := d.session(t, b)["_csrftoken"]
	return strings.Trim(string(raw), `"`)
}

// session is the visitor's session as the database has it.
func (d *demo) session(t *testing.T, b *coretest.Browser) sessions.Data {
	t.Helper()
	rec, err := dbstore.New(d.DB(), d.Settings().Keys).Load(t.Context(), b.Cookie("sessionid"))
	if err != nil && b.Cookie("sessionid") != "" {
		t.Fatal(err)
	}
	return rec.Data
}

// loggedIn is whether the visitor's session has a user.
func (d *demo) loggedIn(t *testing.T, b *coretest.Browser) bool {
	t.Helper()
	_, ok := d.session(t, b)[auth.SessionUserID]
	return ok
}

// count is the number of rows of a table.
func (d *demo) count(t *testing.T, model any) int {
	t.Helper()
	n, err := d.DB().NewSelect().Model(model).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

// tokenOf is the token of a page.
func tokenOf(t *testing.T, p *coretest.Page) string {
	t.Helper()
	m := fieldPattern.FindStringSubmatch(p.Body)
	if m == nil {
		t.Fatalf("status %d, the page shows no token: %.600s", p.Status, p.Body)
	}
	return m[1]
}

func withToken(token string, pairs ...string) url.Values {
	v := url.Values{"csrfmiddlewaretoken": {token}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestErrorPages(t *testing.T) {
	t.Parallel()
	t.Run("django/csrf_tests/tests.py/CsrfInErrorHandlingViewsTests.test_csrf_token_on_404_stays_constant", func(t *testing.T) {
		db, err := core.OpenDB("sqlite:" + t.TempDir() + "/db.sqlite3")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		p, err := core.New(core.Settings{
			DB: db, Keys: []string{coretest.Key}, AllowedHosts: []string{"testserver"}, CSRF: &csrf.Tokens{},
			Templates: fstest.MapFS{"404.html": {Data: []byte(`{{.csrf_token}}`)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		h, err := p.Handler()
		if err != nil {
			t.Fatal(err)
		}
		var tokens []string
		cookie := ""
		for range 2 {
			r := httptest.NewRequest("GET", "http://testserver/does%20not%20exist/", nil)
			r.Header.Set("Accept", "text/html")
			if cookie != "" {
				r.Header.Set("Cookie", "csrftoken="+cookie)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != 404 {
				t.Fatalf("status %d, want 404", w.Code)
			}
			cookie, _ = inCookie.kept(r, w)
			tokens = append(tokens, w.Body.String())
		}
		if tokens[0] == tokens[1] {
			t.Error("two pages show the same token")
		}
		wantMasked(t, tokens[0], csrf.Unmask(tokens[1]))
	})
}
