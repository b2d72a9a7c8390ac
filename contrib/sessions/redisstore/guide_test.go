package redisstore_test

import (
	"net/url"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/cacheddb"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/contrib/sessions/redisstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
)

// inRedis keeps sessions in Redis alone.
func inRedis(client redis.UniversalClient, prefix string) sessions.Store {
	return redisstore.NewWith(client, redisstore.Config{Prefix: prefix})
}

// throughRedis keeps sessions in the database, and reads them from Redis.
func throughRedis(s core.Settings, client redis.UniversalClient, prefix string) sessions.Store {
	return cacheddb.New(dbstore.New(s.DB, s.Keys), cacheddb.Config{Cache: redisstore.NewCache(client, prefix)})
}

func newSite(s core.Settings, store sessions.Store) (*core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: store})
	a := auth.New(auth.Config{Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types})
	return core.New(s, types.App(), sess.App(), a.App(), authviews.New(a).App("/accounts/"))
}

var guide = coretest.New(func(s core.Settings) (*core.Project, error) { return newSite(s, dbstore.New(s.DB, s.Keys)) })

// TestGuide logs in at one process and asks another, which shares the database and Redis with it.
func TestGuide(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]func(core.Settings, redis.UniversalClient, string) sessions.Store{
		"in Redis": func(_ core.Settings, c redis.UniversalClient, prefix string) sessions.Store {
			return inRedis(c, prefix)
		},
		"through Redis": throughRedis,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, prefix := connect(t)
			site := guide.SQLite(t)
			process := func() *coretest.Site {
				p, err := newSite(site.Settings(), store(site.Settings(), client, prefix))
				if err != nil {
					t.Fatal(err)
				}
				return site.On(t, p)
			}
			one, two := process(), process()
			if _, err := auth.NewUsers(site.DB(), (*auth.User)(nil)).Create(t.Context(), "ada", "", "engine", nil); err != nil {
				t.Fatal(err)
			}
			b := one.Browser()
			b.Post(t, "/accounts/login/", url.Values{"username": {"ada"}, "password": {"engine"}})
			const private = "/accounts/password_change/"
			if page := b.Visits(two).Get(t, private); page.Status != 200 {
				t.Errorf("at the other process: status %d to %q, want to be logged in", page.Status, page.Location())
			}
			b.Visits(two).Post(t, "/accounts/logout/", nil)
			if page := b.Visits(one).Get(t, private); page.Status != 302 {
				t.Errorf("after logging out there: status %d, want to be sent to the log-in page", page.Status)
			}
		})
	}
}
