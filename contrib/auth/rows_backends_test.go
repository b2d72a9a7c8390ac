package auth_test

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
)

func TestBackendRows(t *testing.T) {
	t.Parallel()
	runRows(t, []siteCase{
		{"B01", testRowB01}, {"B02", testRowB02}, {"B03", testRowB03}, {"B04", testRowB04}, {"B05", testRowB05},
		{"B06", testRowB06}, {"B09", testRowB09}, {"B10", testRowB10}, {"B11", testRowB11}, {"B12", testRowB12},
		{"B13", testRowB13}, {"B14", testRowB14}, {"B15", testRowB15}, {"B17", testRowB17}, {"B18", testRowB18},
		{"B19", testRowB19}, {"B20", testRowB20},
		{"G01", testRowG01}, {"G02", testRowG02}, {"G38", testRowG38},
		{"R12", testRowR12}, {"R13", testRowR13}, {"R15", testRowR15},
	})
}

// answering gives one answer and remembers what it was asked.
type answering struct {
	nobody
	name     string
	user     auth.Account
	err      error
	grants   bool
	asked    int
	requests []*http.Request
}

func (b *answering) Name() string { return "tests." + b.name }

func (b *answering) Authenticate(_ context.Context, r *http.Request, _ auth.Credentials) (auth.Account, error) {
	b.asked++
	b.requests = append(b.requests, r)
	return b.user, b.err
}

func (b *answering) HasPerm(context.Context, auth.Account, string, any) (bool, error) {
	b.asked++
	return b.grants, b.err
}

func (b *answering) HasModulePerms(context.Context, auth.Account, string) (bool, error) {
	b.asked++
	return b.grants, b.err
}

func testRowB01(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "test", nil)
	h := listen(s.Auth)
	got, ok := authenticate(t, s).(*auth.User)
	if !ok || got.ID != u.ID || got.Backend() != "django.contrib.auth.backends.ModelBackend" || len(h.failed) != 0 {
		t.Errorf("the right password gives %v of backend %q, %d failures told; want the user and Django's name", got, got.Backend(), len(h.failed))
	}
	wrong := must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, auth.PasswordCredentials{Username: "test", Password: "wrong"}))
	if wrong != nil || len(h.failed) != 1 {
		t.Errorf("a wrong password gives %v, %d failures told; want nobody and one", wrong, len(h.failed))
	}
}

func testRowB02(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "test", nil)
	ask := func(list ...auth.Backend) auth.Account {
		return must[auth.Account](t)(rebuild(t, s, withBackends(list...)).Auth.Authenticate(t.Context(), nil, nil))
	}
	a, b := &answering{name: "a"}, &answering{name: "b", user: u}
	if got := ask(a, b); got != auth.Account(u) || u.Backend() != "tests.b" || a.asked != 1 {
		t.Errorf("[nobody, user] gives %v of %q, the first asked %d times; want the user of the second", got, u.Backend(), a.asked)
	}
	first, second := &answering{name: "first", user: u}, &answering{name: "second", user: u}
	if ask(first, second); second.asked != 0 || u.Backend() != "tests.first" {
		t.Errorf("[user, user] asks the second %d times and gives the user to %q, want never and the first", second.asked, u.Backend())
	}
	// A nil pointer in an interface, and a visitor, are nobody.
	for _, odd := range []auth.Account{(*auth.User)(nil), &auth.AnonymousUser{}} {
		if got := ask(&answering{name: "odd", user: odd}, b); got != auth.Account(u) {
			t.Errorf("[%T, user] gives %v, want the user", odd, got)
		}
	}
}

func testRowB03(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "test", nil)
	a, b := &answering{name: "a", err: auth.ErrPermissionDenied}, &answering{name: "b", user: u}
	s = rebuild(t, s, withBackends(a, b))
	if got := must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, nil)); got != nil || b.asked != 0 {
		t.Errorf("[denied, user] gives %v and asks the second %d times, want nobody and never", got, b.asked)
	}
}

func testRowB04(t *testing.T, s *authtest.Site) {
	b := &answering{name: "b"}
	s = rebuild(t, s, withBackends(b))
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	for _, sent := range []*http.Request{r, nil} {
		must[auth.Account](t)(s.Auth.Authenticate(t.Context(), sent, nil))
	}
	if !slices.Equal(b.requests, []*http.Request{r, nil}) {
		t.Errorf("the backend saw %v, want the same request and then none", b.requests)
	}
}

