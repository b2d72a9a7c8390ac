package password_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/forms"
)

func TestReword(t *testing.T) {
	t.Parallel()
	original := forms.Errors{{Code: "a", Message: "A."}, {Code: "b", Message: "B.", Params: map[string]any{"n": 1}}}
	type key struct{}
	v := password.Reword{Validator: answer{original}, Help: "Help.", Message: func(ctx context.Context, e *forms.Error) string {
		if e.Code == "a" {
			return ""
		}
		return ctx.Value(key{}).(string)
	}}
	err := v.Validate(context.WithValue(t.Context(), key{}, "Bä."), "raw", nil)
	if got, want := messages(t, err), []string{"A.", "Bä."}; !slices.Equal(got, want) {
		t.Errorf("messages %q, want %q", got, want)
	}
	if got := refusals(t, err)[1]; got.Code != "b" || got.Params["n"] != 1 {
		t.Errorf("reworded error %+v, want code b with its parameters", got)
	}
	if original[1].Message != "B." {
		t.Errorf("the original message became %q", original[1].Message)
	}
	if got := v.HelpText(); got != "Help." {
		t.Errorf("HelpText() = %q, want %q", got, "Help.")
	}
	if got := (password.Reword{Validator: answer{}}).HelpText(); got != "<b>" {
		t.Errorf("HelpText() without Help = %q, want the original", got)
	}
}

func TestRewordPassesOn(t *testing.T) {
	t.Parallel()
	failure := errors.New("away")
	say := func(context.Context, *forms.Error) string { return "never" }
	if err := (password.Reword{Validator: answer{failure}, Message: say}).Validate(t.Context(), "", nil); !errors.Is(err, failure) {
		t.Errorf("Validate = %v, want the failure", err)
	}
	if err := (password.Reword{Validator: answer{forms.Errors{}}, Message: say}).Validate(t.Context(), "", nil); err == nil {
		t.Error("Validate of a refusal without a reason = nil, want an error")
	}
	if err := (password.Reword{Validator: answer{}, Message: say}).Validate(t.Context(), "", nil); err != nil {
		t.Errorf("Validate = %v, want nil", err)
	}
	var told []string
	list := []password.Validator{
		password.Reword{Validator: hook{told: &told, err: failure}},
		password.Reword{Validator: password.Numeric{}},
	}
	if err := password.Changed(t.Context(), list, "raw", testclient()); !errors.Is(err, failure) || len(told) != 2 {
		t.Errorf("Changed = %v after telling %q; want the failure, and the hook told", err, told)
	}
}
