package messages_test

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// users is a project whose users have queues; the model is Django's.
var users = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
	return newUsers(s, (*auth.User)(nil), messages.Config{})
})

// newUsers is a project of a user model. Its further apps come before the one of messages.
func newUsers(s core.Settings, model auth.Account, c messages.Config, apps ...core.App) (*auth.Auth, *core.Project, error) {
	types := contenttypes.New(s.DB)
	c.Sessions = sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	c.Users = messages.NewUserMessages(s.DB, model)
	a := auth.New(auth.Config{
		Users: auth.NewUsers(s.DB, model), Sessions: c.Sessions, Types: types,
		Hashers: hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}}),
	})
	all := append([]core.App{types.App(), c.Sessions.App(), a.App()}, apps...)
	all = append(all, messages.New(c).App(), notes(), contact(s.DB), queue(c.Users))
	p, err := core.New(s, all...)
	return a, p, err
}

// queue is an app that adds to the queue of the request's user, and reads it.
func queue(um *messages.UserMessages) core.App {
	return core.App{Label: "queue", Routes: func(r *web.Router) {
		r.Post("/notify/", "notify", func(w http.ResponseWriter, r *http.Request) error {
			u, err := auth.UserOf(r.Context())
			if err != nil {
				return err
			}
			for _, text := range r.URL.Query()["text"] {
				if err := um.Add(r.Context(), u, text); err != nil {
					return err
				}
			}
			return web.Redirect(w, r, "/show/", http.StatusFound)
		})
		r.Get("/texts/", "texts", func(w http.ResponseWriter, r *http.Request) error {
			u, err := auth.UserOf(r.Context())
			if err != nil {
				return err
			}
			texts, err := um.GetAndDelete(r.Context(), u)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(w, strings.Join(texts, "|"))
			return err
		})
	}}
}

// user makes a user and a browser that is logged in.
func user(t *testing.T, s *authtest.Site, name string) (auth.Account, *coretest.Browser) {
	t.Helper()
	u, err := s.Auth.Users().CreateWithoutPassword(t.Context(), name, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	b := s.Browser()
	authtest.ForceLogin(t, s.Auth, b, u)
	return u, b
}

// rows returns the table in the order of its keys, as "user: text".
func rows(t *testing.T, s *authtest.Site) string {
	t.Helper()
	var all []string
	err := s.DB().NewRaw(`SELECT CAST(user_id AS text) || ': ' || message FROM auth_message ORDER BY id`).Scan(t.Context(), &all)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, ", ")
}

func wantRows(t *testing.T, s *authtest.Site, want string) {
	t.Helper()
	if got := rows(t, s); got != want {
		t.Errorf("the table holds %q, want %q", got, want)
	}
}

func wantBody(t *testing.T, p *coretest.Page, want string) {
	t.Helper()
	if p.Status != http.StatusOK || p.Body != want {
		t.Errorf("the page is %d %q, want %q", p.Status, p.Body, want)
	}
}

// The user models of other keys.
type (
	uuidUser struct {
		bun.BaseModel `bun:"table:uuid_user,alias:uuid_user"`
		ID            database.UUID `bun:"id,pk"`
		auth.BaseUser
		Username string `bun:"username,notnull,unique,type:varchar(150)"`
	}

	textUser struct {
		bun.BaseModel `bun:"table:text_user,alias:text_user"`
		Username      string `bun:"username,pk,type:varchar(150)"`
		auth.BaseUser
	}

	bigUser struct {
		bun.BaseModel `bun:"table:big_user,alias:big_user"`
		ID            int64 `bun:"id,pk,autoincrement"`
		auth.BaseUser
		Username string `bun:"username,notnull,unique"`
	}
)

// members is an app that makes the table of a user model, whose key has the given type on SQLite and
// on PostgreSQL.
func members(model auth.Account, key [2]string) core.App {
	return core.App{
		Label:  "members",
		Models: []core.Model{auth.Model(model)},
		Migrations: migrate.List(migrate.Migration{Name: "0001_initial", Up: func(ctx context.Context, db bun.IDB) error {
			table := db.Dialect().Tables().Get(reflect.TypeOf(model).Elem())
			typ := key[0]
			if database.IsPostgres(db) {
				typ = key[1]
			}
			q := fmt.Sprintf(`CREATE TABLE %s (%s %s PRIMARY KEY, "password" varchar(128) NOT NULL, "last_login" timestamp`,
				table.SQLName, table.PKs[0].SQLName, typ)
			if table.PKs[0].Name != "username" {
				q += `, "username" varchar(150) NOT NULL UNIQUE`
			}
			_, err := db.ExecContext(ctx, q+")")
			return err
		}}),
	}
}
