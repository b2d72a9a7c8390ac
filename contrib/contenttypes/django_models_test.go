package contenttypes_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core/coretest"
)

// modelsCase is one of Django's cases, run on both databases.
type modelsCase struct {
	name string
	run  func(t *testing.T, s *coretest.Site, types *contenttypes.Types)
}

func TestDjangoModels(t *testing.T) {
	t.Parallel()
	for _, c := range []modelsCase{
		{"test_lookup_cache", testLookupCache},
		{"test_get_for_models_creation", testForModelsCreation},
		{"test_get_for_models_empty_cache", testForModelsEmptyCache},
		{"test_get_for_models_partial_cache", testForModelsPartialCache},
		{"test_get_for_models_full_cache", testForModelsFullCache},
		{"test_get_for_model_create_contenttype", testForCreates},
		{"test_get_for_concrete_model", testForConcrete},
		{"test_get_for_concrete_models", testForConcreteModels},
		{"test_cache_not_shared_between_managers", testCachesAreSeparate},
		{"test_missing_model", testMissingModel},
		{"test_missing_model_with_existing_model_name", testMissingModelKnownName},
		{"test_str", testNames("contenttypes_tests", "site", "site", "Contenttypes tests | site")},
		{"test_str_auth", testNames("contenttypes", "contenttype", "content type", "Content types | content type")},
		{"test_name", testNames("contenttypes_tests", "site", "site", "Contenttypes tests | site")},
		{"test_app_labeled_name", testNames("contenttypes_tests", "site", "site", "Contenttypes tests | site")},
		{"test_name_unknown_model", testNames("contenttypes_tests", "unknown", "unknown", "unknown")},
		{"test_app_labeled_name_unknown_model", testNames("contenttypes_tests", "unknown", "unknown", "unknown")},
	} {
		t.Run("django/contenttypes_tests/test_models.py/ContentTypesTests."+c.name, func(t *testing.T) {
			t.Parallel()
			project.Each(t, func(t *testing.T, s *coretest.Site) { c.run(t, s, typesOf(s)) })
		})
	}
}

// must fails the test on an error.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// queries fails the test unless f causes n statements.
func queries(t *testing.T, s *coretest.Site, n int, f func()) {
	t.Helper()
	if got := s.Queries.During(f); len(got) != n {
		t.Errorf("%d statements, want %d: %q", len(got), n, got)
	}
}

func testLookupCache(t *testing.T, s *coretest.Site, types *contenttypes.Types) {
	byModel := func() *contenttypes.ContentType {
		return must[*contenttypes.ContentType](t)(types.For(t.Context(), (*contenttypes.ContentType)(nil)))
	}
	byName := func() { must[*contenttypes.ContentType](t)(types.ByName(t.Context(), "contenttypes", "contenttype")) }
	queries(t, s, 1, func() { byModel() })
	queries(t, s, 0, func() {
		ct := byModel()
		must[*contenttypes.ContentType](t)(types.ByID(t.Context(), ct.ID))
		byName()
	})
	types.ClearCache()
	queries(t, s, 1, func() { byModel() })
	types.ClearCache()
	queries(t, s, 1, byName)
	queries(t, s, 0, byName)
}

// four are the models that Django's cases ask for at once.
func four() []any {
	return []any{(*contenttypes.ContentType)(nil), (*FooWithURL)(nil), (*Proxy)(nil), (*Concrete)(nil)}
}

// same fails the test unless each type is what asking for its model alone gives.
func same(t *testing.T, types *contenttypes.Types, models []any, got []*contenttypes.ContentType) {
	t.Helper()
	if len(got) != len(models) {
		t.Fatalf("%d content types for %d models", len(got), len(models))
	}
	for i, model := range models {
		want := must[*contenttypes.ContentType](t)(types.For(t.Context(), model))
		if got[i].ID == 0 || !reflect.DeepEqual(got[i], want) {
			t.Errorf("the content type of %T is %+v, want %+v", model, got[i], want)
		}
	}
}

func testForModelsCreation(t *testing.T, s *coretest.Site, types *contenttypes.Types) {
	if _, err := s.DB().NewRaw("DELETE FROM django_content_type").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []*contenttypes.ContentType
	queries(t, s, 4, func() {
		got = must[[]*contenttypes.ContentType](t)(types.ForModels(t.Context(), four()...))
	})
	same(t, types, four(), got)
}

func testForModelsEmptyCache(t *testing.T, s *coretest.Site, types *contenttypes.Types) {
	var got []*contenttypes.ContentType
	queries(t, s, 1, func() {
		got = must[[]*contenttypes.ContentType](t)(types.ForModels(t.Context(), four()...))
	})
	same(t, types, four(), got)
}

func testForModelsPartialCache(t *testing.T, s *coretest.Site, types *contenttypes.Types) {
	testForModelsCached(t, s, types, four()[:2], four()[:1], 1)
}

func testForModelsFullCache(t *testing.T, s *coretest.Site, types *contenttypes.Types) {
	testForModelsCached(t, s, types, four()[:2], four()[:2], 0)
}

func testForModelsCached(t *testing.T, s *coretest.Site, types *contenttypes.Types, models, before []any, n int) {
	for _, model := range before {
		must[*contenttypes.ContentType](t)(types.For(t.Context(), model))
	}
	var got []*contenttypes.ContentType
	queries(t, s, n, func() {
		got = must[[]*contenttypes.ContentType](t)(types.ForModels(t.Context(), models...))
	})
	same(t, types, models, got)
}

