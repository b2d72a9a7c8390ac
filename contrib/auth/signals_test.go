package auth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// brokenUsers stands for the default backend and cannot find its users.
type brokenUsers struct{ failing }

func (*brokenUsers) Name() string { return auth.ModelBackendName }

func (*brokenUsers) User(context.Context, string) (auth.Account, error) { return nil, errFailing }

// heard collects what the signals of a site tell.
type heard struct {
	in     []auth.LoggedIn
	out    []auth.LoggedOut
	failed []auth.LoginFailed
}

func listen(a *auth.Auth) *heard {
	h := &heard{}
	a.LoggedIn().Connect(func(_ context.Context, v auth.LoggedIn) error { h.in = append(h.in, v); return nil })
	a.LoggedOut().Connect(func(_ context.Context, v auth.LoggedOut) error { h.out = append(h.out, v); return nil })
	a.LoginFailed().Connect(func(_ context.Context, v auth.LoginFailed) error { h.failed = append(h.failed, v); return nil })
	return h
}

func TestDjangoSignals(t *testing.T) {
	t.Parallel()
	runDjango(t, "auth_tests/test_signals.py", []siteCase{
		{"SignalTestCase.test_login", testSignalLogin},
		{"SignalTestCase.test_logout_anonymous", testRowL08},
		{"SignalTestCase.test_logout", testSignalLogout},
		{"SignalTestCase.test_update_last_login", testSignalLastLogin},
		{"SignalTestCase.test_failed_login_without_request", testSignalWithoutRequest},
	})
	t.Run("django/auth_tests/test_signals.py/SignalTestCase.test_login_with_custom_user_without_last_login_field", func(t *testing.T) {
		t.Parallel()
		minimal.Each(t, func(t *testing.T, s *authtest.Site) {
			if s.Auth.Users().HasColumn("last_login") {
				t.Fatal("the model has last_login, so the test shows nothing")
			}
			u := must[auth.Account](t)(s.Auth.Users().Create(t.Context(), "test", "", "test", nil))
			var told int
			s.Auth.LoggedIn().Connect(func(context.Context, auth.LoggedIn) error { told++; return nil })
			b := s.Browser()
			authtest.ForceLogin(t, s.Auth, b, u)
			if got := authtest.User(t, s.Auth, b); s.Auth.Users().PK(got) != s.Auth.Users().PK(u) || told != 1 {
				t.Errorf("the user is %v and LoggedIn was sent %d times, want the user and once", got, told)
			}
		})
	})
}

func testSignalLogin(t *testing.T, s *authtest.Site) {
	newUser(t, s, "testclient", nil)
	v := newVisitor(t, s)
	h := listen(v.s.Auth)
	if page := v.b.Post(t, "/login/", map[string][]string{"username": {"testclient"}, "password": {"bad"}}); page.Status != http.StatusForbidden {
		t.Fatalf("status %d, want 403", page.Status)
	}
	if len(h.in) != 0 || len(h.failed) != 1 {
		t.Fatalf("%d log-ins and %d failures were told, want 0 and 1", len(h.in), len(h.failed))
	}
	f := h.failed[0]
	if f.Credentials["Username"] != "testclient" || !strings.Contains(f.Credentials["Password"], "***") || f.Request == nil {
		t.Errorf("the failure tells %v of request %v, want the name, no password, and the request", f.Credentials, f.Request)
	}
	v.login("testclient")
	if len(h.in) != 1 || len(h.failed) != 1 {
		t.Fatalf("%d log-ins and %d failures were told, want 1 and 1", len(h.in), len(h.failed))
	}
	if got := s.Auth.Users().Username(h.in[0].User); got != "testclient" || h.in[0].Request == nil {
		t.Errorf("LoggedIn tells of %q, request %v; want testclient and the request", got, h.in[0].Request)
	}
}

func testSignalLogout(t *testing.T, s *authtest.Site) {
	newUser(t, s, "testclient", nil)
	v := newVisitor(t, s)
	h := listen(v.s.Auth)
	v.login("testclient")
	v.post("/logout/")
	if len(h.out) != 1 || s.Auth.Users().Username(h.out[0].User) != "testclient" {
		t.Errorf("LoggedOut tells %+v, want once with testclient", h.out)
	}
}

