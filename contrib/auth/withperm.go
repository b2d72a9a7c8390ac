package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// Activity chooses users by whether they are active.
type Activity int

// The choices of an [Activity].
const (
	OnlyActive Activity = iota
	OnlyInactive
	ActiveOrNot
)

// WithPermOptions narrow a search for users by permission. The zero value is Django's default:
// active users, superusers among them.
type WithPermOptions struct {
	Activity Activity
	// NoSuperusers leaves out those who have the permission only because they are superusers.
	NoSuperusers bool
	// Backend names the backend that is asked; it is needed when there are several.
	Backend string
	// Object is what the permission is for, nil for none. ModelBackend knows nobody for any.
	Object any
}

// PermissionFinder is a backend that can list the users who have a permission.
type PermissionFinder interface {
	WithPerm(ctx context.Context, perm string, o WithPermOptions) ([]Account, error)
}

var _ PermissionFinder = (*ModelBackend)(nil)

// ErrNameBackend says that several backends could be asked and none was named.
var ErrNameBackend = errors.New("auth: several backends are configured: name one in WithPermOptions.Backend")

// WithPerm returns the users who have a permission "app.codename", as one backend sees it; nobody
// when that backend is no [PermissionFinder]. ErrNameBackend says that there are several to choose
// from, ErrPermissionName that perm is no such name. A permission that does not exist is had by
// superusers only.
func (a *Auth) WithPerm(ctx context.Context, perm string, o WithPermOptions) ([]Account, error) {
	if len(a.backends) == 0 {
		return nil, ErrNoBackends
	}
	b := a.backends[0]
	switch {
	case o.Backend != "":
		if b = a.backend(o.Backend); b == nil {
			return nil, fmt.Errorf("auth: there is no backend %q in Config.Backends", o.Backend)
		}
	case len(a.backends) > 1:
		return nil, ErrNameBackend
	}
	f, ok := b.(PermissionFinder)
	if !ok {
		return nil, nil
	}
	return f.WithPerm(ctx, perm, o)
}

// WithPerm implements [PermissionFinder].
func (b *ModelBackend) WithPerm(ctx context.Context, perm string, o WithPermOptions) ([]Account, error) {
	return b.Users.WithPerm(ctx, perm, o)
}

// WithPerm returns the users who were given a permission "app.codename", themselves or through a
// group, in the order of their keys, with one query. Nobody was given one for an object.
func (us *Users) WithPerm(ctx context.Context, perm string, o WithPermOptions) ([]Account, error) {
	m := us.model
	app, codename, ok := strings.Cut(perm, ".")
	switch {
	case m.problem != nil:
		return nil, fmt.Errorf("auth: %w", m.problem)
	case !ok || strings.Contains(codename, "."):
		return nil, fmt.Errorf("%w: %q is not", ErrPermissionName, perm)
	case !m.permissions:
		return nil, fmt.Errorf("auth: the user model %s has no groups and permissions: embed auth.Permissions", m.typ)
	case o.Object != nil, !storable(perm), m.active == nil && o.Activity == OnlyInactive:
		return nil, nil
	}
	return us.list(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		if m.active != nil && o.Activity != ActiveOrNot {
			q = q.Where("?TableAlias.? = ?", bun.Ident(m.active.Name), o.Activity == OnlyActive)
		}
		return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			if !o.NoSuperusers {
				q = q.Where("?TableAlias.is_superuser = ?", true)
			}
			pk := bun.Ident(m.pk.Name)
			return q.WhereOr("?TableAlias.? IN (?)", pk, us.givenTo(app, codename)).
				WhereOr("?TableAlias.? IN (?)", pk, us.givenThroughGroups(app, codename))
		})
	})
}

// givenTo selects the keys of users who were given a permission.
func (us *Users) givenTo(app, codename string) *bun.SelectQuery {
	return us.db.NewSelect().TableExpr("? AS up", bun.Ident(us.model.permsTable)).ColumnExpr("up.?", bun.Ident(us.model.joinColumn)).
		Where("up.permission_id IN (?)", us.permissionIDs(app, codename))
}

// givenThroughGroups selects the keys of users one of whose groups was given a permission.
func (us *Users) givenThroughGroups(app, codename string) *bun.SelectQuery {
	return us.db.NewSelect().TableExpr("? AS ug", bun.Ident(us.model.groupsTable)).ColumnExpr("ug.?", bun.Ident(us.model.joinColumn)).
		Join("JOIN auth_group_permissions AS gp ON gp.group_id = ug.group_id").
		Where("gp.permission_id IN (?)", us.permissionIDs(app, codename))
}

func (us *Users) permissionIDs(app, codename string) *bun.SelectQuery {
	return us.db.NewSelect().TableExpr("auth_permission AS p").ColumnExpr("p.id").
		Join("JOIN django_content_type AS ct ON ct.id = p.content_type_id").
		Where("ct.app_label = ?", app).Where("p.codename = ?", codename)
}

// InGroup returns the users of a group, in the order of their keys.
func (us *Users) InGroup(ctx context.Context, g *Group) ([]Account, error) {
	m := us.model
	if m.problem == nil && !m.permissions {
		return nil, nil
	}
	return us.list(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		members := us.db.NewSelect().TableExpr("?", bun.Ident(m.groupsTable)).ColumnExpr("?", bun.Ident(m.joinColumn)).
			Where("group_id = ?", g.ID)
		return q.Where("?TableAlias.? IN (?)", bun.Ident(m.pk.Name), members)
	})
}
