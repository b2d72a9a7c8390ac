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
	told := auth.Access{Permissions: o.Permissions, Challenge: "Bearer"}
	if w := page(told, u); w.Code != http.StatusForbidden || w.Header().Get("WWW-Authenticate") != "" {
		t.Errorf("a program's user gets %d, want 403", w.Code)
	}
	if w := page(told, nil); w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("a program that is nobody gets %d with %q, want 401 and the challenge", w.Code, w.Header().Get("WWW-Authenticate"))
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
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded") // else no parser looks at it
		w := httptest.NewRecorder()
		c.h.ServeHTTP(w, r.WithContext(auth.WithUser(t.Context(), c.u)))
		if w.Code != c.status {
			t.Errorf("%s gets %d, want %d", name, w.Code, c.status)
		}
	}
}