func testSignalLastLogin(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "staff", nil)
	u.Username = "This username shouldn't get saved"
	if _, err := login(t, s, u, auth.LoginOptions{}); err != nil {
		t.Fatal(err)
	}
	got := reload(t, s, u)
	if got.Username != "staff" {
		t.Errorf("the log-in saved the name %q", got.Username)
	}
	if got.LastLogin.IsZero() {
		t.Error("the log-in did not save last_login")
	}
}

func testSignalWithoutRequest(t *testing.T, s *authtest.Site) {
	h := listen(s.Auth)
	if u := must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, auth.PasswordCredentials{Username: "testclient", Password: "bad"})); u != nil {
		t.Fatalf("Authenticate = %v, want nobody", u)
	}
	if len(h.failed) != 1 || h.failed[0].Request != nil {
		t.Errorf("LoginFailed tells %+v, want once without a request", h.failed)
	}
}

func TestSignalRows(t *testing.T) {
	t.Parallel()
	runRows(t, []siteCase{{"S01", testRowS01}, {"S02", testRowS02}, {"S03", testRowS03}, {"S05", testRowS05}, {"G05", testRowG05}})
}

func testRowS01(t *testing.T, s *authtest.Site) {
	u := newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	before := time.Now().UTC().Add(-time.Second)
	h := listen(v.s.Auth)
	v.login("ada")
	if len(h.in) != 1 || s.Auth.Users().PK(h.in[0].User) != s.Auth.Users().PK(u) || h.in[0].Request.URL.Path != "/login/" {
		t.Fatalf("LoggedIn tells %+v, want once, with the user and the request", h.in)
	}
	if got := h.in[0].User.(*auth.User).LastLogin; got.Before(before) {
		t.Errorf("the signal's user has last_login %v, want that of this log-in", got)
	}
}

// testRowS02: before the flush, so receivers can still read the session.
func testRowS02(t *testing.T, s *authtest.Site) {
	newUser(t, s, "ada", nil)
	v := newVisitor(t, s)
	v.login("ada")
	key := v.key()
	var rows []int
	v.s.Auth.LoggedOut().Connect(func(context.Context, auth.LoggedOut) error { rows = append(rows, v.rows(key)); return nil })
	h := listen(v.s.Auth)
	v.post("/logout/")
	v.post("/logout/")
	if len(rows) != 2 || rows[0] != 1 || len(h.out) != 2 {
		t.Fatalf("LoggedOut was sent %d times and found %v rows of the session, want twice and the row the first time", len(h.out), rows)
	}
	if s.Auth.Users().Username(h.out[0].User) != "ada" || h.out[1].User != nil {
		t.Errorf("LoggedOut tells of %v and %v, want ada and nobody", h.out[0].User, h.out[1].User)
	}
}

func testRowS03(t *testing.T, s *authtest.Site) {
	for _, v := range djangovectors.Section[struct {
		Input, Output map[string]string
	}](t, "clean_credentials") {
		got := auth.CleanCredentials(v.Input)
		if len(got) != len(v.Output) {
			t.Errorf("CleanCredentials(%v) = %v, want %v", v.Input, got, v.Output)
		}
		for name, want := range v.Output {
			if got[name] != want {
				t.Errorf("CleanCredentials(%v)[%s] = %q, want %q", v.Input, name, got[name], want)
			}
		}
	}
	h := listen(s.Auth)
	must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, map[string]string{"MyApiThing": "x", "monkey": "y", "name": "ada"}))
	if got := h.failed[0].Credentials; got["MyApiThing"] != "********************" || got["monkey"] != "********************" || got["name"] != "ada" {
		t.Errorf("LoginFailed tells %v, want asterisks for what may be secret", got)
	}
}

func testRowS05(t *testing.T, s *authtest.Site) {
	if _, err := s.DB().NewRaw("DELETE FROM auth_permission").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context(), core.MigrateOptions{}); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Auth.Groups().Permission(t.Context(), addPerm); err != nil {
		t.Errorf("after a migrate with nothing to apply the permission is %v, %v", p, err)
	}
}