func testRowB05(t *testing.T, s *authtest.Site) {
	if list := s.Auth.Backends(); len(list) != 1 || list[0].Name() != auth.ModelBackendName {
		t.Errorf("the default list is %v, want ModelBackend alone", list)
	}
	_, err := rebuild(t, s, withBackends()).Auth.Authenticate(t.Context(), nil, nil)
	if !errors.Is(err, auth.ErrNoBackends) || !strings.Contains(err.Error(), "Config.Backends") {
		t.Errorf("with an empty list the error is %v, want one that names the setting", err)
	}
}

// testRowB06: three methods make a backend, of credentials of its own; others' are skipped.
func testRowB06(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "robot", nil)
	s = rebuild(t, s, func(c *auth.Config) {
		c.Backends = []auth.Backend{tokens{c.Users, map[string]string{"s3cret": "robot"}}, &auth.ModelBackend{}}
	})
	got := must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, bearer{"s3cret"}))
	if got == nil || s.Auth.Users().PK(got) != s.Auth.Users().PK(u) {
		t.Errorf("the token gives %v, want its owner", got)
	}
	newUser(t, s, "test", nil)
	if got := authenticate(t, s); got == nil || got.(*auth.User).Backend() != auth.ModelBackendName {
		t.Errorf("a password gives %v, want the user of the backend that knows passwords", got)
	}
}

// settingsBackend lets one administrator in, whose name and hash are in the settings, and makes the
// user at the first log-in. The password in the database is not used.
type settingsBackend struct {
	auth.ModelBackend

	Login, Hash string
	Hashers     *hashers.Hashers
}

func (*settingsBackend) Name() string { return "polls.SettingsBackend" }

func (b *settingsBackend) Authenticate(ctx context.Context, _ *http.Request, c auth.Credentials) (auth.Account, error) {
	p, ok := c.(auth.PasswordCredentials)
	if !ok {
		return nil, nil
	}
	right, err := b.Hashers.Check(ctx, p.Password, b.Hash)
	if err != nil || !right.OK || subtle.ConstantTimeCompare([]byte(p.Username), []byte(b.Login)) != 1 {
		return nil, err
	}
	u, err := b.Users.ByUsername(ctx, b.Login)
	if errors.Is(err, auth.ErrNoUser) {
		return b.Users.CreateSuperuserWithoutPassword(ctx, b.Login, "", nil)
	}
	return u, err
}

func testRowB09(t *testing.T, s *authtest.Site) {
	h := hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}})
	encoded := must[string](t)(h.Make(t.Context(), "test"))
	s = rebuild(t, s, withBackends(&settingsBackend{Login: "test", Hash: encoded, Hashers: h}))
	first, ok := authenticate(t, s).(*auth.User)
	if !ok || !first.IsStaff || !first.IsSuperuser || first.Backend() != "polls.SettingsBackend" {
		t.Fatalf("the first log-in gives %+v, want a new superuser", first)
	}
	if second := authenticate(t, s); s.Auth.Users().PK(second) != s.Auth.Users().PK(first) {
		t.Errorf("the second log-in gives %v, want the same user", second)
	}
	if u := reload(t, s, first); s.Auth.Users().HasUsablePassword(u) {
		t.Error("the row has a password of its own")
	}
	for _, c := range []auth.PasswordCredentials{{Username: "test", Password: "x"}, {Username: "x", Password: "test"}} {
		if u := must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, c)); u != nil {
			t.Errorf("Authenticate of a wrong name or password gives %v", u)
		}
	}
	if data, err := login(t, s, first, auth.LoginOptions{}); err != nil || data[auth.SessionBackend] != "polls.SettingsBackend" {
		t.Errorf("the session has %v, %v, want the backend's name", data, err)
	}
}

// testRowB10: backends need not decide; permissions are the union of all, and one is enough.
func testRowB10(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "test", nil)
	grant(t, s, u, addPerm)
	s = rebuild(t, s, withBackends(nobody{}, &auth.ModelBackend{}, lister{}, &answering{name: "a"}))
	wantSet(t, "AllPermissions", addPerm, "user_perm", "group_perm")(s.Auth.AllPermissions(t.Context(), u, nil))
	for perm, want := range map[string]bool{addPerm: true, "user_perm": true, "group_perm": true, changePerm: false} {
		check(t, perm, want)(s.Auth.HasPerm(t.Context(), u, perm))
	}
	check(t, "auth_tests", true)(s.Auth.HasModulePerms(t.Context(), u, "auth_tests"))
	s = rebuild(t, s, withBackends(nobody{}, &answering{name: "grants", grants: true}))
	check(t, "what the last backend grants", true)(s.Auth.HasPerm(t.Context(), u, changePerm))
}

