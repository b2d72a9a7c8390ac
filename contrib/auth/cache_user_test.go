package auth_test

import (
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// taggedUser has columns that two copies could share.
type taggedUser struct {
	bun.BaseModel `bun:"table:tagged_user,alias:tagged_user"`

	ID int64 `bun:"id,pk,autoincrement"`
	auth.AbstractUser
	Tags  []string       `bun:"tags,type:text"`
	Extra map[string]any `bun:"extra,type:text"`
	Born  *time.Time     `bun:"born"`
}

// countedUser has a column of which no copy can be made.
type countedUser struct {
	taggedUser `bun:",inherit"`

	Fortune *big.Int `bun:"fortune,type:text"`
}

// tagged is a project with that user model, whose page "/tags/" changes what it gets and saves none
// of it; "/rename/" and "/check/" save a user whole and check the password "test".
var tagged = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{
		Users: auth.NewUsers(s.DB, (*taggedUser)(nil)), Sessions: sess, Types: types,
		Hashers: hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}}),
	})
	p, err := core.New(s, types.App(), sess.App(), a.App(), core.App{
		Label:  "tagged",
		Models: []core.Model{auth.Model((*taggedUser)(nil))},
		Migrations: migrate.List(
			migrate.Migration{Name: "0001_initial", Up: makeTable("tagged_user", `{id}, password varchar(128) NOT NULL, last_login timestamp with time zone NULL, `+
				`is_superuser boolean NOT NULL, username varchar(150) NOT NULL UNIQUE, first_name varchar(150) NOT NULL, last_name varchar(150) NOT NULL, `+
				`email varchar(254) NOT NULL, is_staff boolean NOT NULL, is_active boolean NOT NULL, date_joined timestamp with time zone NOT NULL, `+
				`tags text NULL, extra text NULL, born timestamp with time zone NULL`)},
			migrate.Migration{Name: "0002_joins", Requires: []string{"auth.0001_initial"}, Up: auth.CreateJoins((*taggedUser)(nil))},
		),
		Routes: func(r *web.Router) { taggedRoutes(a, r) },
	})
	return a, p, err
})

func taggedRoutes(a *auth.Auth, r *web.Router) {
	page := func(f func(r *http.Request, u *taggedUser) (string, error)) web.Handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			u, err := auth.As[*taggedUser](r.Context())
			if err != nil {
				return err
			}
			text, err := f(r, u)
			if err != nil {
				return err
			}
			_, err = w.Write([]byte(text))
			return err
		}
	}
	r.Get("/tags/", "tags", page(func(_ *http.Request, u *taggedUser) (string, error) {
		text := fmt.Sprint(u.Username, u.Tags, u.Extra, u.Born.Year())
		u.Username, u.Tags[0], *u.Born = "changed", "changed", time.Time{}
		u.Extra["list"].([]any)[0] = "changed"
		u.Extra["more"] = true
		return text, nil
	}))
	r.Get("/rename/", "rename", page(func(r *http.Request, u *taggedUser) (string, error) {
		u.FirstName, u.Tags[1] = "Augusta", "countess"
		if err := a.Users().Save(r.Context(), u); err != nil {
			return "", err
		}
		return fmt.Sprint(u.FirstName, u.IsActive), nil
	}))
	r.Get("/check/", "check", page(func(r *http.Request, u *taggedUser) (string, error) {
		ok, err := a.Users().CheckPassword(r.Context(), u, "test")
		return fmt.Sprint(ok), err
	}))
}

// taggedVisit logs somebody in and visits "/tags/" until the user comes from memory.
func taggedVisit(t *testing.T, s *authtest.Site) (*taggedUser, *coretest.Browser) {
	t.Helper()
	born := time.Date(1815, 12, 10, 0, 0, 0, 0, time.UTC)
	u := must[auth.Account](t)(s.Auth.Users().Create(t.Context(), "ada", "", "test", func(u auth.Account) error {
		ada := u.(*taggedUser)
		ada.Tags, ada.Extra, ada.Born = []string{"maths", "poetry"}, map[string]any{"list": []any{"a", "b"}}, &born
		return nil
	}))
	b := s.Browser()
	authtest.ForceLogin(t, s.Auth, b, u)
	hits := func() uint64 { return s.Settings().Cache.Stats().Hits }
	coretest.WaitFor(t, "the user comes from memory", func() bool {
		before := hits()
		wantTags(t, b)
		return hits() >= before+2
	})
	return u.(*taggedUser), b
}

func wantTags(t *testing.T, b *coretest.Browser) {
	t.Helper()
	if got, want := b.Get(t, "/tags/").Body, "ada[maths poetry] map[list:[a b]] 1815"; got != want {
		t.Fatalf("the page is %q, want %q", got, want)
	}
}

// TestKeptUsersAreCopied: what a handler does to its user, no other request sees.
func TestKeptUsersAreCopied(t *testing.T) {
	t.Parallel()
	tagged.EachWith(t, cached, func(t *testing.T, s *authtest.Site) {
		_, b := taggedVisit(t, s)
		for range 3 {
			wantTags(t, b)
		}
	})
}

