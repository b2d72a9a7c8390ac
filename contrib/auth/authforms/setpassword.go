package authforms

import (
	"context"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/forms"
)

// SetPasswordForm gives a user a new password without asking for the old one. Its error codes
// are password_mismatch and those of the validators, at NewPassword2.
type SetPasswordForm struct {
	forms.Form

	NewPassword1 forms.Field[string]
	NewPassword2 forms.Field[string]

	// Users stores the password; put users.In(tx) here to do that in a transaction.
	Users *auth.Users

	user auth.Account
}

// NewSetPasswordForm returns the form for a user from the database.
func NewSetPasswordForm(users *auth.Users, u auth.Account) *SetPasswordForm {
	f := &SetPasswordForm{Users: users, user: u}
	f.prepare()
	return f
}

func (f *SetPasswordForm) prepare() {
	f.NewPassword1, f.NewPassword2 = passwordFields(f.Users, "new_password", "New password")
	f.Declare(&f.NewPassword1, &f.NewPassword2)
}

func (f *SetPasswordForm) passwords() newPassword {
	return newPassword{first: &f.NewPassword1, second: &f.NewPassword2}
}

// Clean compares the two passwords and asks the validators.
func (f *SetPasswordForm) Clean(ctx context.Context) error {
	return f.passwords().check(ctx, f.Users, f.user)
}

// User returns whose password it is.
func (f *SetPasswordForm) User() auth.Account { return f.user }

// Apply hashes the new password into the user of a valid form and stores nothing.
func (f *SetPasswordForm) Apply(ctx context.Context) error {
	return f.passwords().set(ctx, f.Users, f.user)
}

// Save stores the new password of a valid form, which ends the user's sessions; see
// [auth.Users.ChangePassword].
func (f *SetPasswordForm) Save(ctx context.Context) error {
	return f.Users.ChangePassword(ctx, f.user, f.NewPassword1.Value)
}

// PasswordChangeForm gives a user a new password after asking for the old one. Its error codes are
// those of [SetPasswordForm], and password_incorrect at OldPassword.
type PasswordChangeForm struct {
	SetPasswordForm

	OldPassword forms.Field[string]
}

// NewPasswordChangeForm returns the form for a user from the database.
func NewPasswordChangeForm(users *auth.Users, u auth.Account) *PasswordChangeForm {
	f := &PasswordChangeForm{SetPasswordForm: SetPasswordForm{Users: users, user: u}}
	f.prepare()
	f.OldPassword = forms.Field[string]{
		Name: "old_password", Type: forms.Password{},
		Attrs:      forms.Attrs{"autocomplete": "current-password", "autofocus": ""},
		Validators: []func(context.Context, string) error{f.checkOld},
	}
	f.Declare(&f.OldPassword)
	f.Order("old_password", "new_password1", "new_password2")
	return f
}

func (f *PasswordChangeForm) checkOld(ctx context.Context, raw string) error {
	right, err := f.Users.CheckPassword(ctx, f.user, raw)
	if err != nil {
		return err
	}
	if !right {
		return &forms.Error{Code: "password_incorrect", Message: "This is not your present password. Please enter it again."}
	}
	return nil
}
