package migrate_test

import (
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/internal/testdb"
	"github.com/go-belleville/belleville/migrate"
)

func TestTargets(t *testing.T) {
	t.Parallel()
	all := orchardOrder
	tests := []struct {
		name string
		from []string // recorded before
		to   migrate.Target
		want []string
	}{
		{"everything", nil, migrate.Target{}, all},
		{"an app with what it requires", nil, migrate.Target{App: "fruit"}, all[:3]},
		{"an app without others", nil, migrate.Target{App: "trees", Name: "0001_initial"}, all[1:2]},
		{"the beginning of a name", nil, migrate.Target{App: "fruit", Name: "0001"}, all[:1]},
		{"an app without migrations", nil, migrate.Target{App: "empty"}, nil},
		{"zero of nothing", nil, migrate.Target{App: "fruit", Name: migrate.Zero}, nil},
		{"there already", all, migrate.Target{App: "trees", Name: "0002"}, nil},
		{"back one", all, migrate.Target{App: "trees", Name: "0001"}, []string{"-trees.0002_fruit"}},
		{"back with what requires it", all, migrate.Target{App: "fruit", Name: "0001"}, []string{"-trees.0002_fruit", "-fruit.0002_tree"}},
		{"back to zero", all, migrate.Target{App: "trees", Name: migrate.Zero}, []string{"-trees.0002_fruit", "-fruit.0002_tree", "-trees.0001_initial"}},
		{"back from the middle", all[:3], migrate.Target{App: "fruit", Name: migrate.Zero}, []string{"-fruit.0002_tree", "-fruit.0001_initial"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			testdb.Each(t, func(t *testing.T, db *bun.DB) {
				m := newMigrator(t, db, orchard()...)
				if len(tt.from) > 0 {
					last := tt.from[len(tt.from)-1]
					mustMigrate(t, m, migrate.Options{Target: migrate.Target{App: last[:5], Name: last[6:]}})
				}
				plan, err := m.PlanTo(soon(t), tt.to)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "the plan", stepped(plan), tt.want)
				equal(t, "the run", mustMigrate(t, m, migrate.Options{Target: tt.to}), tt.want)
			})
		})
	}
}

// TestThereAndBack takes everything back and applies it again.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		m := newMigrator(t, db, orchard()...)
		mustMigrate(t, m, migrate.Options{})
		for _, app := range []string{"fruit", "trees"} {
			mustMigrate(t, m, migrate.Options{Target: migrate.Target{App: app, Name: migrate.Zero}})
		}
		if got := tables(t, db); got != "" || len(recorded(t, db)) > 0 {
			t.Errorf("when all is taken back there are the tables %q and the history %q", got, recorded(t, db))
		}
		equal(t, "again", mustMigrate(t, m, migrate.Options{}), orchardOrder)
	})
}

func TestTargetErrors(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		m := newMigrator(t, db, append(orchard(), migrate.App{Label: "oneway", Source: files(
			"0001_initial.sql", "CREATE TABLE oneway (id integer)", "0002_more.sql", "SELECT 1", "0002_more.down.sql", "DROP TABLE oneway")})...)
		mustMigrate(t, m, migrate.Options{})
		for _, tt := range []struct {
			to   migrate.Target
			want string
		}{
			{migrate.Target{Name: "0001"}, "name the app too"},
			{migrate.Target{App: "nuts"}, `no app "nuts"`},
			{migrate.Target{App: "nuts", Name: "0001"}, `no app "nuts"`},
			{migrate.Target{App: "fruit", Name: "0003"}, `no migration whose name begins with "0003"`},
			{migrate.Target{App: "fruit", Name: "000"}, "several migrations"},
			{migrate.Target{App: "oneway", Name: migrate.Zero}, "oneway.0001_initial cannot be taken back"},
		} {
			wantError(t, m.Migrate(soon(t), migrate.Options{Target: tt.to}), tt.want)
		}
		if got := tables(t, db); got != "fruit oneway tree" {
			t.Errorf("the tables are %q: a way back that ends early was begun", got)
		}
	})
}

// squashed is an app whose one migration stands for three of Django's, its own name among them.
func squashed() []migrate.App {
	return []migrate.App{
		{Label: "types", Source: files("0001_initial.sql", "-- replaces: 0001_initial, 0002_no_name, 0003_more\nCREATE TABLE types (id integer);", "0001_initial.down.sql", "DROP TABLE types;",
			"0004_ours.sql", "SELECT 1;")},
		{Label: "user", Source: files("0001_initial.sql", "-- requires: types.0002_no_name\nSELECT 1;")},
	}
}

