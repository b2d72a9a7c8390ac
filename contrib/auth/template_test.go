package auth_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
)

// templated is a project with pages that show what templates are given.
var templated = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
	return newPlain(s, templatePages())
})

func templatePages() core.App {
	pages := fstest.MapFS{
		"none.html":  {Data: []byte(`no user here`)},
		"user.html":  {Data: []byte(`unicode: {{.user}} id: {{.user.ID}} username: {{.user.Username}} url: {{url "pages:person" .user.Username}} in: {{.user.IsAuthenticated}} out: {{.user.IsAnonymous}}`)},
		"who.html":   {Data: []byte(`in: {{.user.IsAuthenticated}} out: {{.user.IsAnonymous}} [{{.user.Username}}]`)},
		"perms.html": {Data: []byte(`{{if .perms.auth}}Has auth permissions. {{end}}{{if .perms.auth.add_permission}}Has auth.add_permission permissions. {{end}}{{if .perms.auth.nonexistent}}nonexistent perm{{end}}{{if .perms.nonexistent}}nonexistent app{{end}}{{if .perms.nonexistent.nothing}}nonexistent both{{end}}`)},
		"in.html":    {Data: []byte(`{{if .perms.Has "auth"}}Has auth permissions. {{end}}{{if .perms.Has "auth.add_permission"}}Has auth.add_permission permissions. {{end}}{{if .perms.Has "nonexistent"}}nonexistent app{{end}}{{if .perms.Has "auth.nonexistent"}}nonexistent perm{{end}}`)},
		"maybe.html": {Data: []byte(`{{if .ask}}{{.user.Username}}{{end}}done`)},
	}
	show := func(name string) web.Handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			return web.Render(&late{ResponseWriter: w, r: r}, r, name, web.Data{"ask": r.URL.Query().Has("ask")})
		}
	}
	return core.App{Label: "pages", Templates: pages, Routes: func(r *web.Router) {
		for name := range pages {
			r.Get("/"+strings.TrimSuffix(name, ".html")+"/", strings.TrimSuffix(name, ".html"), show(name))
		}
		r.Get("/person/{name}/", "person", show("none.html"))
	}}
}

// late tells in a header whether the session was used, before the answer begins.
type late struct {
	http.ResponseWriter
	r *http.Request
}

func (l *late) WriteHeader(status int) {
	if sessions.Of(l.r.Context()).Accessed() {
		l.Header().Set("Session", "accessed")
	}
	l.ResponseWriter.WriteHeader(status)
}

func TestTemplateData(t *testing.T) {
	t.Parallel()
	templated.Each(t, func(t *testing.T, s *authtest.Site) {
		const file = "django/auth_tests/test_context_processors.py/"
		u := newUser(t, s, "normal", nil)
		grant(t, s, u, "auth.add_permission")
		super := newUser(t, s, "super", func(u *auth.User) { u.IsSuperuser = true })
		body := func(t *testing.T, path string, u auth.Account) string {
			t.Helper()
			b := s.Browser()
			if u != nil {
				authtest.ForceLogin(t, s.Auth, b, u)
			}
			page := b.Get(t, path)
			if page.Status != 200 {
				t.Fatalf("GET %s: status %d, body %.300s", path, page.Status, page.Body)
			}
			return page.Body
		}
		same := func(t *testing.T, got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("the page reads %q, want %q", got, want)
			}
		}
		const both = "Has auth permissions. Has auth.add_permission permissions. "
		t.Run(file+"AuthContextProcessorTests.test_perms_attrs", func(t *testing.T) { same(t, body(t, "/perms/", u), both) })
		t.Run(file+"AuthContextProcessorTests.test_perm_in_perms_attrs", func(t *testing.T) { same(t, body(t, "/in/", u), both) })
		t.Run(file+"PermWrapperTests.test_permwrapper_in", func(t *testing.T) { testPermsHas(t, s, u) })
		t.Run(file+"AuthContextProcessorTests.test_user_attrs", func(t *testing.T) {
			same(t, body(t, "/user/", super), "unicode: super id: "+s.Auth.Users().PK(super)+" username: super url: /person/super/ in: true out: false")
		})
		t.Run(file+"AuthContextProcessorTests.test_session_not_accessed", func(t *testing.T) { testSessionAccess(t, s, u, "/none/", false) })
		t.Run(file+"AuthContextProcessorTests.test_session_is_accessed", func(t *testing.T) { testSessionAccess(t, s, u, "/who/", true) })
		t.Run("row/C01", func(t *testing.T) {
			same(t, body(t, "/who/", nil), "in: false out: true []")
			same(t, body(t, "/who/", u), "in: true out: false [normal]")
		})
		t.Run("row/C02", func(t *testing.T) {
			same(t, body(t, "/perms/", nil), "")
			if got := body(t, "/perms/", super); !strings.Contains(got, "Has auth permissions") || !strings.Contains(got, "nonexistent app") {
				t.Errorf("a superuser sees %q, want every app, unknown ones too", got)
			}
		})
		t.Run("row/C03", func(t *testing.T) {
			same(t, body(t, "/perms/", u), both)
			if got := body(t, "/perms/", super); !strings.Contains(got, "nonexistent perm") {
				t.Errorf("a superuser sees %q, want every permission, unknown ones too", got)
			}
		})
		t.Run("row/C04", func(t *testing.T) {
			same(t, body(t, "/in/", u), both)
			same(t, body(t, "/in/", nil), "")
		})
		t.Run("row/C05", func(t *testing.T) { same(t, body(t, "/who/", super), "in: true out: false [super]") })
		t.Run("row/C07", func(t *testing.T) {
			testSessionAccess(t, s, u, "/none/", false)
			testSessionAccess(t, s, u, "/maybe/", false)
			testSessionAccess(t, s, u, "/maybe/?ask", true)
		})
	})
}

// testSessionAccess looks at a page as a user whose cookie is there, and counts the statements.
func testSessionAccess(t *testing.T, s *authtest.Site, u auth.Account, path string, want bool) {
	t.Helper()
	b := s.Browser()
	authtest.ForceLogin(t, s.Auth, b, u)
	statements := s.Queries.During(func() {
		page := b.Get(t, path)
		if got := page.Header.Get("Session") == "accessed"; got != want {
			t.Errorf("GET %s uses the session: %v, want %v", path, got, want)
		}
		if got := strings.Contains(page.Header.Get("Vary"), "Cookie"); got != want {
			t.Errorf("GET %s varies on the cookie: %v, want %v", path, got, want)
		}
	})
	if (len(statements) > 0) != want {
		t.Errorf("GET %s sends the statements %q", path, statements)
	}
}

func testPermsHas(t *testing.T, s *authtest.Site, u *auth.User) {
	t.Helper()
	perms := s.Auth.Perms(t.Context(), u)
	for name, want := range map[string]bool{"auth": true, "nonexistent": false, "auth.add_permission": true, "auth.nonexistent": false} {
		check(t, "Has "+name, want)(perms.Has(name))
	}
}
