package authtest_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
)

// pages shows who somebody is.
func pages() core.App {
	return core.App{Label: "pages", Routes: func(r *web.Router) {
		r.Get("/me/", "me", func(w http.ResponseWriter, r *http.Request) error {
			u, err := auth.UserOf(r.Context())
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(w, u)
			return err
		})
	}}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	users.Each(t, func(t *testing.T, s *authtest.Site) {
		b := s.Browser()
		wantPage(t, b.Get(t, "/me/").Body, "AnonymousUser")
		if _, err := s.Auth.Users().Create(t.Context(), "ada", "", "secret", nil); err != nil {
			t.Fatal(err)
		}
		if authtest.Login(t, s.Auth, b, auth.PasswordCredentials{Username: "ada", Password: "wrong"}) {
			t.Error("a wrong password logs in")
		}
		wantPage(t, b.Get(t, "/me/").Body, "AnonymousUser")
		if !authtest.Login(t, s.Auth, b, auth.PasswordCredentials{Username: "ada", Password: "secret"}) {
			t.Fatal("the right password does not log in")
		}
		wantPage(t, b.Get(t, "/me/").Body, "ada")
		wantPage(t, s.Browser().Get(t, "/me/").Body, "AnonymousUser")
		old := b.Cookie("sessionid")
		authtest.Logout(t, s.Auth, b)
		wantPage(t, b.Get(t, "/me/").Body, "AnonymousUser")
		b.SetCookie("sessionid", old)
		wantPage(t, b.Get(t, "/me/").Body, "AnonymousUser")
		authtest.Logout(t, s.Auth, b)
	})
}

func TestForceLogin(t *testing.T) {
	t.Parallel()
	users.Each(t, func(t *testing.T, s *authtest.Site) {
		told := 0
		s.Auth.LoggedIn().Connect(func(context.Context, auth.LoggedIn) error { told++; return nil })
		b := s.Browser()
		for _, name := range []string{"ada", "bob"} {
			u, err := s.Auth.Users().CreateWithoutPassword(t.Context(), name, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			authtest.ForceLogin(t, s.Auth, b, u)
			wantPage(t, b.Get(t, "/me/").Body, name)
			stored, err := s.Auth.Users().ByUsername(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			if stored.(*auth.User).LastLogin.IsZero() {
				t.Errorf("%s has no last log-in", name)
			}
			if got := authtest.User(t, s.Auth, b); got.(*auth.User).Username != name {
				t.Errorf("User is %v, want %s", got, name)
			}
		}
		if told != 2 {
			t.Errorf("LoggedIn was sent %d times, want 2", told)
		}
	})
}

func wantPage(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("the page is for %q, want %q", got, want)
	}
}
