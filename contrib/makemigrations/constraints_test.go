package makemigrations_test

import (
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
)

// Versions of models that refer to each other.
type (
	parent struct {
		bun.BaseModel `bun:"table:shop_parent"`
		base
	}
	parentVotes struct {
		bun.BaseModel `bun:"table:shop_parent"`
		base
		Votes *int64 `bun:"votes,unique"`
	}
	parentText struct {
		bun.BaseModel `bun:"table:shop_parent"`
		ID            int64  `bun:"id,pk,autoincrement"`
		Name          string `bun:"name,notnull"`
	}
	child struct {
		bun.BaseModel `bun:"table:shop_child"`
		ID            int64  `bun:"id,pk,autoincrement"`
		ParentID      *int64 `bun:"parent_id"`
	}
	childWithRelation struct {
		bun.BaseModel `bun:"table:shop_child"`
		ID            int64   `bun:"id,pk,autoincrement"`
		ParentID      *int64  `bun:"parent_id"`
		Parent        *parent `bun:"rel:belongs-to,join:parent_id=id,on_delete:cascade"`
	}
	childless struct {
		bun.BaseModel `bun:"table:shop_child"`
		ID            int64 `bun:"id,pk,autoincrement"`
	}
	node struct {
		bun.BaseModel `bun:"table:shop_node"`
		ID            int64  `bun:"id,pk,autoincrement"`
		Up            *int64 `bun:"up"`
	}
	nodeNamed struct {
		bun.BaseModel `bun:"table:shop_node"`
		ID            int64   `bun:"id,pk,autoincrement"`
		Up            *int64  `bun:"up"`
		Name          *string `bun:"name,unique"`
	}
	left struct {
		bun.BaseModel `bun:"table:shop_left"`
		ID            int64  `bun:"id,pk,autoincrement"`
		RightID       *int64 `bun:"right_id"`
	}
	right struct {
		bun.BaseModel `bun:"table:shop_right"`
		ID            int64  `bun:"id,pk,autoincrement"`
		LeftID        *int64 `bun:"left_id"`
	}
	pair struct {
		bun.BaseModel `bun:"table:shop_pair"`
		ParentID      int64 `bun:"parent_id,pk"`
		OtherID       int64 `bun:"other_id,pk"`
	}
)

// refers adds a foreign key to a model.
func refers[T any](column, onDelete string) func(*core.Model) {
	return func(m *core.Model) {
		m.References = append(m.References, core.Reference{Column: column, Of: (*T)(nil), OnDelete: onDelete})
	}
}

func TestConstraints(t *testing.T) {
	t.Parallel()
	with := func(f func(*core.Model)) []core.Model { return item[withVotes](votesDefault, f) }
	without := item[withVotes](votesDefault)
	rows := []string{"INSERT INTO shop_item (name, votes) VALUES ('a', 1), ('b', 2)"}
	const query, found = "SELECT id, name, votes FROM shop_item ORDER BY id", "1,a,1 2,b,2"
	var trips []trip
	for name, f := range map[string]func(*core.Model){
		"a unique rule":           func(m *core.Model) { m.Uniques = []core.Unique{{Columns: []string{"name"}}} },
		"a composite unique rule": func(m *core.Model) { m.Uniques = []core.Unique{{Name: "one_each", Columns: []string{"name", "votes"}}} },
		"a partial unique rule":   func(m *core.Model) { m.Uniques = []core.Unique{{Columns: []string{"name"}, Where: "votes > 1"}} },
		"an index":                func(m *core.Model) { m.Indexes = []core.Index{{Columns: []string{"votes", "name"}}} },
		"a partial index":         func(m *core.Model) { m.Indexes = []core.Index{{Columns: []string{"name"}, Where: "votes > 1"}} },
		"a check": func(m *core.Model) {
			m.Constraints = []core.Constraint{{Name: "some", Check: "(votes > 0) OR (name = 'x')"}}
		},
	} {
		trips = append(trips,
			trip{name: "add " + name, from: without, to: with(f), fill: rows, query: query, want: found, back: query, wantBack: found},
			trip{name: "drop " + name, from: with(f), to: without, fill: rows, query: query, want: found, back: query, wantBack: found})
	}
	check := func(sql string) func(*core.Model) {
		return func(m *core.Model) { m.Constraints = []core.Constraint{{Name: "some", Check: sql}} }
	}
	index := func(column, where string) func(*core.Model) {
		return func(m *core.Model) {
			m.Indexes = []core.Index{{Name: "by", Columns: []string{column}, Where: where}}
		}
	}
	titles := func(m *core.Model) {
		check("length(title) > 0 AND title <> 'name'")(m)
		index("title", "title <> ''")(m)
	}
	namesToo := func(m *core.Model) {
		check("length(name) > 0 AND name <> 'name'")(m)
		index("name", "name <> ''")(m)
	}
	runTrips(t, append(trips,
		trip{name: "change a check", from: with(check("votes > 0")), to: with(check("votes > -1")), fill: rows, query: query, want: found, back: query, wantBack: found},
		trip{name: "a check that rows break", from: without, to: with(check("votes > 1")), fill: rows, fails: "violated by some row|CHECK constraint failed: some", back: query, wantBack: found},
		trip{name: "change an index", from: with(index("votes", "")), to: with(index("name", "votes > 0")), fill: rows, query: query, want: found, back: query, wantBack: found},
		trip{name: "rename a column in a check and an index", from: item[plain](namesToo), to: item[titled](titles), args: []string{"--rename", "shop.item.name=title"}, fill: twoRows,
			query: "SELECT id, title FROM shop_item ORDER BY id", want: twoNames, back: names, wantBack: twoNames},
	))
}

