package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/changes"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// A handler asks who it is talking to; what the request's middleware does is done by WithUser here.
func ExampleUserOf() {
	greet := func(ctx context.Context) {
		u, err := auth.UserOf(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(u.IsAuthenticated())
		ada, err := auth.As[*auth.User](ctx)
		if errors.Is(err, auth.ErrAnonymous) {
			fmt.Println("hello, stranger")
			return
		}
		fmt.Println("hello,", ada.Username)
	}
	ada := &auth.User{ID: 1}
	ada.Username = "ada"
	greet(auth.WithUser(context.Background(), ada))
	greet(auth.WithUser(context.Background(), nil))
	// Output:
	// true
	// hello, ada
	// false
	// hello, stranger
}

// A view that finds out by itself that somebody must log in first.
func ExampleRedirectToLogin() {
	view := web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		to, err := auth.ResolveURL(r.Context(), "/accounts/login/") // or the name of a route
		if err != nil {
			return err
		}
		return auth.RedirectToLogin(w, r, to, "next")
	})
	w := httptest.NewRecorder()
	view.ServeHTTP(w, httptest.NewRequest("GET", "/polls/3/?page=2", nil))
	fmt.Println(w.Code, w.Header().Get("Location"))
	// Output: 302 /accounts/login/?next=/polls/3/%3Fpage%3D2
}

// A password for somebody who will read it aloud: no letters that look alike.
func ExampleMakeRandomPassword() {
	fmt.Println(len(auth.MakeRandomPassword(12, "")), len(auth.MakeRandomPassword(6, "0123456789")))
	// Output: 12 6
}

// Taste is what a shop keeps of each user, beside the user model.
type Taste struct {
	bun.BaseModel `bun:"table:shop_taste,alias:taste"`

	UserID int64  `bun:"user_id,pk"`
	Fruit  string `bun:"fruit,notnull"`
}

func ExampleProfile() {
	a, done := exampleSite((*auth.User)(nil), core.App{
		Label: "shop", Models: []core.Model{{Of: (*Taste)(nil), Name: "taste"}},
		Migrations: migrate.List(migrate.Migration{Name: "0001_taste", UpSQL: `
			CREATE TABLE shop_taste (user_id integer PRIMARY KEY, fruit text NOT NULL);
			INSERT INTO shop_taste VALUES (1, 'plum')`}),
	})
	defer done()
	ctx := context.Background()
	tastes := auth.NewProfiles(a, "shop.Taste")

	ada, err := a.Users().CreateWithoutPassword(ctx, "ada", "", nil)
	if err != nil {
		log.Fatal(err)
	}
	taste, err := auth.Profile[Taste](ctx, tastes, ada)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(taste.Fruit)
	// Output: plum
}

// What must be certain is read from the database even where users are kept in memory.
func ExampleFresh() {
	pay := func(w http.ResponseWriter, r *http.Request) error {
		user, err := auth.UserOf(auth.Fresh(r.Context()))
		if err != nil {
			return err
		}
		if user.IsAnonymous() {
			return web.Forbidden("Log in to pay.")
		}
		_, err = fmt.Fprintln(w, "paid")
		return err
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/pay/", nil)
	web.Handler(pay).ServeHTTP(w, r.WithContext(auth.WithUser(r.Context(), nil)))
	fmt.Println(w.Code)
	// Output: 403
}

// The same for a whole handler: it stands in front of the wrapper that asks for the user.
func ExampleReadFresh() {
	fresh := auth.ReadFresh(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(changes.IsFresh(r.Context()))
	}))
	fresh.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	// Output: true
}
