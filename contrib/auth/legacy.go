package auth

import "context"

// What early versions of Django offered on the user itself, for programs that are carried over.

// The names under which a user remembers related rows.
const (
	cachedGroups      = "groups"
	cachedPermissions = "permissions"
	cachedProfile     = "profile " // and the model's name
)

// GroupList returns the groups of a user, by name. They are read once for each loaded user;
// SetGroupIDs lets them be read again. A visitor has none.
func (us *Users) GroupList(ctx context.Context, u Account) ([]*Group, error) {
	return remembered(ctx, u, cachedGroups, us.Groups(u))
}

// SetGroupIDs puts a user into exactly the groups with these keys, and reports whether that
// changed anything.
func (us *Users) SetGroupIDs(ctx context.Context, u Account, ids ...int64) (changed bool, err error) {
	return setRemembered(ctx, u, cachedGroups, us.Groups(u), ids)
}

// PermissionList returns the permissions that a user has without a group, by app, model and
// codename. They are read once for each loaded user; SetPermissionIDs lets them be read again. A
// visitor has none.
func (us *Users) PermissionList(ctx context.Context, u Account) ([]*Permission, error) {
	return remembered(ctx, u, cachedPermissions, us.Permissions(u))
}

// SetPermissionIDs gives a user exactly the permissions with these keys, and reports whether that
// changed anything.
func (us *Users) SetPermissionIDs(ctx context.Context, u Account, ids ...int64) (changed bool, err error) {
	return setRemembered(ctx, u, cachedPermissions, us.Permissions(u), ids)
}

func remembered[T any](ctx context.Context, u Account, name string, r *Relation[T]) ([]*T, error) {
	if rows, ok := u.base().state.related[name].([]*T); ok {
		return rows, nil
	}
	rows, err := r.All(ctx)
	if err == nil {
		u.base().state.remember(name, rows)
	}
	return rows, err
}

func setRemembered[T any](ctx context.Context, u Account, name string, r *Relation[T], ids []int64) (bool, error) {
	changed, err := r.SetIDs(ctx, ids...)
	if changed {
		delete(u.base().state.related, name)
	}
	return changed, err
}
