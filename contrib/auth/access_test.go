package auth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// The permissions that Django's cases ask for.
const (
	addPerm, changePerm = "auth_tests.add_customuser", "auth_tests.change_customuser"
	noSuchPerm          = "nonexistent-permission"
)

func plainView(w http.ResponseWriter, _ *http.Request) error {
	_, err := io.WriteString(w, "ok")
	return err
}

// guardedRoutes are pages for the tests of this package.
func guardedRoutes(a *auth.Auth, r *web.Router) {
	r.Get("/plain/", "plain", plainView)
	r.Get("/who/", "who", who(a))
	r.Get("/login_required/", "login_required", plainView, a.LoginRequired)
	r.Get("/login_required_login_url/", "login_url", plainView, a.Require(auth.Access{Login: true, LoginURL: "/somewhere/"}))
	r.Get("/polls/{id}/", "poll", plainView, a.LoginRequired)
	r.Get("/add/", "add", plainView, a.PermissionRequired(addPerm))
	r.Get("/login-add/", "login_add", plainView, a.LoginRequired, a.PermissionRequired(addPerm))
	r.Get("/add-login/", "add_login", plainView, a.PermissionRequired(addPerm), a.LoginRequired)
	r.Get("/forbid/", "forbid", plainView, a.LoginRequired, a.Require(auth.Access{Permissions: []string{addPerm}, RaiseException: true}))
	r.Get("/hundred/", "hundred", hundredChecks(a), a.PermissionRequired(addPerm))
	r.Get("/staff/", "staff", plainView, a.StaffRequired)
}

// hundredChecks asks for many permissions, of which the user has one.
func hundredChecks(a *auth.Auth) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		u, err := auth.UserOf(r.Context())
		if err != nil {
			return err
		}
		n := 0
		for i := range 100 {
			perm := addPerm
			if i > 0 {
				perm = fmt.Sprintf("auth_tests.perm%d", i)
			}
			ok, err := a.HasPerm(r.Context(), u, perm)
			if err != nil {
				return err
			}
			if ok {
				n++
			}
		}
		_, err = fmt.Fprintf(w, "%d of 100", n)
		return err
	}
}

// call asks a handler, which need not be part of a project, as a user or nil.
func call(t *testing.T, h http.Handler, u auth.Account, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://testserver"+path, nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(auth.WithUser(t.Context(), u)))
	return w
}

// wantCall fails the test unless a handler answers like this.
func wantCall(t *testing.T, h http.Handler, u auth.Account, status int, location string) {
	t.Helper()
	w := call(t, h, u, "/rand")
	if got := w.Header().Get("Location"); w.Code != status || got != location {
		t.Errorf("status %d to %q, want %d to %q", w.Code, got, status, location)
	}
}

const toLogin = "/accounts/login/?next=/rand"

// joe stores the user of Django's cases with some permissions.
func joe(t *testing.T, s *authtest.Site, perms ...string) auth.Account {
	t.Helper()
	u := newUser(t, s, "joe", nil)
	grant(t, s, u, perms...)
	return reload(t, s, u)
}

// callable is a handler that is no function.
type callable struct{}

func (callable) ServeHTTP(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }

