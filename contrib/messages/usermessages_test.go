package messages_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/messages/messagestest"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/migrate"
)

// dropping is users, but a page deletes messages that it does not show.
var dropping = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
	return newUsers(s, (*auth.User)(nil), messages.Config{DropUnshown: true})
})

// TestUserQueue is the queue of Django 0.91, by a browser.
func TestUserQueue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		row  string
		site *authtest.T
		test func(*testing.T, *authtest.Site)
	}{
		{"M01", users, testQueueAdd},
		{"M02", users, testGetAndDelete},
		{"M03", users, testQueueShown},
		{"M05", users, testQueueAnonymous},
		{"C06", users, testReadingDeletes},
		{"M03/deleted even when not displayed", dropping, testDropUnshown},
		{"C06/deleted even when not displayed", dropping, testDropUnshown},
	} {
		t.Run("row/"+tt.row, func(t *testing.T) {
			t.Parallel()
			tt.site.Each(t, tt.test)
		})
	}
}

func testQueueAdd(t *testing.T, s *authtest.Site) {
	ada, b := user(t, s, "ada")
	bob, _ := user(t, s, "bob")
	if page := b.Post(t, "/notify/?text=first&text=second+%E2%98%83", nil); page.Location() != "/show/" {
		t.Fatalf("status %d, %.300s", page.Status, page.Body)
	}
	// Somebody who is not here can be told something too.
	um := messages.NewUserMessages(s.DB(), (*auth.User)(nil))
	must(t, um.Add(t.Context(), bob, "for bob"))
	id := s.Auth.Users().PK
	wantRows(t, s, fmt.Sprintf("%s: first, %s: second ☃, %s: for bob", id(ada), id(ada), id(bob)))
}

func testGetAndDelete(t *testing.T, s *authtest.Site) {
	_, b := user(t, s, "ada")
	bob, bobs := user(t, s, "bob")
	b.Post(t, "/notify/?text=one&text=two&text=one", nil)
	bobs.Post(t, "/notify/?text=for+bob", nil)
	wantBody(t, b.Get(t, "/texts/"), "one|two|one")
	wantBody(t, b.Get(t, "/texts/"), "")
	wantBody(t, s.Browser().Get(t, "/texts/"), "") // AnonymousUser
	wantRows(t, s, s.Auth.Users().PK(bob)+": for bob")
}

func testQueueShown(t *testing.T, s *authtest.Site) {
	ada, b := user(t, s, "ada")
	b.Post(t, "/notify/?text=one&text=%3Ctwo%3E", nil)
	b.Post(t, "/add/error/", url.Values{"messages": {"three"}})
	wantBody(t, b.Get(t, "/plain/"), "<p>no messages here</p>")
	pk := s.Auth.Users().PK(ada)
	wantRows(t, s, pk+": one, "+pk+": <two>") // they wait for a page that shows them
	wantBody(t, b.Get(t, "/show/"), "40 three (error)\n0 one ()\n0 &lt;two&gt; ()\n")
	wantRows(t, s, "")
	wantBody(t, b.Get(t, "/show/"), "")
}

func testDropUnshown(t *testing.T, s *authtest.Site) {
	ada, b := user(t, s, "ada")
	b.Post(t, "/notify/?text=one", nil)
	b.Post(t, "/add/error/", url.Values{"messages": {"two"}})
	b.Get(t, "/nowhere/") // an error, not a page
	if pk := s.Auth.Users().PK(ada); b.Cookie("messages") == "" {
		t.Error("an answer that is no page deleted messages")
	} else {
		wantRows(t, s, pk+": one")
	}
	wantBody(t, b.Get(t, "/plain/"), "<p>no messages here</p>")
	wantRows(t, s, "")
	wantBody(t, b.Get(t, "/show/"), "")
}

