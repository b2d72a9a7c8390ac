package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/database"
)

// What [Groups] reports. Test with errors.Is.
var (
	// ErrNoGroup says that there is no such group.
	ErrNoGroup = errors.New("auth: no such group")
	// ErrGroupTaken says that another group has the name.
	ErrGroupTaken = errors.New("auth: that group name is taken")
	// ErrGroupEmpty says that a group was to get an empty name.
	ErrGroupEmpty = errors.New("auth: a group needs a name")
	// ErrNoPermission says that there is no such permission.
	ErrNoPermission = errors.New("auth: no such permission")
	// ErrPermissionName says that a text is not of the form app.codename.
	ErrPermissionName = errors.New("auth: a permission is named app.codename")
)

// Groups finds, makes and changes groups, and finds permissions. It is made by [NewGroups] and
// safe for concurrent use.
type Groups struct {
	db    bun.IDB
	feed  *changes.Feed // nil when nobody keeps users
	topic string
}

// NewGroups returns the service for a database or a transaction. In a project with a cache take
// [Auth.Groups] and its In instead: this one tells nobody of what it changes, see [Users.TellChanged].
func NewGroups(db bun.IDB) *Groups { return &Groups{db: db} }

// In returns the service on a transaction.
func (gs *Groups) In(tx bun.IDB) *Groups { return &Groups{tx, gs.feed, gs.topic} }

// maxGroupName is the length of the column, in characters.
const maxGroupName = 150

// Create stores a new group. A name may hold any characters, at most 150, and is unique. In a
// transaction on PostgreSQL, a name that is taken does not spoil the transaction.
func (gs *Groups) Create(ctx context.Context, name string) (*Group, error) {
	g := &Group{Name: name}
	err := checkGroup(g)
	if err == nil {
		err = gs.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewInsert().Model(g).Exec(ctx)
			return err
		})
	}
	if err != nil {
		return nil, groupError("store a group", name, err)
	}
	return g, nil
}

// Rename stores a new name of a group.
func (gs *Groups) Rename(ctx context.Context, g *Group, name string) error {
	renamed := *g
	renamed.Name = name
	if err := checkGroup(&renamed); err != nil {
		return err
	}
	res, err := gs.db.NewUpdate().Model(&renamed).Column("name").WherePK().Exec(ctx)
	if err != nil {
		return groupError("rename a group", name, err)
	}
	if n, err := res.RowsAffected(); err == nil && n == 0 {
		return fmt.Errorf("%w: %q", ErrNoGroup, g.Name)
	}
	*g = renamed
	return nil
}

func checkGroup(g *Group) error {
	if g.Name == "" {
		return ErrGroupEmpty
	}
	return checkText("the group's name", g.Name, maxGroupName)
}

func groupError(what, name string, err error) error {
	switch {
	case database.IsUniqueViolation(err):
		return fmt.Errorf("%w: %q", ErrGroupTaken, name)
	case errors.Is(err, ErrText), errors.Is(err, ErrGroupEmpty):
		return err
	}
	return fmt.Errorf("auth: %s: %w", what, err)
}

// ByName returns the group of a name, its natural key; ErrNoGroup when there is none.
func (gs *Groups) ByName(ctx context.Context, name string) (*Group, error) {
	if !storable(name) {
		return nil, ErrNoGroup
	}
	g := new(Group)
	err := gs.db.NewSelect().Model(g).Where("name = ?", name).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: %q", ErrNoGroup, name)
	}
	if err != nil {
		return nil, fmt.Errorf("auth: read a group: %w", err)
	}
	return g, nil
}

// ByID returns the group of a key; ErrNoGroup when there is none.
func (gs *Groups) ByID(ctx context.Context, id int64) (*Group, error) {
	g := new(Group)
	err := gs.db.NewSelect().Model(g).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: id %d", ErrNoGroup, id)
	}
	if err != nil {
		return nil, fmt.Errorf("auth: read a group: %w", err)
	}
	return g, nil
}

