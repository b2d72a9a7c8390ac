package auth_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/core/web"
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
	r.Form("/who/", "who", who(a))
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