func testQueueAnonymous(t *testing.T, s *authtest.Site) {
	b := s.Browser()
	b.Post(t, "/notify/?text=hello", nil)
	messagestest.Assert(t, messagestest.Waiting(t, s.Site, b), messages.Message{Level: messages.LevelInfo, Text: "hello"})
	long := randomText(1, 3000)
	b.Post(t, "/notify/?text="+long, nil) // no cookie holds it
	wantRows(t, s, "")
	if b.Cookie("sessionid") == "" {
		t.Error("the long message is in no session")
	}
	wantBody(t, b.Get(t, "/show/"), "20 hello (info)\n20 "+long+" (info)\n")
	wantBody(t, b.Get(t, "/show/"), "")

	um := messages.NewUserMessages(s.DB(), (*auth.User)(nil))
	if err := um.Add(t.Context(), &auth.AnonymousUser{}, "nobody"); !errors.Is(err, auth.ErrAnonymous) {
		t.Errorf("outside of a request: error %v, want ErrAnonymous", err)
	}
}

func testReadingDeletes(t *testing.T, s *authtest.Site) {
	_, b := user(t, s, "ada")
	b.Post(t, "/add/info/", url.Values{"messages": {"one"}})
	b.Post(t, "/notify/?text=two", nil)
	if page := b.Get(t, "/page/"); !strings.Contains(page.Body, `<li class="info">one</li>`) || !strings.Contains(page.Body, `<li>two</li>`) {
		t.Errorf("the page lacks a message:\n%s", page.Body)
	}
	messagestest.Assert(t, messagestest.Waiting(t, s.Site, b))
	wantRows(t, s, "")
	if page := b.Get(t, "/page/"); strings.Contains(page.Body, "</li>") {
		t.Errorf("the next page has messages:\n%s", page.Body)
	}
}

func TestUserQueueQueries(t *testing.T) {
	t.Parallel()
	users.Each(t, func(t *testing.T, s *authtest.Site) {
		_, b := user(t, s, "ada")
		s.Queries.AtMost(t, 3, func() { b.Get(t, "/show/") }) // session, user, queue
		s.Queries.AtMost(t, 0, func() { b.Get(t, "/plain/") })
		s.Queries.AtMost(t, 0, func() { s.Browser().Get(t, "/show/") })
	})
}

func TestUserQueueAtOnce(t *testing.T) {
	t.Parallel()
	users.Each(t, func(t *testing.T, s *authtest.Site) {
		ada, _ := user(t, s, "ada")
		um := messages.NewUserMessages(s.DB(), (*auth.User)(nil))
		var want []string
		for i := range 10 {
			want = append(want, fmt.Sprint(i))
			must(t, um.Add(t.Context(), ada, want[i]))
		}
		var mu sync.Mutex
		var got []string
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				texts, err := um.GetAndDelete(t.Context(), ada)
				must(t, err)
				mu.Lock()
				defer mu.Unlock()
				got = append(got, texts...)
			})
		}
		all.Wait()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("four readers got %q together, want each text once", got)
		}
	})
}

func TestUserQueueTransaction(t *testing.T) {
	t.Parallel()
	users.Each(t, func(t *testing.T, s *authtest.Site) {
		ada, _ := user(t, s, "ada")
		um := messages.NewUserMessages(s.DB(), (*auth.User)(nil))
		undone := errors.New("undone")
		err := s.DB().RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			must(t, um.In(tx).Add(ctx, ada, "x"))
			texts, err := um.In(tx).GetAndDelete(ctx, ada)
			must(t, err)
			if !slices.Equal(texts, []string{"x"}) {
				t.Errorf("inside the transaction the queue is %q", texts)
			}
			must(t, um.In(tx).Add(ctx, ada, "y"))
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		wantRows(t, s, "")
	})
}