func TestReplaces(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		t.Run("fresh", func(t *testing.T) {
			m := newMigrator(t, db, squashed()...)
			equal(t, "applied", mustMigrate(t, m, migrate.Options{}), []string{"types.0001_initial", "types.0004_ours", "user.0001_initial"})
			equal(t, "the history", recorded(t, db), []string{"types.0001_initial", "types.0002_no_name", "types.0003_more", "types.0004_ours", "user.0001_initial"})
			history, err := m.History(soon(t))
			if err != nil || history[0].Applied.IsZero() || len(history[0].Replaces) != 3 || len(history[0].Missing) != 0 {
				t.Errorf("History says %+v, %v", history, err)
			}
		})
		t.Run("by another name", func(t *testing.T) {
			m := newMigrator(t, db, squashed()...)
			equal(t, "to a name that it stands for", mustMigrate(t, m, migrate.Options{Target: migrate.Target{App: "types", Name: "0003_more"}, Fake: true}), []string{"-types.0004_ours"})
		})
		t.Run("part of them", func(t *testing.T) {
			run(t, db, "DELETE FROM django_migrations WHERE name = '0003_more'")
			m := newMigrator(t, db, squashed()...)
			_, err := m.Plan(soon(t))
			wantError(t, err, "types.0001_initial stands for 3 migrations, of which types.0003_more is not recorded")
			wantError(t, m.Migrate(soon(t), migrate.Options{}), "types.0003_more is not recorded")
			history, err := m.History(soon(t))
			if err != nil || !history[0].Applied.IsZero() || len(history[0].Missing) != 1 {
				t.Errorf("History says %+v, %v", history, err)
			}
			equal(t, "faked", mustMigrate(t, m, migrate.Options{Fake: true}), []string{"types.0001_initial", "types.0004_ours"})
			if plan, err := m.Plan(soon(t)); err != nil || len(plan) > 0 {
				t.Errorf("then the plan is %v, %v; want nothing", plan, err)
			}
		})
		t.Run("all of them, by Django", func(t *testing.T) {
			run(t, db, "DROP TABLE types; DELETE FROM django_migrations",
				"INSERT INTO django_migrations (app, name, applied) VALUES ('types', '0001_initial', '2026-01-01'), ('types', '0002_no_name', '2026-01-01'), ('types', '0003_more', '2026-01-01')")
			equal(t, "applied", mustMigrate(t, newMigrator(t, db, squashed()...), migrate.Options{}), []string{"types.0004_ours", "user.0001_initial"})
		})
		t.Run("back", func(t *testing.T) {
			run(t, db, "CREATE TABLE types (id integer)")
			m := newMigrator(t, db, squashed()[0])
			mustMigrate(t, m, migrate.Options{Target: migrate.Target{App: "types", Name: "0001"}, Fake: true})
			equal(t, "taken back", mustMigrate(t, m, migrate.Options{Target: migrate.Target{App: "types", Name: migrate.Zero}}), []string{"-types.0001_initial"})
			equal(t, "the history", recorded(t, db), []string{"user.0001_initial"})
		})
	})
}

// TestReplacesElsewhere has a migration whose own name is not among those it stands for.
func TestReplacesElsewhere(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		app := migrate.App{Label: "new", Source: files("0001_squashed.sql", "-- replaces: old.0001_initial, 0001_start\nCREATE TABLE x (id integer)")}
		mustMigrate(t, newMigrator(t, db, app), migrate.Options{})
		equal(t, "the history", recorded(t, db), []string{"old.0001_initial", "new.0001_start"})
		equal(t, "again", mustMigrate(t, newMigrator(t, db, app), migrate.Options{}), nil)
		run(t, db, "DELETE FROM django_migrations", "INSERT INTO django_migrations (app, name, applied) VALUES ('new', '0001_squashed', '2026-01-01')")
		equal(t, "by its own name", mustMigrate(t, newMigrator(t, db, app), migrate.Options{}), nil)
	})
}

func TestInconsistentHistory(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		m := newMigrator(t, db, orchard()...)
		mustMigrate(t, m, migrate.Options{})
		run(t, db, "DELETE FROM django_migrations WHERE app = 'fruit' AND name = '0001_initial'")
		_, err := m.Plan(soon(t))
		wantError(t, err, "fruit.0002_tree is recorded in the database, but fruit.0001_initial, which it requires, is not")
		wantError(t, m.Migrate(soon(t), migrate.Options{}), "fruit.0001_initial")
		equal(t, "faked", mustMigrate(t, m, migrate.Options{Fake: true}), []string{"fruit.0001_initial"})
		equal(t, "then", mustMigrate(t, m, migrate.Options{}), nil)
	})
}
