package authviews_test

import (
	"net/url"
	"os"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

func newProject(s core.Settings) (*core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{
		Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types,
		Hashers: hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}}),
	})
	return core.New(s, types.App(), sess.App(), a.App(), authviews.New(a).App("/accounts/"))
}

var site = coretest.New(newProject)

func TestLoginAndLogout(t *testing.T) {
	t.Parallel()
	site.Each(t, func(t *testing.T, s *coretest.Site) {
		users := auth.NewUsers(s.DB(), (*auth.User)(nil))
		encoded, err := hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}}).Make(t.Context(), "secret")
		if err != nil {
			t.Fatal(err)
		}
		_, err = users.CreateWithoutPassword(t.Context(), "ada", "", func(u auth.Account) error {
			u.(*auth.User).Password = auth.Hash(encoded)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		b := s.Browser()
		if p := b.Post(t, "/accounts/login/?next=/x/", url.Values{"username": {"ada"}, "password": {"secret"}}); p.Location() != "/x/" {
			t.Errorf("login: status %d, Location %q, want /x/", p.Status, p.Location())
		}
		if p := b.Get(t, "/accounts/logout/"); p.Status != 405 {
			t.Errorf("GET logout: status %d, want 405", p.Status)
		}
		if p := b.Post(t, "/accounts/logout/", nil); p.Status != 200 || b.Cookie("sessionid") != "" {
			t.Errorf("logout: status %d, cookie %q", p.Status, b.Cookie("sessionid"))
		}
	})
}