func TestDjangoDecorators(t *testing.T) {
	t.Parallel()
	view := web.Handler(plainView)
	wrapsBoth := func(wrap func(*auth.Auth) web.Middleware, h http.Handler) func(*testing.T, *authtest.Site) {
		return func(t *testing.T, s *authtest.Site) {
			wantCall(t, wrap(s.Auth)(h), newUser(t, s, "joe", nil), http.StatusOK, "")
		}
	}
	login := func(a *auth.Auth) web.Middleware { return a.LoginRequired }
	public := func(*auth.Auth) web.Middleware { return web.Public }
	runDjango(t, "auth_tests/test_decorators.py", []siteCase{
		{"LoginRequiredTestCase.test_callable", wrapsBoth(login, callable{})},
		{"LoginRequiredTestCase.test_view", wrapsBoth(login, view)},
		{"LoginRequiredTestCase.test_login_required", testLoginRequired("/login_required/", "/accounts/login/")},
		{"LoginRequiredTestCase.test_login_required_next_url", testLoginRequired("/login_required_login_url/", "/somewhere/")},
		{"LoginNotRequiredTestCase.test_callable", wrapsBoth(public, callable{})},
		{"LoginNotRequiredTestCase.test_view", wrapsBoth(public, view)},
		{"LoginNotRequiredTestCase.test_decorator_marks_view_as_login_not_required", func(t *testing.T, s *authtest.Site) {
			if web.IsPublic(view) || !web.IsPublic(web.Public(view)) {
				t.Error("Public does not mark the view")
			}
			wantCall(t, s.Auth.LoginRequiredByDefault(view), nil, http.StatusFound, toLogin)
			wantCall(t, s.Auth.LoginRequiredByDefault(web.Public(view)), nil, http.StatusOK, "")
		}},
		{"PermissionsRequiredDecoratorTest.test_many_permissions_pass", func(t *testing.T, s *authtest.Site) {
			wantCall(t, s.Auth.PermissionRequired(addPerm, changePerm)(view), joe(t, s, addPerm, changePerm), http.StatusOK, "")
		}},
		{"PermissionsRequiredDecoratorTest.test_single_permission_pass", func(t *testing.T, s *authtest.Site) {
			wantCall(t, s.Auth.PermissionRequired(addPerm)(view), joe(t, s, addPerm, changePerm), http.StatusOK, "")
		}},
		{"PermissionsRequiredDecoratorTest.test_permissioned_denied_redirect", func(t *testing.T, s *authtest.Site) {
			h := s.Auth.PermissionRequired(addPerm, changePerm, noSuchPerm)(view)
			wantCall(t, h, joe(t, s, addPerm, changePerm), http.StatusFound, toLogin)
		}},
		{"PermissionsRequiredDecoratorTest.test_permissioned_denied_exception_raised", func(t *testing.T, s *authtest.Site) {
			h := s.Auth.Require(auth.Access{Permissions: []string{addPerm, changePerm, noSuchPerm}, RaiseException: true})(view)
			wantCall(t, h, joe(t, s, addPerm, changePerm), http.StatusForbidden, "")
		}},
		{"UserPassesTestDecoratorTest.test_decorator", testUserPasses},
	})
}

func testLoginRequired(path, loginURL string) func(*testing.T, *authtest.Site) {
	return func(t *testing.T, s *authtest.Site) {
		b := s.Browser()
		page := b.Get(t, path)
		if page.Status != http.StatusFound || !strings.HasPrefix(page.Location(), loginURL) {
			t.Errorf("a visitor gets %d to %q, want 302 to %s", page.Status, page.Location(), loginURL)
		}
		authtest.ForceLogin(t, s.Auth, b, newUser(t, s, "testclient", nil))
		if page := b.Get(t, path); page.Status != http.StatusOK {
			t.Errorf("a user gets %d, want 200", page.Status)
		}
	}
}

func testUserPasses(t *testing.T, s *authtest.Site) {
	must[*auth.Group](t)(s.Auth.Groups().Create(t.Context(), "Joe group"))
	h := s.Auth.Require(auth.Access{Test: func(ctx context.Context, u auth.Account) (bool, error) {
		return s.DB().NewSelect().Model((*auth.Group)(nil)).
			Where("UPPER(name) LIKE UPPER(?)", s.Auth.Users().Username(u)+"%").Exists(ctx)
	}})(web.Handler(plainView))
	wantCall(t, h, joe(t, s), http.StatusOK, "")
	wantCall(t, h, newUser(t, s, "jim", nil), http.StatusFound, toLogin)
}

