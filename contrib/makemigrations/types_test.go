package makemigrations_test

import (
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
)

// Versions of the model item with a column n of different types.
type (
	nInt struct {
		bun.BaseModel `bun:"table:shop_item"`
		ID            int64 `bun:"id,pk,autoincrement"`
		N             int32 `bun:"n,notnull"`
	}
	nBig struct {
		bun.BaseModel `bun:"table:shop_item"`
		ID            int64 `bun:"id,pk,autoincrement"`
		N             int64 `bun:"n,notnull"`
	}
	nVarchar5 struct {
		bun.BaseModel `bun:"table:shop_item"`
		ID            int64  `bun:"id,pk,autoincrement"`
		N             string `bun:"n,notnull,type:varchar(5)"`
	}
	nVarchar20 struct {
		bun.BaseModel `bun:"table:shop_item"`
		ID            int64  `bun:"id,pk,autoincrement"`
		N             string `bun:"n,notnull,type:varchar(20)"`
	}
	nText struct {
		bun.BaseModel `bun:"table:shop_item"`
		ID            int64  `bun:"id,pk,autoincrement"`
		N             string `bun:"n,notnull"`
	}
	nNullText struct {
		bun.BaseModel `bun:"table:shop_item"`
		ID            int64   `bun:"id,pk,autoincrement"`
		N             *string `bun:"n"`
	}
	nNullInt struct {
		bun.BaseModel `bun:"table:shop_item"`
		ID            int64  `bun:"id,pk,autoincrement"`
		N             *int32 `bun:"n"`
	}
	nBool struct {
		bun.BaseModel `bun:"table:shop_item"`
		ID            int64 `bun:"id,pk,autoincrement"`
		N             bool  `bun:"n,notnull"`
	}
	nNumeric struct {
		bun.BaseModel `bun:"table:shop_item"`
		ID            int64  `bun:"id,pk,autoincrement"`
		N             string `bun:"n,notnull,type:numeric"`
	}
	nUnique struct {
		bun.BaseModel `bun:"table:shop_item"`
		ID            int64  `bun:"id,pk,autoincrement"`
		N             string `bun:"n,notnull,unique"`
	}
)

// defaultN gives the column n a default.
func defaultN(sql string) func(*core.Model) {
	return func(m *core.Model) { m.Defaults = map[string]string{"n": sql} }
}

