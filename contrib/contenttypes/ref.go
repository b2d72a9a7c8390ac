package contenttypes

import (
	"context"
	"fmt"
	"reflect"
	"strconv"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/go-belleville/belleville/core"
)

// Ref points to a row of any model. Embedded in a bun model it is the two columns of Django's
// generic foreign key, of which object_id may hold text or whole numbers:
//
//	type Tag struct {
//		ID   int64 `bun:"id,pk,autoincrement"`
//		Name string
//		contenttypes.Ref
//	}
//
//	tag.Ref, err = types.RefTo(ctx, question)
//	objects, err := types.Load(ctx, []contenttypes.Ref{tag.Ref, …})
//
// The database does not see to it that the row exists. The zero value points to nothing.
type Ref struct {
	ContentTypeID int64 `bun:"content_type_id,notnull"`
	// ObjectID is the row's primary key as text.
	ObjectID string `bun:"object_id,notnull"`
}

// RefTo returns what points to a stored row, given as a pointer to its struct. A proxy counts as
// the model whose table it uses.
func (t *Types) RefTo(ctx context.Context, row any) (Ref, error) {
	v := reflect.ValueOf(row)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return Ref{}, fmt.Errorf("contenttypes: a reference needs a pointer to a row, got %T", row)
	}
	ct, err := t.For(ctx, row)
	if err != nil {
		return Ref{}, err
	}
	pk, err := t.primaryKey(v.Elem().Type())
	if err != nil {
		return Ref{}, err
	}
	key := v.Elem().FieldByIndex(pk.Index)
	if key.IsZero() {
		return Ref{}, fmt.Errorf("contenttypes: the %T is not stored yet: nothing can point to it before", row)
	}
	return Ref{ct.ID, keyText(key)}, nil
}

// Object returns the row that a reference points to, as a pointer to its model's struct. The error
// wraps [ErrNotFound] when the content type, its model or the row is not there.
func (t *Types) Object(ctx context.Context, ref Ref) (any, error) {
	found, err := t.Load(ctx, []Ref{ref})
	if err != nil {
		return nil, err
	}
	row, ok := found[ref]
	if !ok {
		return nil, fmt.Errorf("%w: no row of the content type %d has the key %q", ErrNotFound, ref.ContentTypeID, ref.ObjectID)
	}
	return row, nil
}

// Load returns the rows that references point to, as pointers to their models' structs, with one
// statement for each model however many rows there are (and one more for content types that are
// not cached). References that lead nowhere are not in the result.
func (t *Types) Load(ctx context.Context, refs []Ref) (map[Ref]any, error) {
	var ids []int64
	byType := map[int64][]Ref{}
	for _, ref := range refs {
		if byType[ref.ContentTypeID] == nil {
			ids = append(ids, ref.ContentTypeID)
		}
		byType[ref.ContentTypeID] = append(byType[ref.ContentTypeID], ref)
	}
	cts, err := t.byIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	found := make(map[Ref]any, len(refs))
	for _, id := range ids {
		if ct := cts[id]; ct != nil {
			if m, ok := t.Model(ct); ok {
				if err := t.loadModel(ctx, m, byType[id], found); err != nil {
					return nil, err
				}
			}
		}
	}
	return found, nil
}

// loadModel reads the rows of one model into found.
func (t *Types) loadModel(ctx context.Context, m core.Model, refs []Ref, found map[Ref]any) error {
	pk, err := t.primaryKey(m.Type())
	if err != nil {
		return err
	}
	byKey := map[string][]Ref{}
	var keys []any
	for _, ref := range refs {
		key, ok := parseKey(pk.StructField.Type, ref.ObjectID)
		if !ok {
			continue // no row has such a key
		}
		text := keyText(reflect.ValueOf(key))
		if byKey[text] == nil {
			keys = append(keys, key)
		}
		byKey[text] = append(byKey[text], ref)
	}
	if len(keys) == 0 {
		return nil
	}
	rows := reflect.New(reflect.SliceOf(reflect.PointerTo(m.Type())))
	q := t.db.NewSelect().Model(rows.Interface()).Where("?TableAlias.? IN (?)", bun.Ident(pk.Name), bun.List(keys))
	if err := q.Scan(ctx); err != nil {
		return fmt.Errorf("contenttypes: read %s: %w", m.Label(), err)
	}
	for i := range rows.Elem().Len() {
		row := rows.Elem().Index(i)
		for _, ref := range byKey[keyText(row.Elem().FieldByIndex(pk.Index))] {
			found[ref] = row.Interface()
		}
	}
	return nil
}

// primaryKey returns the one field of a struct that is its key.
func (t *Types) primaryKey(typ reflect.Type) (*schema.Field, error) {
	table := t.db.Dialect().Tables().Get(typ)
	if len(table.PKs) != 1 {
		return nil, fmt.Errorf("contenttypes: the model %s has %d primary keys; a reference needs one", typ, len(table.PKs))
	}
	return table.PKs[0], nil
}

// keyText is the text of a key as Django writes it: digits, the text itself, or what its type says.
func keyText(v reflect.Value) string {
	if s, ok := v.Interface().(fmt.Stringer); ok {
		return s.String() // uuid.UUID and the like
	}
	return fmt.Sprint(v.Interface())
}

// parseKey reads a key's text into a value of its type; ok is false for text that cannot be one.
func parseKey(typ reflect.Type, text string) (key any, ok bool) {
	v := reflect.New(typ)
	if u, ok := v.Interface().(interface{ UnmarshalText([]byte) error }); ok {
		err := u.UnmarshalText([]byte(text))
		return v.Elem().Interface(), err == nil
	}
	e := v.Elem()
	switch {
	case e.Kind() == reflect.String:
		e.SetString(text)
		return e.Interface(), isText(text)
	case e.CanInt():
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || e.OverflowInt(n) {
			return nil, false
		}
		e.SetInt(n)
		return e.Interface(), true
	}
	return nil, false
}