func TestDjangoMixins(t *testing.T) {
	t.Parallel()
	view := web.Handler(plainView)
	never := auth.Access{Test: func(context.Context, auth.Account) (bool, error) { return false, nil }, ForbidUsers: true}
	with := func(change func(*auth.Access)) auth.Access {
		o := never
		change(&o)
		return o
	}
	visitor := func(o auth.Access, status int, location string) func(*testing.T, *authtest.Site) {
		return func(t *testing.T, s *authtest.Site) { wantCall(t, s.Auth.Require(o)(view), nil, status, location) }
	}
	const message = "You don't have access here"
	says := func(t *testing.T, s *authtest.Site) {
		h := s.Auth.Require(with(func(o *auth.Access) { o.RaiseException, o.Message = true, message }))(view)
		if w := call(t, h, nil, "/rand"); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), message) {
			t.Errorf("status %d with %q, want 403 with %q", w.Code, w.Body, message)
		}
	}
	both := []string{addPerm, changePerm}
	runDjango(t, "auth_tests/test_mixins.py", []siteCase{
		{"AccessMixinTests.test_stacked_mixins_success", testStacked(both, http.StatusOK)},
		{"AccessMixinTests.test_stacked_mixins_missing_permission", testStacked(both[:1], http.StatusForbidden)},
		{"AccessMixinTests.test_stacked_mixins_not_logged_in", func(t *testing.T, s *authtest.Site) {
			u := joe(t, s, both...).(*auth.User)
			for _, h := range stacked(s.Auth) {
				wantCall(t, h, &auth.AnonymousUser{AbstractUser: u.AbstractUser}, http.StatusForbidden, "")
			}
		}},
		{"AccessMixinTests.test_access_mixin_permission_denied_response", func(t *testing.T, s *authtest.Site) {
			wantCall(t, s.Auth.Require(never)(view), joe(t, s), http.StatusForbidden, "")
			wantCall(t, s.Auth.Require(never)(view), nil, http.StatusFound, toLogin)
		}},
		{"AccessMixinTests.test_access_mixin_permission_denied_remote_login_url", visitor(
			with(func(o *auth.Access) { o.LoginURL = "https://www.remote.example.com/login" }),
			http.StatusFound, "https://www.remote.example.com/login?next=http%3A//testserver/rand")},
		{"UserPassesTestTests.test_default", visitor(never, http.StatusFound, toLogin)},
		{"UserPassesTestTests.test_custom_redirect_url", visitor(
			with(func(o *auth.Access) { o.LoginURL = "/login/" }), http.StatusFound, "/login/?next=/rand")},
		{"UserPassesTestTests.test_custom_redirect_parameter", visitor(
			with(func(o *auth.Access) { o.RedirectField = "goto" }), http.StatusFound, "/accounts/login/?goto=/rand")},
		{"UserPassesTestTests.test_no_redirect_parameter", visitor(
			with(func(o *auth.Access) { o.NoRedirectField = true }), http.StatusFound, "/accounts/login/")},
		{"UserPassesTestTests.test_raise_exception", visitor(
			with(func(o *auth.Access) { o.RaiseException = true }), http.StatusForbidden, "")},
		{"UserPassesTestTests.test_raise_exception_custom_message", says},
		{"UserPassesTestTests.test_raise_exception_custom_message_function", says},
		{"UserPassesTestTests.test_user_passes", func(t *testing.T, s *authtest.Site) {
			always := func(auth.Account) bool { return true }
			wantCall(t, s.Auth.UserPassesTest(always)(view), nil, http.StatusOK, "")
		}},
		{"LoginRequiredMixinTests.test_login_required", func(t *testing.T, s *authtest.Site) {
			wantCall(t, s.Auth.LoginRequired(view), nil, http.StatusFound, toLogin)
			wantCall(t, s.Auth.LoginRequired(view), joe(t, s), http.StatusOK, "")
		}},
		{"PermissionsRequiredMixinTests.test_many_permissions_pass", func(t *testing.T, s *authtest.Site) {
			h := s.Auth.Require(auth.Access{Permissions: both, ForbidUsers: true})(view)
			wantCall(t, h, joe(t, s, both...), http.StatusOK, "")
		}},
		{"PermissionsRequiredMixinTests.test_single_permission_pass", func(t *testing.T, s *authtest.Site) {
			h := s.Auth.Require(auth.Access{Permissions: both[:1], ForbidUsers: true})(view)
			wantCall(t, h, joe(t, s, both...), http.StatusOK, "")
		}},
		{"PermissionsRequiredMixinTests.test_permissioned_denied_redirect", func(t *testing.T, s *authtest.Site) {
			h := s.Auth.Require(auth.Access{Permissions: append(both, noSuchPerm), ForbidUsers: true})(view)
			wantCall(t, h, joe(t, s, both...), http.StatusForbidden, "")
			wantCall(t, h, nil, http.StatusFound, toLogin)
		}},
		{"PermissionsRequiredMixinTests.test_permissioned_denied_exception_raised", func(t *testing.T, s *authtest.Site) {
			h := s.Auth.Require(auth.Access{Permissions: append(both, noSuchPerm), RaiseException: true})(view)
			wantCall(t, h, joe(t, s, both...), http.StatusForbidden, "")
		}},
	})
}

