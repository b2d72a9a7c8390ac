package auth

import (
	"context"
	"errors"
	"fmt"
	"maps"
)

// HasPerm reports whether a user may do something, "app.codename". Somebody who is not active may
// nothing, an active superuser everything; otherwise the backends are asked in order until one
// grants it or returns ErrPermissionDenied. An unknown name is false. After the first question
// for a loaded user it costs a look into a map.
func (a *Auth) HasPerm(ctx context.Context, u Account, perm string) (bool, error) {
	return a.HasPermFor(ctx, u, perm, nil)
}

// HasPermFor is HasPerm for one object, which ModelBackend never grants.
func (a *Auth) HasPermFor(ctx context.Context, u Account, perm string, obj any) (bool, error) {
	u, err := a.certain(ctx, u)
	if err != nil {
		return false, err
	}
	if a.users.IsActive(u) && a.users.model.isSuperuser(u) {
		return true, nil
	}
	return a.ask(func(b Backend) (bool, error) {
		if az, ok := b.(Authorizer); ok {
			return az.HasPerm(ctx, u, perm, obj)
		}
		return listed(ctx, b, u, obj, func(s PermissionSet) bool { return s.Has(perm) })
	})
}

// HasPerms reports whether a user may do all of it; true for no permission at all.
func (a *Auth) HasPerms(ctx context.Context, u Account, perms ...string) (bool, error) {
	return a.HasPermsFor(ctx, u, nil, perms...)
}

// HasPermsFor is HasPerms for one object.
func (a *Auth) HasPermsFor(ctx context.Context, u Account, obj any, perms ...string) (bool, error) {
	for _, perm := range perms {
		if ok, err := a.HasPermFor(ctx, u, perm, obj); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// HasModulePerms reports whether a user has any permission in an app.
func (a *Auth) HasModulePerms(ctx context.Context, u Account, app string) (bool, error) {
	u, err := a.certain(ctx, u)
	if err != nil {
		return false, err
	}
	if a.users.IsActive(u) && a.users.model.isSuperuser(u) {
		return true, nil
	}
	return a.ask(func(b Backend) (bool, error) {
		if az, ok := b.(ModuleAuthorizer); ok {
			return az.HasModulePerms(ctx, u, app)
		}
		return listed(ctx, b, u, nil, func(s PermissionSet) bool { return s.HasModule(app) })
	})
}

// listed answers for a backend that only lists what users may do.
func listed(ctx context.Context, b Backend, u Account, obj any, has func(PermissionSet) bool) (bool, error) {
	l, ok := b.(PermissionLister)
	if !ok {
		return false, nil
	}
	set, err := l.UserPermissions(ctx, u, obj)
	if err != nil || has(set) {
		return err == nil, err
	}
	set, err = l.GroupPermissions(ctx, u, obj)
	return err == nil && has(set), err
}

// ask goes through the backends until one says yes or has the final say.
func (a *Auth) ask(question func(Backend) (bool, error)) (bool, error) {
	if len(a.backends) == 0 {
		return false, ErrNoBackends
	}
	for _, b := range a.backends {
		ok, err := question(b)
		if errors.Is(err, ErrPermissionDenied) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("auth: backend %s: %w", b.Name(), err)
		}
		if ok {
			return true, nil
		}
	}
	return false, nil
}

// UserPermissions returns what the backends give a user without groups, obj being nil or what
// they are asked about. The set is the caller's own.
func (a *Auth) UserPermissions(ctx context.Context, u Account, obj any) (PermissionSet, error) {
	u, err := a.certain(ctx, u)
	if err != nil {
		return nil, err
	}
	return a.collect(func(l PermissionLister) (PermissionSet, error) { return l.UserPermissions(ctx, u, obj) })
}

// GroupPermissions returns what the backends give a user through groups.
func (a *Auth) GroupPermissions(ctx context.Context, u Account, obj any) (PermissionSet, error) {
	u, err := a.certain(ctx, u)
	if err != nil {
		return nil, err
	}
	return a.collect(func(l PermissionLister) (PermissionSet, error) { return l.GroupPermissions(ctx, u, obj) })
}

// AllPermissions returns both together.
func (a *Auth) AllPermissions(ctx context.Context, u Account, obj any) (PermissionSet, error) {
	set, err := a.UserPermissions(ctx, u, obj)
	if err != nil {
		return nil, err
	}
	group, err := a.GroupPermissions(ctx, u, obj)
	if err != nil {
		return nil, err
	}
	maps.Copy(set, group)
	return set, nil
}

func (a *Auth) collect(list func(PermissionLister) (PermissionSet, error)) (PermissionSet, error) {
	if len(a.backends) == 0 {
		return nil, ErrNoBackends
	}
	all := PermissionSet{}
	for _, b := range a.backends {
		l, ok := b.(PermissionLister)
		if !ok {
			continue
		}
		set, err := list(l)
		if errors.Is(err, ErrPermissionDenied) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("auth: backend %s: %w", b.Name(), err)
		}
		maps.Copy(all, set)
	}
	return all, nil
}