func testRowB11(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "test", nil)
	denies, grants := &answering{name: "a", err: auth.ErrPermissionDenied}, &answering{name: "b", grants: true}
	s = rebuild(t, s, withBackends(denies, grants))
	check(t, "HasPerm", false)(s.Auth.HasPerm(t.Context(), u, addPerm))
	check(t, "HasModulePerms", false)(s.Auth.HasModulePerms(t.Context(), u, "auth_tests"))
	if grants.asked != 0 {
		t.Errorf("the second backend was asked %d times, want never", grants.asked)
	}
}

// forum lets visitors read, and inactive users see their way out.
type forum struct{ nobody }

func (forum) HasPerm(_ context.Context, u auth.Account, perm string, _ any) (bool, error) {
	user, ok := u.(*auth.User)
	return (u.IsAnonymous() && perm == "forum.read") || (ok && !user.IsActive && perm == "forum.leave"), nil
}

func testRowB12(t *testing.T, s *authtest.Site) {
	s = rebuild(t, s, withBackends(&auth.ModelBackend{}, forum{}))
	check(t, "a visitor's forum.read", true)(s.Auth.HasPerm(t.Context(), &auth.AnonymousUser{}, "forum.read"))
	check(t, "a visitor's forum.write", false)(s.Auth.HasPerm(t.Context(), &auth.AnonymousUser{}, "forum.write"))
}

func testRowB13(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "test", func(u *auth.User) { u.IsActive, u.IsSuperuser = false, true })
	grant(t, s, u, addPerm)
	s = rebuild(t, s, withBackends(&auth.ModelBackend{}, forum{}))
	check(t, "what another backend grants", true)(s.Auth.HasPerm(t.Context(), u, "forum.leave"))
	check(t, "what ModelBackend knows", false)(s.Auth.HasPerm(t.Context(), u, addPerm))
}

func testRowB14(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "test2", nil)
	grant(t, s, u, addPerm)
	b := s.Auth.Backends()[0].(*auth.ModelBackend)
	check(t, "ModelBackend of an object", false)(b.HasPerm(t.Context(), u, addPerm, object{}))
	wantSet(t, "ModelBackend's list for an object")(b.UserPermissions(t.Context(), u, object{}))
	s = withRowlevel(t, s, false)
	check(t, "a row-level backend", true)(s.Auth.HasPermFor(t.Context(), u, addPerm, object{}))
}

func testRowB15(t *testing.T, s *authtest.Site) {
	counted, change := counting()
	s = rebuild(t, s, change)
	u := newUser(t, s, "test", nil)
	counted.Take()
	if got := authenticate(t, s); got == nil || s.Auth.Users().PK(got) != s.Auth.Users().PK(u) {
		t.Errorf("name and password give %v, want the user", got)
	}
	counted.Take()
	must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, auth.PasswordCredentials{Username: "nobody", Password: "x"}))
	if n := counted.Take().Total(); n != 1 {
		t.Errorf("an unknown name costs %d hashes, want 1", n)
	}
	grant(t, s, u, addPerm)
	check(t, "a permission of the database", true)(s.Auth.HasPerm(t.Context(), reload(t, s, u), addPerm))
}

func testRowB17(t *testing.T, s *authtest.Site) {
	s, _ = allowAll(t, s)
	got, ok := authenticate(t, s).(*auth.User)
	if !ok || got.IsActive || got.Backend() != "django.contrib.auth.backends.AllowAllUsersModelBackend" {
		t.Errorf("Authenticate = %+v, want the inactive user of Django's AllowAllUsersModelBackend", got)
	}
	custom := rebuild(t, s, withBackends(&auth.ModelBackend{CanAuthenticate: func(u auth.Account) bool { return u.(*auth.User).IsStaff }}))
	if got := authenticate(t, custom); got != nil {
		t.Errorf("a CanAuthenticate that asks for staff lets %v in", got)
	}
}

func testRowB18(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "test", func(u *auth.User) { u.IsActive = false })
	b := s.Auth.Backends()[0].(*auth.ModelBackend)
	pk := s.Auth.Users().PK(u)
	if got, err := b.Authenticate(t.Context(), nil, auth.PasswordCredentials{Username: "test", Password: "test"}); got != nil || err != nil {
		t.Errorf("Authenticate = %v, %v, want nobody", got, err)
	}
	if got, err := b.User(t.Context(), pk); got != nil || err != nil {
		t.Errorf("User = %v, %v, want nobody", got, err)
	}
	if got, err := b.LoadUser(t.Context(), pk, true); got != nil || err != nil {
		t.Errorf("LoadUser = %v, %v, want nobody", got, err)
	}
}

