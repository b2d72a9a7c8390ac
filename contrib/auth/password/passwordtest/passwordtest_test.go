package passwordtest_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/contrib/auth/password/passwordtest"
	"github.com/go-belleville/belleville/core/forms"
)

func TestOwnValidators(t *testing.T) {
	t.Parallel()
	list := func(v ...string) []string { return v }
	about := []password.Attribute{{Name: "username", Label: "user name", Value: "testclient"}}
	shout := func(_ context.Context, e *forms.Error) string { return strings.ToUpper(e.Message) }

	passwordtest.TestValidator(t, password.MinimumLength{}, list("12345678"), list("1234567", "ééééééé"))
	passwordtest.TestValidator(t, password.Numeric{}, list("a-safe-password", ""), list("42424242", "²³²³"))
	passwordtest.TestValidator(t, password.CommonPassword{}, list("a-safe-password"), list("password", " GODZILLA "))
	passwordtest.TestValidator(t, password.CommonPassword{List: password.ListOf("house")}, list("password"), list("house"))
	passwordtest.TestValidator(t, password.Reword{Validator: password.Numeric{}, Message: shout}, list("x"), list("42424242"))
	passwordtest.TestValidatorAbout(t, password.UserAttributeSimilarity{}, about, list("a-safe-password"), list("testclient1"))
}

// broken is a validator of which each test breaks one part.
type broken struct {
	validate func(ctx context.Context, raw string, about []password.Attribute) error
	help     string
	check    error
	changed  error
}

func (b broken) Validate(ctx context.Context, raw string, about []password.Attribute) error {
	return b.validate(ctx, raw, about)
}
func (b broken) HelpText() string { return b.help }
func (b broken) Check() error     { return b.check }
func (b broken) PasswordChanged(context.Context, string, []password.Attribute) error {
	return b.changed
}

func TestProblemsAreFound(t *testing.T) {
	t.Parallel()
	refuse := func(raw string, err error) error {
		if raw == "bad 1" {
			return err
		}
		return nil
	}
	fine := func(_ context.Context, raw string, _ []password.Attribute) error {
		return refuse(raw, &forms.Error{Code: "bad", Message: "Bad."})
	}
	returns := func(err error) broken {
		return broken{help: "Help.", validate: func(_ context.Context, raw string, _ []password.Attribute) error { return refuse(raw, err) }}
	}
	var calls atomic.Int64
	tests := []struct {
		name string
		v    broken
		want string // "" means no problem
	}{
		{"fine", broken{validate: fine, help: "Help."}, ""},
		{"help", broken{validate: fine}, "HelpText()"},
		{"check", broken{validate: fine, help: "Help.", check: errors.New("no file")}, "Check() = no file"},
		{"hook", broken{validate: fine, help: "Help.", changed: errors.New("disk full")}, "disk full"},
		{"accepts all", returns(nil), "want a refusal"},
		{"plain error", returns(errors.New("bad")), "*errors.errorString"},
		{"empty list", returns(forms.Errors{}), "forms.Errors with at least one"},
		{"nil pointer", returns((*forms.Error)(nil)), "want a *forms.Error"},
		{"no code", returns(&forms.Error{Message: "Bad."}), `code ""`},
		{"no message", returns(&forms.Error{Code: "bad"}), `message ""`},
		{"shows the password", returns(forms.Errors{{Code: "bad", Message: "No bad 1 here."}}), "shows the password"},
		{"refuses all", broken{help: "Help.", validate: func(context.Context, string, []password.Attribute) error {
			return &forms.Error{Code: "bad", Message: "Bad."}
		}}, "it is a good password"},
		{"panics", broken{help: "Help.", validate: func(_ context.Context, raw string, about []password.Attribute) error {
			_ = raw[0]
			return fine(t.Context(), raw, about)
		}}, "panic"},
		{"changes what is known", broken{help: "Help.", validate: func(_ context.Context, raw string, about []password.Attribute) error {
			if len(about) > 0 && raw == "bad 1" && calls.Add(1) == 1 {
				about[0].Value = ""
			}
			return fine(t.Context(), raw, nil)
		}}, "changed what is known"},
		{"forgets", broken{help: "Help.", validate: func(_ context.Context, raw string, _ []password.Attribute) error {
			if raw == "good" && calls.Add(1)%3 == 0 {
				return &forms.Error{Code: "bad", Message: "Bad."}
			}
			return fine(t.Context(), raw, nil)
		}}, "different answers"},
		{"panics when late", broken{help: "Help.", validate: func(ctx context.Context, raw string, _ []password.Attribute) error {
			if err := ctx.Err(); err != nil {
				panic(err)
			}
			return fine(t.Context(), raw, nil)
		}}, "context that has ended"},
	}
	for _, tt := range tests { // one after the other: they share a counter
		calls.Store(0)
		about := []password.Attribute{{Name: "username", Value: "john"}}
		found := strings.Join(passwordtest.Problems(t.Context(), tt.v, about, []string{"good"}, []string{"bad 1"}), "\n")
		if tt.want == "" && found != "" || !strings.Contains(found, tt.want) {
			t.Errorf("%s: problems %q, want %q", tt.name, found, tt.want)
		}
	}
	if found := passwordtest.Problems(t.Context(), tests[0].v, nil, nil, []string{"bad 1"}); len(found) != 1 {
		t.Errorf("without a good password: problems %q, want one", found)
	}
}
