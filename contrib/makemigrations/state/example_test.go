package state_test

import (
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/makemigrations/state"
	"github.com/go-belleville/belleville/core"
)

type memo struct {
	bun.BaseModel `bun:"table:memos_memo"`
	ID            int64  `bun:"id,pk,autoincrement"`
	Text          string `bun:"text,notnull"`
}

// The tables that an app's models ask for.
func ExampleOf() {
	db, err := core.OpenDB("sqlite:unused.sqlite3") // nothing is opened
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	project, err := core.New(core.Settings{DB: db, Keys: []string{strings.Repeat("a-long-random-text", 3)}},
		core.App{Label: "memos", Models: []core.Model{{Of: (*memo)(nil)}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := state.Of(project, "memos")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range s.Table("memos_memo").Columns {
		fmt.Println(c.Name, c.Type)
	}
	// Output:
	// id bigint
	// text text
}

// What stands beside a migration, read and changed.
func ExampleDecode() {
	s, err := state.Decode([]byte(`{"app": "shop", "tables": [{"name": "shop_item", "model": "item",
		"columns": [{"name": "id", "type": "bigint", "identity": true}, {"name": "label", "type": "varchar(50)"}]}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.TableOf("item").Column("label").Type)
	// Output: varchar(50)
}

func ExampleParseType() {
	fmt.Println(state.ParseType("VARCHAR(50)"), state.ParseType("timestamptz"))
	// Output: varchar(50) datetime
}
