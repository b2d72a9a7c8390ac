package guides_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
)

// newByEmail is a project whose users log in by their address.
func newByEmail(s core.Settings) (*auth.Auth, *core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{
		Users:    auth.NewUsers(s.DB, (*auth.EmailUser)(nil)),
		Sessions: sess,
		Types:    types,
		Hashers:  cheap(),
	})
	p, err := core.New(s, types.App(), sess.App(), a.App(), authviews.New(a).App("/accounts/"))
	return a, p, err
}

// newByEither is a project whose users have names, and may type their address instead.
func newByEither(s core.Settings) (*auth.Auth, *core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{
		Users:    auth.NewUsers(s.DB, (*auth.User)(nil)),
		Sessions: sess,
		Types:    types,
		Backends: []auth.Backend{&auth.ModelBackend{}, &auth.EmailBackend{}},
		Hashers:  cheap(),
	})
	p, err := core.New(s, types.App(), sess.App(), a.App(), authviews.New(a).App("/accounts/"))
	return a, p, err
}

var (
	byEmail  = authtest.New(newByEmail)
	byEither = authtest.New(newByEither)
)

func TestByEmail(t *testing.T) {
	t.Parallel()
	byEmail.Each(t, func(t *testing.T, s *authtest.Site) {
		ada, err := s.Auth.Users().Create(t.Context(), "Ada@example.org", "", "engine", nil)
		if err != nil {
			t.Fatal(err)
		}
		logsIn(t, s, ada, map[string]int{"Ada@example.org": http.StatusFound, "ada@EXAMPLE.org": http.StatusFound, "ada": http.StatusOK})
	})
}

func TestByEither(t *testing.T) {
	t.Parallel()
	byEither.Each(t, func(t *testing.T, s *authtest.Site) {
		ada, err := s.Auth.Users().Create(t.Context(), "ada", "ada@example.org", "engine", nil)
		if err != nil {
			t.Fatal(err)
		}
		logsIn(t, s, ada, map[string]int{"ada": http.StatusFound, "ada@example.org": http.StatusFound, "eve@example.org": http.StatusOK})
	})
}

// logsIn tries names at the log-in page, with the right password, and looks who that made of the
// visitor.
func logsIn(t *testing.T, s *authtest.Site, u auth.Account, names map[string]int) {
	t.Helper()
	for name, want := range names {
		b := s.Browser()
		page := b.Post(t, "/accounts/login/", url.Values{"username": {name}, "password": {"engine"}})
		if page.Status != want {
			t.Errorf("the log-in as %s: status %d, want %d", name, page.Status, want)
		}
		if want == http.StatusFound && !s.Auth.Users().Same(authtest.User(t, s.Auth, b), u) {
			t.Errorf("after the log-in as %s it is somebody else", name)
		}
	}
}
