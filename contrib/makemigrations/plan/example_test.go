package plan_test

import (
	"fmt"
	"strings"

	"github.com/go-belleville/belleville/contrib/makemigrations/plan"
	"github.com/go-belleville/belleville/contrib/makemigrations/state"
)

// From one state of an app's tables to the next: what changed, and the statements for it.
func ExampleCompare() {
	from := shop()
	to := shop()
	to.Tables[0].Columns = append(to.Tables[0].Columns, state.Column{Name: "note", Type: "text", Null: true})

	found, err := plan.Compare(from, to)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range found {
		fmt.Println(c.Table, c.New.Name, c.Kind == plan.AddColumn)
	}
	statements, err := plan.Step{From: from, To: to}.Up(plan.Postgres)
	fmt.Println(strings.Join(statements, "\n"), err)
	// Output:
	// shop_item note true
	// ALTER TABLE "shop_item" ADD COLUMN "note" text NULL <nil>
}

func shop() state.State {
	return state.State{App: "shop", Tables: []state.Table{{
		Name: "shop_item", Model: "item", PrimaryKey: []string{"id"},
		Columns: []state.Column{{Name: "id", Type: "bigint", Identity: true}, {Name: "label", Type: "varchar(50)"}},
	}}}
}
