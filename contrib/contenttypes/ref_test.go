package contenttypes_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core/coretest"
)

func TestRef(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		types, get := typesOf(s), must[contenttypes.Ref](t)
		boris := get(types.RefTo(t.Context(), &Author{ID: 1}))
		proxy := get(types.RefTo(t.Context(), &FooWithURL{Author: Author{ID: 2}}))
		paper := get(types.RefTo(t.Context(), &Document{Slug: "to be"}))
		if proxy.ContentTypeID != boris.ContentTypeID {
			t.Errorf("a proxy's reference is of type %d, want %d of its table's model", proxy.ContentTypeID, boris.ContentTypeID)
		}
		tags := []*Tag{{ID: 1, Ref: boris}, {ID: 2, Ref: paper}, {ID: 3, Ref: boris}}
		likes := []*Like{{ID: 1, Ref: proxy}}
		for _, rows := range []any{&tags, &likes} {
			if _, err := s.DB().NewInsert().Model(rows).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		tags, likes = nil, nil
		if err := s.DB().NewSelect().Model(&tags).Order("id").Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.DB().NewSelect().Model(&likes).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		refs := []contenttypes.Ref{tags[0].Ref, tags[1].Ref, tags[2].Ref, likes[0].Ref}
		var rows map[contenttypes.Ref]any
		s.Queries.AtMost(t, 2, func() { rows = must[map[contenttypes.Ref]any](t)(types.Load(t.Context(), refs)) })
		if a, ok := rows[tags[0].Ref].(*Author); !ok || a.Name != "Boris" {
			t.Errorf("the first tag points to %+v, want Boris", rows[tags[0].Ref])
		}
		if d, ok := rows[tags[1].Ref].(*Document); !ok || d.Slug != "to be" {
			t.Errorf("the second tag points to %+v, want a document", rows[tags[1].Ref])
		}
		if a, ok := rows[likes[0].Ref].(*Author); !ok || a.Name != "Anna" {
			t.Errorf("the like points to %+v, want Anna", rows[likes[0].Ref])
		}
	})
}

func TestRefToNothing(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		types := typesOf(s)
		author := must[contenttypes.Ref](t)(types.RefTo(t.Context(), &Author{ID: 1}))
		stale := &contenttypes.ContentType{AppLabel: "gone", Model: "gone"}
		if _, err := s.DB().NewInsert().Model(stale).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, ref := range []contenttypes.Ref{
			{}, {ContentTypeID: author.ContentTypeID}, {author.ContentTypeID, "99"}, {author.ContentTypeID, "x"},
			{author.ContentTypeID, "1; DROP TABLE ct_author"}, {author.ContentTypeID, "99999999999999999999"},
			{stale.ID, "1"}, {-1, "1"},
		} {
			if row, err := types.Object(t.Context(), ref); !errors.Is(err, contenttypes.ErrNotFound) {
				t.Errorf("Object(%+v) = %v, %v, want ErrNotFound", ref, row, err)
			}
		}
		paper := must[contenttypes.Ref](t)(types.RefTo(t.Context(), &Document{Slug: "to be"}))
		for _, key := range []string{"to be' OR '1'='1", "a\x00b", "\xff"} {
			if row, err := types.Object(t.Context(), contenttypes.Ref{ContentTypeID: paper.ContentTypeID, ObjectID: key}); !errors.Is(err, contenttypes.ErrNotFound) {
				t.Errorf("Object of the key %q = %v, %v, want ErrNotFound", key, row, err)
			}
		}
		for _, row := range []any{&Author{}, (*Author)(nil), Author{ID: 1}, nil, 7} {
			if ref, err := types.RefTo(t.Context(), row); err == nil {
				t.Errorf("RefTo(%#v) = %+v, want an error", row, ref)
			}
		}
	})
}

// Load reads what many references point to with one statement for each model.
func TestLoadBatches(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		types := typesOf(s)
		author := must[contenttypes.Ref](t)(types.RefTo(t.Context(), &Author{ID: 1}))
		var refs []contenttypes.Ref
		for i := range 40_000 { // more than a statement may have variables
			refs = append(refs, contenttypes.Ref{ContentTypeID: author.ContentTypeID, ObjectID: fmt.Sprint(i)})
		}
		s.Queries.AtMost(t, 1, func() {
			rows := must[map[contenttypes.Ref]any](t)(types.Load(t.Context(), refs))
			if len(rows) != 2 {
				t.Errorf("%d rows were found, want the 2 that there are", len(rows))
			}
		})
	})
}