// testRowB19: there is one API for all; it obeys its context.
func testRowB19(t *testing.T, s *authtest.Site) {
	newUser(t, s, "test", nil)
	done := make(chan auth.Account)
	go func() {
		u, _ := s.Auth.Authenticate(t.Context(), nil, auth.PasswordCredentials{Username: "test", Password: "test"})
		done <- u
	}()
	if u := <-done; u == nil {
		t.Error("Authenticate in a goroutine gives nobody")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if u, err := s.Auth.Authenticate(ctx, nil, auth.PasswordCredentials{Username: "test", Password: "test"}); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context Authenticate = %v, %v, want its error", u, err)
	}
}

func testRowB20(t *testing.T, s *authtest.Site) {
	newUser(t, s, "test", nil)
	two := selecting(t, s, customBackend, otherBackend)
	data, err := login(t, two, authenticate(t, two), auth.LoginOptions{})
	if err != nil || data[auth.SessionBackend] != customBackend {
		t.Errorf("after Authenticate, Login = %v, %v, want the backend that knew the password", data, err)
	}
	u := must[auth.Account](t)(two.Auth.Users().ByUsername(t.Context(), "test"))
	if _, err := login(t, two, u, auth.LoginOptions{}); !errors.Is(err, auth.ErrWhichBackend) || !strings.Contains(err.Error(), "LoginOptions") {
		t.Errorf("without it, Login = %v, want an error that says what to do", err)
	}
}

// md5 is a hash of another password than "wrong".
const md5 = "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3"

func testRowG01(t *testing.T, s *authtest.Site) {
	known, unusable := md5, hashers.Unusable()
	for name, n := range map[string]int{
		"an unknown name":      countOnce(t, s, nil, true),
		"a wrong password":     countOnce(t, s, &known, true),
		"an inactive user":     countOnce(t, s, &known, false),
		"an unusable password": countOnce(t, s, &unusable, true),
	} {
		if n != 1 {
			t.Errorf("%s costs %d hashes, want 1", name, n)
		}
	}
	// The right password of an inactive user costs no more.
	counted, change := counting()
	s = rebuild(t, s, change)
	newUser(t, s, "test", func(u *auth.User) { u.IsActive = false })
	counted.Take()
	if u := authenticate(t, s); u != nil {
		t.Errorf("an inactive user was let in: %v", u)
	}
	if n := counted.Take().Total(); n != 1 {
		t.Errorf("the right password of an inactive user costs %d hashes, want 1", n)
	}
}

func testRowG02(t *testing.T, s *authtest.Site) {
	for _, stored := range []string{"", "!", hashers.Unusable(), "gibberish", "md5$", "md5$$$$", "unknown$1$a$b", "pbkdf2_sha256$999999999999$a$b", "\u00fc$\u00fc"} {
		if n := countOnce(t, s, &stored, true); n != 1 {
			t.Errorf("the stored password %q costs %d hashes, want 1", stored, n)
		}
	}
}

// countOnce counts for ModelBackend by name, and sees to it that EmailBackend by address costs the same.
func countOnce(t *testing.T, s *authtest.Site, stored *string, active bool) int {
	t.Helper()
	byName := tries(t, s, stored, active, "test", &auth.ModelBackend{})
	if byEmail := tries(t, s, stored, active, "test@example.com", &auth.EmailBackend{}); byEmail != byName {
		t.Errorf("by address it costs %d hashes, by name %d", byEmail, byName)
	}
	return byName
}

func tries(t *testing.T, s *authtest.Site, stored *string, active bool, name string, b auth.Backend) int {
	t.Helper()
	counted, change := counting()
	s = rebuild(t, s, func(c *auth.Config) { change(c); c.Backends = []auth.Backend{b} })
	if stored != nil {
		u := s.Auth.Users().New().(*auth.User)
		u.Username, u.Email, u.IsActive, u.Password = "test", "test@example.com", active, auth.Hash(*stored)
		if err := s.Auth.Users().Insert(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.Auth.Users().Delete(t.Context(), u); err != nil {
				t.Error(err)
			}
		}()
	}
	counted.Take()
	c := auth.PasswordCredentials{Username: name, Password: "wrong"}
	if u := must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, c)); u != nil {
		t.Errorf("a wrong password gives %v", u)
	}
	return counted.Take().Total()
}

func testRowG38(t *testing.T, s *authtest.Site) {
	testRowB03(t, s)
	u := newUser(t, s, "granted", nil)
	grant(t, s, u, addPerm)
	s = rebuild(t, s, withBackends(denying{}, &auth.ModelBackend{}))
	check(t, "HasPerm", false)(s.Auth.HasPerm(t.Context(), u, addPerm))
	check(t, "HasModulePerms", false)(s.Auth.HasModulePerms(t.Context(), u, "auth_tests"))
}
