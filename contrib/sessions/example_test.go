package sessions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/signing"
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

// A value is taken out once: the note that the next page shows.
func ExamplePop() {
	s := sessions.New(sessions.Config{Store: memstore.New()}).Open("")
	ctx := sessions.With(context.Background(), s) // what Middleware does for a request
	if err := sessions.Of(ctx).Set(ctx, "note", "Saved."); err != nil {
		fmt.Println(err)
	}
	for range 2 {
		note, found, err := sessions.Pop[string](ctx, s, "note")
		fmt.Printf("%q %v %v\n", note, found, err)
	}
	// Output:
	// "Saved." true <nil>
	// "" false <nil>
}

// Codec is for stores: it writes what Django writes.
func ExampleNewCodec() {
	now := func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	codec := sessions.NewCodec(signing.Keys{"a long random text"}, "", now, slog.New(slog.DiscardHandler))
	text, err := codec.Encode(sessions.Data{"language": json.RawMessage(`"de"`)})
	fmt.Println(text, err)
	fmt.Printf("%s\n", codec.Decode(context.Background(), text)["language"])
	fmt.Println(len(codec.Decode(context.Background(), text+"x")))
	// Output:
	// eyJsYW5ndWFnZSI6ImRlIn0:1vb66i:FT8ZhajXi-0vxiCalSd-kn60hkrOAD-IP7cBaURTCj4 <nil>
	// "de"
	// 0
}

func ExampleNewKey() {
	key := sessions.NewKey()
	fmt.Println(len(key), sessions.ValidKey(key), sessions.ValidKey("short"))
	// Output: 32 true false
}

// The secret behind form tokens lies in the session instead of a cookie of its own.
func ExampleForCSRF() {
	settings := csrf.Tokens{Session: sessions.ForCSRF} // goes into core.Settings.CSRF
	s := sessions.New(sessions.Config{Store: memstore.New()}).Open("")
	fmt.Println(settings.Session(sessions.With(context.Background(), s)) == csrf.Session(s))
	// Output: true
}
