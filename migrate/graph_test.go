package migrate_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/migrate"
)

// nowhere returns a database that is never used.
func nowhere(t *testing.T, url string) *bun.DB {
	t.Helper()
	db, err := database.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

const (
	sqliteNowhere   = "sqlite:no/such/folder/db"
	postgresNowhere = "postgres://no-such-host.invalid/x"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	sql := func(name string, requires ...string) migrate.Migration {
		return migrate.Migration{Name: name, Requires: requires, UpSQL: "SELECT 1"}
	}
	app := func(label string, all ...migrate.Migration) migrate.App {
		return migrate.App{Label: label, Source: migrate.List(all...)}
	}
	nothing := func(context.Context, bun.IDB) error { return nil }
	tests := []struct {
		name string
		apps []migrate.App
		want []string
	}{
		{"two apps with one label", []migrate.App{app("a"), app("a")}, []string{`two apps have the label "a": rename one`}},
		{"no label", []migrate.App{app("")}, []string{`the label ""`}},
		{"dotted label", []migrate.App{app("a.b")}, []string{`the label "a.b"`}},
		{"no number", []migrate.App{app("a", sql("initial"))}, []string{`a migration named "initial": begin its name with a number`}},
		{"no name", []migrate.App{app("a", sql(""))}, []string{`a migration named ""`}},
		{"dotted name", []migrate.App{app("a", sql("0001.x"))}, []string{`"0001.x"`}},
		{"one name twice", []migrate.App{app("a", sql("0001_x"), sql("0001_x"))}, []string{"a.0001_x and a.0001_x have the same number"}},
		{"one number twice", []migrate.App{app("a", sql("0002_x"), sql("0001_i"), sql("2_y"))}, []string{"a.0002_x and a.2_y have the same number: write the later one anew"}},
		{"nothing to do", []migrate.App{app("a", migrate.Migration{Name: "0001_x"})}, []string{"a.0001_x does nothing"}},
		{"both kinds", []migrate.App{app("a", migrate.Migration{Name: "0001_x", Up: nothing, UpSQL: "SELECT 1"})}, []string{"a.0001_x has a function and SQL"}},
		{"both kinds of down", []migrate.App{app("a", migrate.Migration{Name: "0001_x", Up: nothing, Down: nothing, DownSQL: "SELECT 1"})}, []string{"a.0001_x has a function and SQL"}},
		{"unknown app", []migrate.App{app("a", sql("0001_x", "b.0001_x"))}, []string{`a.0001_x requires b.0001_x, but there is no app "b": add the app`}},
		{"unknown migration", []migrate.App{app("a", sql("0001_x", "b.0002_x")), app("b", sql("0001_x"))}, []string{`a.0001_x requires b.0002_x, but the app "b" has no such migration`}},
		{"itself", []migrate.App{app("a", sql("0001_x", "0001_x"))}, []string{"in a circle, a.0001_x requires a.0001_x: take"}},
		{"a later one", []migrate.App{app("a", sql("0001_x", "0003_z"), sql("0002_y"), sql("0003_z"))}, []string{"a.0001_x requires a.0003_z requires a.0002_y requires a.0001_x: take"}},
		{"a circle of apps", []migrate.App{app("z", sql("0001_x", "a.0001_x")), app("a", sql("0001_x", "b.0001_x")), app("b", sql("0001_x", "c.0001_x")), app("c", sql("0001_x", "a.0001_x"))},
			[]string{"in a circle, a.0001_x requires b.0001_x requires c.0001_x requires a.0001_x: take one"}},
		{"replaced twice", []migrate.App{app("a", migrate.Migration{Name: "0001_x", Replaces: []string{"0002_y"}, UpSQL: "SELECT 1"}, sql("0002_y"))},
			[]string{"a.0001_x replaces a.0002_y, which is recorded by a.0002_y too"}},
		{"ends its transaction", []migrate.App{app("a", migrate.Migration{Name: "0001_x", UpSQL: "CREATE TABLE x (id integer);\nCOMMIT;"})},
			[]string{"a.0001_x: line 2: COMMIT would end the transaction", "atomic: false"}},
		{"several mistakes", []migrate.App{app("a", sql("x"), sql("0001_y", "nuts.0001_x")), app("b", sql("y"))}, []string{`named "x"`, `named "y"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, url := range []string{sqliteNowhere, postgresNowhere} {
				_, err := migrate.New(nowhere(t, url), tt.apps...)
				wantError(t, err, tt.want...)
			}
		})
	}
}

// TestOrder plans without a history; apps keep their order as far as they can.
func TestOrder(t *testing.T) {
	t.Parallel()
	all := files("0010_ten.sql", "", "0002_two.sql", "", "0001_one.sql", "-- requires: b.0001_one", "9_nine.sql", "")
	m, err := migrate.New(nowhere(t, sqliteNowhere),
		migrate.App{Label: "a", Source: migrate.Join(all, migrate.List(migrate.Migration{Name: "0005_five", UpSQL: "SELECT 1"}))},
		migrate.App{Label: "c", Source: files("0001_one.sql", "-- requires: a.0010_ten, b.0001_one")},
		migrate.App{Label: "b", Source: files("0001_one.sql", "", "0002_two.sql", "-- requires: 0001_one")},
	)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the order", migrate.Order(m), strings.Fields("b.0001_one a.0001_one a.0002_two a.0005_five a.9_nine a.0010_ten c.0001_one b.0002_two"))
}

func TestFiles(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{}
	for name, text := range map[string]string{
		"migrations/0001_initial.sql":               "-- The first one.\n\n-- requires: auth.0001_initial, sessions.0001_initial\n-- requires: b.0001_x\n-- replaces: 0001_initial,0002_more\nboth",
		"migrations/0001_initial.down.sql":          "both down",
		"migrations/0002_differs.postgres.sql":      "-- atomic: false\npg",
		"migrations/0002_differs.sqlite.sql":        "\ufefflite",
		"migrations/0002_differs.postgres.down.sql": "-- atomic: false\r\npg down",
		"migrations/0002_differs.sqlite.down.sql":   "",
		"migrations/0003_special.sql":               "general",
		"migrations/0003_special.sqlite.sql":        "special",
		"migrations/0003_special.json":              "not read",
		"README.md":                                 "not read",
		"migrations/later/0004_oneway.sql":          "",
	} {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for d, want := range map[dialect.Name][]string{
		dialect.PG:     {"0001_initial", "both down", "0002_differs", "-- atomic: false\npg", "-- atomic: false\r\npg down", "0003_special", "general", "", "0004_oneway", "\n", ""},
		dialect.SQLite: {"0001_initial", "both down", "0002_differs", "lite", "\n", "0003_special", "special", "", "0004_oneway", "\n", ""},
	} {
		all, err := migrate.Files(fsys).Migrations(d)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, m := range all {
			got = append(got, m.Name)
			if i > 0 {
				got = append(got, m.UpSQL)
			}
			got = append(got, m.DownSQL)
			if m.NonAtomic != (d == dialect.PG && i == 1) {
				t.Errorf("%s on %s: NonAtomic is %v", m.Name, d, m.NonAtomic)
			}
		}
		if g, w := strings.Join(got, "|"), strings.Join(want, "|"); g != w {
			t.Errorf("on %s\ngot  %q\nwant %q", d, g, w)
		}
		equal(t, "requires", all[0].Requires, []string{"auth.0001_initial", "sessions.0001_initial", "b.0001_x"})
		equal(t, "replaces", all[0].Replaces, []string{"0001_initial", "0002_more"})
	}
}

func TestFilesRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files []string
		want  []string
	}{
		{"no file for SQLite", []string{"0001_x.postgres.sql", ""}, []string{"0001_x has no statements for this database: add the file 0001_x.sqlite.sql, which may be empty, beside migrations/0001_x.postgres.sql"}},
		{"only a way back", []string{"0001_x.down.sql", ""}, []string{"add the file 0001_x.sqlite.sql"}},
		{"unknown database", []string{"0001_x.mysql.sql", ""}, []string{"migrations/0001_x.mysql.sql: the name is not understood"}},
		{"words turned round", []string{"0001_x.down.sqlite.sql", ""}, []string{"the name is not understood"}},
		{"no name", []string{".sql", ""}, []string{`named ""`}},
		{"one name in two folders", []string{"0001_x.sql", "", "more/0001_x.sql", ""}, []string{"are the same migration: rename one"}},
		{"typing error", []string{"0001_x.sql", "-- require: a.0001_x"}, []string{`migrations/0001_x.sql: line 1: the header "require" is not known: write requires, replaces and atomic`}},
		{"header too late", []string{"0001_x.sql", "SELECT 1;\n-- requires: a.0001_x"}, []string{`line 2: the header "requires" comes after the first statement`}},
		{"empty list", []string{"0001_x.sql", "-- requires:"}, []string{"the header requires: write one or more names with commas"}},
		{"no commas", []string{"0001_x.sql", "-- replaces: a b"}, []string{"the header replaces: write one or more names with commas"}},
		{"atomic by another word", []string{"0001_x.sql", "-- atomic: no"}, []string{`atomic says "no": write true or false`}},
		{"way back with requirements", []string{"0001_x.sql", "", "0001_x.down.sql", "-- requires: a.0001_x"}, []string{"has no header requires or replaces: write it in migrations/0001_x.sql"}},
		{"way back atomic", []string{"0001_x.sql", "-- atomic: false", "0001_x.down.sql", ""}, []string{"do not agree on the header atomic"}},
		{"not UTF-8", []string{"0001_x.sql", "\xff"}, []string{"migrations/0001_x.sql: the text is not UTF-8"}},
		{"NUL", []string{"0001_x.sql", "a\x00b"}, []string{"NUL"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := migrate.New(nowhere(t, sqliteNowhere), migrate.App{Label: "app", Source: files(tt.files...)})
			wantError(t, err, append(tt.want, "app")...)
		})
	}
}
