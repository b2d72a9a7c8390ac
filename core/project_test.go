package core_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

type Thing struct {
	bun.BaseModel `bun:"table:things_thing"`
	ID            int64 `bun:"id,pk,autoincrement"`
}

type HTTPLogEntry struct {
	bun.BaseModel `bun:"table:things_log"`
	ID            int64 `bun:"id,pk,autoincrement"`
}

func ok(http.ResponseWriter, *http.Request) error { return nil }

// settings are sound and touch no file.
func settings(t *testing.T) core.Settings {
	t.Helper()
	db, err := core.OpenDB("sqlite:" + t.TempDir() + "/db.sqlite3")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return core.Settings{DB: db, Keys: []string{"a-key-for-tests-only-0123456789-abcdefghijklmnopqrst"}, AllowedHosts: []string{"testserver"}}
}

func named(name string) command.Command {
	return command.Command{Name: name, Setup: func(*pflag.FlagSet) command.Run {
		return func(context.Context, *command.Env, []string) error { return nil }
	}}
}

func TestWhatCanNeverWork(t *testing.T) {
	t.Parallel()
	up := func(context.Context, bun.IDB) error { return nil }
	step := func(name string, requires ...string) migrate.Source {
		return migrate.List(migrate.Migration{Name: name, Requires: requires, Up: up})
	}
	routes := func(path, name string) func(*web.Router) {
		return func(r *web.Router) { r.Root().Get(path, name, ok) }
	}
	for _, tt := range []struct {
		name string
		apps []core.App
		want []string
	}{
		{"two apps with one label", []core.App{{Label: "a"}, {Label: "a"}}, []string{`two apps have the label "a"`}},
		{"a label that is no name", []core.App{{Label: "Big App"}}, []string{`"Big App"`}},
		{"no label", []core.App{{}}, []string{`the app label ""`}},
		{"a missing app", []core.App{{Label: "a", Requires: []string{"b", "c"}}}, []string{`the app "a" needs the app "b"`, `"c"`}},
		{"two routes with one name", []core.App{{Label: "a", Routes: routes("/1/", "x")}, {Label: "b", Routes: routes("/2/", "x")}}, []string{`two routes have the name "x"`, "/1/", "/2/"}},
		{"two commands with one name", []core.App{{Label: "a", Commands: []command.Command{named("go")}}, {Label: "b", Commands: []command.Command{named("go")}}}, []string{`"go"`, `"a"`, `"b"`}},
		{"a command of core", []core.App{{Label: "a", Commands: []command.Command{named("migrate")}}}, []string{`"migrate"`}},
		{"a command without work", []core.App{{Label: "a", Commands: []command.Command{{Name: "x"}}}}, []string{"no Setup"}},
		{"a model that is no struct", []core.App{{Label: "a", Models: []core.Model{{Of: 3}}}}, []string{`the app "a"`, "int"}},
		{"a model by value", []core.App{{Label: "a", Models: []core.Model{{Of: Thing{}}}}}, []string{"(*YourStruct)(nil)"}},
		{"two models with one name", []core.App{{Label: "a", Models: []core.Model{{Of: (*Thing)(nil)}, {Of: (*HTTPLogEntry)(nil), Name: "thing"}}}}, []string{`"thing"`}},
		{"a cycle of migrations", []core.App{{Label: "a", Migrations: step("0001_x", "b.0001_y")}, {Label: "b", Migrations: step("0001_y", "a.0001_x")}}, []string{"a.0001_x", "b.0001_y"}},
		{"an unknown migration", []core.App{{Label: "a", Migrations: step("0001_x", "b.0001_y")}}, []string{"b.0001_y"}},
	} {
		_, err := core.New(settings(t), tt.apps...)
		if err == nil {
			t.Errorf("%s: New accepts it", tt.name)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: the error does not say %s: %v", tt.name, want, err)
			}
		}
	}
}

