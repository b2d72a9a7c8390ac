package announcements_test

import (
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/coretest"

	"example.com/announcements"
	"example.com/announcements/announcementstest"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

// site returns what makes a project with the plugin, whose settings change may change.
func site(change func(*announcements.Config)) func(core.Settings) (*auth.Auth, *core.Project, error) {
	return func(s core.Settings) (*auth.Auth, *core.Project, error) {
		types := contenttypes.New(s.DB)
		sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
		a := auth.New(auth.Config{Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types})
		config := announcements.Config{DB: s.DB, Auth: a}
		if change != nil {
			change(&config)
		}
		p, err := core.New(s, types.App(), sess.App(), a.App(), messages.New(messages.Config{Sessions: sess}).App(),
			authviews.New(a).App("/accounts/"), announcements.New(config).App())
		return a, p, err
	}
}

var project = authtest.New(site(nil))

// login returns the browser of a new user who has permissions.
func login(t *testing.T, s *authtest.Site, name string, perms ...string) *coretest.Browser {
	t.Helper()
	u, err := s.Auth.Users().CreateWithoutPassword(t.Context(), name, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, perm := range perms {
		p, err := s.Auth.Groups().Permission(t.Context(), "announcements."+perm)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Auth.Users().Permissions(u).Add(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	b := s.Browser()
	authtest.ForceLogin(t, s.Auth, b, u)
	return b
}

func wantShown(t *testing.T, b *coretest.Browser, who string, want ...string) {
	t.Helper()
	page := b.Get(t, "/accounts/login/") // a page of another app
	if got := announcementstest.Shown(page); !slices.Equal(got, want) || page.Status != 200 {
		t.Errorf("%s sees %q with status %d, want %q", who, got, page.Status, want)
	}
}

func path(m *announcements.Announcement, action string) string {
	return "/announcements/" + strconv.FormatInt(m.ID, 10) + "/" + action + "/"
}

// TestWhoMayDoWhat asks for every page as somebody who may not.
func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *authtest.Site) {
		m := announcementstest.Add(t, s.DB(), "Closed on Friday")
		nobody, user := s.Browser(), login(t, s, "user", "add_announcement")
		for _, tt := range []struct {
			name         string
			browser      *coretest.Browser
			method, path string
			status       int
		}{
			{"the list for anybody", nobody, "GET", "/announcements/", 200},
			{"the form for anybody", nobody, "GET", "/announcements/add/", 302},
			{"withdraw by anybody", nobody, "POST", path(m, "withdraw"), 302},
			{"read by anybody", nobody, "POST", path(m, "read"), 302},
			{"the form with permission", user, "GET", "/announcements/add/", 200},
			{"withdraw with the other permission", user, "POST", path(m, "withdraw"), 403},
			{"read what is not there", user, "POST", "/announcements/99/read/", 404},
			{"read what no database counts to", user, "POST", "/announcements/99999999999999999999/read/", 404},
		} {
			if page := tt.browser.Do(t, tt.method, tt.path, nil); page.Status != tt.status {
				t.Errorf("%s: status %d, want %d", tt.name, page.Status, tt.status)
			}
		}
		wantShown(t, nobody, "anybody", "Closed on Friday")
	})
}

// TestLife is one announcement from the form to its end.
func TestLife(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *authtest.Site) {
		editor := login(t, s, "editor", "add_announcement", "withdraw_announcement")
		reader, nobody := login(t, s, "reader"), s.Browser()
		for _, form := range []url.Values{{"text": {" "}}, {"text": {strings.Repeat("a", 501)}}, {"text": {"x"}, "hours": {"-1"}}} {
			if page := editor.Post(t, "/announcements/add/", form); page.Status != 200 || !strings.Contains(page.Body, `role="alert"`) {
				t.Errorf("%.40q: status %d, want the form with what is wrong", form, page.Status)
			}
		}
		page := editor.Post(t, "/announcements/add/", url.Values{"text": {"<b>Closed</b> on Friday"}, "hours": {"2"}})
		if page.Status != 303 || page.Location() != "/announcements/" {
			t.Fatalf("add: status %d to %q; body %.400s", page.Status, page.Location(), page.Body)
		}
		m := new(announcements.Announcement)
		if err := s.DB().NewSelect().Model(m).Scan(t.Context()); err != nil || m.Ends.Sub(m.Starts) != 2*time.Hour {
			t.Fatalf("stored %+v, %v; want one that lasts two hours", m, err)
		}
		const text = "<b>Closed</b> on Friday"
		wantShown(t, nobody, "anybody", text)
		wantShown(t, reader, "a reader", text)

		for range 2 { // the second time it is read already
			if page := reader.Post(t, path(m, "read"), nil); page.Status != 303 {
				t.Errorf("read: status %d, want 303", page.Status)
			}
		}
		wantShown(t, reader, "who has read it")
		wantShown(t, editor, "who has not", text)

		if page := editor.Post(t, path(m, "withdraw"), nil); page.Status != 303 {
			t.Errorf("withdraw: status %d, want 303", page.Status)
		}
		wantShown(t, nobody, "anybody after its end")
	})
}