func TestUserQueueRefuses(t *testing.T) {
	t.Parallel()
	users.Each(t, func(t *testing.T, s *authtest.Site) {
		um := messages.NewUserMessages(s.DB(), (*auth.User)(nil))
		for name, u := range map[string]auth.Account{
			"a user of another model":  &bigUser{ID: 1},
			"a user who is not stored": &auth.User{},
			"a user who is gone":       &auth.User{ID: 4711},
		} {
			if err := um.Add(t.Context(), u, "x"); err == nil {
				t.Errorf("Add for %s: no error", name)
			}
		}
		ada, _ := user(t, s, "ada")
		must(t, um.Add(t.Context(), ada, "a\x00b\xffc"))
		texts, err := um.GetAndDelete(t.Context(), ada)
		if must(t, err); !slices.Equal(texts, []string{"a\uFFFDb\uFFFDc"}) {
			t.Errorf("a text that PostgreSQL cannot hold comes back as %q", texts)
		}
	})
}

// TestUserQueueKeys is the queue of user models whose keys are of other types.
func TestUserQueueKeys(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		model auth.Account
		key   [2]string // its type on SQLite and on PostgreSQL
	}{
		{"uuid", (*uuidUser)(nil), [2]string{"char(32) NOT NULL", "uuid"}},
		{"text", (*textUser)(nil), [2]string{"varchar(150) NOT NULL", "varchar(150)"}},
		{"bigint", (*bigUser)(nil), [2]string{"integer", "bigint GENERATED BY DEFAULT AS IDENTITY"}},
	} {
		project := authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
			return newUsers(s, tt.model, messages.Config{}, members(tt.model, tt.key))
		})
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			project.Each(t, func(t *testing.T, s *authtest.Site) { testKey(t, s, tt.model) })
		})
	}
	t.Run("default", func(t *testing.T) {
		t.Parallel()
		users.Each(t, func(t *testing.T, s *authtest.Site) { testKey(t, s, (*auth.User)(nil)) })
	})
}

func testKey(t *testing.T, s *authtest.Site, model auth.Account) {
	ada, b := user(t, s, "ada")
	bob, _ := user(t, s, "bob")
	um := messages.NewUserMessages(s.DB(), model)
	must(t, um.Add(t.Context(), ada, "for ada"))
	must(t, um.Add(t.Context(), bob, "for bob"))
	wantBody(t, b.Get(t, "/show/"), "0 for ada ()\n")
	// Django deletes a user without knowing of the table.
	if _, err := s.DB().NewDelete().Model(bob).WherePK().Exec(t.Context()); err != nil {
		t.Errorf("delete a user who has messages: %v", err)
	}
	wantRows(t, s, "")
	err := s.Migrate(t.Context(), core.MigrateOptions{Target: migrate.Target{App: "messages", Name: "zero"}})
	if err != nil {
		t.Errorf("migrate back: %v", err)
	}
	if err := um.Add(t.Context(), ada, "x"); err == nil {
		t.Error("the table is there after migrating back")
	}
}

// TestUserQueueOldTable takes over what Django 1.1 left behind.
func TestUserQueueOldTable(t *testing.T) {
	t.Parallel()
	users.Each(t, func(t *testing.T, s *authtest.Site) {
		ctx := t.Context()
		ada, b := user(t, s, "ada")
		for _, q := range []string{
			`DROP TABLE auth_message`,
			`DELETE FROM django_migrations WHERE app = 'messages'`,
			oldTable(s),
			`CREATE INDEX "auth_message_user_id" ON "auth_message" ("user_id")`,
			`INSERT INTO auth_message (user_id, message) VALUES (` + s.Auth.Users().PK(ada) + `, 'from 2009')`,
		} {
			if _, err := s.DB().ExecContext(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Migrate(ctx, core.MigrateOptions{}); err != nil {
			t.Fatal(err)
		}
		wantBody(t, b.Get(t, "/show/"), "0 from 2009 ()\n")
	})
}

func oldTable(s *authtest.Site) string {
	id := `integer NOT NULL PRIMARY KEY`
	if strings.HasPrefix(s.URL, "postgres") {
		id = `serial NOT NULL PRIMARY KEY`
	}
	return `CREATE TABLE "auth_message" ("id" ` + id + `, "user_id" integer NOT NULL REFERENCES "auth_user" ("id"), "message" text NOT NULL)`
}
