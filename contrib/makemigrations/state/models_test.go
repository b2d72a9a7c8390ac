package state_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/makemigrations/state"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
)

// everything has a column of every kind that Go has a word for.
type everything struct {
	bun.BaseModel `bun:"table:shop_everything"`

	ID      database.UUID     `bun:"id,pk"`
	Small   int16             `bun:"small,notnull"`
	Middle  int32             `bun:"middle"`
	Big     uint              `bun:"big"`
	Yes     bool              `bun:"yes,notnull,default:1"`
	Half    float32           `bun:"half"`
	Whole   float64           `bun:"whole"`
	Text    string            `bun:"text,notnull,default:'a'"`
	Pointer *string           `bun:"pointer"`
	Maybe   sql.NullInt64     `bun:"maybe"`
	Bytes   []byte            `bun:"bytes"`
	At      time.Time         `bun:"at"`
	Later   bun.NullTime      `bun:"later"`
	Map     map[string]string `bun:"map"`
	List    []string          `bun:"list"`
	Struct  struct{ A int }   `bun:"struct"`
	Own     string            `bun:"own,type:varchar(9)"`
	Read    int64             `bun:"read,scanonly"`
	None    int64             `bun:"-"`
}

// TestColumns reads the columns of a model, which are the same whatever database the project is on.
func TestColumns(t *testing.T) {
	t.Parallel()
	const want = "id uuid not null; small smallint not null; middle integer; big bigint; yes bool not null default true; half real; whole double; " +
		"text text not null default 'a'; pointer text; maybe bigint; bytes bytes; at datetime; later datetime; map jsonb; list jsonb; struct jsonb; own varchar(9)"
	for _, url := range []string{"sqlite:unused.sqlite3", "postgres://unused.invalid/unused"} {
		db, err := database.Open(url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		s, err := state.Of(projectOf(t, db, core.Model{Of: (*everything)(nil)}), "shop")
		if err != nil {
			t.Fatal(err)
		}
		var columns []string
		for _, c := range s.Table("shop_everything").Columns {
			text := c.Name + " " + string(c.Type)
			if !c.Null {
				text += " not null"
			}
			if c.Default != "" {
				text += " default " + c.Default
			}
			columns = append(columns, text)
		}
		if got := strings.Join(columns, "; "); got != want {
			t.Errorf("on %s:\n got %s\nwant %s", url, got, want)
		}
	}
}

// Models that cannot be.
type (
	twoKeys struct {
		bun.BaseModel `bun:"table:shop_two"`
		A             int64 `bun:"a,pk"`
		B             int64 `bun:"b,pk"`
	}
	unclear struct {
		bun.BaseModel `bun:"table:shop_unclear"`
		ID            int64    `bun:"id,pk"`
		Any           any      `bun:"any"`
		Many          []string `bun:"many,array"`
	}
	elsewhere struct {
		bun.BaseModel `bun:"table:blog_post"`
		ID            int64 `bun:"id,pk"`
	}
)

// TestRefusesModels says everything that is wrong at once.
func TestRefusesModels(t *testing.T) {
	t.Parallel()
	db, err := database.Open("sqlite:unused.sqlite3")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	refers := func(column string, of any, rule string) core.Model {
		return core.Model{Of: (*thing)(nil), References: []core.Reference{{Column: column, Of: of, OnDelete: rule}}}
	}
	for name, tt := range map[string]struct {
		models []core.Model
		want   []string
	}{
		"types":              {[]core.Model{{Of: (*unclear)(nil)}}, []string{"any has the Go type interface {}", "many has the Go type []string: say its own in the tag"}},
		"no such column":     {[]core.Model{refers("c", (*thing)(nil), "")}, []string{`References has the column "c", which is none of its columns`}},
		"two keys":           {[]core.Model{refers("a", (*twoKeys)(nil), ""), {Of: (*twoKeys)(nil)}}, []string{"has 2 primary keys"}},
		"in no app":          {[]core.Model{refers("a", (*elsewhere)(nil), "")}, []string{"which is a model of no app in this project"}},
		"a rule":             {[]core.Model{refers("a", (*thing)(nil), "cascading")}, []string{`a has OnDelete "CASCADING": write CASCADE`}},
		"never NULL":         {[]core.Model{refers("id", (*thing)(nil), "SET NULL")}, []string{"take notnull out of its tag"}},
		"index":              {[]core.Model{{Of: (*thing)(nil), Indexes: []core.Index{{Columns: []string{"c"}}, {}}}}, []string{`Indexes has the column "c"`, "entry without columns"}},
		"unique":             {[]core.Model{{Of: (*thing)(nil), Uniques: []core.Unique{{Columns: []string{"c"}}}}}, []string{`Uniques has the column "c"`}},
		"default":            {[]core.Model{{Of: (*thing)(nil), Defaults: map[string]string{"c": "1"}}}, []string{`Defaults has "c"`}},
		"constraint":         {[]core.Model{{Of: (*thing)(nil), Constraints: []core.Constraint{{Check: "true"}}}}, []string{"needs a Name and a Check"}},
		"two names":          {[]core.Model{{Of: (*thing)(nil), Indexes: []core.Index{{Name: "x", Columns: []string{"a"}}, {Name: "x", Columns: []string{"b"}}}}}, []string{`named "x"`}},
		"two of one table":   {[]core.Model{{Of: (*thing)(nil)}, {Of: (*sameTable)(nil)}}, []string{"its table shop_thing is that of shop.thing too"}},
		"a join with no app": {[]core.Model{{Of: (*thing)(nil), Joins: []core.Join{{Table: "j", Sides: [2]core.JoinSide{{Column: "a", Of: (*thing)(nil)}, {Column: "b", Of: (*elsewhere)(nil)}}}}}}, []string{"b refers to"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := state.Of(projectOf(t, db, tt.models...), "shop")
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want an error with %q", err, want)
				}
			}
		})
	}
}

type sameTable struct {
	bun.BaseModel `bun:"table:shop_thing"`
	ID            int64 `bun:"id,pk"`
}
