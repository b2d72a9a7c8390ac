package gorillastore_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/gorillastore"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
)

// FuzzValues loads a session that holds any text as a value and saves it: what was not changed stays.
func FuzzValues(f *testing.F) {
	for _, raw := range []string{"1", "1.0", "1e999", `"x"`, `{"a":[1,2.5,null]}`, "[", "", "12345678901234567890"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		behind := memstore.New()
		key, err := behind.Create(t.Context(), sessions.Record{Data: sessions.Data{"v": []byte(raw)}, Expires: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: "s", Value: key})
		s, err := gorillastore.New(behind).Get(r, "s")
		if err != nil {
			return // it is no JSON
		}
		s.Values["mine"] = 1
		if err := s.Save(r, httptest.NewRecorder()); err != nil {
			t.Fatal(err)
		}
		if got, err := behind.Load(t.Context(), key); err != nil || string(got.Data["v"]) != raw {
			t.Errorf("%q became %q, %v", raw, got.Data["v"], err)
		}
	})
}
