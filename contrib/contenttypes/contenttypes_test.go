package contenttypes_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
)

func TestDjangoChecks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		length int
		want   []string
	}{
		"test_model_name_max_length": {100, nil},
		"test_model_name_too_long":   {101, []string{"contenttypes.E005 tests." + strings.Repeat("a", 101)}},
	} {
		t.Run("django/contenttypes_tests/test_checks.py/ModelCheckTests."+name, func(t *testing.T) {
			t.Parallel()
			got := checkName(t, strings.Repeat("a", c.length))
			if !slices.Equal(got, c.want) {
				t.Errorf("a name of %d letters gives %q, want %q", c.length, got, c.want)
			}
		})
	}
	t.Run("row/X07", func(t *testing.T) {
		if got := checkName(t, strings.Repeat("ü", 100)); got != nil {
			t.Errorf("100 letters of two bytes each give %q, want nothing", got)
		}
		if got := checkName(t, strings.Repeat("ü", 101)); len(got) != 1 {
			t.Errorf("101 letters of two bytes each give %q, want one error", got)
		}
	})
}

// checkName returns the ids and objects that the checks find about a model of that name.
func checkName(t *testing.T, name string) []string {
	t.Helper()
	s := project.SQLite(t)
	settings := s.Settings()
	p, err := core.New(settings, contenttypes.New(settings.DB).App(),
		core.App{Label: "tests", Models: []core.Model{{Of: (*Author)(nil), Name: name}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Ready(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range p.Check(t.Context(), false) {
		got = append(got, m.ID+" "+m.Object)
	}
	return got
}

func TestRows(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*testing.T, *coretest.Site, *contenttypes.Types){
		"R08": testNamesAreLowered,
		"R09": testProxies,
		"R21": testOneRowEach,
	} {
		t.Run("row/"+name, func(t *testing.T) {
			t.Parallel()
			project.Each(t, func(t *testing.T, s *coretest.Site) { run(t, s, typesOf(s)) })
		})
	}
}

func testNamesAreLowered(t *testing.T, _ *coretest.Site, types *contenttypes.Types) {
	get := must[*contenttypes.ContentType](t)
	want := get(types.For(t.Context(), (*SchemeIncludedURL)(nil)))
	if got := get(types.ByName(t.Context(), "contenttypes_tests", "SchemeIncludedURL")); got.ID != want.ID {
		t.Errorf("ByName of the struct's name = %+v, want %+v", got, want)
	}
	for _, name := range [][2]string{{"contenttypes_tests", "nothing"}, {"Contenttypes_tests", "author"}, {"a\x00", "b"}, {"\xff", "b"}} {
		if ct, err := types.ByName(t.Context(), name[0], name[1]); !errors.Is(err, contenttypes.ErrNotFound) {
			t.Errorf("ByName(%q) = %+v, %v, want ErrNotFound", name, ct, err)
		}
	}
}

func testProxies(t *testing.T, _ *coretest.Site, types *contenttypes.Types) {
	get := must[*contenttypes.ContentType](t)
	if got := get(types.For(t.Context(), (*Proxy)(nil))).Model; got != "concretemodel" {
		t.Errorf("For(proxy) is the type of %q, want concretemodel", got)
	}
	if got := get(types.ForExact(t.Context(), (*Proxy)(nil))).Model; got != "proxymodel" {
		t.Errorf("ForExact(proxy) is the type of %q, want proxymodel", got)
	}
}

func testOneRowEach(t *testing.T, s *coretest.Site, _ *contenttypes.Types) {
	var got, want []string
	var rows []*contenttypes.ContentType
	if err := s.DB().NewSelect().Model(&rows).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, ct := range rows {
		got = append(got, ct.Label())
	}
	for _, m := range s.Models() {
		want = append(want, m.Label())
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("after migrate the table holds %q, want %q", got, want)
	}
	twice := &contenttypes.ContentType{AppLabel: rows[0].AppLabel, Model: rows[0].Model}
	if _, err := s.DB().NewInsert().Model(twice).Exec(t.Context()); err == nil {
		t.Errorf("a second row for %s was stored", twice.Label())
	}
	if err := s.Migrate(t.Context(), core.MigrateOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := must[int64](t)(s.DB().NewSelect().Model((*contenttypes.ContentType)(nil)).Count(t.Context())); int(n) != len(want) {
		t.Errorf("after another migrate there are %d rows, want %d", n, len(want))
	}
}

// model describes a model without a project's help.
func model(t *testing.T, db *bun.DB, models ...core.Model) []core.Model {
	t.Helper()
	p, err := core.New(core.Settings{DB: db}, core.App{Label: "shop", Models: models})
	if err != nil {
		t.Fatal(err)
	}
	return p.Models()
}

func TestEnsureRenames(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		ensure := func(models ...core.Model) map[string]*contenttypes.ContentType {
			return must[map[string]*contenttypes.ContentType](t)(contenttypes.Ensure(t.Context(), s.DB(), model(t, s.DB(), models...), nil))
		}
		client := ensure(core.Model{Of: (*Author)(nil), Name: "client"})["shop.client"]
		// The model is renamed, and a new one takes its old name in the same release.
		after := ensure(core.Model{Of: (*Article)(nil), Name: "client"},
			core.Model{Of: (*Author)(nil), Name: "customer", RenamedFrom: []string{"buyer", "client"}})
		if got := after["shop.customer"]; got.ID != client.ID {
			t.Errorf("customer has the key %d, want %d of the client it was", got.ID, client.ID)
		}
		if got := after["shop.client"]; got == nil || got.ID == client.ID || got.ID == 0 {
			t.Errorf("the new client is %+v, want a row of its own", got)
		}
		again := ensure(core.Model{Of: (*Article)(nil), Name: "client"},
			core.Model{Of: (*Author)(nil), Name: "customer", RenamedFrom: []string{"buyer", "client"}})
		if again["shop.customer"].ID != client.ID || again["shop.client"].ID != after["shop.client"].ID {
			t.Errorf("another run moved the rows: %v, %v", again["shop.customer"], again["shop.client"])
		}
	})
}

func TestEnsureManyModels(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		models := make([]core.Model, 1000)
		for i := range models {
			models[i] = core.Model{Of: (*Author)(nil), Name: fmt.Sprintf("model%d", i)}
		}
		models = model(t, s.DB(), models...)
		s.Queries.AtMost(t, 3, func() {
			must[map[string]*contenttypes.ContentType](t)(contenttypes.Ensure(t.Context(), s.DB(), models, nil))
		})
		s.Queries.AtMost(t, 1, func() {
			must[map[string]*contenttypes.ContentType](t)(contenttypes.Ensure(t.Context(), s.DB(), models, nil))
		})
	})
}

