package migrate_test

import (
	"context"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/internal/testdb"
	"github.com/go-belleville/belleville/migrate"
)

func TestFakeInitial(t *testing.T) {
	t.Parallel()
	const tables = `CREATE TABLE "basket" ("id" integer PRIMARY KEY, "size" integer NOT NULL); CREATE TABLE lid (id integer PRIMARY KEY);`
	apps := func() []migrate.App {
		return []migrate.App{
			{Label: "baskets", Source: files(
				"0001_initial.sql", tables,
				"0002_more.sql", "CREATE TABLE handle (id integer PRIMARY KEY);",
			)},
			{Label: "code", Source: migrate.List(migrate.Migration{Name: "0001_initial",
				Up: func(ctx context.Context, db bun.IDB) error {
					_, err := db.ExecContext(ctx, "CREATE TABLE made_by_code (id integer PRIMARY KEY)")
					return err
				}})},
		}
	}
	for _, tt := range []struct {
		name, before string
		want         string // what happens, or the error
	}{
		{"nothing is there", "", "ran baskets.0001_initial, ran baskets.0002_more, ran code.0001_initial"},
		{"all tables are there", tables, "recorded baskets.0001_initial, ran baskets.0002_more, ran code.0001_initial"},
		{"a column more that may be left out", "CREATE TABLE lid (id integer PRIMARY KEY, colour text); CREATE TABLE basket (id integer PRIMARY KEY, size integer, made text NOT NULL DEFAULT '');",
			"recorded baskets.0001_initial, ran baskets.0002_more, ran code.0001_initial"},
		{"one table is not there", `CREATE TABLE basket (id integer PRIMARY KEY, size integer NOT NULL)`, "baskets.0001_initial: "},
		{"a column is not there", `CREATE TABLE basket (id integer PRIMARY KEY); CREATE TABLE lid (id integer PRIMARY KEY)`, "basket is there but has no column size"},
		{"a column that every row needs", `CREATE TABLE basket (id integer PRIMARY KEY, size integer, name text NOT NULL); CREATE TABLE lid (id integer PRIMARY KEY)`, "column name that every row needs"},
		{"not the first migration", "CREATE TABLE handle (id integer PRIMARY KEY)", "baskets.0002_more: "},
		{"made by a function", "CREATE TABLE made_by_code (id integer PRIMARY KEY)", "code.0001_initial: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			testdb.Each(t, func(t *testing.T, db *bun.DB) {
				if _, err := db.ExecContext(t.Context(), tt.before+";"); err != nil {
					t.Fatal(err)
				}
				var did []string
				err := newMigrator(t, db, apps()...).Migrate(soon(t), migrate.Options{
					FakeInitial: true,
					Progress: func(ev migrate.Event) {
						switch {
						case ev.Kind == migrate.Finished && ev.Faked:
							did = append(did, "recorded "+ev.Step.String())
						case ev.Kind == migrate.Finished:
							did = append(did, "ran "+ev.Step.String())
						}
					},
				})
				switch got := strings.Join(did, ", "); {
				case err != nil && !strings.Contains(err.Error(), tt.want):
					t.Errorf("the error is %v, want one with %q", err, tt.want)
				case err == nil && got != tt.want:
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		})
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		m := newMigrator(t, db, orchard()...)
		for _, tt := range []struct {
			app, name, want string
			initial         bool
		}{
			{"fruit", "0001", "fruit.0001_initial", true},
			{"fruit", "0002_tree", "fruit.0002_tree", false},
			{"fruit", "0", "several migrations", false},
			{"nuts", "0001", `no app "nuts"`, false},
		} {
			s, err := m.Find(tt.app, tt.name)
			got := s.String()
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, tt.want) || s.Initial() != tt.initial || s.NonAtomic() {
				t.Errorf("Find(%s, %s) = %s, initial %v, want %s, %v", tt.app, tt.name, got, s.Initial(), tt.want, tt.initial)
			}
		}
	})
}
