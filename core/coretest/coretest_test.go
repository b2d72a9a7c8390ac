package coretest_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

type note struct {
	bun.BaseModel `bun:"table:notes_note"`
	ID            int64  `bun:"id,pk"`
	Text          string `bun:"text"`
}

// project has a table and a page that remembers a visitor by a cookie.
var project = coretest.New(func(s core.Settings) (*core.Project, error) {
	return core.New(s, core.App{
		Label: "notes",
		Migrations: migrate.List(migrate.Migration{
			Name:    "0001_initial",
			UpSQL:   `CREATE TABLE notes_note (id bigint PRIMARY KEY, text text); INSERT INTO notes_note VALUES (1, 'first')`,
			DownSQL: `DROP TABLE notes_note`,
		}),
		Routes: func(r *web.Router) {
			r.Form("/visit/", "visit", func(w http.ResponseWriter, r *http.Request) error {
				seen := "never"
				if c, err := r.Cookie("seen"); err == nil {
					seen = c.Value
				}
				if r.Method == http.MethodPost {
					if err := r.ParseForm(); err != nil {
						return err
					}
					http.SetCookie(w, &http.Cookie{Name: "seen", Value: r.PostForm.Get("when"), Path: "/"})
					return web.Redirect(w, r, "/visit/", http.StatusSeeOther)
				}
				_, err := fmt.Fprint(w, seen)
				return err
			})
		},
	})
})

// TestQueriesCountsEverything sends statements in every way there is.
func TestQueriesCountsEverything(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		ctx, db := t.Context(), s.DB()
		prepared := database.NewPrepared(db, "SELECT text FROM notes_note WHERE id = $1")
		fail := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range []struct {
			name string
			want int
			run  func()
		}{
			{"nothing", 0, func() {}},
			{"bun's builder", 1, func() { fail(db.NewSelect().Model(new(note)).Where("id = 1").Scan(ctx)) }},
			{"bun's raw", 1, func() { var n int; fail(db.NewRaw("SELECT 1").Scan(ctx, &n)) }},
			{"database/sql", 1, func() { _, err := db.DB.ExecContext(ctx, "UPDATE notes_note SET text = 'x'"); fail(err) }},
			{"prepared", 2, func() {
				var text string
				fail(prepared.QueryRow(ctx, []any{1}, &text))
				fail(prepared.QueryRow(ctx, []any{1}, &text))
			}},
			{"in a transaction", 2, func() {
				fail(db.RunInTx(ctx, &sql.TxOptions{}, func(ctx context.Context, tx bun.Tx) error {
					if _, err := tx.NewUpdate().Model(&note{ID: 1, Text: "y"}).WherePK().Exec(ctx); err != nil {
						return err
					}
					return tx.NewSelect().Model(new(note)).Where("id = 1").Scan(ctx)
				}))
			}},
		} {
			if got := s.Queries.During(tt.run); len(got) != tt.want {
				t.Errorf("%s: counted %d statements %q, want %d", tt.name, len(got), got, tt.want)
			}
		}
	})
}

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	t.Parallel()
	for range 2 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			project.Each(t, func(t *testing.T, s *coretest.Site) {
				if _, err := s.DB().NewInsert().Model(&note{ID: 2, Text: "mine"}).Exec(t.Context()); err != nil {
					t.Error(err)
				}
				n, err := s.DB().NewSelect().Model((*note)(nil)).Count(t.Context())
				if err != nil || n != 2 {
					t.Errorf("%d notes, %v; want the template's and mine", n, err)
				}
			})
		})
	}
}

func TestBrowser(t *testing.T) {
	t.Parallel()
	s := project.SQLite(t)
	b := s.Browser()
	page := b.Post(t, "/visit/", url.Values{"when": {"today"}})
	if page.Status != 303 || page.Location() != "/visit/" || len(page.Cookies) != 1 {
		t.Fatalf("status %d to %q with %d cookies", page.Status, page.Location(), len(page.Cookies))
	}
	if page := b.Follow(t, page); page.Body != "today" {
		t.Errorf("the browser forgot its cookie: %q", page.Body)
	}
	if b.Cookie("seen") != "today" || s.Browser().Cookie("seen") != "" {
		t.Error("two browsers share their cookies")
	}
	b.SetCookie("seen", "")
	if page := b.Get(t, "/visit/"); page.Body != "never" {
		t.Errorf("a cookie that was taken out is still sent: %q", page.Body)
	}
	if page := b.Do(t, "DELETE", "/visit/", nil); page.Status != 405 {
		t.Errorf("DELETE: status %d, want 405", page.Status)
	}
}