func TestForeignKeys(t *testing.T) {
	t.Parallel()
	family := func(rule string) []core.Model {
		return []core.Model{model[parent]("parent"), model[child]("child", refers[parent]("parent_id", rule))}
	}
	loose := []core.Model{model[parent]("parent"), model[child]("child")}
	rows := []string{"INSERT INTO shop_parent (name) VALUES ('a'), ('b')", "INSERT INTO shop_child (parent_id) VALUES (1), (2), (NULL)"}
	const query, found = "SELECT id, parent_id FROM shop_child ORDER BY id", "1,1 2,2 3,<nil>"
	stays := func(name string, from, to []core.Model, args ...string) trip {
		return trip{name: name, from: from, to: to, args: args, fill: rows, query: query, want: found, back: query, wantBack: found}
	}
	runTrips(t, []trip{
		stays("add NO ACTION", loose, family("")),
		stays("add CASCADE", loose, family("CASCADE")),
		stays("drop", family("CASCADE"), loose),
		stays("NO ACTION to CASCADE", family(""), family("CASCADE")),
		stays("CASCADE to SET NULL", family("CASCADE"), family("SET NULL")),
		stays("SET NULL to NO ACTION", family("SET NULL"), family("no action")),
		stays("bun's relation", loose, []core.Model{model[parent]("parent"), model[childWithRelation]("child")}),
		stays("a parent with CASCADE children is rebuilt", family("CASCADE"),
			[]core.Model{model[parentText]("parent"), model[child]("child", refers[parentText]("parent_id", "CASCADE"))}),
		stays("a parent with CASCADE children gets a column", family("CASCADE"),
			[]core.Model{model[parentVotes]("parent"), model[child]("child", refers[parentVotes]("parent_id", "CASCADE"))}),
		{name: "add a column that refers", from: []core.Model{model[parent]("parent"), model[childless]("child")}, to: family("CASCADE"),
			fill: []string{"INSERT INTO shop_child DEFAULT VALUES"}, query: "SELECT id, parent_id FROM shop_child", want: "1,<nil>", back: "SELECT id FROM shop_child", wantBack: "1"},
		{name: "drop a parent", from: family(""), to: []core.Model{model[childless]("child")}, args: []string{"--allow-drop"},
			fill: rows, query: "SELECT id FROM shop_child ORDER BY id", want: "1 2 3", back: query, wantBack: "1,<nil> 2,<nil> 3,<nil>"},
		{name: "add one that rows break", from: loose, to: family(""), fill: []string{"INSERT INTO shop_child (parent_id) VALUES (9)"},
			fails: "violates foreign key constraint|refers to a row of", back: query, wantBack: "1,9"},
		{name: "a table of pairs", from: []core.Model{model[parent]("parent"), model[other]("other")},
			to:   []core.Model{model[parent]("parent"), model[other]("other"), model[pair]("pair", refers[parent]("parent_id", "CASCADE"), refers[other]("other_id", "CASCADE"))},
			fill: []string{"INSERT INTO shop_parent (name) VALUES ('a')"}, query: "SELECT name FROM shop_parent", want: "a", back: "SELECT name FROM shop_parent", wantBack: "a"},
		{name: "a table that refers to itself", from: []core.Model{model[parent]("parent")},
			to: []core.Model{model[parent]("parent"), model[node]("node", refers[node]("up", "CASCADE"))}, query: "SELECT count(*) FROM shop_node", want: "0",
			back: "SELECT count(*) FROM shop_parent", wantBack: "0"},
		{name: "rebuild a table that refers to itself", from: []core.Model{model[node]("node", refers[node]("up", "CASCADE"))},
			to: []core.Model{model[nodeNamed]("node", refers[nodeNamed]("up", ""))}, fill: []string{"INSERT INTO shop_node (up) VALUES (NULL), (1), (1)"},
			query: "SELECT id, up FROM shop_node ORDER BY id", want: "1,<nil> 2,1 3,1", back: "SELECT id, up FROM shop_node ORDER BY id", wantBack: "1,<nil> 2,1 3,1"},
		{name: "a circle of two tables", from: []core.Model{model[parent]("parent")},
			to:    []core.Model{model[parent]("parent"), model[left]("left", refers[right]("right_id", "")), model[right]("right", refers[left]("left_id", ""))},
			query: "SELECT count(*) FROM shop_left", want: "0", back: "SELECT count(*) FROM shop_parent", wantBack: "0"},
		{name: "drop a circle of two tables",
			from: []core.Model{model[parent]("parent"), model[left]("left", refers[right]("right_id", "")), model[right]("right", refers[left]("left_id", ""))},
			to:   []core.Model{model[parent]("parent")}, args: []string{"--allow-drop"}, query: "SELECT count(*) FROM shop_parent", want: "0",
			back: "SELECT count(*) FROM shop_left", wantBack: "0"},
		{name: "refer to another table", from: []core.Model{model[parent]("parent"), model[other]("other"), model[child]("child", refers[parent]("parent_id", ""))},
			to:    []core.Model{model[parent]("parent"), model[other]("other"), model[child]("child", refers[other]("parent_id", ""))},
			fill:  []string{"INSERT INTO shop_parent (name) VALUES ('a')", "INSERT INTO shop_other (text) VALUES ('a')", "INSERT INTO shop_child (parent_id) VALUES (1)"},
			query: query, want: "1,1", back: query, wantBack: "1,1"},
	})
}
