package auth_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/database"
)

// cached is a change of settings: what nobody tells of stays for an hour, longer than any test.
func cached(s *core.Settings) { s.Cache = cacheOf(s, "") }

func cacheOf(s *core.Settings, url string) *changes.Feed {
	return changes.New(changes.Config{DB: s.DB, URL: url, Age: time.Hour, Log: slog.New(slog.DiscardHandler)})
}

// another returns a second process of a site: a project of its own, with its own connections, which
// shares nothing with the first but the database. It listens at listen, "" being as it connects. It
// is not started, as a command is not.
func another(t *testing.T, s *authtest.Site, listen string) *authtest.Site {
	t.Helper()
	db, err := database.Open(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	settings := s.Settings()
	settings.DB = db
	settings.Cache = cacheOf(&settings, listen)
	return rebuildWith(t, s, settings, nil)
}

// warm visits a page until it is answered from memory, and makes sure that it then is.
func warm(t *testing.T, s *authtest.Site, b *coretest.Browser, path string) {
	t.Helper()
	coretest.WaitFor(t, path+" is answered from memory", func() bool {
		before := s.Settings().Cache.Stats().Hits
		page := b.Get(t, path)
		if page.Status != http.StatusOK {
			t.Fatalf("%s: status %d, want 200", path, page.Status)
		}
		return s.Settings().Cache.Stats().Hits-before >= 2
	})
	s.Queries.AtMost(t, 0, func() {
		if page := b.Get(t, path); page.Status != http.StatusOK {
			t.Errorf("%s: status %d, want 200", path, page.Status)
		}
	})
}

// cacheCase is a change by another process, after which the member may not see the page any more.
type cacheCase struct {
	name   string
	change func(t *testing.T, s *authtest.Site, u *auth.User, b *coretest.Browser)
}

func cacheCases() []cacheCase {
	return []cacheCase{
		{"logout", func(t *testing.T, s *authtest.Site, _ *auth.User, b *coretest.Browser) {
			authtest.Logout(t, s.Auth, b.Visits(s.Site))
		}},
		{"password change", func(t *testing.T, s *authtest.Site, u *auth.User, _ *coretest.Browser) {
			noError(t, s.Auth.Users().ChangePassword(t.Context(), u, "another"))
		}},
		{"password change by the command", func(t *testing.T, s *authtest.Site, u *auth.User, _ *coretest.Browser) {
			noError(t, s.Auth.Users().In(s.DB()).ChangePassword(t.Context(), u, "another"))
		}},
		{"deactivation", func(t *testing.T, s *authtest.Site, u *auth.User, _ *coretest.Browser) {
			u.IsActive = false
			noError(t, s.Auth.Users().Save(t.Context(), u))
		}},
		{"deletion", func(t *testing.T, s *authtest.Site, u *auth.User, _ *coretest.Browser) {
			noError(t, s.Auth.Users().Delete(t.Context(), u))
		}},
		{"a removed permission", func(t *testing.T, s *authtest.Site, u *auth.User, _ *coretest.Browser) {
			noError(t, s.Auth.Users().Permissions(u).Clear(t.Context()))
			noError(t, s.Auth.Users().Groups(u).Clear(t.Context()))
		}},
		{"a group that the user leaves", func(t *testing.T, s *authtest.Site, u *auth.User, _ *coretest.Browser) {
			groups := must[[]*auth.Group](t)(s.Auth.Users().Groups(u).All(t.Context()))
			noError(t, s.Auth.Users().Groups(u).Remove(t.Context(), groups...))
		}},
		{"a removed group", func(t *testing.T, s *authtest.Site, _ *auth.User, _ *coretest.Browser) {
			g := must[*auth.Group](t)(s.Auth.Groups().ByName(t.Context(), "writers"))
			noError(t, s.Auth.Groups().Delete(t.Context(), s.Auth.Users(), g))
		}},
		{"a group that loses the permission", func(t *testing.T, s *authtest.Site, _ *auth.User, _ *coretest.Browser) {
			g := must[*auth.Group](t)(s.Auth.Groups().ByName(t.Context(), "writers"))
			noError(t, s.Auth.Groups().Permissions(g).Clear(t.Context()))
		}},
		{"SQL, and word of it", func(t *testing.T, s *authtest.Site, u *auth.User, _ *coretest.Browser) {
			_, err := s.DB().ExecContext(t.Context(), "UPDATE auth_user SET is_active = ? WHERE id = ?", false, u.ID)
			noError(t, err)
			noError(t, s.Auth.Users().TellChanged(t.Context(), s.Auth.Users().PK(u)))
		}},
		{"migrate", func(t *testing.T, s *authtest.Site, _ *auth.User, _ *coretest.Browser) {
			_, err := s.DB().ExecContext(t.Context(), "DELETE FROM auth_user_groups")
			noError(t, err)
			noError(t, s.Migrate(t.Context(), core.MigrateOptions{}))
		}},
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// writer is a user who may add by way of a group.
func writer(t *testing.T, s *authtest.Site) *auth.User {
	t.Helper()
	u := newUser(t, s, "member", nil)
	g := must[*auth.Group](t)(s.Auth.Groups().Create(t.Context(), "writers"))
	p := must[*auth.Permission](t)(s.Auth.Groups().Permission(t.Context(), addPerm))
	noError(t, s.Auth.Groups().Permissions(g).Add(t.Context(), p))
	noError(t, s.Auth.Users().Groups(u).Add(t.Context(), g))
	return u
}

// refused reports whether the member is shown the log-in page instead.
func refused(t *testing.T, b *coretest.Browser) bool {
	t.Helper()
	switch page := b.Get(t, "/add/"); page.Status {
	case http.StatusFound:
		return true
	case http.StatusOK:
		return false
	default:
		t.Fatalf("/add/: status %d, want 200 or 302", page.Status)
		return false
	}
}

// TestCacheDropsWhatAnotherProcessChanges sets the time that things are kept to an hour and waits for
// the news.
func TestCacheDropsWhatAnotherProcessChanges(t *testing.T) {
	t.Parallel()
	for _, c := range cacheCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			guarded.EachWith(t, cached, func(t *testing.T, here *authtest.Site) {
				there := another(t, here, "")
				u, b := writer(t, here), here.Browser()
				authtest.ForceLogin(t, here.Auth, b, u)
				warm(t, here, b, "/add/")
				c.change(t, there, reload(t, there, u), b)
				coretest.WaitFor(t, "the change is seen", func() bool { return refused(t, b) })
			})
		})
	}
}