// TestTime lets the hour pass after which an announcement ends.
func TestTime(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *authtest.Site) {
		at := func(after time.Duration) *coretest.Browser {
			_, p, err := site(func(c *announcements.Config) {
				c.Now = func() time.Time { return time.Now().Add(after) }
			})(s.Settings())
			if err != nil {
				t.Fatal(err)
			}
			return s.On(t, p).Browser()
		}
		m, err := announcements.New(announcements.Config{DB: s.DB()}).Add(t.Context(), "For an hour", time.Hour)
		if err != nil || m.ID == 0 {
			t.Fatal(m, err)
		}
		wantShown(t, at(-time.Minute), "a minute before")
		wantShown(t, at(time.Minute), "a minute after", "For an hour")
		wantShown(t, at(61*time.Minute), "an hour later")
	})
}

func TestShowsTheNewest(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *authtest.Site) {
		for _, text := range []string{"one", "two", "three", "four"} {
			announcementstest.Add(t, s.DB(), text)
		}
		wantShown(t, s.Browser(), "anybody", "four", "three", "two")
		if page := s.Browser().Get(t, "/announcements/"); !strings.Contains(page.Body, "one") {
			t.Error("the list lacks the oldest")
		}
		s.Queries.AtMost(t, 1, func() { s.Browser().Get(t, "/accounts/login/") })
		s.Queries.AtMost(t, 0, func() { s.Browser().Get(t, "/none/") }) // a page of an error asks nothing
	})
}

// TestOverride: a project replaces a page of the plugin by a file of the same name.
func TestOverride(t *testing.T) {
	t.Parallel()
	own := func(s *core.Settings) {
		s.Templates = fstest.MapFS{"announcements/bar.html": {Data: []byte(
			`<ul class="messages announcements">{{range .announcements}}<li>News: {{.Text}}</li>{{end}}</ul>`)}}
	}
	project.EachWith(t, own, func(t *testing.T, s *authtest.Site) {
		announcementstest.Add(t, s.DB(), "Closed")
		wantShown(t, s.Browser(), "anybody", "News: Closed")
	})
}

// TestCheck: wrong settings stop every command with a sentence.
func TestCheck(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *authtest.Site) {
		if found := s.Check(t.Context(), false); len(found) != 0 {
			t.Errorf("the settings as they are: %v", found)
		}
		_, p, err := site(func(c *announcements.Config) { c.Shown = -1 })(s.Settings())
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		err = p.Run(t.Context(), &command.Env{Stderr: &said, Program: "manage"}, []string{"announce", "Hello"})
		want := "announcements.Config: (announcements.E001) Shown is -1, so no announcement would ever be seen.\n\tHint: Set it to"
		if err == nil || !strings.Contains(said.String(), want) {
			t.Errorf("a wrong setting: %v, %q; want %q", err, said.String(), want)
		}
	})
}

// TestTables go with the models, and away with the way back.
func TestTables(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *authtest.Site) {
		m := announcementstest.Add(t, s.DB(), "Hello")
		once := &announcements.Reading{AnnouncementID: m.ID, Reader: "1"}
		if _, err := s.DB().NewInsert().Model(once).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, row := range map[string]*announcements.Reading{
			"twice":      {AnnouncementID: m.ID, Reader: "1"},
			"of nothing": {AnnouncementID: 99, Reader: "1"},
		} {
			if _, err := s.DB().NewInsert().Model(row).Exec(t.Context()); err == nil {
				t.Errorf("a reading %s was stored", name)
			}
		}
		if err := s.Call(t.Context(), nil, "migrate", "announcements", "zero"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.DB().NewSelect().Model((*announcements.Announcement)(nil)).Count(t.Context()); err == nil {
			t.Error("the table is still there")
		}
	})
}