// stacked are Django's two views with both mixins, in both orders.
func stacked(a *auth.Auth) []http.Handler {
	login := a.Require(auth.Access{Login: true, RaiseException: true})
	perms := a.Require(auth.Access{Permissions: []string{addPerm, changePerm}, RaiseException: true})
	view := web.Handler(plainView)
	return []http.Handler{login(perms(view)), perms(login(view))}
}

func testStacked(perms []string, status int) func(*testing.T, *authtest.Site) {
	return func(t *testing.T, s *authtest.Site) {
		u := joe(t, s, perms...)
		for _, h := range stacked(s.Auth) {
			wantCall(t, h, u, status, "")
		}
	}
}

func TestAccessRows(t *testing.T) {
	t.Parallel()
	runRows(t, []siteCase{
		{"A01", testRowA01}, {"A02", testRowA02}, {"A03", testRowA03}, {"A04", testRowA04}, {"A05", testRowA05},
		{"A06", testRowA06}, {"A07", testRowA07}, {"A08", testRowA08}, {"A09", testRowA09}, {"A10", testRowA10},
		{"A11", testRowA11}, {"A12", testRowA12}, {"A13", testRowA13}, {"A14", testRowA14}, {"A15", testRowA15},
		{"A16", testRowA16}, {"A17", testRowA17}, {"G47", testRowG47},
	})
}

func testRowA01(t *testing.T, s *authtest.Site) {
	b := s.Browser()
	page := b.Get(t, "/polls/3/?a=b")
	if want := "/accounts/login/?next=/polls/3/%3Fa%3Db"; page.Status != http.StatusFound || page.Location() != want {
		t.Errorf("a visitor gets %d to %q, want 302 to %q", page.Status, page.Location(), want)
	}
	authtest.ForceLogin(t, s.Auth, b, joe(t, s))
	if page := b.Get(t, "/polls/3/?a=b"); page.Status != http.StatusOK || page.Body != "ok" {
		t.Errorf("a user gets %d %q, want the page", page.Status, page.Body)
	}
}

// testRowA02: a path, an address, a route's name, and the vectors.
func testRowA02(t *testing.T, s *authtest.Site) {
	for loginURL, want := range map[string]string{
		"":                    "/accounts/login/?next=/login_required/",
		"/sign-in/":           "/sign-in/?next=/login_required/",
		"https://sso.example": "https://sso.example?next=http%3A//testserver/login_required/",
		"auth_tests:plain":    "/plain/?next=/login_required/",
	} {
		s := rebuild(t, s, func(c *auth.Config) { c.LoginURL = loginURL })
		if page := s.Browser().Get(t, "/login_required/"); page.Location() != want {
			t.Errorf("LoginURL %q leads to %q, want %q", loginURL, page.Location(), want)
		}
	}
	s = rebuild(t, s, func(c *auth.Config) { c.LoginURL = "no-such-route" })
	if page := s.Browser().Get(t, "/login_required/"); page.Status != http.StatusInternalServerError {
		t.Errorf("a LoginURL that is no route gives %d, want 500", page.Status)
	}
}

func testRowA03(t *testing.T, s *authtest.Site) {
	view := web.Handler(plainView)
	h := s.Auth.Require(auth.Access{Login: true, RedirectField: "my_redirect_field"})(view)
	if got, want := call(t, h, nil, "/p/").Header().Get("Location"), "/accounts/login/?my_redirect_field=/p/"; got != want {
		t.Errorf("leads to %q, want %q", got, want)
	}
	h = s.Auth.Require(auth.Access{Login: true, NoRedirectField: true})(view)
	if got, want := call(t, h, nil, "/p/").Header().Get("Location"), "/accounts/login/"; got != want {
		t.Errorf("without a field it leads to %q, want %q", got, want)
	}
	s = rebuild(t, s, func(c *auth.Config) { c.RedirectField = "back" })
	if got, want := s.Browser().Get(t, "/login_required/").Location(), "/accounts/login/?back=/login_required/"; got != want {
		t.Errorf("with Config.RedirectField it leads to %q, want %q", got, want)
	}
}

func testRowA04(t *testing.T, s *authtest.Site) {
	if got, want := s.Browser().Get(t, "/login_required_login_url/").Location(), "/somewhere/?next=/login_required_login_url/"; got != want {
		t.Errorf("leads to %q, want %q", got, want)
	}
}

