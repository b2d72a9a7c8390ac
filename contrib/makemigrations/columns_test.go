package makemigrations_test

import (
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
)

// base is what the versions of the model item have in common.
type base struct {
	ID   int64  `bun:"id,pk,autoincrement"`
	Name string `bun:"name,notnull,type:varchar(50)"`
}

// Versions of the model item, by what they have besides.
type (
	plain struct {
		bun.BaseModel `bun:"table:shop_item"`
		base
	}
	withNote struct {
		bun.BaseModel `bun:"table:shop_item"`
		base
		Note *string `bun:"note"`
	}
	withRemark struct {
		bun.BaseModel `bun:"table:shop_item"`
		base
		Remark *string `bun:"remark"`
	}
	withUniqueNote struct {
		bun.BaseModel `bun:"table:shop_item"`
		base
		Note *string `bun:"note,unique"`
	}
	withUniqueRemark struct {
		bun.BaseModel `bun:"table:shop_item"`
		base
		Remark *string `bun:"remark,unique"`
	}
	withVotes struct {
		bun.BaseModel `bun:"table:shop_item"`
		base
		Votes int32 `bun:"votes,notnull"`
	}
	withPoints struct {
		bun.BaseModel `bun:"table:shop_item"`
		base
		Points int32 `bun:"points,notnull"`
	}
	withTwo struct {
		bun.BaseModel `bun:"table:shop_item"`
		base
		First  string `bun:"first,notnull"`
		Second string `bun:"second,notnull"`
	}
	withTwoRenamed struct {
		bun.BaseModel `bun:"table:shop_item"`
		base
		Uno string `bun:"uno,notnull"`
		Due string `bun:"due,notnull"`
	}
	withOrder struct {
		bun.BaseModel `bun:"table:shop_item"`
		base
		Order int64 `bun:"order,notnull"`
	}
	withMade struct {
		bun.BaseModel `bun:"table:shop_item"`
		base
		Made bun.NullTime `bun:"made,notnull"`
	}
	titled struct {
		bun.BaseModel `bun:"table:shop_item"`
		ID            int64  `bun:"id,pk,autoincrement"`
		Title         string `bun:"title,notnull,type:varchar(50)"`
	}
	titledLonger struct {
		bun.BaseModel `bun:"table:shop_item"`
		ID            int64  `bun:"id,pk,autoincrement"`
		Title         string `bun:"title,notnull"`
	}
	everything struct {
		bun.BaseModel `bun:"table:shop_every"`
		ID            database.UUID     `bun:"id,pk"`
		Small         int16             `bun:"small,notnull,default:-1"`
		Yes           bool              `bun:"yes,notnull,default:1"`
		Half          float32           `bun:"half"`
		Whole         float64           `bun:"whole,default:0.5"`
		Bytes         []byte            `bun:"bytes"`
		At            time.Time         `bun:"at"`
		Day           string            `bun:"day,type:date"`
		Hour          string            `bun:"hour,type:time"`
		Map           map[string]string `bun:"map"`
		JSON          string            `bun:"json,type:json"`
		Price         string            `bun:"price,type:numeric(10,2)"`
		Fixed         string            `bun:"fixed,type:char(3)"`
		Zoneless      string            `bun:"zoneless,type:timestamp"`
		Own           string            `bun:"own,type:tsvector"`
	}
	renamedModel struct {
		bun.BaseModel `bun:"table:shop_ware"`
		base
	}
)

// twoRows fill a plain item; the counter of rows is ahead of them.
var twoRows = []string{
	"INSERT INTO shop_item (name) VALUES ('a'), ('b'), ('gone')",
	"DELETE FROM shop_item WHERE name = 'gone'",
}

const (
	names    = "SELECT id, name FROM shop_item ORDER BY id"
	twoNames = "1,a 2,b"
)

func votesDefault(m *core.Model) { m.Defaults = map[string]string{"votes": "7"} }
func votesIndexed(m *core.Model) {
	m.Defaults = map[string]string{"votes": "7"}
	m.Indexes = []core.Index{{Columns: []string{"votes"}}}
}
func pointsIndexed(m *core.Model) {
	m.Defaults = map[string]string{"points": "7"}
	m.Indexes = []core.Index{{Columns: []string{"points"}}}
}
func orderDefault(m *core.Model) { m.Defaults = map[string]string{"order": "1"} }
func orderIndexed(m *core.Model) {
	orderDefault(m)
	m.Indexes = []core.Index{{Columns: []string{"order"}}}
}

