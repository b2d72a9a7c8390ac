package authviews_test

import (
	"fmt"
	"net/http"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/core/web"
)

// parts are what every project has.
func parts() (core.Settings, *auth.Auth) {
	db, err := core.OpenDB("sqlite:example.sqlite3") // not opened before it is asked for something
	if err != nil {
		panic(err)
	}
	s := core.Settings{DB: db, Keys: signing.Keys{"a long random text"}, Mail: &mail.Mailer{Transport: mail.Discard{}}}
	return s, auth.New(auth.Config{
		Users:    auth.NewUsers(s.DB, (*auth.User)(nil)),
		Sessions: sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)}),
		Types:    contenttypes.New(s.DB),
	})
}

func ExampleNew() {
	s, a := parts()
	views := authviews.New(a)
	views.Login.RedirectAuthenticatedUser = true
	views.PasswordReset.Mailer = s.Mail
	views.PasswordReset.From = "help@example.com"

	project, err := core.New(s, a.Config().Types.App(), a.Config().Sessions.App(), a.App(), views.App("/accounts/"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range project.Site().Router.Routes() {
		if r.App == "authviews" {
			fmt.Println(r.Path, r.Name, r.Rules)
		}
	}
	// Output:
	// /accounts/login/ login [public]
	// /accounts/logout/ logout [public]
	// /accounts/password_change/ password_change [login]
	// /accounts/password_change/done/ password_change_done [login]
	// /accounts/password_reset/ password_reset [public]
	// /accounts/password_reset/done/ password_reset_done [public]
	// /accounts/reset/{uidb64}/{token}/ password_reset_confirm [public]
	// /accounts/reset/done/ password_reset_complete [public]
}

// A view can be mounted alone, with a page and a form of its own.
func ExampleLoginView() {
	s, a := parts()
	members := core.App{Label: "members", Requires: []string{"auth"}, Routes: func(r *web.Router) {
		authviews.LoginView{
			Auth:         a,
			TemplateName: "members/enter.html",
			ExtraContext: web.Data{"heading": "Members only"},
			NextPage:     "members:enter",
			Form: func(r *http.Request) authviews.LoginForm {
				f := authforms.NewAuthenticationForm(a, r)
				f.Username.Label = "Member number"
				return f
			},
		}.Mount(r, "/members/enter/", "enter")
	}}
	project, err := core.New(s, a.Config().Types.App(), a.Config().Sessions.App(), a.App(), members)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(project.Site().Reverse("members:enter"))
	// Output: /members/enter/ <nil>
}

// The rules of redirecting are there for log-in pages of your own.
func ExampleRedirect() {
	to := authviews.Redirect{NextPage: "/accounts/profile/"}
	for _, next := range []string{"/polls/3/", "https://evil.example/", ""} {
		r, err := http.NewRequest(http.MethodGet, "http://localhost/enter/?next="+next, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(to.URL(r))
	}
	// Output:
	// /polls/3/ <nil>
	// /accounts/profile/ <nil>
	// /accounts/profile/ <nil>
}
