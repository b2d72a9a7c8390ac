package password_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing/fstest"

	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/forms"
)

func ExampleValidate() {
	about := []password.Attribute{{Name: "username", Label: "user name", Value: "lennon"}}
	err := password.Validate(context.Background(), password.Default(), "Lennon", about)
	var problems forms.Errors
	if errors.As(err, &problems) {
		for _, p := range problems {
			fmt.Println(p.Code, "-", p.Message)
		}
	}
	// Output:
	// password_too_similar - This password is too much like the user name.
	// password_too_short - This password is too short: it needs at least 8 characters.
	// password_too_common - Too many people use this password.
}

func ExampleHelpHTML() {
	policy := []password.Validator{password.MinimumLength{Min: 12}, password.Numeric{}}
	fmt.Println(password.HelpHTML(policy))
	// Output: <ul><li>The password needs at least 12 characters.</li><li>The password must not consist of digits only.</li></ul>
}

func ExampleHelpTexts() {
	for _, text := range password.HelpTexts(password.Default()) {
		fmt.Println(text)
	}
	// Output:
	// The password must not be like the user name, the e-mail address or other personal details.
	// The password needs at least 8 characters.
	// The password must not be one that many people use.
	// The password must not consist of digits only.
}

func ExampleCheck() {
	policy := []password.Validator{password.CommonPassword{List: password.ListFS(os.DirFS("/nowhere"), "own.txt")}}
	fmt.Println(password.Check(policy) == nil)
	// Output: false
}

func ExampleListFS() {
	house := fstest.MapFS{"own.txt": {Data: []byte("belleville\nrendez-vous\n")}}
	policy := []password.Validator{
		password.CommonPassword{},
		password.CommonPassword{List: password.ListFS(house, "own.txt")},
	}
	fmt.Println(password.Validate(context.Background(), policy, "Belleville", nil))
	// Output: Too many people use this password.
}

func ExampleListOf() {
	v := password.CommonPassword{List: password.ListOf("belleville", "rendez-vous")}
	fmt.Println(v.Validate(context.Background(), "rendez-vous", nil))
	// Output: Too many people use this password.
}

func ExampleReword() {
	v := password.Reword{
		Validator: password.MinimumLength{Min: 10},
		Message: func(_ context.Context, e *forms.Error) string {
			return fmt.Sprintf("Mindestens %d Zeichen, bitte.", e.Params["min_length"])
		},
		Help: "Mindestens 10 Zeichen.",
	}
	fmt.Println(v.Validate(context.Background(), "kurz", nil))
	// Output: Mindestens 10 Zeichen, bitte.
}

func ExampleFromSettings() {
	var settings []password.Setting // what a running Django prints with json.dumps(settings.AUTH_PASSWORD_VALIDATORS)
	_ = json.Unmarshal([]byte(`[{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 9}}]`), &settings)
	policy, err := password.FromSettings(settings, nil)
	fmt.Println(strings.Join(password.HelpTexts(policy), " "), err)
	// Output: The password needs at least 9 characters. <nil>
}

// used is a validator that refuses passwords which were set before.
type used map[string]bool

func (u used) Validate(_ context.Context, raw string, _ []password.Attribute) error {
	if !u[raw] {
		return nil
	}
	return &forms.Error{Code: "password_used", Message: "You have used this password before."}
}

func (u used) HelpText() string { return "The password must be a new one." }

func (u used) PasswordChanged(_ context.Context, raw string, _ []password.Attribute) error {
	u[raw] = true // a real one keeps a slow hash
	return nil
}

func ExampleChanged() {
	ctx, policy := context.Background(), []password.Validator{used{}}
	fmt.Println(password.Validate(ctx, policy, "wine and cheese", nil))
	_ = password.Changed(ctx, policy, "wine and cheese", nil)
	fmt.Println(password.Validate(ctx, policy, "wine and cheese", nil))
	// Output:
	// <nil>
	// You have used this password before.
}
