package directory_test

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/examples/directory"
)

const base = "ou=people,dc=example,dc=org"

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

// site is a site with a directory of its own, in which ada is.
type site struct {
	*authtest.Site
	server  *directory.Memory
	backend *directory.Backend
}

var tables = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
	site, p, err := directory.NewProject(s, &directory.Memory{}, nil)
	return site.Auth, p, err
})

func each(t *testing.T, f func(t *testing.T, s site)) {
	t.Helper()
	tables.Each(t, func(t *testing.T, s *authtest.Site) {
		server := &directory.Memory{}
		server.Put(base, "engine", directory.Person{UID: "ada", Email: "ada@example.org", Groups: []string{"readers", "elsewhere"}})
		cheap := hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}})
		own, p, err := directory.NewProject(s.Settings(), server, cheap)
		if err != nil {
			t.Fatal(err)
		}
		f(t, site{&authtest.Site{Site: s.On(t, p), Auth: own.Auth}, server, own.Backend})
	})
}

func logIn(t *testing.T, b *coretest.Browser, name, password string) *coretest.Page {
	t.Helper()
	return b.Post(t, "/accounts/login/", url.Values{"username": {name}, "password": {password}})
}

func TestDirectoryLogin(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s site) {
		b := s.Browser()
		if page := logIn(t, b, "ada", "engine"); page.Status != http.StatusFound {
			t.Fatalf("the log-in: status %d", page.Status)
		}
		if page := b.Get(t, "/papers/"); page.Body != "papers of ada, ada@example.org" {
			t.Errorf("the page says %q", page.Body)
		}
		ada, err := s.Auth.Users().ByUsername(t.Context(), "ada")
		if err != nil || s.Auth.Users().HasUsablePassword(ada) {
			t.Errorf("the local user is %v, %v; want one without a password", ada, err)
		}
		s.server.Put(base, "engine", directory.Person{UID: "ada", Email: "lovelace@example.org"})
		b = s.Browser()
		logIn(t, b, "ADA", "engine") // the directory does not care for case
		if page := b.Get(t, "/papers/"); page.Body != "papers of ada, lovelace@example.org" {
			t.Errorf("after a change there the page says %q", page.Body)
		}
	})
}

func TestDirectoryRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s site) {
		users := s.Auth.Users()
		if _, err := users.CreateSuperuser(t.Context(), "root", "root@example.org", "local", nil); err != nil {
			t.Fatal(err)
		}
		s.server.Put(base, "stolen", directory.Person{UID: "root"})
		s.server.Put("ou=robots,dc=example,dc=org", "engine", directory.Person{UID: "r2"})
		for _, c := range []struct {
			what, name, password string
			want                 int
		}{
			{"a wrong password", "ada", "motor", http.StatusOK},
			{"no password", "ada", "", http.StatusOK},
			{"an unknown name", "eve", "engine", http.StatusOK},
			{"a way out of the base", "r2,ou=robots,dc=example,dc=org", "engine", http.StatusOK},
			{"a local superuser by the directory's password", "root", "stolen", http.StatusOK},
			{"a local superuser by his own", "root", "local", http.StatusFound},
		} {
			if page := logIn(t, s.Browser(), c.name, c.password); page.Status != c.want {
				t.Errorf("%s: status %d, want %d", c.what, page.Status, c.want)
			}
		}
		logIn(t, s.Browser(), "ada", "engine")
		ada, err := users.ByUsername(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		ada.(*auth.User).IsActive = false
		if err := users.Save(t.Context(), ada, "is_active"); err != nil {
			t.Fatal(err)
		}
		if page := logIn(t, s.Browser(), "ada", "engine"); page.Status != http.StatusOK {
			t.Errorf("somebody who is deactivated here: status %d, want the form again", page.Status)
		}
	})
}

func TestDirectoryDown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s site) {
		b := s.Browser()
		logIn(t, b, "ada", "engine")
		s.server.Fail(errors.New("connection refused"))
		if page := b.Get(t, "/papers/"); page.Status != http.StatusOK {
			t.Errorf("who is logged in: status %d, want 200", page.Status)
		}
		page := logIn(t, s.Browser(), "ada", "engine")
		if page.Status != http.StatusInternalServerError || strings.Contains(page.Body, "refused") {
			t.Errorf("a log-in: status %d, %q; want an error page without details", page.Status, page.Body)
		}
	})
}

func TestDirectoryGroups(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s site) {
		ctx, groups := t.Context(), s.Auth.Groups()
		for _, name := range []string{"readers", "writers", "elsewhere"} {
			g, err := groups.Create(ctx, name)
			if err != nil {
				t.Fatal(err)
			}
			if name != "elsewhere" {
				s.backend.Groups = append(s.backend.Groups, g)
			}
		}
		in := func() string {
			ada, err := s.Auth.Users().ByUsername(ctx, "ada")
			if err != nil {
				t.Fatal(err)
			}
			all, err := s.Auth.Users().Groups(ada).All(ctx)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, g := range all {
				names = append(names, g.Name)
			}
			return strings.Join(names, " ")
		}
		logIn(t, s.Browser(), "ada", "engine")
		if got := in(); got != "readers" {
			t.Errorf("ada is in %q, want readers: the directory does not decide about elsewhere", got)
		}
		s.server.Put(base, "engine", directory.Person{UID: "ada", Groups: []string{"writers"}})
		logIn(t, s.Browser(), "ada", "engine")
		if got := in(); got != "writers" {
			t.Errorf("ada is in %q, want writers", got)
		}
	})
}

// TestRules runs the rules that every back end has to keep.
func TestRules(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s site) {
		logIn(t, s.Browser(), "ada", "engine")
		authtest.TestBackend(t, s.backend, authtest.Backend{
			Users: s.Auth.Users(),
			Right: auth.PasswordCredentials{Username: "ada", Password: "engine"},
			Wrong: []auth.Credentials{
				auth.PasswordCredentials{Username: "ada", Password: "motor"},
				auth.PasswordCredentials{Username: "ada"},
				auth.PasswordCredentials{Username: "", Password: "engine"},
			},
		})
	})
}