func testForCreates(t *testing.T, s *coretest.Site, types *contenttypes.Types) {
	if _, err := s.DB().NewRaw("DELETE FROM django_content_type WHERE model = 'modelcreatedonthefly'").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	ct := must[*contenttypes.ContentType](t)(types.For(t.Context(), (*OnTheFly)(nil)))
	if ct.AppLabel != "contenttypes_tests" || ct.Model != "modelcreatedonthefly" || ct.ID == 0 {
		t.Errorf("got %+v, want contenttypes_tests.modelcreatedonthefly with a key", ct)
	}
	if n := must[int64](t)(s.DB().NewSelect().Model(ct).WherePK().Count(t.Context())); n != 1 {
		t.Errorf("%d rows of its key, want 1", n)
	}
}

func testForConcrete(t *testing.T, s *coretest.Site, types *contenttypes.Types) {
	get := must[*contenttypes.ContentType](t)
	concrete := get(types.For(t.Context(), (*Concrete)(nil)))
	own := get(types.ForExact(t.Context(), (*Proxy)(nil)))
	if own.ID == concrete.ID || own.Model != "proxymodel" {
		t.Errorf("the proxy's own type is %+v, the concrete one %+v; want two", own, concrete)
	}
	// A value in hand, loaded in part, says the same as the typed nil.
	part := new(Concrete)
	if err := s.DB().NewSelect().Model(part).Column("id").Where("id = 1").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	partOfProxy := &Proxy{Concrete: *part}
	for _, c := range []struct {
		name string
		get  func(context.Context, any) (*contenttypes.ContentType, error)
		of   any
		want *contenttypes.ContentType
	}{
		{"concrete by a proxy", types.For, (*Proxy)(nil), concrete},
		{"concrete exactly", types.ForExact, (*Concrete)(nil), concrete},
		{"loaded concrete", types.For, part, concrete},
		{"loaded concrete exactly", types.ForExact, part, concrete},
		{"loaded proxy", types.For, partOfProxy, concrete},
		{"loaded proxy exactly", types.ForExact, partOfProxy, own},
	} {
		if got := get(c.get(t.Context(), c.of)); got.ID != c.want.ID {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

func testForConcreteModels(t *testing.T, _ *coretest.Site, types *contenttypes.Types) {
	get, all := must[*contenttypes.ContentType](t), must[[]*contenttypes.ContentType](t)
	concrete := get(types.For(t.Context(), (*Concrete)(nil)))
	own := get(types.ForExact(t.Context(), (*Proxy)(nil)))
	for _, models := range [][]any{{(*Concrete)(nil), (*Proxy)(nil)}, {&Concrete{ID: 1}, &Proxy{}}} {
		if got := all(types.ForModels(t.Context(), models...)); got[0].ID != concrete.ID || got[1].ID != concrete.ID {
			t.Errorf("ForModels = %+v, want twice %+v", got, concrete)
		}
		if got := all(types.ForModelsExact(t.Context(), models...)); got[0].ID != concrete.ID || got[1].ID != own.ID {
			t.Errorf("ForModelsExact = %+v, want %+v and %+v", got, concrete, own)
		}
	}
}

func testCachesAreSeparate(t *testing.T, s *coretest.Site, types *contenttypes.Types) {
	get := must[*contenttypes.ContentType](t)
	other := contenttypes.New(s.DB())
	for _, service := range []*contenttypes.Types{types, other} {
		ask := func() { get(service.ByName(t.Context(), "contenttypes", "contenttype")) }
		queries(t, s, 1, ask)
		queries(t, s, 0, ask)
	}
}

func testMissingModel(t *testing.T, s *coretest.Site, types *contenttypes.Types) {
	ct := &contenttypes.ContentType{AppLabel: "contenttypes", Model: "OldModel"}
	if _, err := s.DB().NewInsert().Model(ct).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	fetched := must[*contenttypes.ContentType](t)(types.ByID(t.Context(), ct.ID))
	for _, ct := range []*contenttypes.ContentType{ct, fetched} {
		if got := types.AppLabeledName(ct); got != "OldModel" {
			t.Errorf("AppLabeledName = %q, want OldModel", got)
		}
		if m, ok := types.Model(ct); ok {
			t.Errorf("Model = %+v, want none", m)
		}
	}
}

func testMissingModelKnownName(t *testing.T, s *coretest.Site, types *contenttypes.Types) {
	stale := &contenttypes.ContentType{AppLabel: "contenttypes", Model: "author"}
	if _, err := s.DB().NewInsert().Model(stale).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	types.ClearCache()
	models := []any{(*contenttypes.ContentType)(nil), (*Author)(nil)}
	got := must[[]*contenttypes.ContentType](t)(types.ForModels(t.Context(), models...))
	same(t, types, models, got)
	if got[1].AppLabel != "contenttypes_tests" {
		t.Errorf("the author's type is %+v, want one of contenttypes_tests", got[1])
	}
}

// testNames looks at the names for people. The words are Belleville's, of the app's VerboseName.
func testNames(app, model, name, labeled string) func(*testing.T, *coretest.Site, *contenttypes.Types) {
	return func(t *testing.T, _ *coretest.Site, types *contenttypes.Types) {
		ct, err := types.ByName(t.Context(), app, model)
		if errors.Is(err, contenttypes.ErrNotFound) && model == "unknown" {
			ct, err = &contenttypes.ContentType{AppLabel: app, Model: model}, nil
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := types.Name(ct); got != name {
			t.Errorf("Name = %q, want %q", got, name)
		}
		if got := types.AppLabeledName(ct); got != labeled {
			t.Errorf("AppLabeledName = %q, want %q", got, labeled)
		}
	}
}
