package makemigrations_test

import (
	"context"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
)

// trip is a change of models, and what becomes of the rows.
type trip struct {
	name     string
	from, to []core.Model // of the app shop
	args     []string     // for makemigrations
	fill     []string     // statements before the change
	query    string       // after the change
	want     string       // what it finds
	back     string       // a query after going back; empty when there is no way back
	wantBack string
	fails    string // the migration fails with this, and the rows of back stay
}

// shop is an app with models.
func shop(models []core.Model) []core.App { return []core.App{{Label: "shop", Models: models}} }

// model describes a version of a model.
func model[T any](name string, change ...func(*core.Model)) core.Model {
	m := core.Model{Of: (*T)(nil), Name: name}
	for _, c := range change {
		c(&m)
	}
	return m
}

func item[T any](change ...func(*core.Model)) []core.Model {
	return []core.Model{model[T]("item", change...)}
}

// runTrips makes each change on a filled database of either kind, and takes it back.
func runTrips(t *testing.T, trips []trip) {
	for _, tt := range trips {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			testdb.Each(t, func(t *testing.T, db *bun.DB) { tt.run(t, db) })
		})
	}
}

func (tt trip) run(t *testing.T, db *bun.DB) {
	wanted, before := freshSchema(t, db, tt.to), freshSchema(t, db, tt.from)
	s := newSite(t, db)
	s.must(t, shop(tt.from), "makemigrations", "--noinput")
	s.must(t, shop(tt.from), "migrate")
	s.exec(t, tt.fill...)
	s.must(t, shop(tt.to), append([]string{"makemigrations", "--noinput"}, tt.args...)...)
	if tt.fails != "" {
		tt.fail(t, s, before)
		return
	}
	s.must(t, shop(tt.to), "migrate")
	if got := schemaOf(t, db); got != wanted {
		t.Errorf("the schema is not that of the models:%s\n%s", difference(got, wanted), s.files(t))
	}
	if tt.query != "" {
		if got := s.rows(t, tt.query); got != tt.want {
			t.Errorf("%s: %s, want %s\n%s", tt.query, got, tt.want, s.files(t))
		}
	}
	if out := s.must(t, shop(tt.to), "makemigrations", "--check"); !strings.Contains(out, "Nothing to do") {
		t.Errorf("the next makemigrations finds\n%s", out)
	}
	tt.goBack(t, s, before)
}

// goBack takes the migrations back as far as the first and makes them again.
func (tt trip) goBack(t *testing.T, s *site, before string) {
	if tt.back == "" {
		if _, err := s.run(t, shop(tt.to), "migrate", "shop", "0001"); err == nil || !strings.Contains(err.Error(), "cannot be taken back") {
			t.Errorf("going back: %v, want an error that says there is no way back", err)
		}
		return
	}
	s.must(t, shop(tt.to), "migrate", "shop", "0001")
	if got := schemaOf(t, s.db); got != before {
		t.Errorf("the way back does not lead to the schema there was:%s\n%s", difference(got, before), s.files(t))
	}
	if got := s.rows(t, tt.back); got != tt.wantBack {
		t.Errorf("after going back, %s: %s, want %s\n%s", tt.back, got, tt.wantBack, s.files(t))
	}
	s.must(t, shop(tt.to), "migrate")
}

// fail expects the migration to fail and to leave everything as it was.
func (tt trip) fail(t *testing.T, s *site, before string) {
	_, err := s.run(t, shop(tt.to), "migrate")
	if err == nil {
		t.Fatalf("the migration succeeds\n%s", s.files(t))
	}
	found := false
	for _, text := range strings.Split(tt.fails, "|") {
		found = found || strings.Contains(err.Error(), text)
	}
	if !found {
		t.Errorf("the error is %q, want %q in it", err, tt.fails)
	}
	if got := schemaOf(t, s.db); got != before {
		t.Errorf("the schema changed:%s", difference(got, before))
	}
	if got := s.rows(t, tt.back); got != tt.wantBack {
		t.Errorf("%s: %s, want %s", tt.back, got, tt.wantBack)
	}
}

// freshSchema is the schema of a database that is made for models at once. It leaves db empty.
func freshSchema(t *testing.T, db *bun.DB, models []core.Model) string {
	t.Helper()
	into := db
	if !database.IsPostgres(db) {
		var err error
		if into, err = database.Open(testdb.SQLiteURL(t)); err != nil {
			t.Fatal(err)
		}
		defer into.Close()
	}
	s := newSite(t, into)
	s.must(t, shop(models), "makemigrations", "--noinput")
	s.must(t, shop(models), "migrate")
	found := schemaOf(t, into)
	if into == db {
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), "DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// difference shows the lines of one text that the other does not have.
func difference(got, want string) string {
	var b strings.Builder
	missing := func(mark, a, b string) string {
		var out string
		for _, line := range strings.Split(a, "\n") {
			if !strings.Contains("\n"+b+"\n", "\n"+line+"\n") {
				out += "\n" + mark + line
			}
		}
		return out
	}
	b.WriteString(missing("  got  ", got, want))
	b.WriteString(missing("  want ", want, got))
	if b.Len() == 0 {
		return "\n" + got
	}
	return b.String()
}
