package auth

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/core/command"
)

func (a *Auth) explainperm() command.Command {
	return command.Command{
		Name: "explainperm", Args: "user permission", Summary: "Say why a user may do something, or may not", SkipChecks: true,
		Details: "The user is given by name, the permission as app.codename. It says who grants the\n" +
			"permission, or who could.",
		Setup: func(fs *pflag.FlagSet) command.Run {
			object := fs.String("object", "", "the `row` it is asked for: app.model:key")
			return func(ctx context.Context, env *command.Env, args []string) error {
				if len(args) != 2 {
					return command.Usagef("explainperm takes a user and a permission, got %d argument(s)", len(args))
				}
				app, codename, ok := strings.Cut(args[1], ".")
				if !ok || app == "" || codename == "" {
					return command.Usagef("%q is no permission: write app.codename", args[1])
				}
				u, err := a.users.ByUsername(ctx, args[0])
				if errors.Is(err, ErrNoUser) {
					return fmt.Errorf("there is no user '%s'", args[0])
				}
				if err != nil {
					return err
				}
				e := explanation{auth: a, user: u, name: args[0], perm: args[1], app: app, codename: codename}
				if *object != "" {
					if e.object, err = a.objectOf(ctx, *object); err != nil {
						return err
					}
				}
				return e.write(ctx, env)
			}
		},
	}
}

// objectOf reads a row named "app.model:key".
func (a *Auth) objectOf(ctx context.Context, text string) (any, error) {
	label, key, ok := strings.Cut(text, ":")
	app, model, named := strings.Cut(label, ".")
	if !ok || !named {
		return nil, command.Usagef("%q is no row: write app.model:key, as in polls.question:7", text)
	}
	ct, err := a.cfg.Types.ByName(ctx, app, model)
	if errors.Is(err, contenttypes.ErrNotFound) {
		return nil, fmt.Errorf("there is no model %s", label)
	}
	if err != nil {
		return nil, err
	}
	row, err := a.cfg.Types.Object(ctx, contenttypes.Ref{ContentTypeID: ct.ID, ObjectID: key})
	if errors.Is(err, contenttypes.ErrNotFound) {
		return nil, fmt.Errorf("there is no %s with the key %s", label, key)
	}
	return row, err
}

// explanation is one run of explainperm.
type explanation struct {
	auth                *Auth
	user                Account
	name, perm          string
	app, codename       string
	object              any
	reasons             []string
	allowed, outOfReach bool // outOfReach: nothing that is given to the user would help
}

func (e *explanation) because(format string, args ...any) {
	e.reasons = append(e.reasons, fmt.Sprintf(format, args...))
}

func (e *explanation) write(ctx context.Context, env *command.Env) error {
	known, err := e.known(ctx)
	if err != nil {
		return err
	}
	if err := e.decide(ctx); err != nil {
		return err
	}
	if !known {
		e.because("No app declares %s, and the database has no such permission%s.", e.perm, e.suggestion())
	}
	if !e.allowed && !e.outOfReach && known {
		if err := e.whoCould(ctx); err != nil {
			return err
		}
	}
	of := ""
	if e.object != nil {
		of = " for this row"
	}
	if e.allowed {
		env.Printf("Yes: %s has %s%s.\n", e.name, e.perm, of)
	} else {
		env.Printf("No: %s does not have %s%s.\n", e.name, e.perm, of)
	}
	for _, reason := range e.reasons {
		env.Printf("  %s\n", reason)
	}
	return nil
}

// known reports whether anybody has heard of the permission.
func (e *explanation) known(ctx context.Context) (bool, error) {
	if e.auth.declared().Has(e.perm) {
		return true, nil
	}
	stored, err := permissionNames(ctx, e.auth.users.db)
	return stored.Has(e.perm), err
}

// suggestion names a permission that differs in the case of its letters or in its app.
func (e *explanation) suggestion() string {
	for _, name := range slices.Sorted(maps.Keys(e.auth.declared())) {
		_, codename, _ := strings.Cut(name, ".")
		if strings.EqualFold(name, e.perm) || codename == e.codename {
			return fmt.Sprintf(" (did you mean %s?)", name)
		}
	}
	return ""
}

