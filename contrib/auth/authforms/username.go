package authforms

import (
	"context"
	"slices"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/core/forms"
)

// usernameField asks for the name, or the address, by which a new user will log in. It bears the
// name of the column.
func usernameField(users *auth.Users) forms.Field[string] {
	f := forms.Field[string]{
		Name: users.UsernameField(), Label: upperFirst(users.UsernameLabel()),
		Attrs: forms.Attrs{"autocomplete": "username", "autocapitalize": "none"},
	}
	if f.Name == users.EmailField() {
		f.Type = emailType(users)
		return f
	}
	length := users.MaxLength(f.Name)
	if length == 0 {
		length = names.MaxUsername
	}
	f.Type = forms.Char{MaxLength: length, Normalize: names.NormalizeUsername}
	f.Help = "Letters, digits and the signs @ . + - _ only."
	f.Validators = []func(context.Context, string) error{usualCharacters, fits(users, f.Name)}
	return f
}

// emailType is an address of the length that the user model can hold.
func emailType(users *auth.Users) forms.Email {
	length := names.MaxEmail
	if n := users.MaxLength(users.EmailField()); n > 0 {
		length = n
	}
	return forms.Email{MaxLength: length, Check: names.ValidateEmail}
}

// usualCharacters is names.UnicodeUsername for columns of any length.
func usualCharacters(_ context.Context, name string) error {
	for part := range slices.Chunk([]rune(name), names.MaxUsername) {
		if err := names.UnicodeUsername(string(part)); err != nil {
			return err
		}
	}
	return nil
}

// fits refuses text that cannot become a value of the column, such as letters for a number.
func fits(users *auth.Users, column string) func(context.Context, string) error {
	return func(_ context.Context, text string) error {
		if users.SetText(users.New(), column, text) != nil {
			return &forms.Error{Code: "invalid", Message: "Please enter something else: this cannot be a " + users.UsernameLabel() + "."}
		}
		return nil
	}
}

func usernameTaken(users *auth.Users) *forms.Error {
	label := users.UsernameLabel()
	return &forms.Error{Code: "unique", Message: "This " + label + " belongs to somebody else already.", Params: map[string]any{"username": label}}
}
