package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/database"
)

// Relation is the rows that hang on one user or group: a user's groups, a user's permissions, a
// group's permissions. T is Group or Permission. Its methods read and write the database at
// once and are safe for concurrent use. A visitor has no rows, and giving him some is
// ErrAnonymous.
type Relation[T any] struct {
	db     bun.IDB
	table  string // the join table
	owner  string // its column of the user or group
	key    any
	target string // its column of the related row
	id     func(*T) int64
	read   func(q *bun.SelectQuery, in *bun.SelectQuery) *bun.SelectQuery
	err    error

	feed  *changes.Feed // is told of each change; nil when nobody keeps users
	topic string
	tells []string // keys of the users concerned; none for all
}

// Groups returns the groups of a user.
func (us *Users) Groups(u Account) *Relation[Group] {
	r := groupsRelation(us.db, us.model.groupsTable)
	r.ofUser(us, u)
	return r
}

// Permissions returns the permissions that a user has without a group.
func (us *Users) Permissions(u Account) *Relation[Permission] {
	r := permissionsRelation(us.db, us.model.permsTable)
	r.ofUser(us, u)
	return r
}

// ofUser makes it the relation of one user.
func (r *Relation[T]) ofUser(us *Users, u Account) {
	r.owner = us.model.joinColumn
	r.key, r.err = us.owner(u)
	if us.feed != nil {
		r.feed, r.topic, r.tells = us.feed, us.topic(), []string{us.PK(u)}
	}
}

func groupsRelation(db bun.IDB, table string) *Relation[Group] {
	return &Relation[Group]{
		db: db, table: table, target: "group_id", id: func(g *Group) int64 { return g.ID },
		read: func(q, in *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("auth_group.id IN (?)", in).OrderExpr("auth_group.name")
		},
	}
}

func permissionsRelation(db bun.IDB, table string) *Relation[Permission] {
	return &Relation[Permission]{
		db: db, table: table, target: "permission_id", id: func(p *Permission) int64 { return p.ID }, read: readPermissions,
	}
}

// owner returns the key by which rows hang on a user, or why none can.
func (us *Users) owner(u Account) (any, error) {
	v, err := us.model.value(u)
	if err != nil {
		return nil, err
	}
	if !us.model.permissions {
		return nil, fmt.Errorf("auth: the user model %s has no groups and permissions: embed auth.Permissions", us.model.typ)
	}
	key := v.FieldByIndex(us.model.pk.Index)
	if key.IsZero() {
		return nil, errors.New("auth: the user is not stored yet: it has no groups or permissions before")
	}
	return key.Interface(), nil
}

func readPermissions(q, in *bun.SelectQuery) *bun.SelectQuery {
	return q.Relation("ContentType").Where("auth_permission.id IN (?)", in).
		OrderExpr(`"content_type"."app_label", "content_type"."model", "auth_permission"."codename"`)
}

// All returns the related rows: groups by name, permissions by app, model and codename.
func (r *Relation[T]) All(ctx context.Context) ([]*T, error) {
	rows := []*T{}
	if r.err != nil {
		return rows, r.readError()
	}
	in := r.db.NewSelect().TableExpr("?", bun.Ident(r.table)).ColumnExpr("?", bun.Ident(r.target)).
		Where("? = ?", bun.Ident(r.owner), r.key)
	if err := r.read(r.db.NewSelect().Model(&rows), in).Scan(ctx); err != nil {
		return nil, fmt.Errorf("auth: read %s: %w", r.table, err)
	}
	return rows, nil
}

// readError is nil where there is nothing to read because there is nobody.
func (r *Relation[T]) readError() error {
	if errors.Is(r.err, ErrAnonymous) {
		return nil
	}
	return r.err
}

// Add relates rows; one that is related already stays so.
func (r *Relation[T]) Add(ctx context.Context, rows ...*T) error {
	return r.AddIDs(ctx, r.idsOf(rows)...)
}

// Remove ends the relation to rows; one that is not related is no error.
func (r *Relation[T]) Remove(ctx context.Context, rows ...*T) error {
	return r.RemoveIDs(ctx, r.idsOf(rows)...)
}

// Set relates exactly these rows.
func (r *Relation[T]) Set(ctx context.Context, rows ...*T) error {
	_, err := r.SetIDs(ctx, r.idsOf(rows)...)
	return err
}

// Clear ends all relations.
func (r *Relation[T]) Clear(ctx context.Context) error {
	_, err := r.SetIDs(ctx)
	return err
}