// decide asks whom [Auth.HasPermFor] asks, in the same order.
func (e *explanation) decide(ctx context.Context) error {
	active := e.auth.users.IsActive(e.user)
	switch {
	case active && e.auth.users.model.isSuperuser(e.user):
		e.allowed = true
		e.because("The user is a superuser, who may do everything.")
		return nil
	case !active:
		e.outOfReach = true
		e.because("The user is not active, so what was given to user and groups does not count.")
	}
	for _, b := range e.auth.backends {
		az, ok := b.(Authorizer)
		if !ok {
			e.because("%s does not decide on permissions.", b.Name())
			continue
		}
		granted, err := az.HasPerm(ctx, e.user, e.perm, e.object)
		switch {
		case errors.Is(err, ErrPermissionDenied):
			e.outOfReach = true
			e.because("%s refuses it, and nobody after it is asked.", b.Name())
			return nil
		case err != nil:
			return fmt.Errorf("auth: backend %s: %w", b.Name(), err)
		case granted:
			e.allowed = true
			return e.grantedBy(ctx, b)
		}
		e.notGrantedBy(b)
	}
	return nil
}

// grantedBy says how a backend came to its yes.
func (e *explanation) grantedBy(ctx context.Context, b Backend) error {
	l, ok := b.(PermissionLister)
	if !ok {
		e.because("%s grants it.", b.Name())
		return nil
	}
	own, err := l.UserPermissions(ctx, e.user, e.object)
	if err != nil {
		return err
	}
	group, err := l.GroupPermissions(ctx, e.user, e.object)
	if err != nil {
		return err
	}
	if own.Has(e.perm) {
		e.because("%s grants it: it was given to the user.", b.Name())
	}
	if group.Has(e.perm) {
		names, err := e.groups(ctx, true)
		if err != nil {
			return err
		}
		if len(names) == 0 {
			names = []string{"some group"}
		}
		e.because("%s grants it through a group: %s.", b.Name(), strings.Join(names, ", "))
	}
	if !own.Has(e.perm) && !group.Has(e.perm) {
		e.because("%s grants it.", b.Name())
	}
	return nil
}

func (e *explanation) notGrantedBy(b Backend) {
	_, ours := b.(*ModelBackend)
	switch {
	case ours && e.object != nil:
		e.outOfReach = true
		e.because("%s grants nothing for a single row.", b.Name())
	case ours && !e.auth.users.model.permissions:
		e.outOfReach = true
		e.because("%s grants nothing: the user model has no groups and permissions.", b.Name())
	case ours && !e.outOfReach:
		e.because("%s does not grant it: neither the user nor one of the user's groups has it.", b.Name())
	default:
		e.because("%s does not grant it.", b.Name())
	}
}

// whoCould names the groups that would help.
func (e *explanation) whoCould(ctx context.Context) error {
	names, err := e.groups(ctx, false)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		e.because("No group has it: give it to the user or to a group.")
		return nil
	}
	e.because("These groups have it: %s.", strings.Join(names, ", "))
	return nil
}

// groups returns the names of the groups that have the permission, all of them or the user's own.
func (e *explanation) groups(ctx context.Context, ofUser bool) ([]string, error) {
	us := e.auth.users
	if !us.model.permissions {
		return nil, nil
	}
	q := us.db.NewSelect().TableExpr("auth_group g").ColumnExpr("DISTINCT g.name").
		Join("JOIN auth_group_permissions gp ON gp.group_id = g.id").
		Join("JOIN auth_permission p ON p.id = gp.permission_id").
		Join("JOIN django_content_type ct ON ct.id = p.content_type_id").
		Where("ct.app_label = ?", e.app).Where("p.codename = ?", e.codename).OrderExpr("g.name")
	if ofUser {
		q = q.Where("g.id IN (SELECT group_id FROM ? WHERE ? = ?)", bun.Ident(us.model.groupsTable), bun.Ident(us.model.joinColumn), us.key(e.user))
	}
	names := []string{}
	if err := q.Scan(ctx, &names); err != nil {
		return nil, fmt.Errorf("auth: look for groups: %w", err)
	}
	return names, nil
}
