package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
)

// ErrNoGroup says that there is no such group, ErrNoPermission that there is no such permission,
// ErrGroupTaken that another group has the name.
var (
	ErrNoGroup      = errors.New("auth: no such group")
	ErrGroupTaken   = errors.New("auth: that group name is taken")
	ErrNoPermission = errors.New("auth: no such permission")
)

// Groups finds, makes and changes groups, and finds permissions. It is made by [NewGroups] and
// safe for concurrent use.
type Groups struct{ db bun.IDB }

// NewGroups returns the service for a database or a transaction.
func NewGroups(db bun.IDB) *Groups { return &Groups{db} }

// In returns the service on a transaction.
func (gs *Groups) In(tx bun.IDB) *Groups { return &Groups{tx} }

// Create stores a new group.
func (gs *Groups) Create(ctx context.Context, name string) (*Group, error) {
	g := &Group{Name: name}
	if _, err := gs.db.NewInsert().Model(g).Exec(ctx); err != nil {
		if database.IsUniqueViolation(err) {
			return nil, fmt.Errorf("%w: %q", ErrGroupTaken, name)
		}
		return nil, fmt.Errorf("auth: store a group: %w", err)
	}
	return g, nil
}

// ByName returns the group of a name, ErrNoGroup when there is none.
func (gs *Groups) ByName(ctx context.Context, name string) (*Group, error) {
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
		return nil
	})
}

// Permissions returns the permissions of a group.
func (gs *Groups) Permissions(g *Group) *Relation[Permission] {
	r := &Relation[Permission]{
		db: gs.db, table: "auth_group_permissions", owner: "group_id", key: g.ID,
		target: "permission_id", id: func(p *Permission) int64 { return p.ID }, read: readPermissions,
	}
	if g.ID == 0 {
		r.err = errors.New("auth: the group is not stored yet: it has no permissions before")
	}
	return r
}

// Permission returns the permission of a name "app.codename". Where several models of the app
// have one of that codename, it is the one of the model that comes first by name. ErrNoPermission
// says that there is none: migrate has not run since it was declared, or the name is wrong.
func (gs *Groups) Permission(ctx context.Context, name string) (*Permission, error) {
	app, codename, ok := strings.Cut(name, ".")
	if !ok {
		return nil, fmt.Errorf("auth: %q is no name of a permission: write app.codename", name)
	}
	p := new(Permission)
	err := gs.db.NewSelect().Model(p).Relation("ContentType").
		Where(`"content_type"."app_label" = ?`, app).Where("auth_permission.codename = ?", codename).
		OrderExpr(`"content_type"."model"`).Limit(1).Scan(ctx)
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
