package authforms_test

import (
	"context"
	"fmt"
	"net/url"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/core/forms"
)

// bindable is a form that can be given what was posted; in a view forms.Accept does that.
type bindable interface {
	forms.Interface
	Bind(forms.Data)
}

func submit(f bindable, pairs ...string) bool {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	f.Bind(forms.Data{Values: values})
	ok, err := forms.Validate(context.Background(), f)
	if err != nil {
		fmt.Println(err)
	}
	return ok
}

// Three forms set a password: for whoever comes from a reset link, for whoever knows the old one, and
// for an administrator.
func ExampleNewSetPasswordForm() {
	a, remove, err := exampleAuth()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer remove()
	ctx, users := context.Background(), a.Users()
	ada, err := users.Create(ctx, "ada", "", "countess-of-code", nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	set := authforms.NewSetPasswordForm(users, ada)
	fmt.Println(submit(set, "new_password1", "a-new-engine", "new_password2", "a-new-engine"), set.Save(ctx))

	change := authforms.NewPasswordChangeForm(users, ada)
	fmt.Println(submit(change, "old_password", "countess-of-code", "new_password1", "another-engine", "new_password2", "another-engine"))
	fmt.Println(change.OldPassword.Errors())

	admin := authforms.NewAdminPasswordChangeForm(users, ada)
	fmt.Println(submit(admin, "password1", "the-last-engine", "password2", "the-last-engine"), admin.Save(ctx))

	fmt.Println(users.CheckPassword(ctx, ada, "the-last-engine"))
	// Output:
	// true <nil>
	// false
	// This is not your present password. Please enter it again.
	// true <nil>
	// true <nil>
}

// The forms that make users differ in what they ask: case counts for the first, and the second can
// do without a password.
func ExampleNewBaseUserCreationForm() {
	a, remove, err := exampleAuth()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer remove()
	ctx, users := context.Background(), a.Users()
	for _, name := range []string{"ada", "Ada"} {
		f := authforms.NewBaseUserCreationForm(users)
		fmt.Println(submit(f, "username", name, "password1", "countess-of-code", "password2", "countess-of-code"))
		fmt.Println(f.Save(ctx))
	}
	f := authforms.NewAdminUserCreationForm(users)
	fmt.Println(submit(f, "username", "robot", "usable_password", "false"), f.WantsPassword())
	robot, err := f.Save(ctx)
	fmt.Println(users.HasUsablePassword(robot), err)
	// Output:
	// true
	// ada <nil>
	// true
	// Ada <nil>
	// true false
	// false <nil>
}

// A page on which users change what is known of them shows how the password is stored, and takes
// nothing that is posted for it.
func ExampleNewUserChangeForm() {
	a, remove, err := exampleAuth()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer remove()
	ctx, users := context.Background(), a.Users()
	ada, err := users.Create(ctx, "ada", "", "countess-of-code", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	stored := ada.(*auth.User).Password
	f := authforms.NewUserChangeForm(users, ada, "/password/")
	fmt.Println(submit(f, "username", "ada", "first_name", "Ada", "password", "md5$x$forged"), f.Save(ctx))
	fmt.Println(ada.(*auth.User).FirstName, ada.(*auth.User).Password == stored)

	field := authforms.PasswordHashField(users, stored, "") // for a form of your own
	fmt.Println(field.Name, field.Disabled)
	// Output:
	// true <nil>
	// Ada true
	// password true
}

// The form answers the same for every address; here it does not send, it says what it would send.
func ExampleNewPasswordResetForm() {
	a, remove, err := exampleAuth()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer remove()
	ctx := context.Background()
	if _, err := a.Users().Create(ctx, "ada", "Ada@example.org", "countess-of-code", nil); err != nil {
		fmt.Println(err)
		return
	}
	for _, typed := range []string{"ada@EXAMPLE.org", "nobody@example.org"} {
		f := authforms.NewPasswordResetForm(a)
		f.SendMail = func(_ context.Context, m authforms.ResetMail) error {
			fmt.Println("to", m.To, m.Context["uid"], len(m.Context["token"].(string)))
			return nil
		}
		fmt.Println(submit(f, "email", typed), f.Save(ctx, authforms.ResetOptions{Domain: "example.org", HTTPS: true}))
	}
	// Output:
	// to Ada@example.org MQ 39
	// true <nil>
	// true <nil>
}
