package authforms

import (
	"context"
	"errors"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/forms"
)

// BaseUserCreationForm makes a user without any privileges from a name and a password. Two names
// that differ in nothing but case are different to it; [UserCreationForm] refuses that. Its error
// codes are unique and those of package names at Username, password_mismatch and those of the
// validators at Password2.
//
// A form of your own embeds a pointer to one, declares more fields, and hands them to the user in
// Fill; see the example.
type BaseUserCreationForm struct {
	forms.Form

	// Username has the name of the column by which users log in. Take it out by Remove when Fill
	// sets that column.
	Username  forms.Field[string]
	Password1 forms.Field[string]
	// Password2 and Password1 may be made Optional: without a password none is right.
	Password2 forms.Field[string]

	// Users stores the user; put users.In(tx) here to do that in a transaction.
	Users *auth.Users
	// Fill sets what else the form knows of the user, before the validators judge the password.
	// A [*forms.Error] that it returns is one of the form.
	Fill func(u auth.Account) error

	ignoreCase bool
	wanted     func() bool // whether there shall be a password; nil leaves it to the fields
	user       auth.Account
}

// NewBaseUserCreationForm returns an empty form.
func NewBaseUserCreationForm(users *auth.Users) *BaseUserCreationForm {
	f := &BaseUserCreationForm{Users: users}
	f.prepare()
	return f
}

func (f *BaseUserCreationForm) prepare() {
	f.Username = usernameField(f.Users)
	f.Username.Attrs["autofocus"] = ""
	f.Password1, f.Password2 = passwordFields(f.Users, "password", "Password")
	f.Declare(&f.Username, &f.Password1, &f.Password2)
}

func (f *BaseUserCreationForm) passwords() newPassword {
	return newPassword{first: &f.Password1, second: &f.Password2, wanted: f.wanted}
}

// Clean makes the user, looks whether the name is free, compares the two passwords and asks the
// validators. What the model's own Clean has to say concerns the form as a whole.
func (f *BaseUserCreationForm) Clean(ctx context.Context) error {
	u := f.Users.New()
	f.user = u
	if f.Username.Value != "" {
		if err := f.Users.SetText(u, f.Users.UsernameField(), f.Username.Value); err != nil {
			return err
		}
	}
	if f.Fill != nil {
		if err := f.Fill(u); err != nil {
			return err
		}
	}
	if err := f.Users.Clean(u); err != nil {
		return err
	}
	if f.Username.Value != "" {
		taken, err := f.taken(ctx, f.Users.Username(u))
		if err != nil {
			return err
		}
		if taken {
			f.Username.AddError(usernameTaken(f.Users))
		}
	}
	return f.passwords().check(ctx, f.Users, u)
}

func (f *BaseUserCreationForm) taken(ctx context.Context, name string) (bool, error) {
	if f.ignoreCase {
		return f.Users.UsernameTaken(ctx, name)
	}
	_, err := f.Users.ByUsername(ctx, name)
	if errors.Is(err, auth.ErrNoUser) {
		return false, nil
	}
	return err == nil, err
}

// Build returns the new user of a valid form with the password hashed, and stores nothing.
func (f *BaseUserCreationForm) Build(ctx context.Context) (auth.Account, error) {
	return f.user, f.passwords().set(ctx, f.Users, f.user)
}

// Save stores the new user of a valid form. When somebody was quicker to take the name, the error
// is [auth.ErrUsernameTaken] and stands at Username too, so that the form can be shown again.
func (f *BaseUserCreationForm) Save(ctx context.Context) (auth.Account, error) {
	u, err := f.Build(ctx)
	if err != nil {
		return nil, err
	}
	err = f.Users.Insert(ctx, u)
	if errors.Is(err, auth.ErrUsernameTaken) {
		f.Username.AddError(usernameTaken(f.Users))
	}
	if err != nil {
		return nil, err
	}
	return u, nil
}

// UserCreationForm is [BaseUserCreationForm] for names that must differ in more than case. On
// SQLite it knows the case of all letters, which Django does not.
type UserCreationForm struct {
	BaseUserCreationForm
}

// NewUserCreationForm returns an empty form.
func NewUserCreationForm(users *auth.Users) *UserCreationForm {
	f := &UserCreationForm{BaseUserCreationForm{Users: users, ignoreCase: true}}
	f.prepare()
	return f
}
