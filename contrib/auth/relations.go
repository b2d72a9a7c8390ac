package auth

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
)

// Relation is the rows that hang on one user or group: a user's groups, a user's permissions, a
// group's permissions. T is Group or Permission. Its methods read and write the database at
// once and are safe for concurrent use.
type Relation[T any] struct {
	db     bun.IDB
	table  string // the join table
	owner  string // its column of the user or group
	key    any
	target string // its column of the related row
	id     func(*T) int64
	read   func(q *bun.SelectQuery, in *bun.SelectQuery) *bun.SelectQuery
	err    error
}

// Groups returns the groups of a user.
func (us *Users) Groups(u Account) *Relation[Group] {
	r := &Relation[Group]{
		table: us.model.groupsTable, target: "group_id", id: func(g *Group) int64 { return g.ID },
		read: func(q, in *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("auth_group.id IN (?)", in).OrderExpr("auth_group.name")
		},
	}
	us.bind(u, &r.db, &r.owner, &r.key, &r.err)
	return r
}

// Permissions returns the permissions that a user has without a group.
func (us *Users) Permissions(u Account) *Relation[Permission] {
	r := &Relation[Permission]{
		table: us.model.permsTable, target: "permission_id", id: func(p *Permission) int64 { return p.ID },
		read: readPermissions,
	}
	us.bind(u, &r.db, &r.owner, &r.key, &r.err)
	return r
}

func (us *Users) bind(u Account, db *bun.IDB, owner *string, key *any, err *error) {
	*db, *owner = us.db, us.model.joinColumn
	if _, *err = us.model.value(u); *err != nil {
		return
	}
	if !us.model.permissions {
		*err = fmt.Errorf("auth: the user model %s has no groups and permissions: embed auth.Permissions", us.model.typ)
		return
	}
	*key = us.key(u)
	if reflect.ValueOf(*key).IsZero() {
		*err = fmt.Errorf("auth: the user is not stored yet: it has no groups or permissions before")
	}
}

func readPermissions(q, in *bun.SelectQuery) *bun.SelectQuery {
	return q.Relation("ContentType").Where("auth_permission.id IN (?)", in).
		OrderExpr(`"content_type"."app_label", "content_type"."model", "auth_permission"."codename"`)
}

// All returns the related rows: groups by name, permissions by app, model and codename.
func (r *Relation[T]) All(ctx context.Context) ([]*T, error) {
	if r.err != nil {
		return nil, r.err
	}
	rows := []*T{}
	in := r.db.NewSelect().TableExpr("?", bun.Ident(r.table)).ColumnExpr("?", bun.Ident(r.target)).
		Where("? = ?", bun.Ident(r.owner), r.key)
	if err := r.read(r.db.NewSelect().Model(&rows), in).Scan(ctx); err != nil {
		return nil, fmt.Errorf("auth: read %s: %w", r.table, err)
	}
	return rows, nil
}

// Add relates rows; one that is related already stays so.
func (r *Relation[T]) Add(ctx context.Context, rows ...*T) error {
	return r.AddIDs(ctx, r.ids(rows)...)
}

// Remove ends the relation to rows; one that is not related is no error.
func (r *Relation[T]) Remove(ctx context.Context, rows ...*T) error {
	return r.RemoveIDs(ctx, r.ids(rows)...)
}

// Set relates exactly these rows.
func (r *Relation[T]) Set(ctx context.Context, rows ...*T) error {
	_, err := r.SetIDs(ctx, r.ids(rows)...)
	return err
}

// Clear ends all relations.
func (r *Relation[T]) Clear(ctx context.Context) error {
	_, err := r.SetIDs(ctx)
	return err
}

func (r *Relation[T]) ids(rows []*T) []int64 {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = r.id(row)
	}
	return ids
}

// IDs returns the keys of the related rows, sorted.
func (r *Relation[T]) IDs(ctx context.Context) ([]int64, error) {
	if r.err != nil {
		return nil, r.err
	}
	ids := []int64{}
	err := r.db.NewSelect().TableExpr("?", bun.Ident(r.table)).ColumnExpr("?", bun.Ident(r.target)).
		Where("? = ?", bun.Ident(r.owner), r.key).OrderExpr("1").Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("auth: read %s: %w", r.table, err)
	}
	return ids, nil
}

// AddIDs is Add by key, in one statement. A key without a row is an error.
func (r *Relation[T]) AddIDs(ctx context.Context, ids ...int64) error {
	if r.err != nil || len(ids) == 0 {
		return r.err
	}
	q := "INSERT INTO ? (?, ?) VALUES "
	args := []any{bun.Ident(r.table), bun.Ident(r.owner), bun.Ident(r.target)}
	for i, id := range ids {
		if i > 0 {
			q += ", "
		}
		q += "(?, ?)"
		args = append(args, r.key, id)
	}
	q += " ON CONFLICT (?, ?) DO NOTHING"
	args = append(args, bun.Ident(r.owner), bun.Ident(r.target))
	if _, err := r.db.NewRaw(q, args...).Exec(ctx); err != nil {
		if database.IsForeignKeyViolation(err) {
			return fmt.Errorf("auth: add to %s: one of %v does not exist: %w", r.table, ids, err)
		}
		return fmt.Errorf("auth: add to %s: %w", r.table, err)
	}
	return nil
}

// RemoveIDs is Remove by key, in one statement.
func (r *Relation[T]) RemoveIDs(ctx context.Context, ids ...int64) error {
	if r.err != nil || len(ids) == 0 {
		return r.err
	}
	_, err := r.db.NewRaw("DELETE FROM ? WHERE ? = ? AND ? IN (?)", bun.Ident(r.table), bun.Ident(r.owner), r.key,
		bun.Ident(r.target), bun.In(ids)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("auth: remove from %s: %w", r.table, err)
	}
	return nil
}

// SetIDs is Set by key, in one transaction. It reports whether anything changed.
func (r *Relation[T]) SetIDs(ctx context.Context, ids ...int64) (changed bool, err error) {
	if r.err != nil {
		return false, r.err
	}
	err = r.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		in := *r
		in.db = tx
		have, err := in.IDs(ctx)
		if err != nil {
			return err
		}
		add := without(ids, have)
		gone := without(have, ids)
		changed = len(add)+len(gone) > 0
		if err := in.RemoveIDs(ctx, gone...); err != nil {
			return err
		}
		return in.AddIDs(ctx, add...)
	})
	return changed, err
}

// without returns a less what is in b.
func without(a, b []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(a), func(id int64) bool { return slices.Contains(b, id) })
}