func testRowA05(t *testing.T, s *authtest.Site) {
	view := web.Handler(plainView)
	for loginURL, want := range map[string]string{
		"https://remote.example/login/": "https://remote.example/login/?next=http%3A//testserver/p/",
		"//remote.example/login/":       "//remote.example/login/?next=http%3A//testserver/p/",
		"http://testserver/login/":      "http://testserver/login/?next=/p/",
		"https://testserver/login/":     "https://testserver/login/?next=http%3A//testserver/p/",
	} {
		h := s.Auth.Require(auth.Access{Login: true, LoginURL: loginURL})(view)
		if got := call(t, h, nil, "/p/").Header().Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", loginURL, got, want)
		}
	}
}

func testRowA06(t *testing.T, s *authtest.Site) {
	s = rebuild(t, s, withBackends(&auth.ModelBackend{AllowInactive: true}))
	b := s.Browser()
	authtest.ForceLogin(t, s.Auth, b, newUser(t, s, "joe", func(u *auth.User) { u.IsActive = false }))
	if page := b.Get(t, "/login_required/"); page.Status != http.StatusOK {
		t.Errorf("an inactive user gets %d, want the page", page.Status)
	}
}

func testRowA07(t *testing.T, s *authtest.Site) {
	var asked []string
	h := s.Auth.UserPassesTest(func(u auth.Account) bool {
		asked = append(asked, fmt.Sprint(u))
		return s.Auth.Users().Username(u) == "joe"
	})(web.Handler(plainView))
	wantCall(t, h, joe(t, s), http.StatusOK, "")
	wantCall(t, h, newUser(t, s, "jim", nil), http.StatusFound, toLogin)
	wantCall(t, h, nil, http.StatusFound, toLogin)
	if got, want := fmt.Sprint(asked), "[joe jim AnonymousUser]"; got != want {
		t.Errorf("the function was asked about %s, want %s", got, want)
	}
}

func testRowA08(t *testing.T, s *authtest.Site) {
	view := web.Handler(plainView)
	u := joe(t, s, addPerm)
	redirects, raises := s.Auth.PermissionRequired(addPerm, changePerm), s.Auth.Require(auth.Access{Permissions: []string{addPerm, changePerm}, RaiseException: true})
	wantCall(t, redirects(view), u, http.StatusFound, toLogin)
	wantCall(t, redirects(view), nil, http.StatusFound, toLogin)
	wantCall(t, raises(view), u, http.StatusForbidden, "")
	wantCall(t, raises(view), nil, http.StatusForbidden, "")
	elsewhere := s.Auth.Require(auth.Access{Permissions: []string{changePerm}, LoginURL: "/elsewhere/"})
	wantCall(t, elsewhere(view), u, http.StatusFound, "/elsewhere/?next=/rand")
	grant(t, s, u, changePerm)
	u = reload(t, s, u)
	wantCall(t, redirects(view), u, http.StatusOK, "")
	wantCall(t, raises(view), u, http.StatusOK, "")
}

func testRowA09(t *testing.T, s *authtest.Site) {
	b := s.Browser()
	if page := b.Get(t, "/forbid/"); page.Status != http.StatusFound || page.Location() != "/accounts/login/?next=/forbid/" {
		t.Errorf("a visitor gets %d to %q, want the login page", page.Status, page.Location())
	}
	u := joe(t, s)
	authtest.ForceLogin(t, s.Auth, b, u)
	if page := b.Get(t, "/forbid/"); page.Status != http.StatusForbidden {
		t.Errorf("a user without the permission gets %d, want 403", page.Status)
	}
	grant(t, s, u, addPerm)
	if page := b.Get(t, "/forbid/"); page.Status != http.StatusOK {
		t.Errorf("a user with the permission gets %d, want 200", page.Status)
	}
}

func testRowA10(t *testing.T, s *authtest.Site) {
	view := web.Handler(plainView)
	own := auth.Access{Login: true, LoginURL: "/own/", RedirectField: "back"}
	wantCall(t, s.Auth.Require(own)(view), nil, http.StatusFound, "/own/?back=/rand")
	own.RaiseException = true
	wantCall(t, s.Auth.Require(own)(view), nil, http.StatusForbidden, "")
	wantCall(t, s.Auth.Require(own)(view), joe(t, s), http.StatusOK, "")
}

