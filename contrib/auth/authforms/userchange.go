package authforms

import (
	"context"
	"errors"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/forms"
)

// UserChangeForm changes what is known of a user: the name by which the user logs in, first and
// last name and address, as far as the model has them. It shows the password's hash, masked.
// Privileges are not in it, so that a page for everybody's own account can use it.
//
// A form of your own embeds a pointer to one, declares more fields, and hands them to the user in
// Fill.
type UserChangeForm struct {
	forms.Form

	// Username has the name of the column by which users log in.
	Username  forms.Field[string]
	FirstName forms.Field[string]
	LastName  forms.Field[string]
	Email     forms.Field[string]
	// Password cannot be changed; take it out by Remove where it is of no interest.
	Password forms.Field[auth.Hash]

	// Users stores the user; put users.In(tx) here to do that in a transaction.
	Users *auth.Users
	// Fill sets what else the form knows of the user and returns the columns it has set.
	Fill func(u auth.Account) (columns []string, err error)

	user  auth.Account
	texts []textColumn
}

// textColumn is a field of the form and the column that it is for.
type textColumn struct {
	column string
	field  *forms.Field[string]
}

// NewUserChangeForm returns the form for a user from the database. link is the page where the
// password is changed, for a link beside its summary; empty for none.
func NewUserChangeForm(users *auth.Users, u auth.Account, link string) *UserChangeForm {
	f := &UserChangeForm{Users: users, user: u}
	f.Username = usernameField(users)
	f.FirstName = forms.Field[string]{Name: "first_name", Optional: true,
		Type: forms.Char{MaxLength: users.MaxLength("first_name")}, Attrs: forms.Attrs{"autocomplete": "given-name"}}
	f.LastName = forms.Field[string]{Name: "last_name", Optional: true,
		Type: forms.Char{MaxLength: users.MaxLength("last_name")}, Attrs: forms.Attrs{"autocomplete": "family-name"}}
	f.Email = forms.Field[string]{Name: users.EmailField(), Label: "E-mail address", Optional: true,
		Type: emailType(users), Attrs: forms.Attrs{"autocomplete": "email"}}
	f.Password = PasswordHashField(users, users.Hash(u), link)

	f.texts = []textColumn{{users.UsernameField(), &f.Username}}
	for _, t := range []textColumn{{"first_name", &f.FirstName}, {"last_name", &f.LastName}, {users.EmailField(), &f.Email}} {
		if users.HasColumn(t.column) && t.column != users.UsernameField() {
			f.texts = append(f.texts, t)
		}
	}
	for _, t := range f.texts {
		initial := users.Text(u, t.column)
		t.field.Initial = &initial
		f.Declare(t.field)
	}
	f.Declare(&f.Password)
	return f
}

// Clean looks whether the name is free.
func (f *UserChangeForm) Clean(ctx context.Context) error {
	name := f.Username.Value
	if name == "" {
		return nil
	}
	other, err := f.Users.ByUsername(ctx, name)
	if errors.Is(err, auth.ErrNoUser) {
		return nil
	}
	if err != nil {
		return err
	}
	if f.Users.PK(other) != f.Users.PK(f.user) {
		f.Username.AddError(usernameTaken(f.Users))
	}
	return nil
}

// User returns whom the form is about.
func (f *UserChangeForm) User() auth.Account { return f.user }

// Save puts the values of a valid form into the user and stores their columns, no others. When
// somebody was quicker to take the name, the error is [auth.ErrUsernameTaken] and stands at
// Username too; when the model's own Clean refuses the user, it is a [*forms.Error] and stands in
// the form too.
func (f *UserChangeForm) Save(ctx context.Context) error {
	var columns []string
	for _, t := range f.texts {
		if _, err := f.Field(t.field.Name); err != nil {
			continue // taken out
		}
		if err := f.Users.SetText(f.user, t.column, t.field.Value); err != nil {
			return err
		}
		columns = append(columns, t.column)
	}
	if f.Fill != nil {
		more, err := f.Fill(f.user)
		if err != nil {
			return err
		}
		columns = append(columns, more...)
	}
	if len(columns) == 0 {
		return nil
	}
	if err := f.clean(); err != nil {
		return err
	}
	err := f.Users.Save(ctx, f.user, columns...)
	if errors.Is(err, auth.ErrUsernameTaken) {
		f.Username.AddError(usernameTaken(f.Users))
	}
	return err
}

// clean normalises the user. What the model's own Clean has to say gets into the form as well.
func (f *UserChangeForm) clean() error {
	err := f.Users.Clean(f.user)
	var problem *forms.Error
	if errors.As(err, &problem) {
		f.AddError(problem)
	}
	return err
}
