package forms_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/forms"
)

// signup has two passwords that must be the same.
type signup struct {
	forms.Form
	Name      forms.Field[string]
	Password1 forms.Field[string]
	Password2 forms.Field[string]
	cleaned   []string
}

func newSignup() *signup {
	f := &signup{
		Name:      forms.Field[string]{Name: "name", Type: forms.Char{MaxLength: 10}},
		Password1: forms.Field[string]{Name: "password1", Type: forms.Password{}},
		Password2: forms.Field[string]{Name: "password2", Type: forms.Password{}},
	}
	f.Declare(&f.Name, &f.Password1, &f.Password2)
	return f
}

func (f *signup) Clean(context.Context) error {
	f.cleaned = append(f.cleaned, "signup")
	if f.Password1.Valid() && f.Password2.Valid() && f.Password1.Value != f.Password2.Value {
		f.Password2.AddError(&forms.Error{Code: "password_mismatch", Message: "Not the same."})
	}
	return nil
}

// strictSignup takes signup's fields and check over and adds to both.
type strictSignup struct {
	*signup
	Email forms.Field[string]
}

func newStrictSignup() *strictSignup {
	f := &strictSignup{signup: newSignup(), Email: forms.Field[string]{Name: "email", Type: forms.Email{}}}
	f.Declare(&f.Email)
	f.Order("email", "nobody", "name")
	f.Name.Label = "Nickname"
	f.Remove("password2", "nobody")
	return f
}

func (f *strictSignup) Clean(ctx context.Context) error {
	if err := f.signup.Clean(ctx); err != nil {
		return err
	}
	f.cleaned = append(f.cleaned, "strict")
	if strings.HasPrefix(f.Name.Value, "b") {
		return forms.Errors{{Code: "no_b", Message: "No names with b."}, {Code: "sorry", Message: "Sorry."}}
	}
	return nil
}

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// validate binds the values and fails the test when something fails.
func validate(t *testing.T, f interface {
	forms.Interface
	Bind(forms.Data)
}, v url.Values) bool {
	t.Helper()
	f.Bind(forms.Data{Values: v})
	ok, err := forms.Validate(t.Context(), f)
	if err != nil {
		t.Fatalf("Validate: %v", err)
	}
	return ok
}

// codes prints the codes of all errors: "name:required password2:password_mismatch".
func codes(all map[string]forms.Errors, names ...string) string {
	var list []string
	for _, name := range names {
		for _, e := range all[name] {
			list = append(list, name+":"+e.Code)
		}
	}
	return strings.Join(list, " ")
}

func TestFormClean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		v    url.Values
		want string
	}{
		{"all well", values("name", "ada", "password1", "x", "password2", "x"), ""},
		{"field error of Clean", values("name", "ada", "password1", "x", "password2", "y"), "password2:password_mismatch"},
		{"Clean also runs after a field was refused", values("password1", "x", "password2", "y"), "name:required password2:password_mismatch"},
		{"refused fields have no value", values("name", "longer than ten", "password1", "x"), "name:max_length password2:required"},
		{"empty", values(), "name:required password1:required password2:required"},
	} {
		f := newSignup()
		ok := validate(t, f, c.v)
		if got := codes(f.Errors(), "", "name", "password1", "password2"); got != c.want || ok != (c.want == "") {
			t.Errorf("%s: got %v, %q; want %q", c.name, ok, got, c.want)
		}
		if !f.Name.Valid() && f.Name.Value != "" || !f.Password2.Valid() && f.Password2.Value != "" {
			t.Errorf("%s: a refused field kept its value", c.name)
		}
		if fmt.Sprint(f.cleaned) != "[signup]" {
			t.Errorf("%s: Clean ran %v", c.name, f.cleaned)
		}
	}
}

func TestEmbeddedForm(t *testing.T) {
	t.Parallel()
	f := newStrictSignup()
	if validate(t, f, values("name", "bob", "password1", "x", "email", "b@example.com")) {
		t.Error("valid, want the outer Clean to refuse bob")
	}
	if got, want := codes(f.Errors(), "", "name"), ":no_b :sorry"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := fmt.Sprint(f.cleaned); got != "[signup strict]" {
		t.Errorf("Clean ran %v, want the inner one, then the outer", got)
	}
	var names []string
	for _, b := range f.Fields() {
		names = append(names, b.Name()+"="+b.Label())
	}
	if got, want := strings.Join(names, " "), "email=Email name=Nickname password1=Password1"; got != want {
		t.Errorf("fields are %q, want %q", got, want)
	}
}

func TestDeclareReplaces(t *testing.T) {
	t.Parallel()
	f := newSignup()
	other := forms.Field[int64]{Name: "name"}
	f.Declare(&other)
	if ok := validate(t, f, values("name", "7", "password1", "x", "password2", "x")); !ok || other.Value != 7 {
		t.Errorf("got %v, %d; want the new field in the old one's place", ok, other.Value)
	}
	if n := len(f.Fields()); n != 3 || f.Fields()[0].Name() != "name" {
		t.Errorf("got %d fields, want 3 with name first", n)
	}
}