func (r *Relation[T]) idsOf(rows []*T) []int64 {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = r.id(row)
	}
	return ids
}

// Count returns how many rows are related.
func (r *Relation[T]) Count(ctx context.Context) (int, error) {
	if r.err != nil {
		return 0, r.readError()
	}
	n, err := r.db.NewSelect().TableExpr("?", bun.Ident(r.table)).Where("? = ?", bun.Ident(r.owner), r.key).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("auth: count %s: %w", r.table, err)
	}
	return int(n), nil
}

// IDs returns the keys of the related rows, sorted.
func (r *Relation[T]) IDs(ctx context.Context) ([]int64, error) {
	if r.err != nil {
		return []int64{}, r.readError()
	}
	ids, err := r.ids(ctx, r.db)
	if err != nil {
		return nil, fmt.Errorf("auth: read %s: %w", r.table, err)
	}
	return ids, nil
}

// AddIDs is Add by key, in one statement. A key without a row is an error.
func (r *Relation[T]) AddIDs(ctx context.Context, ids ...int64) error {
	if r.err != nil {
		return r.err
	}
	return r.changeError(ids, r.write(ctx, ids, r.add))
}

// RemoveIDs is Remove by key, in one statement.
func (r *Relation[T]) RemoveIDs(ctx context.Context, ids ...int64) error {
	if r.err != nil {
		return r.err
	}
	return r.changeError(ids, r.write(ctx, ids, r.remove))
}

// SetIDs is Set by key, in one transaction. It reports whether anything changed.
func (r *Relation[T]) SetIDs(ctx context.Context, ids ...int64) (changed bool, err error) {
	if r.err != nil {
		return false, r.err
	}
	err = r.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		have, err := r.ids(ctx, tx)
		if err != nil {
			return err
		}
		add, gone := without(ids, have), without(have, ids)
		changed = len(add)+len(gone) > 0
		if err := r.remove(ctx, tx, gone); err != nil {
			return err
		}
		if err := r.add(ctx, tx, add); err != nil || !changed {
			return err
		}
		return r.feed.Tell(ctx, tx, r.topic, r.tells...)
	})
	return changed && err == nil, r.changeError(ids, err)
}

// write runs one statement and tells of it.
func (r *Relation[T]) write(ctx context.Context, ids []int64, change func(context.Context, bun.IDB, []int64) error) error {
	if len(ids) == 0 {
		return nil
	}
	return r.feed.Write(ctx, r.db, r.topic, r.tells, func(ctx context.Context, db bun.IDB) error { return change(ctx, db, ids) })
}

func (r *Relation[T]) ids(ctx context.Context, db bun.IDB) ([]int64, error) {
	ids := []int64{}
	err := db.NewSelect().TableExpr("?", bun.Ident(r.table)).ColumnExpr("?", bun.Ident(r.target)).
		Where("? = ?", bun.Ident(r.owner), r.key).OrderExpr("1").Scan(ctx, &ids)
	return ids, err
}

func (r *Relation[T]) add(ctx context.Context, db bun.IDB, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	q := "INSERT INTO ? (?, ?) VALUES " + strings.TrimSuffix(strings.Repeat("(?, ?), ", len(ids)), ", ") + " ON CONFLICT (?, ?) DO NOTHING"
	args := []any{bun.Ident(r.table), bun.Ident(r.owner), bun.Ident(r.target)}
	for _, id := range ids {
		args = append(args, r.key, id)
	}
	_, err := db.NewRaw(q, append(args, bun.Ident(r.owner), bun.Ident(r.target))...).Exec(ctx)
	return err
}

func (r *Relation[T]) remove(ctx context.Context, db bun.IDB, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := db.NewRaw("DELETE FROM ? WHERE ? = ? AND ? IN (?)", bun.Ident(r.table), bun.Ident(r.owner), r.key,
		bun.Ident(r.target), bun.List(ids)).Exec(ctx)
	return err
}

// changeError names the rows that are not there. The constraints are deferred, so in a transaction
// of the caller's it is COMMIT that fails, and this does not see it.
func (r *Relation[T]) changeError(ids []int64, err error) error {
	switch {
	case err == nil:
		return nil
	case database.IsForeignKeyViolation(err):
		return fmt.Errorf("auth: change %s: one of %v, or the owner, does not exist: %w", r.table, ids, err)
	}
	return fmt.Errorf("auth: change %s: %w", r.table, err)
}

// without returns a less what is in b.
func without(a, b []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(a), func(id int64) bool { return slices.Contains(b, id) })
}
