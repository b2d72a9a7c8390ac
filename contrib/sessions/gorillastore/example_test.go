package gorillastore_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-belleville/belleville/contrib/sessions/gorillastore"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
)

func ExampleStore() {
	store := gorillastore.New(memstore.New())
	page := func(w http.ResponseWriter, r *http.Request) {
		session, err := store.Get(r, "visits")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		n, _ := session.Values["n"].(int)
		session.Values["n"] = n + 1
		if err := session.Save(r, w); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, "visit", n+1)
	}
	var cookies []*http.Cookie
	for range 2 {
		r := httptest.NewRequest("GET", "/", nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		page(w, r)
		cookies = w.Result().Cookies()
		fmt.Print(w.Body)
	}
	// Output:
	// visit 1
	// visit 2
}
