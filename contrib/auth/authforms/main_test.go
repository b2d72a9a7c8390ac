package authforms_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/auth/password"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/core/web"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

// project has the default users, the tables of all other models, and templates for mails.
var project = coretest.New(func(s core.Settings) (*core.Project, error) {
	s.Templates = mailPages
	a := newAuth(s, (*auth.User)(nil))
	routes := func(r *web.Router) {
		r = r.Root()
		nothing := func(http.ResponseWriter, *http.Request) error { return nil }
		r.Get("/reset/{uidb64}/{token}/", "password_reset_confirm", nothing)
	}
	return core.New(s, a.Config().Types.App(), a.Config().Sessions.App(), a.App(),
		core.App{Label: "models", Migrations: tables{}, Routes: routes})
})

var mailPages = fstest.MapFS{
	"registration/password_reset_subject.txt":      {Data: []byte("Custom password reset\n on {{.site_name}}\n")},
	"registration/password_reset_email.html":       {Data: []byte(`{{.protocol}}://{{.domain}}{{url "password_reset_confirm" "uidb64" .uid "token" .token}}` + "\nfor {{.username}} & {{.user}}")},
	"registration/html_password_reset_email.html":  {Data: []byte(`<html><a href="{{.protocol}}://{{.domain}}/reset/{{.uid}}/{{.token}}/">Link</a></html>`)},
	"registration/password_reset_email_broken.txt": {Data: []byte(`{{.user.NoSuchField}}`)},
}

// newAuth returns the service for a model, with hashes that cost nothing and no rules for passwords.
func newAuth(s core.Settings, model auth.Account, change ...func(*auth.Config)) *auth.Auth {
	c := auth.Config{
		Users:      auth.NewUsers(s.DB, model),
		Sessions:   sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)}),
		Types:      contenttypes.New(s.DB),
		Hashers:    hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}}),
		Validators: []password.Validator{},
		Keys:       signing.Keys{coretest.Key},
	}
	for _, f := range change {
		f(&c)
	}
	return auth.New(c)
}

// newAuth2 returns the service with another configuration.
func newAuth2(a *auth.Auth, change ...func(*auth.Config)) *auth.Auth {
	c := a.Config()
	for _, f := range change {
		f(&c)
	}
	return auth.New(c)
}

// otherModel returns the service for another model in the same database.
func otherModel(s *coretest.Site, model auth.Account, change ...func(*auth.Config)) *auth.Auth {
	return newAuth(s.Settings(), model, change...)
}

// people are in the database of every test that asks for them.
func people(t testing.TB, users *auth.Users) {
	t.Helper()
	create(t, users, "testclient", "testclient@example.com", "password", nil)
	create(t, users, "inactive", "", "password", func(u auth.Account) { u.(*auth.User).IsActive = false })
	create(t, users, "staff", "", "password", nil)
	hash := func(h auth.Hash) func(auth.Account) { return func(u auth.Account) { u.(*auth.User).Password = h } }
	createWithout(t, users, "empty_password", hash(""))
	createWithout(t, users, "unmanageable_password", hash("$"))
	createWithout(t, users, "unknown_password", hash("foo$bar"))
	createWithout(t, users, "unusable_password", nil)
}

func create(t testing.TB, users *auth.Users, name, email, raw string, fill func(auth.Account)) auth.Account {
	t.Helper()
	u, err := users.Create(t.Context(), name, email, raw, filler(fill))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func createWithout(t testing.TB, users *auth.Users, name string, fill func(auth.Account)) {
	t.Helper()
	if _, err := users.CreateWithoutPassword(t.Context(), name, "", filler(fill)); err != nil {
		t.Fatal(err)
	}
}

func filler(f func(auth.Account)) func(auth.Account) error {
	return func(u auth.Account) error {
		if f != nil {
			f(u)
		}
		return nil
	}
}

func find(t testing.TB, users *auth.Users, name string) auth.Account {
	t.Helper()
	u, err := users.ByUsername(t.Context(), name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return u
}

func checkPassword(t testing.TB, users *auth.Users, name, raw string, want bool) {
	t.Helper()
	got, err := users.CheckPassword(t.Context(), find(t, users, name), raw)
	if err != nil || got != want {
		t.Errorf("the password of %s is %q: %v, %v; want %v", name, raw, got, err, want)
	}
}

// post binds pairs of a name and a value and reports whether the form is valid.
func post(t testing.TB, f interface {
	forms.Interface
	Bind(forms.Data)
}, pairs ...string) bool {
	t.Helper()
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	f.Bind(forms.Data{Values: values})
	ok, err := forms.Validate(t.Context(), f)
	if err != nil {
		t.Fatalf("validate: %v", err)
	}
	return ok
}

// errorsOf is what all forms can tell.
type errorsOf interface {
	Errors() map[string]forms.Errors
}

// wantCodes compares the codes of the errors at each field, "" being the form as a whole.
func wantCodes(t testing.TB, f errorsOf, want map[string][]string) {
	t.Helper()
	got := map[string][]string{}
	for name, list := range f.Errors() {
		for _, e := range list {
			got[name] = append(got[name], e.Code)
		}
	}
	for name := range got {
		if !slices.Equal(got[name], want[name]) {
			t.Errorf("errors of %q: %q, want %q", name, got[name], want[name])
		}
	}
	for name := range want {
		if got[name] == nil {
			t.Errorf("no errors of %q, want %q", name, want[name])
		}
	}
}

// attrs returns the attributes of a field's element as they stand in the page.
func input(t testing.TB, f interface {
	Field(string) (*forms.Bound, error)
}, name string) string {
	t.Helper()
	b, err := f.Field(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b.Input())
}

// names returns the fields in order.
func fieldNames(f interface{ Fields() []*forms.Bound }) []string {
	var list []string
	for _, b := range f.Fields() {
		list = append(list, b.Name())
	}
	return list
}

// history counts the passwords that it is told of.
type history struct{ changed int }

func (*history) Validate(context.Context, string, []password.Attribute) error { return nil }
func (*history) HelpText() string                                             { return "" }
func (h *history) PasswordChanged(context.Context, string, []password.Attribute) error {
	h.changed++
	return nil
}

// strict are the validators that several of Django's tests set.
func strict(c *auth.Config) {
	c.Validators = []password.Validator{password.UserAttributeSimilarity{}, password.MinimumLength{Min: 12}}
}

var errDatabase = errors.New("the database is gone")

var (
	_ authviews.LoginForm    = (*authforms.AuthenticationForm)(nil)
	_ authviews.PasswordForm = (*authforms.AdminPasswordChangeForm)(nil)
)
