package authforms_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/signing"
)

// exampleAuth returns the auth service of a project on a database of its own.
func exampleAuth() (a *auth.Auth, remove func(), err error) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		return nil, nil, err
	}
	s := core.Settings{Keys: signing.Keys{"a long random text"}}
	if s.DB, err = core.OpenDB("sqlite:" + filepath.Join(dir, "db.sqlite3")); err != nil {
		return nil, nil, err
	}
	a = auth.New(auth.Config{
		Users:    auth.NewUsers(s.DB, (*auth.User)(nil)),
		Sessions: sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)}),
		Types:    contenttypes.New(s.DB),
		Hashers:  hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}}), // for examples only
	})
	p, err := core.New(s, a.Config().Types.App(), a.Config().Sessions.App(), a.App())
	if err != nil {
		return nil, nil, err
	}
	remove = func() {
		s.DB.Close()
		os.RemoveAll(dir)
	}
	return a, remove, p.Migrate(context.Background(), core.MigrateOptions{})
}

// signUpForm asks for a first name besides.
type signUpForm struct {
	*authforms.UserCreationForm
	FirstName forms.Field[string]
}

func newSignUpForm(users *auth.Users) *signUpForm {
	f := &signUpForm{
		UserCreationForm: authforms.NewUserCreationForm(users),
		FirstName:        forms.Field[string]{Name: "first_name", Type: forms.Char{MaxLength: 150}},
	}
	f.Declare(&f.FirstName)
	f.Fill = func(u auth.Account) error { return users.SetText(u, "first_name", f.FirstName.Value) }
	return f
}

func ExampleUserCreationForm() {
	a, remove, err := exampleAuth()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer remove()
	ctx := context.Background()

	for _, raw := range []string{"rosalind", "a helix and a half"} {
		f := newSignUpForm(a.Users())
		// A view calls forms.Accept(r, f) instead of the next two lines.
		f.Bind(forms.Data{Values: url.Values{"username": {"roz"}, "first_name": {"Rosalind"}, "password1": {raw}, "password2": {raw}}})
		ok, err := forms.Validate(ctx, f)
		if err != nil {
			fmt.Println(err)
			return
		}
		if !ok {
			fmt.Println(f.Password2.Errors())
			continue
		}
		u, err := f.Save(ctx)
		fmt.Println(u, u.(*auth.User).FirstName, err)
	}
	// Output:
	// This password is too much like the first name.
	// Too many people use this password.
	// roz Rosalind <nil>
}

func ExampleAuthenticationForm() {
	a, remove, err := exampleAuth()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer remove()
	ctx := context.Background()
	if _, err := a.Users().Create(ctx, "ada", "", "countess-of-code", nil); err != nil {
		fmt.Println(err)
		return
	}
	for _, raw := range []string{"wrong", "countess-of-code"} {
		f := authforms.NewAuthenticationForm(a, nil)
		f.Bind(forms.Data{Values: url.Values{"username": {"ada"}, "password": {raw}}})
		ok, err := forms.Validate(ctx, f)
		fmt.Println(ok, f.User(), f.NonFieldErrors().Has("invalid_login"), err)
	}
	// Output:
	// false <nil> true <nil>
	// true ada false <nil>
}

func ExampleEncodeUID() {
	fmt.Println(authforms.EncodeUID("42"))
	fmt.Println(authforms.DecodeUID("NDI"))
	fmt.Println(authforms.DecodeUID("not one"))
	// Output:
	// NDI
	// 42 true
	//  false
}
