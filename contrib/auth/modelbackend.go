package auth

import (
	"context"
	"errors"
	"net/http"

	"github.com/go-belleville/belleville/core/changes"
)

// ModelBackend knows users by the name and password in the database and grants what users and
// groups were given there. It is the default. It says no to users who are not active and to
// questions about single objects.
type ModelBackend struct {
	// Users is required; [New] fills it in when it is nil.
	Users *Users
	// AllowInactive lets users log in who are not active: Django's AllowAllUsersModelBackend,
	// under that name.
	AllowInactive bool
	// CanAuthenticate, when set, takes the place of the check of is_active.
	CanAuthenticate func(Account) bool
	// StoredName takes the place of the name in sessions, for a backend of your own that embeds this one.
	StoredName string
}

var (
	_ Backend          = (*ModelBackend)(nil)
	_ Authorizer       = (*ModelBackend)(nil)
	_ ModuleAuthorizer = (*ModelBackend)(nil)
	_ PermissionLister = (*ModelBackend)(nil)
	_ PermissionLoader = (*ModelBackend)(nil)
	_ usersTaker       = (*ModelBackend)(nil)
)

// The names under which Django knows its own backends.
const (
	ModelBackendName         = "django.contrib.auth.backends.ModelBackend"
	AllowAllUsersBackendName = "django.contrib.auth.backends.AllowAllUsersModelBackend"
)

// usersTaker is a backend that [New] hands the project's users to.
type usersTaker interface{ takeUsers(*Users) }

func (b *ModelBackend) takeUsers(us *Users) {
	if b.Users == nil {
		b.Users = us
	}
}

// Name implements [Backend].
func (b *ModelBackend) Name() string {
	switch {
	case b.StoredName != "":
		return b.StoredName
	case b.AllowInactive:
		return AllowAllUsersBackendName
	}
	return ModelBackendName
}

// Authenticate implements [Backend] for [PasswordCredentials]. It costs one query and one hash,
// whether the user exists, is active, has a usable password, or not. Without a name it costs nothing.
func (b *ModelBackend) Authenticate(ctx context.Context, _ *http.Request, c Credentials) (Account, error) {
	p, ok := c.(PasswordCredentials)
	if !ok || p.Username == "" {
		return nil, nil // nobody has the empty name
	}
	u, err := b.Users.ByUsername(ctx, p.Username)
	if errors.Is(err, ErrNoUser) {
		return nil, b.Users.hashers.Burn(ctx, p.Password)
	}
	if err != nil {
		return nil, err
	}
	return b.check(ctx, u, p.Password)
}

// check returns the user when the password is right and the user may log in.
func (b *ModelBackend) check(ctx context.Context, u Account, password string) (Account, error) {
	right, err := b.Users.CheckPassword(ctx, u, password)
	if err != nil || !right || !b.may(u) {
		return nil, err
	}
	return u, nil
}

func (b *ModelBackend) may(u Account) bool {
	if b.CanAuthenticate != nil {
		return b.CanAuthenticate(u)
	}
	return b.AllowInactive || b.Users.IsActive(u)
}

// User implements [Backend].
func (b *ModelBackend) User(ctx context.Context, pk string) (Account, error) {
	return b.LoadUser(ctx, pk, false)
}

// LoadUser implements [PermissionLoader] with one prepared statement, or none where users are kept in
// memory; see [Config.Cache].
func (b *ModelBackend) LoadUser(ctx context.Context, pk string, forPermissions bool) (Account, error) {
	u, err := b.Users.loadKept(ctx, pk, forPermissions)
	if errors.Is(err, ErrNoUser) || (err == nil && !b.may(u)) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if b.Users.model.isSuperuser(u) {
		// What was read is what the rows give, and a superuser has more: see permissionsOf.
		u.base().state.own, u.base().state.group = nil, nil
	}
	return u, nil
}

// UserPermissions implements [PermissionLister]: what the user was given without a group.
func (b *ModelBackend) UserPermissions(ctx context.Context, u Account, obj any) (PermissionSet, error) {
	return b.permissions(ctx, u, obj, func(s *userState) PermissionSet { return s.own })
}

// GroupPermissions implements [PermissionLister]: what the user's groups were given.
func (b *ModelBackend) GroupPermissions(ctx context.Context, u Account, obj any) (PermissionSet, error) {
	return b.permissions(ctx, u, obj, func(s *userState) PermissionSet { return s.group })
}

func (b *ModelBackend) permissions(ctx context.Context, u Account, obj any, pick func(*userState) PermissionSet) (PermissionSet, error) {
	if obj != nil || !b.Users.IsActive(u) {
		return PermissionSet{}, nil
	}
	state, err := b.Users.permissionsOf(ctx, u)
	if err != nil {
		return nil, err
	}
	return pick(state), nil
}

// HasPerm implements [Authorizer].
func (b *ModelBackend) HasPerm(ctx context.Context, u Account, perm string, obj any) (bool, error) {
	if obj != nil || !b.Users.IsActive(u) {
		return false, nil
	}
	state, err := b.Users.permissionsOf(ctx, u)
	return err == nil && (state.own.Has(perm) || state.group.Has(perm)), err
}

// HasModulePerms implements [ModuleAuthorizer].
func (b *ModelBackend) HasModulePerms(ctx context.Context, u Account, app string) (bool, error) {
	if !b.Users.IsActive(u) {
		return false, nil
	}
	state, err := b.Users.permissionsOf(ctx, u)
	return err == nil && (state.own.HasModule(app) || state.group.HasModule(app)), err
}

// permissionsOf returns the user's permissions, read once for each loaded user value: what is
// given or taken away afterwards counts for users loaded afterwards.
func (us *Users) permissionsOf(ctx context.Context, u Account) (*userState, error) {
	state := &u.base().state
	if state.own != nil && state.group != nil {
		return state, nil
	}
	if !us.model.permissions {
		state.own, state.group = PermissionSet{}, PermissionSet{}
		return state, nil
	}
	if us.model.isSuperuser(u) {
		all, err := permissionNames(ctx, us.db)
		if err != nil {
			return nil, err
		}
		state.own, state.group = all, all
		return state, nil
	}
	load := us.load
	if state.kept != nil && !changes.IsFresh(ctx) {
		load = us.loadKept
	}
	fresh, err := load(ctx, us.PK(u), true)
	if errors.Is(err, ErrNoUser) {
		state.own, state.group = PermissionSet{}, PermissionSet{}
		return state, nil
	}
	if err != nil {
		return nil, err
	}
	state.own, state.group = fresh.base().state.own, fresh.base().state.group
	return state, nil
}