// testRowG05: neither the signal nor an error shows the password.
func testRowG05(t *testing.T, s *authtest.Site) {
	const secret = "correct horse battery staple"
	h := listen(s.Auth)
	c := auth.PasswordCredentials{Username: "ada", Password: secret}
	must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, c))
	type wrapped struct {
		auth.PasswordCredentials
		Code int
		More struct{ Deep string }

		OldPassword, UserAPI, DoorKeys, SessionTokenText, Secrets, SignatureOfAll string
	}
	w := wrapped{c, 7, struct{ Deep string }{}, secret, secret, secret, secret, secret, secret}
	w.More.Deep = secret
	must[auth.Account](t)(s.Auth.Authenticate(t.Context(), nil, &w))
	if len(h.failed) != 2 {
		t.Fatalf("%d failures were told, want 2", len(h.failed))
	}
	for _, f := range h.failed {
		for name, value := range f.Credentials {
			if strings.Contains(value, secret) {
				t.Errorf("the field %s shows the password", name)
			}
		}
	}
	if got := h.failed[1].Credentials; got["Username"] != "ada" || got["Code"] != "7" || got["Password"] != "********************" {
		t.Errorf("the fields of embedded credentials are %v, want them like others", got)
	}
	s = rebuild(t, s, withBackends(failing{}))
	if _, err := s.Auth.Authenticate(t.Context(), nil, c); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("a failing backend gives the error %v, want one without the password", err)
	}
}

// A receiver that fails stops a log-in, and keeps nobody logged in.
func TestFailingReceivers(t *testing.T) {
	t.Parallel()
	guarded.Each(t, func(t *testing.T, s *authtest.Site) {
		newUser(t, s, "ada", nil)
		v := newVisitor(t, s)
		v.login("ada")
		key := v.key()
		wrong := errors.New("the audit log is full")
		v.s.Auth.LoggedOut().Connect(func(context.Context, auth.LoggedOut) error { return wrong })
		if page := v.b.Post(t, "/logout/", nil); page.Status != http.StatusInternalServerError {
			t.Errorf("the log-out answers %d, want 500", page.Status)
		}
		if v.rows(key) != 0 {
			t.Error("the session is still there after a log-out whose receiver failed")
		}
		v.s.Auth.LoggedIn().Connect(func(context.Context, auth.LoggedIn) error { return wrong })
		if _, err := login(t, v.s, newUser(t, v.s, "eve", nil), auth.LoginOptions{}); !errors.Is(err, wrong) {
			t.Errorf("Login = %v, want the receiver's error", err)
		}
	})
}

// Credentials of a sort that nobody looks into give nothing away.
func TestCleanCredentials(t *testing.T) {
	t.Parallel()
	type token string
	secret := "s3cret"
	for _, c := range []struct {
		in   auth.Credentials
		want map[string]string
	}{
		{nil, map[string]string{}},
		{token(secret), map[string]string{}},
		{&secret, map[string]string{}},
		{[]string{secret}, map[string]string{}},
		{http.Header{"Authorization": {secret}}, map[string]string{"Authorization": "[]string"}},
		{struct{ Name, hidden string }{"ada", secret}, map[string]string{"Name": "ada"}},
		{struct{ Name *string }{nil}, map[string]string{"Name": ""}},
		{struct{ Age *int }{new(int)}, map[string]string{"Age": "0"}},
		{map[string]any{"who": []string{secret}, "n": nil}, map[string]string{"who": "[]string", "n": ""}},
		{(*auth.PasswordCredentials)(nil), map[string]string{}},
	} {
		got := auth.CleanCredentials(c.in)
		if len(got) != len(c.want) {
			t.Errorf("CleanCredentials(%T) = %v, want %v", c.in, got, c.want)
		}
		for name, want := range c.want {
			if got[name] != want {
				t.Errorf("CleanCredentials(%T)[%s] = %q, want %q", c.in, name, got[name], want)
			}
		}
	}
}
