package auth_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
)

func testRowR12(t *testing.T, s *authtest.Site) {
	for _, name := range []string{"Awesome Users", "Ünï ☃", strings.Repeat("ü", 150)} {
		g := must[*auth.Group](t)(s.Auth.Groups().Create(t.Context(), name))
		if got := must[*auth.Group](t)(s.Auth.Groups().ByName(t.Context(), name)); got.ID != g.ID || got.Name != name {
			t.Errorf("ByName(%q) = %+v, want %+v", name, got, g)
		}
		if _, err := s.Auth.Groups().Create(t.Context(), name); !errors.Is(err, auth.ErrGroupTaken) {
			t.Errorf("a second group %q: %v, want ErrGroupTaken", name, err)
		}
	}
}

func testRowR13(t *testing.T, s *authtest.Site) {
	g := must[*auth.Group](t)(s.Auth.Groups().Create(t.Context(), "editors"))
	one, two, three := newPerm(t, s, "one"), newPerm(t, s, "two"), newPerm(t, s, "three")
	perms := s.Auth.Groups().Permissions(g)
	for _, step := range []struct {
		name string
		do   func() error
		want []*auth.Permission
	}{
		{"set", func() error { return perms.Set(t.Context(), one, two) }, []*auth.Permission{one, two}},
		{"add twice", func() error { return errors.Join(perms.Add(t.Context(), three), perms.Add(t.Context(), three)) }, []*auth.Permission{one, two, three}},
		{"remove", func() error { return perms.Remove(t.Context(), one) }, []*auth.Permission{two, three}},
		{"set again", func() error { return perms.Set(t.Context(), one, three) }, []*auth.Permission{one, three}},
		{"clear", func() error { return perms.Clear(t.Context()) }, nil},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		var want []int64
		for _, p := range step.want {
			want = append(want, p.ID)
		}
		if got := must[[]int64](t)(perms.IDs(t.Context())); !slices.Equal(got, want) {
			t.Errorf("after %s the group has %v, want %v", step.name, got, want)
		}
	}
}

func testRowR15(t *testing.T, s *authtest.Site) {
	g := must[*auth.Group](t)(s.Auth.Groups().Create(t.Context(), "Special"))
	in := newUser(t, s, "in", nil)
	newUser(t, s, "out", nil)
	if err := s.Auth.Users().Groups(in).Add(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	found := must[[]auth.Account](t)(s.Auth.Users().InGroup(t.Context(), g))
	if len(found) != 1 || s.Auth.Users().Username(found[0]) != "in" {
		t.Errorf("InGroup = %v, want the one member", found)
	}
}

func TestEmailBackend(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		s = rebuild(t, s, withBackends(&auth.EmailBackend{}))
		mail := func(name, address string) *auth.User {
			return newUser(t, s, name, func(u *auth.User) { u.Email = address })
		}
		mike := mail("mike", "Mike@example.org")
		mail("anna", "twins@example.org")
		mail("otto", "Twins@Example.org")
		mail("none", "")
		for address, want := range map[string]auth.Account{
			"mike@example.org": mike, "MIKE@EXAMPLE.ORG": mike, "mike": nil, "": nil, "mıke@example.org": nil,
			"twins@example.org": nil, "%": nil, "mike@example.org\x00": nil, "_ike@example.org": nil, " mike@example.org": nil,
		} {
			got := must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, auth.PasswordCredentials{Username: address, Password: "test"}))
			if s.Auth.Users().PK(mikeOr(got)) != s.Auth.Users().PK(mikeOr(want)) {
				t.Errorf("Authenticate(%q) = %v, want %v", address, got, want)
			}
		}
		got := must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, auth.PasswordCredentials{Username: "mike@example.org", Password: "test"}))
		data, err := login(t, s, got, auth.LoginOptions{})
		if err != nil || data[auth.SessionBackend] != auth.EmailBackendName {
			t.Errorf("the session has %v, %v, want the backend's name", data, err)
		}
		b := s.Browser()
		authtest.ForceLogin(t, s.Auth, b, got)
		if u := authtest.User(t, s.Auth, b); s.Auth.Users().PK(u) != s.Auth.Users().PK(mike) {
			t.Errorf("the session's user is %v, want mike", u)
		}
	})
}

