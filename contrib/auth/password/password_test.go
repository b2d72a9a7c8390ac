package password_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// codes returns the codes of a refusal and fails the test for an error that is none.
func codes(t *testing.T, err error) []string {
	t.Helper()
	var list []string
	for _, e := range refusals(t, err) {
		list = append(list, e.Code)
	}
	return list
}

func refusals(t *testing.T, err error) forms.Errors {
	t.Helper()
	var many forms.Errors
	var one *forms.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &many):
		return many
	case errors.As(err, &one):
		return forms.Errors{one}
	}
	t.Fatalf("error is a %T, want forms.Errors: %v", err, err)
	return nil
}

func messages(t *testing.T, err error) []string {
	t.Helper()
	var list []string
	for _, e := range refusals(t, err) {
		list = append(list, e.Message)
	}
	return list
}

// djangoUser is what Django's user model tells of a user.
func djangoUser(username, email, first, last string) []password.Attribute {
	return []password.Attribute{
		{Name: "username", Label: "username", Value: username},
		{Name: "email", Label: "email address", Value: email},
		{Name: "first_name", Label: "first name", Value: first},
		{Name: "last_name", Label: "last name", Value: last},
	}
}

func TestDefaultVectors(t *testing.T) {
	t.Parallel()
	type row struct {
		Password string
		User     *struct {
			Username, Email string
			First           string `json:"first_name"`
			Last            string `json:"last_name"`
		}
		Errors []struct{ Code, Message string }
	}
	for _, r := range djangovectors.Section[row](t, "password_validators") {
		var about []password.Attribute
		if u := r.User; u != nil {
			about = djangoUser(u.Username, u.Email, u.First, u.Last)
		}
		var want []string
		for _, e := range r.Errors {
			want = append(want, e.Code)
		}
		err := password.Validate(t.Context(), password.Default(), r.Password, about)
		if got := codes(t, err); !slices.Equal(got, want) {
			t.Errorf("%q for %v: codes %q, want %q", r.Password, about, got, want)
		}
		for i, e := range refusals(t, err) {
			label, ok := e.Params["verbose_name"].(string)
			if ok && !strings.Contains(r.Errors[i].Message, "to the "+label+".") {
				t.Errorf("%q for %v: label %q, want the one of %q", r.Password, about, label, r.Errors[i].Message)
			}
		}
	}
}

func TestValidateEmptyList(t *testing.T) {
	t.Parallel()
	if err := password.Validate(t.Context(), nil, "", nil); err != nil {
		t.Errorf("Validate with an empty list = %v, want nil", err)
	}
}

// answer is a validator that returns the same error for every password.
type answer struct{ err error }

func (a answer) Validate(context.Context, string, []password.Attribute) error { return a.err }
func (a answer) HelpText() string                                             { return "<b>" }

