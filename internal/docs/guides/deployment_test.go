package guides_test

import (
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/core/web"
)

func production(s core.Settings) core.Settings {
	s.Security = web.Security{
		RedirectToHTTPS: true,
		HSTS:            365 * 24 * time.Hour, HSTSSubdomains: true, HSTSPreload: true,
	}
	s.SecureProxyHeader, s.SecureProxyValue = "X-Forwarded-Proto", "https" // behind a proxy that sets it
	return s
}

// TestProduction follows the check list of the guide: nothing is left to complain about, and a
// project that has done none of it hears of each line.
func TestProduction(t *testing.T) {
	t.Parallel()
	build := func(s core.Settings, secure bool) *core.Project {
		t.Helper()
		s.CSRF = &csrf.Tokens{CookieSecure: secure}
		types := contenttypes.New(s.DB)
		sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys), CookieSecure: secure})
		c := auth.Config{Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types}
		if !secure {
			c.Hashers = cheap()
		}
		p, err := core.New(s, types.App(), sess.App(), auth.New(c).App())
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Ready(); err != nil {
			t.Fatal(err)
		}
		return p
	}
	db := plain.SQLite(t).DB()
	careless := build(core.Settings{DB: db, Keys: signing.Keys{"short"}, Debug: true}, false)
	found := map[string]bool{}
	for _, m := range careless.Check(t.Context(), true) {
		found[m.ID] = true
	}
	for _, id := range []string{"security.W018", "security.W009", "security.W012", "security.W016", "security.W008", "security.W004", "auth.W110"} {
		if !found[id] {
			t.Errorf("a careless project does not hear of %s", id)
		}
	}
	key := signing.RandomString(50, signing.Alphanumeric)
	careful := build(production(core.Settings{DB: db, Keys: signing.Keys{key}, AllowedHosts: []string{"example.com"}}), true)
	for _, m := range careful.Check(t.Context(), true) {
		t.Errorf("after the list: %s", m)
	}
}
