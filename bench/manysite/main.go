// Command manysite is a site with as many models as MANY_MODELS says, 50 to an app, for bench/migrate.
// They have no tables: what migrate does for them is to make their content types and permissions.
package main

import (
	"fmt"
	"os"
	"reflect"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
)

func newProject(s core.Settings) (*core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types})
	apps := []core.App{types.App(), sess.App(), a.App()}
	models, _ := strconv.Atoi(os.Getenv("MANY_MODELS")) // not set, there are none
	for i := range models / 50 {
		app := core.App{Label: fmt.Sprintf("app%d", i)}
		for j := range 50 {
			app.Models = append(app.Models, core.Model{
				Of: newModel(i, j), Name: fmt.Sprintf("model%d", j), VerboseName: fmt.Sprintf("model %d", j),
			})
		}
		apps = append(apps, app)
	}
	return core.New(s, apps...)
}

// newModel returns a typed nil pointer to a struct type of its own.
func newModel(app, model int) any {
	table := fmt.Sprintf(`bun:"table:app%d_model%d"`, app, model)
	t := reflect.StructOf([]reflect.StructField{
		{Name: "BaseModel", Anonymous: true, Type: reflect.TypeFor[bun.BaseModel](), Tag: reflect.StructTag(table)},
		{Name: "ID", Type: reflect.TypeFor[int64](), Tag: `bun:"id,pk,autoincrement"`},
	})
	return reflect.Zero(reflect.PointerTo(t)).Interface()
}

func main() { os.Exit(core.Main(newProject)) }
