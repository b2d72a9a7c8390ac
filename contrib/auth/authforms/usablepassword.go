package authforms

import (
	"context"
	"html/template"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/forms"
)

// The values of the field usable_password.
const (
	passwordEnabled  = "true"
	passwordDisabled = "false"
)

const usablePasswordHelp = "Users without a password can still be known in other ways, by a directory or single sign-on for example."

// usablePasswordField asks whether a user shall have a password at all.
func usablePasswordField(help template.HTML) forms.Field[string] {
	enabled := passwordEnabled
	return forms.Field[string]{
		Name: "usable_password", Label: "Log in with a password", Help: help,
		Optional: true, Initial: &enabled, Widget: forms.Radios{},
		Type: forms.Choice[string]{Options: []forms.Option[string]{
			{Value: passwordEnabled, Label: "Allowed"},
			{Value: passwordDisabled, Label: "Not allowed"},
		}},
	}
}

// AdminUserCreationForm is [UserCreationForm] for those who make users for others: the user need
// not have a password.
type AdminUserCreationForm struct {
	UserCreationForm

	// UsablePassword is "false" for a user without a password.
	UsablePassword forms.Field[string]
}

// NewAdminUserCreationForm returns an empty form.
func NewAdminUserCreationForm(users *auth.Users) *AdminUserCreationForm {
	f := &AdminUserCreationForm{UserCreationForm: UserCreationForm{BaseUserCreationForm{Users: users, ignoreCase: true}}}
	f.prepare()
	f.Password1.Optional, f.Password2.Optional = true, true // Clean asks for them where they are wanted
	f.UsablePassword = usablePasswordField(usablePasswordHelp)
	f.wanted = f.WantsPassword
	f.Declare(&f.UsablePassword)
	return f
}

// WantsPassword reports whether the user of a valid form shall have a password.
func (f *AdminUserCreationForm) WantsPassword() bool {
	return f.UsablePassword.Value != passwordDisabled
}

// AdminPasswordChangeForm gives somebody else a new password, or takes the password away. Its
// error codes are those of [SetPasswordForm], at Password2.
type AdminPasswordChangeForm struct {
	forms.Form

	Password1 forms.Field[string]
	Password2 forms.Field[string]
	// UsablePassword is "false" to take the password away. The form has it only for users who
	// have one.
	UsablePassword forms.Field[string]

	// Users stores the password; put users.In(tx) here to do that in a transaction.
	Users *auth.Users

	user    auth.Account
	changed bool
}

// NewAdminPasswordChangeForm returns the form for a user from the database.
func NewAdminPasswordChangeForm(users *auth.Users, u auth.Account) *AdminPasswordChangeForm {
	f := &AdminPasswordChangeForm{Users: users, user: u}
	f.Password1, f.Password2 = passwordFields(users, "password", "Password")
	f.Password1.Attrs["autofocus"] = ""
	f.Password1.Optional, f.Password2.Optional = true, true
	f.Declare(&f.Password1, &f.Password2)
	if users.HasUsablePassword(u) {
		f.UsablePassword = usablePasswordField(usablePasswordHelp + " <strong>The password that the user has now is then lost.</strong>")
		f.Declare(&f.UsablePassword)
	}
	return f
}

func (f *AdminPasswordChangeForm) passwords() newPassword {
	return newPassword{first: &f.Password1, second: &f.Password2, wanted: f.WantsPassword}
}

// Clean compares the two passwords and asks the validators, unless there shall be no password.
func (f *AdminPasswordChangeForm) Clean(ctx context.Context) error {
	f.changed = !f.WantsPassword() || f.Password1.Value != "" && f.Password2.Value != ""
	return f.passwords().check(ctx, f.Users, f.user)
}

// WantsPassword reports whether the user of a valid form shall have a password.
func (f *AdminPasswordChangeForm) WantsPassword() bool {
	return f.UsablePassword.Value != passwordDisabled
}

// Changed reports whether the form, valid or not, was sent with something to do.
func (f *AdminPasswordChangeForm) Changed() bool { return f.changed }

// User returns whose password it is.
func (f *AdminPasswordChangeForm) User() auth.Account { return f.user }

// Apply hashes the new password into the user of a valid form, or makes every password wrong, and
// stores nothing.
func (f *AdminPasswordChangeForm) Apply(ctx context.Context) error {
	return f.passwords().set(ctx, f.Users, f.user)
}

// Save is Apply and stores the result, which ends the user's sessions.
func (f *AdminPasswordChangeForm) Save(ctx context.Context) error {
	if err := f.Apply(ctx); err != nil {
		return err
	}
	return f.Users.Save(ctx, f.user, "password")
}
