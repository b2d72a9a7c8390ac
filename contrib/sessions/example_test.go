package sessions_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
)

// A page counts its visits. A real project takes dbstore.New(s.DB, s.Keys), and lets core.New put
// the middleware in place.
func Example() {
	sess := sessions.New(sessions.Config{Store: memstore.New()})
	page := sess.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := sessions.Of(r.Context())
		visits, _, err := sessions.Get[int](r.Context(), s, "visits")
		if err == nil {
			err = s.Set(r.Context(), "visits", visits+1)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, "visit %d", visits+1)
	}))

	var cookies []*http.Cookie
	for range 3 {
		r := httptest.NewRequest("GET", "/", nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		cookies = w.Result().Cookies()
		fmt.Println(w.Body)
	}
	// Output:
	// visit 1
	// visit 2
	// visit 3
}

func ExampleSession_SetExpiry() {
	ctx := context.Background()
	s := sessions.New(sessions.Config{Store: memstore.New()}).Open("")
	_ = s.SetExpiry(ctx, 30*time.Minute) // after the last change
	age, _ := s.ExpiryAge(ctx)
	fmt.Println(age)
	_ = s.SetExpiry(ctx, 0) // until the browser is closed
	browser, _ := s.ExpiresAtBrowserClose(ctx)
	fmt.Println(browser)
	// Output:
	// 30m0s
	// true
}