// All returns every group by name.
func (gs *Groups) All(ctx context.Context) ([]*Group, error) {
	groups := []*Group{}
	if err := gs.db.NewSelect().Model(&groups).OrderExpr("name").Scan(ctx); err != nil {
		return nil, fmt.Errorf("auth: read groups: %w", err)
	}
	return groups, nil
}

// Delete removes a group with its permissions. The users who were in it, of the model of us, stay.
func (gs *Groups) Delete(ctx context.Context, us *Users, g *Group) error {
	return gs.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for _, table := range []string{us.model.groupsTable, "auth_group_permissions"} {
			if _, err := tx.NewRaw("DELETE FROM ? WHERE group_id = ?", bun.Ident(table), g.ID).Exec(ctx); err != nil {
				return fmt.Errorf("auth: delete a group: %w", err)
			}
		}
		if _, err := tx.NewDelete().Model(g).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("auth: delete a group: %w", err)
		}
		return gs.feed.Tell(ctx, tx, gs.topic)
	})
}

// Permissions returns the permissions of a group.
func (gs *Groups) Permissions(g *Group) *Relation[Permission] {
	r := permissionsRelation(gs.db, "auth_group_permissions")
	r.owner, r.key = "group_id", g.ID
	r.feed, r.topic = gs.feed, gs.topic
	if g.ID == 0 {
		r.err = errors.New("auth: the group is not stored yet: it has no permissions before")
	}
	return r
}

// Permission returns the permission of a name "app.codename". Where several models of the app
// have one of that codename, it is the one of the model that comes first by name; see
// [Groups.PermissionOf]. ErrNoPermission says that there is none: migrate has not run since it
// was declared, or the name is wrong. ErrPermissionName says that it is no such name.
func (gs *Groups) Permission(ctx context.Context, name string) (*Permission, error) {
	app, codename, ok := strings.Cut(name, ".")
	if !ok {
		return nil, fmt.Errorf("%w: %q is not", ErrPermissionName, name)
	}
	return gs.permission(ctx, name, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where(`"content_type"."app_label" = ?`, app).Where("auth_permission.codename = ?", codename)
	})
}

// PermissionOf returns the permission of a natural key, see [Permission.NaturalKey].
func (gs *Groups) PermissionOf(ctx context.Context, codename, app, model string) (*Permission, error) {
	return gs.permission(ctx, app+"."+codename+" of "+model, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where(`"content_type"."app_label" = ?`, app).Where(`"content_type"."model" = ?`, strings.ToLower(model)).
			Where("auth_permission.codename = ?", codename)
	})
}

func (gs *Groups) permission(ctx context.Context, name string, where func(*bun.SelectQuery) *bun.SelectQuery) (*Permission, error) {
	if !storable(name) {
		return nil, ErrNoPermission
	}
	p := new(Permission)
	err := where(gs.db.NewSelect().Model(p).Relation("ContentType")).OrderExpr(`"content_type"."model"`).Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%w: %s", ErrNoPermission, name)
	}
	if err != nil {
		return nil, fmt.Errorf("auth: read a permission: %w", err)
	}
	return p, nil
}

// AllPermissions returns every permission by app, model and codename.
func (gs *Groups) AllPermissions(ctx context.Context) ([]*Permission, error) {
	perms := []*Permission{}
	err := gs.db.NewSelect().Model(&perms).Relation("ContentType").
		OrderExpr(`"content_type"."app_label", "content_type"."model", "auth_permission"."codename"`).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("auth: read permissions: %w", err)
	}
	return perms, nil
}

// permissionNames returns "app.codename" of every permission there is.
func permissionNames(ctx context.Context, db bun.IDB) (PermissionSet, error) {
	var rows []string
	err := db.NewSelect().TableExpr("auth_permission p").Join("JOIN django_content_type ct ON ct.id = p.content_type_id").
		ColumnExpr("ct.app_label || '.' || p.codename").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("auth: read permissions: %w", err)
	}
	set := make(PermissionSet, len(rows))
	for _, name := range rows {
		set[name] = struct{}{}
	}
	return set, nil
}
