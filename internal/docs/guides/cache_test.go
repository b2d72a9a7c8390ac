package guides_test

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/web"
)

func withCache(s core.Settings) core.Settings {
	s.Cache = changes.New(changes.Config{DB: s.DB, Age: time.Minute, Entries: 50_000})
	return s
}

// Shop has pages that must be certain who asks.
type Shop struct{ auth *auth.Auth }

func (p *Shop) pay(w http.ResponseWriter, r *http.Request) error {
	user, err := auth.UserOf(auth.Fresh(r.Context())) // session, user and permissions from the database
	if err != nil {
		return err
	}
	return p.answer(w, user)
}

func (p *Shop) look(w http.ResponseWriter, r *http.Request) error {
	user, err := auth.UserOf(r.Context())
	if err != nil {
		return err
	}
	return p.answer(w, user)
}

func (p *Shop) answer(w http.ResponseWriter, user auth.Account) error {
	_, err := w.Write([]byte(p.auth.Users().Username(user)))
	return err
}

func (p *Shop) routes(r *web.Router) {
	r.Get("/look/", "look", p.look)
	r.Get("/pay/", "pay", p.pay, p.auth.LoginRequired)
	r.Get("/refund/", "refund", p.look, auth.ReadFresh, p.auth.PermissionRequired("auth.delete_user"))
}

var shop = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types, Hashers: cheap()})
	p, err := core.New(s, types.App(), sess.App(), a.App(), core.App{Label: "shop", Routes: (&Shop{a}).routes})
	return a, p, err
})

// TestFresh changes rows as Django would, telling nobody: pages that must be certain see it, the
// others only where the database itself tells.
func TestFresh(t *testing.T) {
	t.Parallel()
	hour := func(s *core.Settings) {
		*s = withCache(*s)
		s.Cache = changes.New(changes.Config{DB: s.DB, Age: time.Hour, Log: slog.New(slog.DiscardHandler)})
	}
	shop.EachWith(t, hour, func(t *testing.T, s *authtest.Site) {
		b := s.Browser()
		u, err := s.Auth.Users().CreateSuperuserWithoutPassword(t.Context(), "ada", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		authtest.ForceLogin(t, s.Auth, b, u)
		hits := func() uint64 { return s.Settings().Cache.Stats().Hits }
		coretest.WaitFor(t, "the page is answered from memory", func() bool {
			before := hits()
			return b.Get(t, "/look/").Body == "ada" && hits() >= before+2
		})
		for _, path := range []string{"/pay/", "/refund/"} {
			if page := b.Get(t, path); page.Status != 200 || page.Body != "ada" {
				t.Fatalf("%s: status %d, %q, want ada's page", path, page.Status, page.Body)
			}
		}
		if _, err := s.DB().ExecContext(t.Context(), "UPDATE auth_user SET is_superuser = ?", false); err != nil {
			t.Fatal(err)
		}
		if page := b.Get(t, "/refund/"); page.Status != http.StatusFound {
			t.Errorf("/refund/ after the flag is gone: status %d, want 302", page.Status)
		}
		if _, err := s.DB().ExecContext(t.Context(), "DELETE FROM django_session"); err != nil {
			t.Fatal(err)
		}
		known := "ada"
		if !database.IsPostgres(s.DB()) {
			known = "" // the file says that it was changed
		}
		if page := b.Get(t, "/look/"); page.Body != known {
			t.Errorf("/look/ without a session is for %q, want %q", page.Body, known)
		}
		if page := b.Get(t, "/pay/"); page.Body != "" {
			t.Errorf("/pay/ without a session is for %q, want a visitor", page.Body)
		}
	})
}
