package migrate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/migrate"
)

func TestCreatedTables(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"other statements", "CREATE INDEX i ON a (b); INSERT INTO t VALUES ('CREATE TABLE no (id)'); -- CREATE TABLE no (id)\nDROP TABLE x;", nil},
		{"one", "CREATE TABLE a (id integer PRIMARY KEY, b text)", []string{"a: id b"}},
		{"two", `CREATE TABLE "a" ("id" integer); create table b(c int,d int)`, []string{"a: id", "b: c d"}},
		{"only when it is missing", "CREATE TABLE IF NOT EXISTS a (id integer)", []string{"a: id"}},
		{"in a schema", `CREATE TABLE public."A b" (id integer)`, []string{"A b: id"}},
		{"capital letters", `CREATE TABLE Basket (ID integer, "Size" integer)`, []string{"basket: id Size"}},
		{"unlogged", "CREATE UNLOGGED TABLE a (id integer)", []string{"a: id"}},
		{"temporary", "CREATE TEMPORARY TABLE a (id integer); CREATE TEMP TABLE b (id integer)", nil},
		{"quotes in a name", `CREATE TABLE "a""b" (` + "`c`" + ` integer)`, []string{`a"b: c`}},
		{"commas inside", "CREATE TABLE a (p decimal(5, 2) DEFAULT 1, q text DEFAULT ',(' CHECK (q IN ('a,', 'b')), /* , z */ r int)", []string{"a: p q r"}},
		{"rules of the table", "CREATE TABLE a (id int, CONSTRAINT x UNIQUE (id, id), PRIMARY KEY (id), FOREIGN KEY (id) REFERENCES b (id), UNIQUE (id), CHECK (id > 0))", []string{"a: id"}},
		{"from a query", "CREATE TABLE a AS SELECT 1", []string{"a:"}},
		{"cut off", "CREATE TABLE a (id int, b", []string{"a: id b"}},
		{"cut off early", "CREATE TABLE", []string{":"}},
	} {
		if got := migrate.CreatedTables(tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzCreatedTables(f *testing.F) {
	f.Add(`CREATE TABLE IF NOT EXISTS "a" ("id" integer, CHECK (id > 0)); -- end`)
	f.Add("CREATE TABLE $x$ ( ''")
	f.Fuzz(func(t *testing.T, text string) {
		found := migrate.CreatedTables(text)
		if most := strings.Count(strings.ToUpper(text), "TABLE"); len(found) > most {
			t.Errorf("%d tables are found in %q, which has the word %d times", len(found), text, most)
		}
	})
}
