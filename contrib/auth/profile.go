package auth

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/uptrace/bun/schema"
)

// What [Profile] reports. Test with errors.Is.
var (
	// ErrNoProfileModel says that a name is empty, is not of the form app.Model, or names no model
	// of the project with a column user_id.
	ErrNoProfileModel = errors.New("auth: no profile model")
	// ErrNoProfile says that a user has no profile.
	ErrNoProfile = errors.New("auth: the user has no profile")
)

// Profiles finds what a project knows of its users besides what is in their own table: Django's
// AUTH_PROFILE_MODULE, for programs that are carried over. New ones put columns into a user model
// of their own. It is made by [NewProfiles] and safe for concurrent use.
type Profiles struct {
	auth *Auth
	name string
}

// NewProfiles returns the profiles of the model with a name "app.Model". The app's label is
// compared as it is, the model's name in any case. It does no I/O.
func NewProfiles(a *Auth, name string) *Profiles { return &Profiles{auth: a, name: name} }

// Profile returns the profile of a user: the row whose column user_id is the user's key. It makes
// none; a receiver of [Users.Created] can. It is read once for each loaded user.
//
//	profile, err := auth.Profile[accounts.UserProfile](ctx, profiles, user)
func Profile[T any](ctx context.Context, p *Profiles, u Account) (*T, error) {
	users := p.auth.users
	v, err := users.model.value(u)
	if err != nil {
		return nil, err
	}
	table, err := p.table()
	if err != nil {
		return nil, err
	}
	if want := reflect.TypeFor[T](); table.Type != want {
		return nil, fmt.Errorf("%w: %q is the model %s, not %s", ErrNoProfileModel, p.name, table.Type, want)
	}
	if row, ok := u.base().state.related[cachedProfile+table.Name].(*T); ok {
		return row, nil
	}
	rows := []*T{}
	key := v.FieldByIndex(users.model.pk.Index).Interface()
	if err := users.db.NewSelect().Model(&rows).Where("?TableAlias.user_id = ?", key).Limit(1).Scan(ctx); err != nil {
		return nil, fmt.Errorf("auth: read a profile: %w", err)
	}
	if len(rows) == 0 {
		return nil, ErrNoProfile
	}
	u.base().state.remember(cachedProfile+table.Name, rows[0])
	return rows[0], nil
}

// table finds the model among those of the project.
func (p *Profiles) table() (*schema.Table, error) {
	app, model, ok := strings.Cut(p.name, ".")
	switch {
	case p.name == "":
		return nil, fmt.Errorf("%w: give its name app.Model to NewProfiles", ErrNoProfileModel)
	case !ok || strings.Contains(model, "."):
		return nil, fmt.Errorf("%w: %q has not one dot, between the app's label and the model's name", ErrNoProfileModel, p.name)
	}
	for _, m := range p.auth.project.models {
		if m.AppLabel() != app || m.Name != strings.ToLower(model) {
			continue
		}
		if table := p.auth.users.bunDB().Table(m.Type()); table.LookupField("user_id") != nil {
			return table, nil
		}
		return nil, fmt.Errorf("%w: %s has no column user_id", ErrNoProfileModel, m.Type())
	}
	return nil, fmt.Errorf("%w: no app of the project has a model %q", ErrNoProfileModel, p.name)
}