// TestUsersThatCannotBeCopied are not kept, and `check --deploy` says why.
func TestUsersThatCannotBeCopied(t *testing.T) {
	t.Parallel()
	s := tagged.SQLite(t)
	types := contenttypes.New(s.DB())
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB(), s.Settings().Keys)})
	settings := s.Settings()
	cached(&settings)
	a := auth.New(auth.Config{Users: auth.NewUsers(s.DB(), (*countedUser)(nil)), Sessions: sess, Types: types})
	p, err := core.New(settings, types.App(), sess.App(), a.App(), core.App{Label: "tagged", Models: []core.Model{auth.Model((*countedUser)(nil))}})
	noError(t, err)
	noError(t, p.Ready())
	var found []string
	for _, m := range p.Check(t.Context(), true) {
		if m.ID == "auth.W111" {
			found = append(found, m.Text)
		}
	}
	if len(found) != 1 || !strings.Contains(found[0], "fortune") {
		t.Errorf("the check finds %q, want one about the column fortune", found)
	}
}

// TestSaveOfAKeptUser: somebody who tells nobody, Django for one, deactivates a user; a page that got
// the user from memory and saves all columns of it does not undo that.
func TestSaveOfAKeptUser(t *testing.T) {
	t.Parallel()
	tagged.EachWith(t, cached, func(t *testing.T, s *authtest.Site) {
		u, b := taggedVisit(t, s)
		_, err := s.DB().ExecContext(t.Context(), "UPDATE tagged_user SET is_active = ?, last_name = 'King'", false)
		noError(t, err)
		page := b.Get(t, "/rename/")
		if !database.IsPostgres(s.DB()) {
			if page.Status == http.StatusOK {
				t.Errorf("SQLite: status %d, want an error: the file tells of everybody's changes", page.Status)
			}
			return
		}
		if page.Body != "Augustafalse" {
			t.Errorf("the page is %q, want the first name of the request and the flag of the database", page.Body)
		}
		now := must[auth.Account](t)(s.Auth.Users().ByPK(t.Context(), s.Auth.Users().PK(u))).(*taggedUser)
		if now.IsActive || now.LastName != "King" || now.FirstName != "Augusta" || !slices.Equal(now.Tags, []string{"maths", "countess"}) {
			t.Errorf("stored: active %v, %s %s, %v; want inactive, Augusta King, with the request's tag", now.IsActive, now.FirstName, now.LastName, now.Tags)
		}
	})
}

// TestPasswordOfAKeptUser: a password is checked against the database, whatever is kept.
func TestPasswordOfAKeptUser(t *testing.T) {
	t.Parallel()
	tagged.EachWith(t, cached, func(t *testing.T, s *authtest.Site) {
		_, b := taggedVisit(t, s)
		if got := b.Get(t, "/check/").Body; got != "true" {
			t.Fatalf("the right password: %s", got)
		}
		hash := must[string](t)(s.Auth.Users().Hashers().Make(t.Context(), "another"))
		_, err := s.DB().ExecContext(t.Context(), "UPDATE tagged_user SET password = ?", hash)
		noError(t, err)
		if page := b.Get(t, "/check/"); page.Status == http.StatusOK && page.Body != "false" {
			t.Errorf("the old password: %s", page.Body)
		}
	})
}

// TestFreshPermissions asks for a permission with a user that was kept, and must be certain.
func TestFreshPermissions(t *testing.T) {
	t.Parallel()
	asks := func(a *auth.Auth) core.App {
		return core.App{Label: "asks", Routes: func(r *web.Router) {
			r.Get("/asks/", "asks", func(w http.ResponseWriter, r *http.Request) error {
				u, err := auth.UserOf(r.Context())
				if err != nil {
					return err
				}
				old, err := a.HasPerm(r.Context(), u, addPerm)
				if err != nil {
					return err
				}
				now, err := a.HasPerm(auth.Fresh(r.Context()), u, addPerm)
				if err != nil {
					return err
				}
				all, err := a.AllPermissions(auth.Fresh(r.Context()), u, nil)
				fmt.Fprint(w, old, now, len(all))
				return err
			})
		}}
	}
	guarded.EachWith(t, cached, func(t *testing.T, s *authtest.Site) {
		s = rebuild(t, s, nil, asks)
		u, b := writer(t, s), s.Browser()
		authtest.ForceLogin(t, s.Auth, b, u)
		warm(t, s, b, "/add/")
		if got := b.Get(t, "/asks/").Body; got != "true true 1" {
			t.Errorf("asked %q, want true true 1", got)
		}
		_, err := s.DB().ExecContext(t.Context(), "DELETE FROM auth_user_groups")
		noError(t, err)
		want := "true false 0"
		if !database.IsPostgres(s.DB()) {
			want = "false false 0"
		}
		if got := b.Get(t, "/asks/").Body; got != want {
			t.Errorf("asked %q, want %q", got, want)
		}
		_, err = s.DB().ExecContext(t.Context(), "DELETE FROM auth_user")
		noError(t, err)
		if got := b.Get(t, "/asks/"); database.IsPostgres(s.DB()) && got.Body != "true false 0" {
			t.Errorf("of a user who is gone: %q, want true false 0", got.Body)
		}
	})
}
