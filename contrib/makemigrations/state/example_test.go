package state_test

import (
	"fmt"

	"github.com/go-belleville/belleville/contrib/makemigrations/state"
)

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