func testRowA11(t *testing.T, s *authtest.Site) {
	view := web.Handler(plainView)
	only := func(letter string) web.Middleware {
		return s.Auth.Require(auth.Access{ForbidUsers: true, Test: func(_ context.Context, u auth.Account) (bool, error) {
			return strings.Contains(s.Auth.Users().Username(u), letter), nil
		}})
	}
	u := joe(t, s)
	wantCall(t, only("x")(view), u, http.StatusForbidden, "")
	wantCall(t, only("x")(view), nil, http.StatusFound, toLogin)
	// Two of them stack, and both count.
	wantCall(t, only("j")(only("e")(view)), u, http.StatusOK, "")
	wantCall(t, only("j")(only("x")(view)), u, http.StatusForbidden, "")
	wantCall(t, only("x")(only("j")(view)), u, http.StatusForbidden, "")
}

// testRowA12: several permissions or one, one's own decision, and a declaration that is missing.
func testRowA12(t *testing.T, s *authtest.Site) {
	view := web.Handler(plainView)
	u := joe(t, s, addPerm)
	wantCall(t, s.Auth.Require(auth.Access{Permissions: []string{addPerm}, ForbidUsers: true})(view), u, http.StatusOK, "")
	wantCall(t, s.Auth.Require(auth.Access{Permissions: []string{addPerm, changePerm}, ForbidUsers: true})(view), u, http.StatusForbidden, "")
	either := auth.Access{ForbidUsers: true, Test: func(ctx context.Context, u auth.Account) (bool, error) {
		for _, perm := range []string{changePerm, addPerm} {
			if ok, err := s.Auth.HasPerm(ctx, u, perm); ok || err != nil {
				return ok, err
			}
		}
		return false, nil
	}}
	wantCall(t, s.Auth.Require(either)(view), u, http.StatusOK, "")
	wantCall(t, s.Auth.Require(auth.Access{ForbidUsers: true})(view), u, http.StatusInternalServerError, "")
	broken := auth.Access{Test: func(context.Context, auth.Account) (bool, error) { return true, errors.New("out of reach") }}
	wantCall(t, s.Auth.Require(broken)(view), u, http.StatusInternalServerError, "")
}

// testRowA13: users are refused, visitors sent to log in, or refused as well; the message is on the page.
func testRowA13(t *testing.T, s *authtest.Site) {
	o := auth.Access{Permissions: []string{addPerm}, ForbidUsers: true, Message: "Only for authors."}
	u := joe(t, s)
	page := func(o auth.Access, u auth.Account) *httptest.ResponseRecorder {
		h := s.Auth.Require(o)(web.Handler(plainView))
		r := httptest.NewRequest(http.MethodGet, "http://testserver/rand", nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r.WithContext(web.WithSite(auth.WithUser(t.Context(), u), s.Project.Site())))
		return w
	}
	if w := page(o, u); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "Only for authors.") {
		t.Errorf("a user gets %d %.200q, want 403 with the message", w.Code, w.Body)
	}
	if w := page(o, nil); w.Code != http.StatusFound || w.Header().Get("Location") != toLogin {
		t.Errorf("a visitor gets %d to %q, want the login page", w.Code, w.Header().Get("Location"))
	}
	o.RaiseException = true
	if w := page(o, nil); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "Only for authors.") {
		t.Errorf("with RaiseException a visitor gets %d %.200q, want 403 with the message", w.Code, w.Body)
	}
}

// testRowA14: the wrappers take and give any http.Handler, on any router.
func testRowA14(t *testing.T, s *authtest.Site) {
	mux := http.NewServeMux()
	mux.Handle("/handler", s.Auth.LoginRequired(callable{}))
	mux.Handle("/func", s.Auth.LoginRequired(http.HandlerFunc(callable{}.ServeHTTP)))
	mux.Handle("/app/", http.StripPrefix("/app", s.Auth.LoginRequired(callable{})))
	u := joe(t, s)
	for path, next := range map[string]string{"/handler": "/handler", "/func?a=1": "/func%3Fa%3D1", "/app/x": "/app/x"} {
		if w := call(t, mux, u, path); w.Code != http.StatusOK {
			t.Errorf("%s: a user gets %d, want 200", path, w.Code)
		}
		w := call(t, mux, nil, path)
		if want := "/accounts/login/?next=" + next; w.Code != http.StatusFound || w.Header().Get("Location") != want {
			t.Errorf("%s: a visitor gets %d to %q, want 302 to %q", path, w.Code, w.Header().Get("Location"), want)
		}
	}
}

