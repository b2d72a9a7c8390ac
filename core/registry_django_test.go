package core_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/internal/testdb"
	"github.com/go-belleville/belleville/migrate"
)

// LogEntry, LazyA, LazyB and LazyC are the models of Django's cases.
type (
	LogEntry struct {
		bun.BaseModel `bun:"table:log_entry"`

		ID int64 `bun:"id,pk"`
	}
	LazyA  struct{ LogEntry }
	LazyB  struct{ LogEntry }
	LazyC  struct{ LogEntry }
	Signal struct{ LogEntry }
)

// someApps are not in alphabetical order, to see whether theirs is kept.
func someApps() []core.App {
	return []core.App{
		{Label: "admin", Models: []core.Model{{Of: (*LogEntry)(nil)}}}, {Label: "auth"}, {Label: "contenttypes"},
		{Label: "sessions"}, {Label: "messages"}, {Label: "staticfiles"},
	}
}

func newProject(t *testing.T, apps ...core.App) *core.Project {
	t.Helper()
	p, err := core.New(settings(t), apps...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDjangoApps(t *testing.T) {
	t.Parallel()
	refused := func(want string, apps ...core.App) func(*testing.T) {
		return func(t *testing.T) {
			if _, err := core.New(settings(t), apps...); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("New: error %v, want one with %q", err, want)
			}
		}
	}
	for name, run := range map[string]func(*testing.T){
		"AppConfigTests.test_invalid_label": refused("invalid.label", core.App{Label: "invalid.label"}),
		"AppsTests.test_duplicate_labels":   refused(`two apps have the label "apps"`, core.App{Label: "apps"}, core.App{Label: "apps"}),
		"AppsTests.test_duplicate_names": refused("both bring the model", core.App{Label: "apps", Models: []core.Model{{Of: (*LazyA)(nil)}}},
			core.App{Label: "relabeled", Models: []core.Model{{Of: (*LazyA)(nil)}}}),
		"AppsTests.test_model_clash": refused(`two models named "southponies"`, core.App{Label: "apps", Models: []core.Model{
			{Of: (*LazyA)(nil), Name: "southponies"}, {Of: (*LazyB)(nil), Name: "southponies"}}}),
		"AppsTests.test_get_app_configs":      testAppsInOrder,
		"AppsTests.test_get_app_config":       testAppByLabel,
		"AppsTests.test_is_installed":         testAppByLabel,
		"AppsTests.test_get_model":            testModelByName,
		"AppsTests.test_lazy_model_operation": testReadySeesAllModels,
		"AppsTests.test_ready":                testReadyOnce,
		"AppsTests.test_relabeling":           testRelabeled,
	} {
		t.Run("django/apps/tests.py/"+name, func(t *testing.T) { t.Parallel(); run(t) })
	}
}

func testAppsInOrder(t *testing.T) {
	var got []string
	for _, app := range newProject(t, someApps()...).Apps() {
		got = append(got, app.Label)
	}
	if want := []string{"admin", "auth", "contenttypes", "sessions", "messages", "staticfiles"}; !slices.Equal(got, want) {
		t.Errorf("Apps() = %q, want %q", got, want)
	}
}

func testAppByLabel(t *testing.T) {
	p := newProject(t, someApps()...)
	for label, want := range map[string]bool{
		"admin": true, "auth": true, "staticfiles": true, "webdesign": false, "Admin": false, "django.contrib.auth": false, "": false,
	} {
		if app, ok := p.App(label); ok != want || (ok && app.Label != label) {
			t.Errorf("App(%q) = %q, %v, want %v", label, app.Label, ok, want)
		}
	}
}

func testModelByName(t *testing.T) {
	p := newProject(t, someApps()...)
	for _, name := range []string{"admin.LogEntry", "admin.loGentrY", "admin.logentry"} {
		if m, err := p.Model(name); err != nil || m.Label() != "admin.logentry" {
			t.Errorf("Model(%q) = %q, %v, want admin.logentry", name, m.Label(), err)
		}
	}
	for name, want := range map[string]string{
		"admin.LogExit": "admin.LogExit", "Admin.LogEntry": "Admin.LogEntry", "nothing.LogEntry": "nothing.LogEntry",
		"admin_LogEntry": "app.model", "": "app.model",
	} {
		if m, err := p.Model(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Model(%q) = %q, %v, want an error with %q", name, m.Label(), err, want)
		}
	}
}

// testReadySeesAllModels: what waits for models of several apps runs once, when all are there.
func testReadySeesAllModels(t *testing.T) {
	var found [][]string
	first := core.App{Label: "first", Models: []core.Model{{Of: (*LazyA)(nil)}}, Ready: func(p *core.Project) error {
		var labels []string
		for _, name := range []string{"first.lazya", "second.lazyb", "second.lazyb", "third.lazyc", "first.lazya"} {
			m, err := p.Model(name)
			if err != nil {
				return err
			}
			labels = append(labels, m.Label())
		}
		found = append(found, labels)
		return nil
	}}
	p := newProject(t, first, core.App{Label: "second", Models: []core.Model{{Of: (*LazyB)(nil)}}}, core.App{Label: "third", Models: []core.Model{{Of: (*LazyC)(nil)}}})
	if found != nil {
		t.Error("it ran before the project was ready")
	}
	if err := p.Ready(); err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || len(found[0]) != 5 {
		t.Errorf("it found %q, want all five once", found)
	}
}

func testReadyOnce(t *testing.T) {
	n := 0
	p := newProject(t, core.App{Label: "apps", Ready: func(*core.Project) error { n++; return nil }})
	for range 2 {
		if err := p.Ready(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Handler(); err != nil || n != 1 {
		t.Errorf("Ready ran %d times, %v, want once", n, err)
	}
}

func testRelabeled(t *testing.T) {
	app := core.App{Label: "apps", Models: []core.Model{{Of: (*LogEntry)(nil)}}}
	app.Label = "relabeled"
	p := newProject(t, app)
	if _, ok := p.App("apps"); ok {
		t.Error("the app is still found under its first label")
	}
	if m, err := p.Model("relabeled.logentry"); err != nil || m.AppLabel() != "relabeled" {
		t.Errorf("its model is %q, %v, want it under the new label", m.Label(), err)
	}
}

// told is what the receivers of a migrate's signals heard.
type told struct {
	before, after []core.Migration
	apps          []core.AppMigration
}

func hear(p *core.Project) *told {
	h := &told{}
	p.Migrating.Connect(func(_ context.Context, m core.Migration) error { h.before = append(h.before, m); return nil })
	p.Migrated.Connect(func(_ context.Context, m core.Migration) error { h.after = append(h.after, m); return nil })
	p.AppMigrated.Connect(func(_ context.Context, m core.AppMigration) error { h.apps = append(h.apps, m); return nil })
	return h
}

// labels are the models that a receiver is told to exist.
func labels(models []core.Model) []string {
	names := []string{}
	for _, m := range models {
		names = append(names, m.Label())
	}
	return names
}

func TestDjangoMigrateSignals(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*testing.T, *core.Project){
		"test_call_time":       testSignalsOnce,
		"test_args":            testSignalArguments,
		"test_migrations_only": testSignalPlan,
	} {
		t.Run("django/migrate_signals/tests.py/MigrateSignalTests."+name, func(t *testing.T) {
			t.Parallel()
			testdb.Each(t, func(t *testing.T, db *bun.DB) {
				s := core.Settings{DB: db, Keys: []string{"a-key-for-tests-only-0123456789-abcdefghijklmnopqrst"}}
				p, err := core.New(s, core.App{
					Label: "migrate_signals", Models: []core.Model{{Of: (*Signal)(nil)}},
					Migrations: migrate.List(migrate.Migration{Name: "0001_initial", UpSQL: "CREATE TABLE signal (id integer PRIMARY KEY)"}),
				})
				if err != nil {
					t.Fatal(err)
				}
				run(t, p)
			})
		})
	}
}

func migrateProject(t *testing.T, p *core.Project, o core.MigrateOptions) {
	t.Helper()
	if err := p.Migrate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

func testSignalsOnce(t *testing.T, p *core.Project) {
	h := hear(p)
	migrateProject(t, p, core.MigrateOptions{})
	if len(h.before) != 1 || len(h.after) != 1 || len(h.apps) != 1 {
		t.Errorf("before, after and for the app: %d, %d and %d signals, want one each", len(h.before), len(h.after), len(h.apps))
	}
}

// testSignalArguments: a migrate with nothing to do tells the same, with an empty plan.
func testSignalArguments(t *testing.T, p *core.Project) {
	migrateProject(t, p, core.MigrateOptions{})
	h := hear(p)
	var said []string
	migrateProject(t, p, core.MigrateOptions{Logf: func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }})
	if len(h.before) != 1 || len(h.apps) != 1 {
		t.Fatalf("%d signals before and %d for the app, want one each", len(h.before), len(h.apps))
	}
	if h.apps[0].App != "migrate_signals" {
		t.Errorf("the app is %q, want migrate_signals", h.apps[0].App)
	}
	for when, m := range map[string]core.Migration{"before": h.before[0], "after": h.apps[0].Migration} {
		if m.Project != p || m.DB == nil || len(m.Steps) != 0 || m.Logf == nil {
			t.Errorf("%s: %+v, want the project, a database, no steps and a Logf", when, m)
			continue
		}
		if got := labels(m.Models); !slices.Equal(got, []string{"migrate_signals.signal"}) {
			t.Errorf("%s: the models %q, want migrate_signals.signal", when, got)
		}
		m.Logf("said %s", when)
	}
	slices.Sort(said)
	if want := []string{"said after", "said before"}; !slices.Equal(said, want) {
		t.Errorf("the person at the terminal hears %q, want %q", said, want)
	}
}

// testSignalPlan: what is about to be done, and which models there are before and after.
func testSignalPlan(t *testing.T, p *core.Project) {
	h := hear(p)
	migrateProject(t, p, core.MigrateOptions{})
	for when, m := range map[string]core.Migration{"before": h.before[0], "after": h.apps[0].Migration} {
		if len(m.Steps) != 1 || m.Steps[0].String() != "migrate_signals.0001_initial" || m.Steps[0].Backwards {
			t.Errorf("%s: the steps %+v, want the first migration forwards", when, m.Steps)
		}
	}
	if got := labels(h.before[0].Models); len(got) != 0 {
		t.Errorf("before the first migration there are the models %q, want none", got)
	}
	if got := labels(h.apps[0].Models); !slices.Equal(got, []string{"migrate_signals.signal"}) {
		t.Errorf("after it there are the models %q, want migrate_signals.signal", got)
	}
	again := hear(p)
	migrateProject(t, p, core.MigrateOptions{})
	for when, m := range map[string]core.Migration{"before": again.before[0], "after": again.apps[0].Migration} {
		if got := labels(m.Models); !slices.Equal(got, []string{"migrate_signals.signal"}) {
			t.Errorf("%s a migrate with nothing to do there are the models %q, want migrate_signals.signal", when, got)
		}
	}
}
