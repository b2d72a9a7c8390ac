package makemigrations_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
)

// TestConcurrentIndex makes an index on a table that is there already without a lock, in a migration of its own.
func TestConcurrentIndex(t *testing.T) {
	t.Parallel()
	indexed := func(m *core.Model) {
		votesDefault(m)
		m.Indexes = []core.Index{{Name: "by_votes", Columns: []string{"votes"}, Concurrently: true}}
	}
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		want, before := freshSchema(t, db, item[withVotes](indexed)), freshSchema(t, db, item[plain]())
		s := newSite(t, db)
		s.must(t, shop(item[plain]()), "makemigrations", "--noinput")
		s.must(t, shop(item[plain]()), "migrate")
		s.exec(t, twoRows...)
		apps := shop(item[withVotes](indexed))
		out := s.must(t, apps, "makemigrations", "--noinput")
		for _, name := range []string{"shop.0002_item_votes ", "shop.0003_by_votes "} {
			if !strings.Contains(out, name) {
				t.Errorf("no %q in\n%s", name, out)
			}
		}
		text, err := os.ReadFile(filepath.Join(s.dir, "migrations", "0003_by_votes.postgres.sql"))
		if err != nil || !strings.Contains(string(text), "-- atomic: false\n") || !strings.Contains(string(text), "CREATE INDEX CONCURRENTLY") {
			t.Errorf("%v, no concurrent index in\n%s", err, text)
		}
		s.must(t, apps, "migrate")
		s.nothingToDo(t, apps)
		if got := schemaOf(t, db); got != want {
			t.Errorf("the schema is not that of the models:%s", difference(got, want))
		}
		if database.IsPostgres(db) {
			t.Log("an attempt that failed leaves an index behind: the next one replaces it")
			s.must(t, apps, "migrate", "shop", "0002")
			s.exec(t, "CREATE INDEX by_votes ON shop_item (name)")
			s.must(t, apps, "migrate")
			if got := schemaOf(t, db); got != want {
				t.Errorf("after another attempt:%s", difference(got, want))
			}
		}
		s.must(t, apps, "migrate", "shop", "0001")
		if got := schemaOf(t, db); got != before {
			t.Errorf("going back does not lead to the schema there was:%s", difference(got, before))
		}
	})
}

// TestRowNumbers makes sure that the number of a deleted row is not given again by a table that was rebuilt.
func TestRowNumbers(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		s := newSite(t, db)
		s.must(t, shop(item[withNote]()), "makemigrations", "--noinput")
		s.must(t, shop(item[withNote]()), "migrate")
		s.exec(t, twoRows...)
		s.must(t, shop(item[plain]()), "makemigrations", "--allow-drop")
		s.must(t, shop(item[plain]()), "migrate")
		s.exec(t, "INSERT INTO shop_item (name) VALUES ('c')", "DELETE FROM shop_item")
		if got := s.rows(t, "SELECT count(*) FROM shop_item"); got != "0" {
			t.Fatalf("%s rows, want 0", got)
		}
		s.must(t, shop(item[withNote]()), "makemigrations", "--noinput")
		s.must(t, shop(item[withNote]()), "migrate")
		s.must(t, shop(item[withUniqueNote]()), "makemigrations", "--noinput")
		s.must(t, shop(item[withUniqueNote]()), "migrate")
		s.must(t, shop(item[withUniqueNote]()), "migrate", "shop", "0002")
		s.exec(t, "INSERT INTO shop_item (name) VALUES ('d')")
		if got := s.rows(t, names); got != "5,d" {
			t.Errorf("rows %s, want 5,d", got)
		}
	})
}
