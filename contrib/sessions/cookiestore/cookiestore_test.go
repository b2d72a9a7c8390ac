package cookiestore_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/cookiestore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

const key = "a-key-for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz"

func TestStore(t *testing.T) {
	t.Parallel()
	sessionstest.TestStore(t, func(*testing.T) sessions.Store { return cookiestore.New(signing.Keys{key}) },
		sessionstest.Options{InCookie: true, MaxBytes: 3000})
}

// TestVectors reads cookies that Django signed, to the second of their end, and writes the same.
func TestVectors(t *testing.T) {
	t.Parallel()
	type vector struct {
		Secret     string         `json:"secret"`
		Data       map[string]any `json:"data"`
		Time       int64          `json:"time"`
		Cookie     string         `json:"cookie"`
		Compressed bool           `json:"is_compressed"`
		Life       int64          `json:"expires_after_seconds"`
	}
	for _, v := range djangovectors.Section[vector](t, "session_signed_cookies_engine") {
		at := func(seconds int64) *cookiestore.Store {
			return cookiestore.NewWith(signing.Keys{v.Secret}, cookiestore.Config{Now: func() time.Time { return time.Unix(v.Time+seconds, 0) }})
		}
		for _, age := range []int64{0, 1, v.Life} {
			r, err := at(age).Load(t.Context(), v.Cookie)
			text, _ := json.Marshal(r.Data)
			want, _ := json.Marshal(v.Data)
			if err != nil || string(text) != string(want) {
				t.Errorf("after %d s: %s, %v; want %s", age, text, err, want)
			}
		}
		if _, err := at(v.Life+1).Load(t.Context(), v.Cookie); !errors.Is(err, sessions.ErrNotFound) {
			t.Errorf("after %d s: %v, want ErrNotFound", v.Life+1, err)
		}
		r, err := at(0).Load(t.Context(), v.Cookie)
		if err != nil {
			t.Fatal(err)
		}
		again, err := at(0).Create(t.Context(), r)
		if err != nil || !v.Compressed && again != v.Cookie {
			t.Errorf("the cookie is %s, %v; want Django's %s", again, err, v.Cookie)
		}
		if back, err := at(0).Load(t.Context(), again); err != nil || len(back.Data) != len(v.Data) {
			t.Errorf("the cookie %s is read as %v, %v", again, back.Data, err)
		}
	}
}

// TestBrowser goes through requests as a browser makes them, and tampers with the cookie.
func TestBrowser(t *testing.T) {
	t.Parallel()
	h := sessions.New(sessions.Config{Store: cookiestore.New(signing.Keys{key})}).Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, ctx := sessions.Of(r.Context()), r.Context()
		n, _, err := sessions.Get[int](ctx, s, "n")
		switch r.URL.Path {
		case "/count":
			err = s.Set(ctx, "n", n+1)
		case "/out":
			err = s.Flush(ctx)
		}
		if err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, n)
	}))
	cookie := ""
	get := func(path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		if cookie != "" {
			r.AddCookie(&http.Cookie{Name: "sessionid", Value: cookie})
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			cookie = c.Value
		}
		return w
	}
	for range 3 {
		get("/count")
	}
	if got := get("/").Body.String(); got != "3" {
		t.Errorf("the session counts %s, want 3", got)
	}
	good := cookie
	cookie = "x" + cookie[1:]
	if w := get("/"); w.Code != 200 || w.Body.String() != "0" || cookie != "" {
		t.Errorf("tampered: status %d, %s, cookie %q; want a new session and the cookie deleted", w.Code, w.Body.String(), cookie)
	}
	cookie = good
	if w := get("/out"); w.Code != 200 || cookie != "" {
		t.Errorf("flushed: status %d, cookie %q; want it deleted", w.Code, cookie)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	random := make([]byte, 8000)
	for i := range random {
		random[i] = byte('a' + rand.N(26))
	}
	_, err := cookiestore.New(signing.Keys{key}).Create(t.Context(), sessions.Record{Data: sessions.Data{"a": []byte(`"` + string(random) + `"`)}})
	if !errors.Is(err, cookiestore.ErrTooLarge) {
		t.Errorf("Create = %v, want ErrTooLarge", err)
	}
	w := httptest.NewRecorder()
	sessions.New(sessions.Config{Store: cookiestore.New(signing.Keys{key})}).Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.Of(r.Context()).Set(r.Context(), "a", string(random)); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, "saved")
	})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || strings.Contains(w.Body.String(), "saved") || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("status %d, body %q, cookie %q; want 500", w.Code, w.Body.String(), w.Header().Get("Set-Cookie"))
	}
}