func TestModelsAreNamed(t *testing.T) {
	t.Parallel()
	p, err := core.New(settings(t), core.App{Label: "things", Models: []core.Model{
		{Of: (*Thing)(nil), Permissions: []core.Permission{{Codename: "polish", Name: "Can polish a thing"}}},
		{Of: (*HTTPLogEntry)(nil), DefaultPermissions: []string{}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	m, found := p.ModelOf(&Thing{})
	if !found || m.Label() != "things.thing" || m.VerboseName != "thing" || m.AppLabel() != "things" {
		t.Errorf("ModelOf(Thing) = %+v, %v", m, found)
	}
	var codenames []string
	for _, perm := range m.AllPermissions() {
		codenames = append(codenames, perm.Codename+"|"+perm.Name)
	}
	want := []string{"add_thing|Can add thing", "change_thing|Can change thing", "delete_thing|Can delete thing", "view_thing|Can view thing", "polish|Can polish a thing"}
	if !slices.Equal(codenames, want) {
		t.Errorf("permissions are %q, want %q", codenames, want)
	}
	log, _ := p.ModelOf((*HTTPLogEntry)(nil))
	if log.Label() != "things.httplogentry" || log.VerboseName != "http log entry" || len(log.AllPermissions()) != 0 {
		t.Errorf("ModelOf(HTTPLogEntry) = %+v", log)
	}
	if _, found := p.ModelOf((*core.Project)(nil)); found {
		t.Error("ModelOf finds a model that no app brings")
	}
}

func TestReadyStartClose(t *testing.T) {
	t.Parallel()
	var calls []string
	app := func(label string, fails bool) core.App {
		note := func(what string) { calls = append(calls, what+" "+label) }
		return core.App{
			Label: label,
			Ready: func(*core.Project) error { note("ready"); return nil },
			Start: func(context.Context) error {
				note("start")
				if fails {
					return errors.New("no power")
				}
				return nil
			},
			Close: func(context.Context) error { note("close"); return nil },
		}
	}
	p, err := core.New(settings(t), app("a", false), app("b", false), app("c", true))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Ready(); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Start(t.Context()); err == nil || !strings.Contains(err.Error(), `start the app "c": no power`) {
		t.Errorf("Start: %v, want the error of c", err)
	}
	if err := p.Close(t.Context()); err != nil {
		t.Error(err)
	}
	want := []string{"ready a", "ready b", "ready c", "start a", "start b", "start c", "close b", "close a", "close c", "close b", "close a"}
	if !slices.Equal(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
}

func TestSettingsFromEnv(t *testing.T) {
	t.Parallel()
	env := map[string]string{}
	read := func() core.Settings { return core.SettingsFromEnv(func(name string) string { return env[name] }) }
	if err := read().Err(); err == nil || !strings.Contains(err.Error(), "SECRET_KEY is not set") {
		t.Errorf("without SECRET_KEY: %v", err)
	}
	env["DEBUG"] = "yes"
	s := read()
	if s.Err() != nil || !s.Debug || len(s.Keys) != 1 || len(s.Keys[0]) < 50 {
		t.Errorf("with DEBUG: %v, debug %v, %d keys; want a key made up", s.Err(), s.Debug, len(s.Keys))
	}
	env = map[string]string{"SECRET_KEY": "k1", "SECRET_KEY_FALLBACKS": "k2, k3", "ALLOWED_HOSTS": "a.example,.b.example", "TIME_ZONE": "Europe/Paris"}
	s = read()
	if s.Err() != nil || !slices.Equal([]string(s.Keys), []string{"k1", "k2", "k3"}) ||
		!slices.Equal(s.AllowedHosts, []string{"a.example", ".b.example"}) || s.TimeZone.String() != "Europe/Paris" || s.Debug {
		t.Errorf("read %+v, %v", s, s.Err())
	}
	env["EXTRA_PROCESSORS"] = "2"
	if s = read(); s.Err() != nil || s.ExtraProcessors != 2 {
		t.Errorf("EXTRA_PROCESSORS=2: %d, %v", s.ExtraProcessors, s.Err())
	}
	for _, text := range []string{"-1", "many"} {
		env["EXTRA_PROCESSORS"] = text
		if err := read().Err(); err == nil || !strings.Contains(err.Error(), "EXTRA_PROCESSORS") {
			t.Errorf("EXTRA_PROCESSORS=%s: %v, want an error that names it", text, err)
		}
	}
	delete(env, "EXTRA_PROCESSORS")
	if s.Cache != nil {
		t.Error("there is a cache that nobody asked for")
	}
	for age, good := range map[string]bool{"0": true, "1m": true, "-1m": false, "soon": false} {
		env["CACHE_AGE"] = age
		if s = read(); (s.Err() == nil) != good || (s.Cache != nil) != (age == "1m") {
			t.Errorf("CACHE_AGE %q: %v, a cache: %v", age, s.Err(), s.Cache != nil)
		}
	}
	delete(env, "CACHE_AGE")
	env["DATABASE_URL"] = "oracle://x"
	s = read()
	if err := s.Err(); err == nil || !strings.Contains(err.Error(), "DATABASE_URL") || s.DB == nil {
		t.Errorf("an unknown database: %v, DB %v; want an error and a database that stands in", err, s.DB)
	}
	if err := database.Check(t.Context(), s.DB); err == nil {
		t.Error("the database that stands in works")
	}
}
