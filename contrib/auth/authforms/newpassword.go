package authforms

import (
	"context"
	"errors"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/forms"
)

// newPassword is a password that is typed twice.
type newPassword struct {
	first, second *forms.Field[string]
	// wanted says whether there shall be a password at all; nil means that the fields decide.
	wanted func() bool
}

// passwordFields returns the two fields of a new password. Beside the first stands what the
// validators ask for.
func passwordFields(users *auth.Users, name, label string) (first, second forms.Field[string]) {
	field := func(name, label string) forms.Field[string] {
		return forms.Field[string]{
			Name: name, Label: label, Type: forms.Password{},
			Attrs: forms.Attrs{"autocomplete": "new-password"},
		}
	}
	first, second = field(name+"1", label), field(name+"2", label+" (again)")
	first.Help = password.HelpHTML(users.Validators())
	second.Help = "The same once more, in case of a slip of the finger."
	return first, second
}

// check compares the two and asks the validators, who get to know the user. What they have to say
// stands at the second field.
func (p newPassword) check(ctx context.Context, users *auth.Users, u auth.Account) error {
	if p.wanted != nil {
		if !p.wanted() {
			return nil
		}
		requirePassword(p.first)
		requirePassword(p.second)
	}
	if p.first.Value != "" && p.second.Value != "" && p.first.Value != p.second.Value {
		p.second.AddError(&forms.Error{Code: "password_mismatch", Message: "The two passwords are not the same. Please type both again."})
	}
	if p.second.Value == "" {
		return nil
	}
	err := users.ValidatePassword(ctx, p.second.Value, u)
	var problems forms.Errors
	if !errors.As(err, &problems) {
		return err
	}
	for _, problem := range problems {
		p.second.AddError(problem)
	}
	return nil
}

func requirePassword(f *forms.Field[string]) {
	if f.Value == "" && f.Valid() {
		f.AddError(&forms.Error{Code: "required", Message: "Please fill this in."})
	}
}

// set hashes the password into the user, or makes every password wrong where none was given.
func (p newPassword) set(ctx context.Context, users *auth.Users, u auth.Account) error {
	if p.first.Value == "" || (p.wanted != nil && !p.wanted()) {
		users.SetUnusablePassword(u)
		return nil
	}
	return users.SetPassword(ctx, u, p.first.Value)
}