func TestNothingFromATransactionIsCached(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		types := typesOf(s)
		rollback := errors.New("rolled back")
		delete := "DELETE FROM django_content_type WHERE model = 'modelcreatedonthefly'"
		if _, err := s.DB().NewRaw(delete).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		err := s.DB().RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			must[*contenttypes.ContentType](t)(types.In(tx).For(ctx, (*OnTheFly)(nil)))
			return rollback
		})
		if !errors.Is(err, rollback) {
			t.Fatal(err)
		}
		if ct, err := types.ByName(t.Context(), "contenttypes_tests", "modelcreatedonthefly"); !errors.Is(err, contenttypes.ErrNotFound) {
			t.Errorf("after the rollback ByName = %+v, %v, want ErrNotFound", ct, err)
		}
	})
}

func TestResultsAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	s := project.SQLite(t)
	get := must[*contenttypes.ContentType](t)
	ct := get(typesOf(s).For(t.Context(), (*Author)(nil)))
	ct.Model = "spoilt"
	if got := get(typesOf(s).For(t.Context(), (*Author)(nil))).Model; got != "author" {
		t.Errorf("after a caller's change the model is %q, want author", got)
	}
}

func TestUnknownModel(t *testing.T) {
	t.Parallel()
	types := typesOf(project.SQLite(t))
	for _, m := range []any{nil, "author", Author{}, (*coretest.Site)(nil)} {
		if ct, err := types.For(t.Context(), m); err == nil {
			t.Errorf("For(%T) = %+v, want an error", m, ct)
		}
	}
}

// What needs the registry of models fails before that is complete.
func TestDjangoAppsNotReady(t *testing.T) {
	t.Parallel()
	types := contenttypes.New(project.SQLite(t).DB())
	t.Run("django/apps/tests.py/AppsTests.test_get_containing_app_config_apps_not_ready", func(t *testing.T) {
		if ct, err := types.For(t.Context(), (*Author)(nil)); !errors.Is(err, contenttypes.ErrNotReady) {
			t.Errorf("For = %v, %v, want ErrNotReady", ct, err)
		}
	})
	t.Run("django/apps/tests.py/AppsTests.test_models_not_loaded", func(t *testing.T) {
		if cts, err := types.ForModels(t.Context(), (*Author)(nil), (*Article)(nil)); !errors.Is(err, contenttypes.ErrNotReady) {
			t.Errorf("ForModels = %v, %v, want ErrNotReady", cts, err)
		}
		if ref, err := types.RefTo(t.Context(), &Author{ID: 1}); !errors.Is(err, contenttypes.ErrNotReady) {
			t.Errorf("RefTo = %v, %v, want ErrNotReady", ref, err)
		}
	})
}