func TestTablesAndColumns(t *testing.T) {
	t.Parallel()
	noteRows := []string{"INSERT INTO shop_item (name, note) VALUES ('a', 'x'), ('b', NULL)"}
	voteRows := []string{"INSERT INTO shop_item (name, votes) VALUES ('a', 1), ('b', 2)"}
	two := []core.Model{model[plain]("item"), model[other]("other")}
	runTrips(t, []trip{
		{name: "create a model", from: item[plain](), to: two, fill: twoRows, query: names, want: twoNames, back: names, wantBack: twoNames},
		{name: "drop a model", from: two, to: item[plain](), args: []string{"--allow-drop"}, fill: append([]string{"INSERT INTO shop_other (text) VALUES ('x')"}, twoRows...),
			query: names, want: twoNames, back: "SELECT count(*) FROM shop_other", wantBack: "0"},
		{name: "rename a model", from: item[plain](), to: []core.Model{model[renamedModel]("ware")}, args: []string{"--rename", "shop.item=ware"}, fill: twoRows,
			query: "SELECT id, name FROM shop_ware ORDER BY id", want: twoNames, back: names, wantBack: twoNames},
		{name: "rename a model that says so", from: item[plain](), to: []core.Model{model[renamedModel]("ware", func(m *core.Model) { m.RenamedFrom = []string{"item"} })}, fill: twoRows,
			query: "SELECT id, name FROM shop_ware ORDER BY id", want: twoNames, back: names, wantBack: twoNames},
		{name: "rename a table", from: item[plain](), to: item[renamedModel](), fill: twoRows,
			query: "SELECT id, name FROM shop_ware ORDER BY id", want: twoNames, back: names, wantBack: twoNames},

		{name: "add a nullable column", from: item[plain](), to: item[withNote](), fill: twoRows,
			query: "SELECT id, name, note FROM shop_item ORDER BY id", want: "1,a,<nil> 2,b,<nil>", back: names, wantBack: twoNames},
		{name: "drop a nullable column", from: item[withNote](), to: item[plain](), args: []string{"--allow-drop"}, fill: noteRows,
			query: names, want: twoNames, back: "SELECT id, name, note FROM shop_item ORDER BY id", wantBack: "1,a,<nil> 2,b,<nil>"},
		{name: "rename a nullable column", from: item[withNote](), to: item[withRemark](), args: []string{"--rename", "shop.item.note=remark"}, fill: noteRows,
			query: "SELECT id, remark FROM shop_item ORDER BY id", want: "1,x 2,<nil>", back: "SELECT id, note FROM shop_item ORDER BY id", wantBack: "1,x 2,<nil>"},

		{name: "add a column with a default", from: item[plain](), to: item[withVotes](votesDefault), fill: twoRows,
			query: "SELECT id, votes FROM shop_item ORDER BY id", want: "1,7 2,7", back: names, wantBack: twoNames},
		{name: "drop a column with a default", from: item[withVotes](votesDefault), to: item[plain](), args: []string{"--allow-drop"}, fill: voteRows,
			query: names, want: twoNames, back: "SELECT id, votes FROM shop_item ORDER BY id", wantBack: "1,7 2,7"},
		{name: "add a column with a value for the rows", from: item[plain](), to: item[withVotes](), args: []string{"--default", "shop.item.votes=3"}, fill: twoRows,
			query: "SELECT id, votes FROM shop_item ORDER BY id", want: "1,3 2,3", back: names, wantBack: twoNames},
		{name: "add a time with a value for the rows", from: item[plain](), to: item[withMade](), args: []string{"--default", "shop.item.made=current_timestamp"}, fill: twoRows,
			query: "SELECT id, CASE WHEN made > '2026-01-01' THEN 'now' END FROM shop_item ORDER BY id", want: "1,now 2,now", back: names, wantBack: twoNames},
		{name: "drop a column that has to have a value", from: item[withVotes](), to: item[plain](), args: []string{"--allow-drop"}, fill: voteRows,
			query: names, want: twoNames, back: "SELECT id, votes FROM shop_item ORDER BY id", wantBack: "1,0 2,0"},
		{name: "drop a time that has to be there", from: item[withMade](), to: item[plain](), args: []string{"--allow-drop"},
			fill: []string{"INSERT INTO shop_item (name, made) VALUES ('a', current_timestamp)"}, query: names, want: "1,a"},
		{name: "rename a column with a default", from: item[withVotes](votesDefault),
			to:   item[withPoints](func(m *core.Model) { m.Defaults = map[string]string{"points": "7"} }),
			args: []string{"--rename", "shop.item.votes=points"}, fill: voteRows,
			query: "SELECT id, points FROM shop_item ORDER BY id", want: "1,1 2,2", back: "SELECT id, votes FROM shop_item ORDER BY id", wantBack: "1,1 2,2"},

		{name: "add a unique column", from: item[plain](), to: item[withUniqueNote](), fill: twoRows, query: names, want: twoNames, back: names, wantBack: twoNames},
		{name: "drop a unique column", from: item[withUniqueNote](), to: item[plain](), args: []string{"--allow-drop"}, fill: noteRows,
			query: names, want: twoNames, back: "SELECT id, note FROM shop_item ORDER BY id", wantBack: "1,<nil> 2,<nil>"},
		{name: "rename a unique column", from: item[withUniqueNote](), to: item[withUniqueRemark](), args: []string{"--rename", "shop.item.note=remark"}, fill: noteRows,
			query: "SELECT id, remark FROM shop_item ORDER BY id", want: "1,x 2,<nil>", back: "SELECT id, note FROM shop_item ORDER BY id", wantBack: "1,x 2,<nil>"},

		{name: "add an indexed column", from: item[plain](), to: item[withVotes](votesIndexed), fill: twoRows,
			query: "SELECT id, votes FROM shop_item ORDER BY id", want: "1,7 2,7", back: names, wantBack: twoNames},
		{name: "drop an indexed column", from: item[withVotes](votesIndexed), to: item[plain](), args: []string{"--allow-drop"}, fill: voteRows,
			query: names, want: twoNames, back: "SELECT id, votes FROM shop_item ORDER BY id", wantBack: "1,7 2,7"},
		{name: "rename an indexed column", from: item[withVotes](votesIndexed), to: item[withPoints](pointsIndexed), args: []string{"--rename", "shop.item.votes=points"}, fill: voteRows,
			query: "SELECT id, points FROM shop_item ORDER BY id", want: "1,1 2,2", back: "SELECT id, votes FROM shop_item ORDER BY id", wantBack: "1,1 2,2"},

		{name: "rename two columns at once", from: item[withTwo](), to: item[withTwoRenamed](), args: []string{"--rename", "shop.item.first=uno", "--rename", "shop.item.second=due"},
			fill:  []string{"INSERT INTO shop_item (name, first, second) VALUES ('a', '1', '2')"},
			query: "SELECT uno, due FROM shop_item", want: "1,2", back: "SELECT first, second FROM shop_item", wantBack: "1,2"},
		{name: "exchange the names of two columns", from: item[withTwo](), to: item[withTwo](), args: []string{"--rename", "shop.item.first=second", "--rename", "shop.item.second=first"},
			fill:  []string{"INSERT INTO shop_item (name, first, second) VALUES ('a', '1', '2')"},
			query: "SELECT first, second FROM shop_item", want: "2,1", back: "SELECT first, second FROM shop_item", wantBack: "1,2"},
		{name: "rename a column and change its type", from: item[plain](), to: item[titledLonger](), args: []string{"--rename", "shop.item.name=title"}, fill: twoRows,
			query: "SELECT id, title FROM shop_item ORDER BY id", want: twoNames, back: names, wantBack: twoNames},
		{name: "columns of all types", from: item[plain](), to: append(item[plain](), model[everything]("every")), fill: twoRows, query: names, want: twoNames, back: names, wantBack: twoNames},
		{name: "add a column named by a reserved word", from: item[plain](), to: item[withOrder](orderDefault), fill: twoRows,
			query: `SELECT id, "order" FROM shop_item ORDER BY id`, want: "1,1 2,1", back: names, wantBack: twoNames},
		{name: "index a column named by a reserved word", from: item[withOrder](orderDefault), to: item[withOrder](orderIndexed),
			fill: []string{`INSERT INTO shop_item (name, "order") VALUES ('a', 4)`}, query: `SELECT id, "order" FROM shop_item`, want: "1,4",
			back: `SELECT id, "order" FROM shop_item`, wantBack: "1,4"},
	})
}

type other struct {
	bun.BaseModel `bun:"table:shop_other"`
	ID            int64  `bun:"id,pk,autoincrement"`
	Text          string `bun:"text,notnull"`
}
