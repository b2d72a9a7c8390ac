package cookiestore_test

import (
	"context"
	"fmt"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/cookiestore"
	"github.com/go-belleville/belleville/core/signing"
)

// The key of a session is the session: it is the signed text that goes into the cookie.
func ExampleNew() {
	ctx := context.Background()
	sess := sessions.New(sessions.Config{Store: cookiestore.New(signing.Keys{"a long random text"})})
	s := sess.Open("")
	fmt.Println(s.Set(ctx, "language", "de"), s.Save(ctx))

	again := sess.Open(s.Key())
	language, found, err := sessions.Get[string](ctx, again, "language")
	fmt.Println(language, found, err)

	forged := sess.Open(s.Key() + "x")
	_, found, err = sessions.Get[string](ctx, forged, "language")
	fmt.Println(found, err)
	// Output:
	// <nil> <nil>
	// de true <nil>
	// false <nil>
}

// Where a cookie must be short-lived, whatever the browser does with it.
func ExampleNewWith() {
	now := time.Now()
	keys := signing.Keys{"a long random text"}
	store := cookiestore.NewWith(keys, cookiestore.Config{Age: time.Hour, Now: func() time.Time { return now }})
	ctx := context.Background()
	sess := sessions.New(sessions.Config{Store: store, CookieAge: time.Hour})
	s := sess.Open("")
	fmt.Println(s.Set(ctx, "language", "de"), s.Save(ctx))
	now = now.Add(2 * time.Hour)
	_, found, err := sessions.Get[string](ctx, sess.Open(s.Key()), "language")
	fmt.Println(found, err)
	// Output:
	// <nil> <nil>
	// false <nil>
}
