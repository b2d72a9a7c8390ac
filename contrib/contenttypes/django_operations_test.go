package contenttypes_test

import (
	"context"
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/migrate"
)

// RenamedFoo was Foo before the second migration.
type RenamedFoo struct {
	bun.BaseModel `bun:"table:renamed_foo,alias:foo"`

	ID int64 `bun:"id,pk"`
}

var renaming = coretest.New(func(s core.Settings) (*core.Project, error) {
	step := func(sql string, f func(context.Context, bun.IDB) error) func(context.Context, bun.IDB) error {
		return func(ctx context.Context, db bun.IDB) error {
			if _, err := db.NewRaw(sql).Exec(ctx); err != nil {
				return err
			}
			return f(ctx, db)
		}
	}
	return core.New(s, contenttypes.New(s.DB).App(), core.App{
		Label:  "contenttypes_tests",
		Models: []core.Model{{Of: (*RenamedFoo)(nil)}},
		Migrations: migrate.List(
			migrate.Migration{Name: "0001_initial", UpSQL: "CREATE TABLE foo (id integer PRIMARY KEY)", DownSQL: "DROP TABLE foo"},
			migrate.Migration{
				Name: "0002_rename_foo",
				Up:   step("ALTER TABLE foo RENAME TO renamed_foo", contenttypes.Rename("contenttypes_tests", "foo", "renamedfoo")),
				Down: step("ALTER TABLE renamed_foo RENAME TO foo", contenttypes.Rename("contenttypes_tests", "renamedfoo", "foo")),
			},
		),
	})
})

func TestDjangoOperations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                   string
		before, after, atStart []string
	}{
		{"test_existing_content_type_rename", []string{"foo"}, []string{"renamedfoo"}, []string{"foo"}},
		{"test_missing_content_type_rename_ignore", nil, []string{"renamedfoo"}, []string{"foo"}},
		{"test_content_type_rename_conflict", []string{"foo", "renamedfoo"}, []string{"foo", "renamedfoo"}, []string{"foo", "renamedfoo"}},
	} {
		t.Run("django/contenttypes_tests/test_operations.py/ContentTypeOperationsTests."+c.name, func(t *testing.T) {
			t.Parallel()
			renaming.Each(t, func(t *testing.T, s *coretest.Site) {
				migrateTo(t, s, "zero")
				setTypes(t, s, c.before)
				keys := typesIn(t, s)
				migrateTo(t, s, "0002_rename_foo")
				wantTypes(t, s, "after the rename", c.after)
				if id, had := keys["foo"]; had && len(c.before) == 1 && typesIn(t, s)["renamedfoo"] != id {
					t.Errorf("the renamed row has the key %d, want %d as before", typesIn(t, s)["renamedfoo"], id)
				}
				migrateTo(t, s, "zero")
				wantTypes(t, s, "after the way back", c.atStart)
			})
		})
	}
}

func migrateTo(t *testing.T, s *coretest.Site, name string) {
	t.Helper()
	o := core.MigrateOptions{Target: migrate.Target{App: "contenttypes_tests", Name: name}}
	if err := s.Migrate(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

// setTypes leaves the app with exactly these content types.
func setTypes(t *testing.T, s *coretest.Site, models []string) {
	t.Helper()
	if _, err := s.DB().NewRaw("DELETE FROM django_content_type WHERE app_label = 'contenttypes_tests'").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, model := range models {
		ct := &contenttypes.ContentType{AppLabel: "contenttypes_tests", Model: model}
		if _, err := s.DB().NewInsert().Model(ct).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// typesIn returns the app's content types and their keys.
func typesIn(t *testing.T, s *coretest.Site) map[string]int64 {
	t.Helper()
	var rows []*contenttypes.ContentType
	if err := s.DB().NewSelect().Model(&rows).Where("app_label = 'contenttypes_tests'").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	keys := map[string]int64{}
	for _, ct := range rows {
		keys[ct.Model] = ct.ID
	}
	return keys
}

func wantTypes(t *testing.T, s *coretest.Site, when string, want []string) {
	t.Helper()
	var got []string
	for model := range typesIn(t, s) {
		got = append(got, model)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s the app has the content types %q, want %q", when, got, want)
	}
}