func testRowA15(t *testing.T, s *authtest.Site) {
	set := func(active, staff bool) *auth.User {
		name := fmt.Sprintf("active_%v_staff_%v", active, staff)
		return newUser(t, s, name, func(u *auth.User) { u.IsActive, u.IsStaff = active, staff })
	}
	h := s.Auth.StaffRequired(web.Handler(plainView))
	wantCall(t, h, set(true, true), http.StatusOK, "")
	for _, u := range []auth.Account{set(true, false), set(false, true), set(false, false), nil} {
		wantCall(t, h, u, http.StatusFound, toLogin)
	}
	admin := func(*auth.Auth) core.App {
		return core.App{Label: "admin", Routes: func(r *web.Router) { r.Get("/admin/login/", "login", plainView) }}
	}
	s = rebuild(t, s, nil, admin)
	if got, want := s.Browser().Get(t, "/staff/").Location(), "/admin/login/?next=/staff/"; got != want {
		t.Errorf("in a project with an admin it leads to %q, want %q", got, want)
	}
	if got := s.Project.Site().Router.Lookup("auth_tests:staff").Rules[0].Kind; got != auth.KindStaff {
		t.Errorf("the rule is %q, want %q", got, auth.KindStaff)
	}
}

// testRowA16 runs the vectors of redirect_to_login.
func testRowA16(t *testing.T, s *authtest.Site) {
	for _, v := range djangovectors.Section[struct {
		Next     string
		LoginURL *string `json:"login_url"`
		Field    *string `json:"redirect_field_name"`
		Location string
		Status   int
	}](t, "redirect_to_login") {
		loginURL, field := "/accounts/login/", ""
		if v.LoginURL != nil {
			loginURL = *v.LoginURL
		}
		if loginURL == "login" { // Django's test project has a route of that name
			loginURL = "/accounts/login/"
		}
		if v.Field != nil {
			field = *v.Field
		}
		if got := web.LoginRedirectURL(loginURL, v.Next, field); got != v.Location {
			t.Errorf("%+v: leads to %q, want %q", v, got, v.Location)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "http://testserver//evil.example/?a=(1)", nil)
	w := httptest.NewRecorder()
	if err := auth.RedirectToLogin(w, r, "/login/", "next"); err != nil {
		t.Fatal(err)
	}
	if got, want := w.Header().Get("Location"), "/login/?next=/%252Fevil.example/%3Fa%3D%281%29"; got != want {
		t.Errorf("a path with two slashes comes back as %q, want %q", got, want)
	}
	_ = s
}

func testRowA17(t *testing.T, s *authtest.Site) {
	b := s.Browser()
	authtest.ForceLogin(t, s.Auth, b, joe(t, s))
	page := b.Get(t, "/forbid/")
	if page.Status != http.StatusForbidden || !strings.Contains(page.Body, "<html") {
		t.Errorf("status %d with %.100q, want the site's own page for 403", page.Status, page.Body)
	}
}

// failingBody fails the test when somebody reads it.
type failingBody struct{ t *testing.T }

func (b failingBody) Read([]byte) (int, error) {
	b.t.Error("the body was read before it was known who may")
	return 0, io.EOF
}

func testRowG47(t *testing.T, s *authtest.Site) {
	view := web.Handler(func(http.ResponseWriter, *http.Request) error {
		t.Error("the handler ran")
		return nil
	})
	for name, c := range map[string]struct {
		h      http.Handler
		u      auth.Account
		status int
	}{
		"a visitor":                     {s.Auth.LoginRequired(view), nil, http.StatusFound},
		"a user without the permission": {s.Auth.Require(auth.Access{Permissions: []string{addPerm}, ForbidUsers: true})(view), joe(t, s), http.StatusForbidden},
	} {
		r := httptest.NewRequest(http.MethodPost, "http://testserver/", failingBody{t})
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, r.WithContext(auth.WithUser(t.Context(), c.u)))
		if w.Code != c.status {
			t.Errorf("%s gets %d, want %d", name, w.Code, c.status)
		}
	}
}