func TestFailuresAreNotErrors(t *testing.T) {
	t.Parallel()
	gone := errors.New("database gone")
	f := newSignup()
	f.Name.Validators = append(f.Name.Validators, func(context.Context, string) error { return gone })
	f.Bind(forms.Data{Values: values("name", "ada", "password1", "x", "password2", "x")})
	ok, err := forms.Validate(t.Context(), f)
	if ok || !errors.Is(err, gone) || !strings.Contains(err.Error(), "field name") {
		t.Errorf("got %v, %v; want the failure, with the field's name", ok, err)
	}
	g := &failing{err: gone}
	g.Bind(forms.Data{})
	if ok, err := forms.Validate(t.Context(), g); ok || !errors.Is(err, gone) {
		t.Errorf("got %v, %v; want Clean's failure", ok, err)
	}
	g.err = fmt.Errorf("wrapped: %w", &forms.Error{Code: "c"})
	if ok, err := forms.Validate(t.Context(), g); ok || err != nil || !g.NonFieldErrors().Has("c") {
		t.Errorf("got %v, %v, %v; want the error inside", ok, err, g.NonFieldErrors())
	}
}

type failing struct {
	forms.Form
	err error
}

func (f *failing) Clean(context.Context) error { return f.err }

func TestUnboundIsNotValid(t *testing.T) {
	t.Parallel()
	f := &failing{}
	ok, err := forms.Validate(t.Context(), f)
	if ok || err != nil || f.IsBound() || f.HasErrors() {
		t.Errorf("got %v, %v, bound %v, errors %v; want an untouched form", ok, err, f.IsBound(), f.HasErrors())
	}
	if ok := validate(t, f, nil); !ok {
		t.Error("a bound form without fields is not valid")
	}
}

func TestValidateAgainForgets(t *testing.T) {
	t.Parallel()
	f := newSignup()
	validate(t, f, values())
	f.AddError(&forms.Error{Code: "old"})
	if ok := validate(t, f, values("name", "ada", "password1", "x", "password2", "x")); !ok || f.HasErrors() {
		t.Errorf("got %v, %v; want no errors of the first time", ok, f.Errors())
	}
}

func TestValidatorsAndMessages(t *testing.T) {
	t.Parallel()
	f := newSignup()
	refuse := func(code string) func(context.Context, string) error {
		return func(context.Context, string) error {
			return &forms.Error{Code: code, Message: "usual", Params: map[string]any{"n": 3}}
		}
	}
	f.Name.Validators = []func(context.Context, string) error{refuse("a"), refuse("b"), func(context.Context, string) error { return nil }}
	f.Name.Messages = map[string]string{"a": "own {n}", "required": "Who are you?"}
	validate(t, f, values("name", "x"))
	if got, want := f.Name.Errors().Error(), "own 3\nusual"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	validate(t, f, values())
	if got, want := f.Name.Errors().Error(), "Who are you?"; got != want {
		t.Errorf("got %q, want %q: validators do not see an empty value", got, want)
	}
}

func TestDisabledField(t *testing.T) {
	t.Parallel()
	f := newSignup()
	f.Name.Disabled, f.Name.Initial = true, new("ada")
	if !validate(t, f, values("name", "mallory", "password1", "x", "password2", "x")) || f.Name.Value != "ada" {
		t.Errorf("got %q, want the initial value", f.Name.Value)
	}
	b, _ := f.Field("name")
	if got := string(b.Input()); !strings.Contains(got, `value="ada"`) || !strings.Contains(got, " disabled") {
		t.Errorf("got %s, want the initial value, disabled", got)
	}
}

func TestPrefix(t *testing.T) {
	t.Parallel()
	f := newSignup()
	f.Prefix = "b"
	if !validate(t, f, values("b-name", "ada", "b-password1", "x", "b-password2", "x", "name", "eve")) || f.Name.Value != "ada" {
		t.Errorf("got %q, want the value under the prefix", f.Name.Value)
	}
	b, _ := f.Field("name")
	if got, want := string(b.LabelTag()), `<label for="id_b-name">Name</label>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTypelessField(t *testing.T) {
	t.Parallel()
	var f struct{ forms.Form }
	odd := forms.Field[float64]{Name: "odd"}
	f.Declare(&odd)
	defer func() {
		if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), `"odd"`) {
			t.Errorf("got %v, want a panic that names the field", p)
		}
	}()
	f.Bind(forms.Data{})
	_, _ = forms.Validate(t.Context(), &f)
}

func TestAcceptMethods(t *testing.T) {
	t.Parallel()
	for method, posted := range map[string]bool{"GET": false, "HEAD": false, "DELETE": false, "POST": true, "PUT": true, "PATCH": true} {
		f := newSignup()
		r := httptest.NewRequest(method, "/?name=query", strings.NewReader("name=body&password1=x&password2=x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		ok, err := forms.Accept(r, f)
		if ok != posted || err != nil || f.IsBound() != posted {
			t.Errorf("%s: got %v, %v, bound %v; want %v", method, ok, err, f.IsBound(), posted)
		}
		if posted && f.Name.Value != "body" {
			t.Errorf("%s: got %q, want what is in the body", method, f.Name.Value)
		}
	}
}
