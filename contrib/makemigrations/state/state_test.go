package state_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/makemigrations/state"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
)

func TestParseType(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want, sqlite, postgres string }{
		{"BIGINT", "bigint", "bigint", "bigint"},
		{"int", "integer", "integer", "integer"},
		{"int8", "bigint", "bigint", "bigint"},
		{"Boolean", "bool", "bool", "boolean"},
		{"varchar(20)", "varchar(20)", "varchar(20)", "varchar(20)"},
		{"Character Varying ( 20 )", "varchar(20)", "varchar(20)", "varchar(20)"},
		{"char(3)", "char(3)", "char(3)", "char(3)"},
		{"decimal(10, 2)", "numeric(10,2)", "decimal(10,2)", "numeric(10,2)"},
		{"numeric(5)", "numeric(5,0)", "decimal(5,0)", "numeric(5,0)"},
		{"timestamptz", "datetime", "datetime", "timestamp with time zone"},
		{"double precision", "double", "real", "double precision"},
		{"uuid", "uuid", "char(32)", "uuid"},
		{"jsonb", "jsonb", "text", "jsonb"},
		{"bytea", "bytes", "blob", "bytea"},
		{"tsvector", "tsvector", "tsvector", "tsvector"},
		{"timestamp", "timestamp", "timestamp", "timestamp"},
		{"varchar(2,3)", "varchar(2,3)", "varchar(2,3)", "varchar(2,3)"},
	} {
		got := state.ParseType(tt.text)
		if string(got) != tt.want || got.SQLite() != tt.sqlite || got.Postgres() != tt.postgres {
			t.Errorf("ParseType(%q) = %q, %q on SQLite and %q on PostgreSQL; want %q, %q, %q", tt.text, got, got.SQLite(), got.Postgres(), tt.want, tt.sqlite, tt.postgres)
		}
		if again := state.ParseType(string(got)); again != got {
			t.Errorf("ParseType(%q) = %q, want the same", got, again)
		}
	}
}

func FuzzParseType(f *testing.F) {
	f.Add("varchar(20)")
	f.Add("numeric (10 , 2)")
	f.Add(")(")
	f.Fuzz(func(t *testing.T, text string) {
		got := state.ParseType(text)
		if again := state.ParseType(string(got)); again != got {
			t.Errorf("ParseType(%q) = %q, and of that %q", text, got, again)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"app":"shop","tables":[{"name":"t","model":"m","columns":[{"name":"c","type":"text"}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := state.Decode(text)
		if err != nil {
			return
		}
		once, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := state.Decode(once)
		if err != nil {
			t.Fatalf("what Encode wrote is not read: %v\n%s", err, once)
		}
		twice, err := again.Encode()
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%v, written twice:\n%s\n%s", err, once, twice)
		}
	})
}

// TestApply renames a column that is everywhere.
func TestApply(t *testing.T) {
	t.Parallel()
	s := state.State{App: "shop", Tables: []state.Table{
		{
			Name: "item", Model: "item", Columns: []state.Column{{Name: "id"}, {Name: "name"}}, PrimaryKey: []string{"name"},
			Uniques:     []state.Index{{Name: "u", Columns: []string{"name", "id"}, Where: `"name" > 'name' OR name(1) = NAME`}},
			Checks:      []state.Check{{Name: "c", SQL: "length(name) > 0 AND names <> 'it''s name' AND `name` <> name"}},
			ForeignKeys: []state.ForeignKey{{Name: "f", Column: "name", App: "shop", Table: "item", To: "name"}},
		},
	}}
	s.Apply(state.Rename{Table: "item", From: "name", To: "title"})
	s.Apply(state.Rename{From: "item", To: "ware", Model: "ware"})
	table := s.Table("ware")
	got := fmt.Sprintf("%+v", *table)
	for _, want := range []string{
		"Model:ware", "{Name:title", "PrimaryKey:[title]", "Columns:[title id]", `Where:"title" > 'name' OR name(1) = title`,
		"SQL:length(title) > 0 AND names <> 'it''s name' AND `title` <> title", "Column:title App:shop Table:ware To:title",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
}

// TestKeepNames lets indexes have the names that they once got, and no name twice.
func TestKeepNames(t *testing.T) {
	t.Parallel()
	db, err := database.Open("sqlite:unused.sqlite3")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	of := func(columns ...string) state.State {
		m := core.Model{Of: (*thing)(nil)}
		for _, c := range columns {
			m.Indexes = append(m.Indexes, core.Index{Columns: []string{c}})
		}
		s, err := state.Of(projectOf(t, db, m), "shop")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	earlier := of("a")
	earlier.Apply(state.Rename{Table: "shop_thing", From: "a", To: "b"})
	now := of("a", "b")
	now.KeepNames(earlier)
	names := map[string]string{}
	for _, i := range now.Table("shop_thing").Indexes {
		names[i.Columns[0]] = i.Name
	}
	if names["b"] != "shop_thing_a_idx" || names["a"] != "shop_thing_a_idx_2" {
		t.Errorf("names %v, want that of a for b, which was a, and another one for a", names)
	}
}

type thing struct {
	bun.BaseModel `bun:"table:shop_thing"`
	ID            int64  `bun:"id,pk,autoincrement"`
	A             string `bun:"a"`
	B             string `bun:"b"`
}

func projectOf(t *testing.T, db *bun.DB, models ...core.Model) *core.Project {
	t.Helper()
	p, err := core.New(core.Settings{DB: db, Keys: []string{strings.Repeat("a-key-for-tests-", 4)}}, core.App{Label: "shop", Models: models})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
