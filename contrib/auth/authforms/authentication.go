package authforms

import (
	"context"
	"net/http"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/names"
	"github.com/go-belleville/belleville/core/forms"
)

// AuthenticationForm asks for a name and a password and finds out whose they are. Its error codes
// are invalid_login, which is the same for unknown names, wrong passwords and users who are not
// active, and inactive, for the last of these where a backend lets them through.
type AuthenticationForm struct {
	forms.Form

	Username forms.Field[string]
	Password forms.Field[string]

	// The constructor sets these to what Django does. A form of your own may replace them, and
	// call what stood there.

	// ConfirmLoginAllowed refuses users, who have proved who they are, by a [*forms.Error]; any
	// other error means that it could not find out. It refuses users who are not active.
	ConfirmLoginAllowed func(ctx context.Context, u auth.Account) error
	// Credentials makes what the backends are asked about: [auth.PasswordCredentials].
	Credentials func(username, password string) auth.Credentials
	// InvalidLogin makes the error for credentials that nobody knows.
	InvalidLogin func() *forms.Error

	auth    *auth.Auth
	request *http.Request
	user    auth.Account
}

// defaultUsernameLength is the longest name taken where the column has no limit, in characters.
const defaultUsernameLength = 254

// NewAuthenticationForm returns the form for one request, which is handed to the backends and may
// be nil.
func NewAuthenticationForm(a *auth.Auth, r *http.Request) *AuthenticationForm {
	length := a.Users().MaxLength(a.Users().UsernameField())
	if length == 0 {
		length = defaultUsernameLength
	}
	f := &AuthenticationForm{
		Username: forms.Field[string]{
			Name: "username", Label: upperFirst(a.Users().UsernameLabel()),
			Type:  forms.Char{MaxLength: length, Normalize: names.NormalizeUsername},
			Attrs: forms.Attrs{"autocomplete": "username", "autocapitalize": "none", "autofocus": ""},
		},
		Password: forms.Field[string]{
			Name: "password", Type: forms.Password{},
			Attrs: forms.Attrs{"autocomplete": "current-password"},
		},
		auth:    a,
		request: r,
	}
	f.ConfirmLoginAllowed, f.InvalidLogin = f.refuseInactive, f.invalidLogin
	f.Credentials = func(username, password string) auth.Credentials {
		return auth.PasswordCredentials{Username: username, Password: password}
	}
	f.Declare(&f.Username, &f.Password)
	return f
}

// Clean asks the backends. It does nothing when one of the fields is missing.
func (f *AuthenticationForm) Clean(ctx context.Context) error {
	f.user = nil
	if !f.Username.Valid() || !f.Password.Valid() {
		return nil
	}
	u, err := f.auth.Authenticate(ctx, f.request, f.Credentials(f.Username.Value, f.Password.Value))
	if err != nil {
		return err
	}
	if u == nil {
		return f.InvalidLogin()
	}
	if err := f.ConfirmLoginAllowed(ctx, u); err != nil {
		return err
	}
	f.user = u
	return nil
}

func (f *AuthenticationForm) invalidLogin() *forms.Error {
	label := f.auth.Users().UsernameLabel()
	return &forms.Error{
		Code:    "invalid_login",
		Message: "This " + label + " and this password do not belong together. Please try again; capital and small letters may count.",
		Params:  map[string]any{"username": label},
	}
}

func (f *AuthenticationForm) refuseInactive(_ context.Context, u auth.Account) error {
	if f.auth.Users().IsActive(u) {
		return nil
	}
	return &forms.Error{Code: "inactive", Message: "This account has been switched off."}
}

// Request returns the request that the form was made for, or nil.
func (f *AuthenticationForm) Request() *http.Request { return f.request }

// User returns whose name and password they are, nil unless the form is valid.
func (f *AuthenticationForm) User() auth.Account { return f.user }
