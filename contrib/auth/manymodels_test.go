package auth_test

import (
	"fmt"
	"reflect"
	"regexp"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
)

// manyApps returns apps with 50 models each, and no tables for them.
func manyApps(n int) []core.App {
	apps := make([]core.App, n)
	for i := range apps {
		apps[i].Label = fmt.Sprintf("app%d", i)
		for j := range 50 {
			apps[i].Models = append(apps[i].Models, core.Model{
				Of: newModel(i, j), Name: fmt.Sprintf("model%d", j), VerboseName: fmt.Sprintf("model %d", j),
			})
		}
	}
	return apps
}

// newModel returns a typed nil pointer to a struct type that no other call with other numbers returns.
func newModel(app, model int) any {
	table := fmt.Sprintf(`bun:"table:app%d_model%d"`, app, model)
	t := reflect.StructOf([]reflect.StructField{
		{Name: "BaseModel", Anonymous: true, Type: reflect.TypeFor[bun.BaseModel](), Tag: reflect.StructTag(table)},
		{Name: "ID", Type: reflect.TypeFor[int64](), Tag: `bun:"id,pk,autoincrement"`},
	})
	return reflect.Zero(reflect.PointerTo(t)).Interface()
}

// locking matches statements that take locks, say how long to wait for them, or are about a transaction.
var locking = regexp.MustCompile(`^(BEGIN|COMMIT|ROLLBACK|PRAGMA busy_timeout|SELECT pg_(try_)?advisory|DELETE FROM django_migrations WHERE 0$)`)

// work returns the statements that f causes without those of locks and transactions.
func work(s *coretest.Site, f func()) []string {
	var found []string
	for _, statement := range s.Queries.During(f) {
		if !locking.MatchString(statement) {
			found = append(found, fmt.Sprintf("%.120s", statement))
		}
	}
	return found
}

// TestStatementsOfMigrate counts what the command migrate does with 1,000 new models, and with nothing
// to do.
func TestStatementsOfMigrate(t *testing.T) {
	t.Parallel()
	plain.Each(t, func(t *testing.T, s *coretest.Site) {
		for _, c := range []struct {
			what       string
			apps, most int
		}{
			{"nothing to do", 0, 6},
			{"1,000 new models", 20, 9},
			{"nothing to do with 1,000 models", 20, 6},
			{"250 new models", 25, 9},
		} {
			_, p, err := newPlain(s.Settings(), manyApps(c.apps)...)
			if err != nil {
				t.Fatal(err)
			}
			statements := work(s, func() {
				if err := p.Call(t.Context(), nil, "migrate"); err != nil {
					t.Fatal(err)
				}
			})
			if len(statements) > c.most {
				t.Errorf("%s: %d statements, want at most %d:", c.what, len(statements), c.most)
				for _, one := range statements {
					t.Errorf("\t%s", one)
				}
			}
			types, permissions := count(t, s, (*contenttypes.ContentType)(nil)), count(t, s, (*auth.Permission)(nil))
			if models := len(p.Models()); types != models || permissions != 4*models {
				t.Errorf("%s: %d content types and %d permissions, want %d and four for each", c.what, types, permissions, models)
			}
		}
	})
}

func count(t *testing.T, s *coretest.Site, model any) int {
	t.Helper()
	n, err := s.DB().NewSelect().Model(model).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}