func TestTypes(t *testing.T) {
	t.Parallel()
	const query = "SELECT id, n FROM shop_item ORDER BY id"
	texts := func(values string) []string { return []string{"INSERT INTO shop_item (n) VALUES " + values} }
	runTrips(t, []trip{
		{name: "int to bigint", from: item[nInt](), to: item[nBig](), fill: texts("(5), (-6)"), query: query, want: "1,5 2,-6", back: query, wantBack: "1,5 2,-6"},
		{name: "bigint to int, fits", from: item[nBig](), to: item[nInt](), fill: texts("(5)"), query: query, want: "1,5", back: query, wantBack: "1,5"},
		{name: "bigint to int, does not fit", from: item[nBig](), to: item[nInt](), fill: texts("(5), (5000000000)"),
			fails: "integer out of range|shop_item.n has a value that does not fit integer", back: query, wantBack: "1,5 2,5000000000"},
		{name: "a longer varchar", from: item[nVarchar5](), to: item[nVarchar20](), fill: texts("('abcde')"), query: query, want: "1,abcde", back: query, wantBack: "1,abcde"},
		{name: "a shorter varchar, fits", from: item[nVarchar20](), to: item[nVarchar5](), fill: texts("('abcde')"), query: query, want: "1,abcde", back: query, wantBack: "1,abcde"},
		{name: "a shorter varchar, does not fit", from: item[nVarchar20](), to: item[nVarchar5](), fill: texts("('abc'), ('abcdefg')"),
			fails: "value too long for type character varying(5)|shop_item.n has a value that does not fit varchar(5)", back: query, wantBack: "1,abc 2,abcdefg"},
		{name: "text to int, fits", from: item[nText](), to: item[nInt](), fill: texts("('12'), ('-7'), (' 8 ')"), query: query, want: "1,12 2,-7 3,8", back: query, wantBack: "1,12 2,-7 3,8"},
		{name: "text to int, does not fit", from: item[nText](), to: item[nInt](), fill: texts("('12'), ('twelve')"),
			fails: `invalid input syntax for type integer: "twelve"|shop_item.n has a value that does not fit integer`, back: query, wantBack: "1,12 2,twelve"},
		{name: "text to int, out of range", from: item[nText](), to: item[nInt](), fill: texts("('12'), ('5000000000')"),
			fails: `out of range for type integer|shop_item.n has a value that does not fit integer`, back: query, wantBack: "1,12 2,5000000000"},
		{name: "text to int with a default", from: item[nText](defaultN("'1'")), to: item[nInt](defaultN("1")), fill: texts("('12')"), query: query, want: "1,12", back: query, wantBack: "1,12"},
		{name: "text to numeric", from: item[nText](), to: item[nNumeric](), fill: texts("('12.5')"), query: query, want: "1,12.5"},
		{name: "bool to int", from: item[nBool](), to: item[nInt](), fill: texts("(true), (false)"), query: query, want: "1,1 2,0",
			back: "SELECT id FROM shop_item WHERE n", wantBack: "1"},
		{name: "int to bool, does not fit", from: item[nInt](), to: item[nBool](), fill: texts("(1), (2)"),
			fails: `invalid input syntax for type boolean: "2"|shop_item.n has a value that does not fit bool`, back: query, wantBack: "1,1 2,2"},

		{name: "not null, without nulls", from: item[nNullText](), to: item[nText](), fill: texts("('a')"), query: query, want: "1,a", back: query, wantBack: "1,a"},
		{name: "not null, with nulls", from: item[nNullText](), to: item[nText](), fill: texts("('a'), (NULL)"),
			fails: `contains null values|NOT NULL constraint failed`, back: query, wantBack: "1,a 2,<nil>"},
		{name: "not null, with nulls and a value for them", from: item[nNullText](), to: item[nText](), args: []string{"--default", "shop.item.n='none'"}, fill: texts("('a'), (NULL)"),
			query: query, want: "1,a 2,none", back: query, wantBack: "1,a 2,none"},
		{name: "not null, with nulls and a default", from: item[nNullText](), to: item[nText](defaultN("'none'")), fill: texts("('a'), (NULL)"),
			query: query, want: "1,a 2,none", back: query, wantBack: "1,a 2,none"},
		{name: "null", from: item[nText](), to: item[nNullText](), fill: texts("('a')"), query: query, want: "1,a", back: query, wantBack: "1,a"},
		{name: "nullable text to int", from: item[nNullText](), to: item[nNullInt](), fill: texts("('12'), (NULL)"), query: query, want: "1,12 2,<nil>", back: query, wantBack: "1,12 2,<nil>"},
		{name: "a default added", from: item[nText](), to: item[nText](defaultN("'it''s'")), fill: texts("('a')"), query: query, want: "1,a", back: query, wantBack: "1,a"},
		{name: "a default removed", from: item[nInt](defaultN("3")), to: item[nInt](), fill: []string{"INSERT INTO shop_item DEFAULT VALUES"}, query: query, want: "1,3", back: query, wantBack: "1,3"},
		{name: "a default changed", from: item[nBool](defaultN("0")), to: item[nBool](defaultN("true")), fill: []string{"INSERT INTO shop_item DEFAULT VALUES"},
			query: "SELECT count(*) FROM shop_item WHERE NOT n", want: "1", back: "SELECT count(*) FROM shop_item WHERE NOT n", wantBack: "1"},
		{name: "a default that is an expression", from: item[nText](), to: item[nText](defaultN("lower('ABC')")), fill: texts("('a')"), query: query, want: "1,a", back: query, wantBack: "1,a"},
		{name: "unique", from: item[nText](), to: item[nUnique](), fill: texts("('a'), ('b')"), query: query, want: "1,a 2,b", back: query, wantBack: "1,a 2,b"},
		{name: "unique, of equal values", from: item[nText](), to: item[nUnique](), fill: texts("('a'), ('a')"),
			fails: "could not create unique index|UNIQUE constraint failed", back: query, wantBack: "1,a 2,a"},
		{name: "no longer unique", from: item[nUnique](), to: item[nText](), fill: texts("('a'), ('b')"), query: query, want: "1,a 2,b", back: query, wantBack: "1,a 2,b"},
	})
}