// TestCacheOfTheProcessThatChanges: who makes a change sees it in the next request.
func TestCacheOfTheProcessThatChanges(t *testing.T) {
	t.Parallel()
	for _, c := range cacheCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			guarded.EachWith(t, cached, func(t *testing.T, s *authtest.Site) {
				u, b := writer(t, s), s.Browser()
				authtest.ForceLogin(t, s.Auth, b, u)
				warm(t, s, b, "/add/")
				stale := *b
				c.change(t, s, reload(t, s, u), b)
				if !refused(t, &stale) {
					t.Error("the next request does not know of it")
				}
			})
		})
	}
}

// TestCacheWithoutNews cuts the connection on which a process hears of changes: nothing is kept while
// it is down, so what others change is seen in the next request; and when it is up again, it begins
// with nothing.
func TestCacheWithoutNews(t *testing.T) {
	t.Parallel()
	for _, c := range cacheCases()[:8] {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			guarded.EachWith(t, cached, func(t *testing.T, there *authtest.Site) {
				if !database.IsPostgres(there.DB()) {
					return // a file says by itself that it was changed: there is nothing to cut
				}
				wire := newWire(t, there.URL)
				here := another(t, there, wire.url)
				feed := here.Settings().Cache
				noError(t, feed.Start(context.WithoutCancel(t.Context())))
				t.Cleanup(func() { feed.Close(context.Background()) })
				u, b := writer(t, here), here.Browser()
				authtest.ForceLogin(t, here.Auth, b, u)
				warm(t, here, b, "/add/")
				wire.cut()
				coretest.WaitFor(t, "the feed is down", func() bool { return !feed.Stats().Up })
				if s := feed.Stats(); s.Entries != 0 || s.Downs == 0 {
					t.Errorf("a feed that hears nothing keeps %d rows and was down %d times, want none and some", s.Entries, s.Downs)
				}
				if refused(t, b) {
					t.Fatal("the member is refused before anything has changed")
				}
				c.change(t, there, reload(t, there, u), b)
				if !refused(t, b) {
					t.Error("a change made while no news arrive is not seen in the next request")
				}
				wire.mend()
				coretest.WaitFor(t, "the feed is up", func() bool { return feed.Stats().Up })
				if !refused(t, b) {
					t.Error("the member may again once news arrive")
				}
			})
		})
	}
}

// TestCacheAfterAKilledConnection ends the listening connection from the server's side, makes a change
// and waits.
func TestCacheAfterAKilledConnection(t *testing.T) {
	t.Parallel()
	guarded.EachWith(t, cached, func(t *testing.T, here *authtest.Site) {
		if !database.IsPostgres(here.DB()) {
			return
		}
		there := another(t, here, "")
		u, b := writer(t, here), here.Browser()
		authtest.ForceLogin(t, here.Auth, b, u)
		feed := here.Settings().Cache
		for range 3 {
			warm(t, here, b, "/add/")
			downs := feed.Stats().Downs
			var killed int
			noError(t, there.DB().NewRaw(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE datname = current_database() AND query LIKE 'LISTEN %'`).Scan(t.Context(), &killed))
			if killed != 1 {
				t.Fatalf("%d listening connections were killed, want 1", killed)
			}
			p := must[*auth.Permission](t)(there.Auth.Groups().Permission(t.Context(), addPerm))
			g := must[*auth.Group](t)(there.Auth.Groups().ByName(t.Context(), "writers"))
			noError(t, there.Auth.Groups().Permissions(g).Clear(t.Context()))
			coretest.WaitFor(t, "the change is seen", func() bool { return refused(t, b) })
			noError(t, there.Auth.Groups().Permissions(g).Add(t.Context(), p))
			coretest.WaitFor(t, "the change back is seen", func() bool { return !refused(t, b) })
			coretest.WaitFor(t, "the feed was down and is up", func() bool { s := feed.Stats(); return s.Up && s.Downs > downs })
		}
	})
}

// wire is a way to the PostgreSQL server that can be cut.
type wire struct {
	url string // of the database by this way

	mu    sync.Mutex
	down  bool
	conns []net.Conn
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	u, err := url.Parse(to)
	noError(t, err)
	server := u.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	noError(t, err)
	u.Host = listener.Addr().String()
	w := &wire{url: u.String()}
	t.Cleanup(func() { listener.Close(); w.cut() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			w.connect(conn, server)
		}
	}()
	return w
}

func (w *wire) connect(conn net.Conn, server string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	far, err := net.Dial("tcp", server)
	if err != nil || w.down {
		conn.Close()
		return
	}
	w.conns = append(w.conns, conn, far)
	go io.Copy(far, conn)
	go io.Copy(conn, far)
}

// cut breaks the connections and lets none through.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = true
	for _, conn := range w.conns {
		conn.Close()
	}
	w.conns = nil
}

// mend lets connections through again.
func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = false
}