// mikeOr makes a visitor of nil, so that keys can be compared.
func mikeOr(u auth.Account) auth.Account {
	if u == nil {
		return &auth.AnonymousUser{}
	}
	return u
}

// Backends of both sorts in one list: an unknown name costs as much as a wrong password.
func TestTwoBackendsCostTheSame(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		counted, change := counting()
		s = rebuild(t, s, func(c *auth.Config) {
			change(c)
			c.Backends = []auth.Backend{&auth.ModelBackend{}, &auth.EmailBackend{}}
		})
		newUser(t, s, "test", nil)
		for _, name := range []string{"test", "nobody", "test@example.com", "nobody@example.com"} {
			counted.Take()
			must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, auth.PasswordCredentials{Username: name, Password: "wrong"}))
			if n := counted.Take().Total(); n != 2 {
				t.Errorf("%s costs %d hashes, want one for each backend", name, n)
			}
		}
	})
}

// The ready backends, and the ones of these tests, keep the rules of all backends.
func TestBackendsConform(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		u := newUser(t, s, "test2", nil)
		grant(t, s, u, addPerm)
		right := auth.PasswordCredentials{Username: "test2", Password: "test"}
		wrong := []auth.Credentials{auth.PasswordCredentials{}, auth.PasswordCredentials{Username: "test2"}, auth.PasswordCredentials{Username: "x\x00", Password: "test"}}
		users := s.Auth.Users()
		h := hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}})
		encoded := must[string](t)(h.Make(t.Context(), "test"))
		model := auth.ModelBackend{Users: users}
		for name, c := range map[string]struct {
			b auth.Backend
			o authtest.Backend
		}{
			"model":    {&model, authtest.Backend{Right: right, Wrong: wrong}},
			"all":      {&auth.ModelBackend{Users: users, AllowInactive: true}, authtest.Backend{Right: right, Wrong: wrong}},
			"email":    {&auth.EmailBackend{ModelBackend: model}, authtest.Backend{Right: auth.PasswordCredentials{Username: "test2@example.com", Password: "test"}, Wrong: wrong}},
			"remote":   {&auth.RemoteUserBackend{ModelBackend: model, KnownOnly: true}, authtest.Backend{Right: auth.RemoteUserCredentials{Username: "test2"}, Wrong: []auth.Credentials{auth.RemoteUserCredentials{}, auth.RemoteUserCredentials{Username: "nobody"}}}},
			"settings": {&settingsBackend{ModelBackend: model, Login: "test2", Hash: encoded, Hashers: h}, authtest.Backend{Right: right, Wrong: wrong}},
			"tokens":   {tokens{users, map[string]string{"s3cret": "test2"}}, authtest.Backend{Right: bearer{"s3cret"}, Wrong: []auth.Credentials{bearer{}, bearer{"guessed"}}}},
			"rowlevel": {rowsOfTokens{tokens{users, map[string]string{"s3cret": "test2"}}, rowlevel{users: users}}, authtest.Backend{Right: bearer{"s3cret"}, Object: object{}}},
		} {
			c.o.Users = users
			t.Run(name, func(t *testing.T) { authtest.TestBackend(t, c.b, c.o) })
		}
	})
}

// rowsOfTokens is a backend that knows tokens and decides about objects.
type rowsOfTokens struct {
	auth.Backend
	rules rowlevel
}

func (b rowsOfTokens) HasPerm(ctx context.Context, u auth.Account, perm string, obj any) (bool, error) {
	return b.rules.HasPerm(ctx, u, perm, obj)
}

func (b rowsOfTokens) HasModulePerms(ctx context.Context, u auth.Account, app string) (bool, error) {
	return b.rules.HasModulePerms(ctx, u, app)
}