func TestValidateKindsOfError(t *testing.T) {
	t.Parallel()
	failure := errors.New("list server is away")
	one := &forms.Error{Code: "one", Message: "One."}
	two := forms.Errors{{Code: "two", Message: "Two."}, {Code: "three", Message: "Three."}}
	tests := []struct {
		name string
		errs []error
		want []string // nil means that the password was not judged
	}{
		{"none", []error{nil, nil}, []string{}},
		{"one and many", []error{one, nil, two}, []string{"one", "two", "three"}},
		{"failure", []error{failure}, nil},
		{"failure after a refusal", []error{one, failure}, nil},
		{"failure before a refusal", []error{failure, one}, nil},
		{"nil pointer in an interface", []error{(*forms.Error)(nil)}, nil},
		{"empty list in an interface", []error{forms.Errors{}}, nil},
		{"list with nil", []error{forms.Errors{nil}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var list []password.Validator
			for _, err := range tt.errs {
				list = append(list, answer{err})
			}
			err := password.Validate(t.Context(), list, "raw secret", nil)
			if tt.want != nil {
				if got := codes(t, err); !slices.Equal(got, tt.want) {
					t.Errorf("codes %q, want %q", got, tt.want)
				}
				return
			}
			var es forms.Errors
			if err == nil || errors.As(err, &es) && len(es) > 0 {
				t.Fatalf("error %v, want one that is no refusal", err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("error %q shows the password", err)
			}
			if slices.Contains(tt.errs, error(failure)) && !errors.Is(err, failure) {
				t.Errorf("error %v does not wrap the failure", err)
			}
		})
	}
}

// hook notes what it is told.
type hook struct {
	answer
	told *[]string
	err  error
}

func (h hook) PasswordChanged(_ context.Context, raw string, about []password.Attribute) error {
	*h.told = append(*h.told, raw, about[0].Value)
	return h.err
}

func TestChangedTellsAll(t *testing.T) {
	t.Parallel()
	failure := errors.New("disk full")
	var told []string
	list := []password.Validator{hook{told: &told, err: failure}, password.Numeric{}, hook{told: &told}}
	err := password.Changed(t.Context(), list, "raw", []password.Attribute{{Name: "username", Value: "john"}})
	if !errors.Is(err, failure) {
		t.Errorf("Changed = %v, want an error that wraps %v", err, failure)
	}
	if want := []string{"raw", "john", "raw", "john"}; !slices.Equal(told, want) {
		t.Errorf("hooks were told %q, want %q", told, want)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if err := password.Check(password.Default()); err != nil {
		t.Errorf("Check(Default()) = %v, want nil", err)
	}
	err := password.Check([]password.Validator{
		password.MinimumLength{Min: -1},
		nil,
		password.Reword{Validator: password.UserAttributeSimilarity{MaxSimilarity: 1.5}},
		password.Reword{},
		password.CommonPassword{List: password.ListOf(" ")},
	})
	if err == nil {
		t.Fatal("Check of five wrong settings = nil")
	}
	for _, want := range []string{"Min is -1", "validator 2 of the list is nil", "MaxSimilarity is 1.5", "validator 1 of the list is nil", "is empty"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Check = %q, want %q in it", err, want)
		}
	}
}

func TestMinimumLength(t *testing.T) {
	t.Parallel()
	tests := []struct {
		min  int
		raw  string
		want []string
	}{
		{0, "1234567", []string{"password_too_short"}},
		{0, "12345678", nil},
		{0, "éééé", []string{"password_too_short"}}, // 8 bytes
		{0, "éééééééé", nil},
		{1, "", []string{"password_too_short"}},
		{12, "12345678901", []string{"password_too_short"}},
	}
	for _, tt := range tests {
		got := codes(t, password.MinimumLength{Min: tt.min}.Validate(t.Context(), tt.raw, nil))
		if !slices.Equal(got, tt.want) {
			t.Errorf("MinimumLength{%d}.Validate(%q): codes %q, want %q", tt.min, tt.raw, got, tt.want)
		}
	}
}

func TestNumeric(t *testing.T) {
	t.Parallel()
	for raw, refused := range map[string]bool{
		"":          false,
		"42424242":  true,
		"٣٤٥٦":      true,
		"²³²³":      true,
		"①②③":       true,
		"½½½½":      false, // a number, no digit
		"ⅧⅧ":        false,
		"4242 4242": false,
		"-42424242": false,
		"4242\n":    false,
		"42\xff":    false,
	} {
		if got := (password.Numeric{}).Validate(t.Context(), raw, nil) != nil; got != refused {
			t.Errorf("Numeric.Validate(%q): refused %v, want %v", raw, got, refused)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	list := password.Default()
	about := djangoUser("testclient", "testclient@example.com", "Test", "Client")
	if err := password.Check(list); err != nil {
		b.Fatal(err)
	}
	for name, raw := range map[string]string{
		"good":     "correct horse battery staple",
		"bad":      "testclient1",
		"megabyte": strings.Repeat("correct horse ", 1<<20/14),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = password.Validate(context.Background(), list, raw, about)
			}
		})
	}
}
