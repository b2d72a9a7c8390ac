package sessionstest

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
)

// BenchmarkStore measures a store with a session as a logged-in visitor has it: loading, saving,
// and both within a request through the whole middleware.
func BenchmarkStore(b *testing.B, s sessions.Store) {
	visitor := data("_auth_user_id", `"12345"`, "_auth_user_backend", `"django.contrib.auth.backends.ModelBackend"`,
		"_auth_user_hash", `"fbc24b4825bc5d3ff62ded1e0372b2104bf36a20ec7c2e1a1efab13a0ca2162a"`, "cart", `["tea","cup"]`)
	key, err := s.Create(b.Context(), sessions.Record{Data: visitor, Expires: time.Now().Add(time.Hour)})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("load", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Load(b.Context(), key); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("save", func(b *testing.B) { // as a request does it that loaded the session before
		b.ReportAllocs()
		c := sessions.Change{Set: data("cart", `["tea","cup","spoon"]`), Expires: time.Now().Add(time.Hour)}
		for b.Loop() {
			was, err := s.Load(b.Context(), key)
			if err != nil {
				b.Fatal(err)
			}
			if key, err = s.Update(b.Context(), key, was, c); err != nil {
				b.Fatal(err)
			}
		}
	})
	sess := sessions.New(sessions.Config{Store: s})
	for name, change := range map[string]bool{"middleware reading": false, "middleware writing": true} {
		h := sess.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			x := sessions.Of(r.Context())
			id, _, err := sessions.Get[string](r.Context(), x, "_auth_user_id")
			if err == nil && change {
				err = x.Set(r.Context(), "cart", []string{"tea", "cup"})
			}
			if err != nil || id != "12345" {
				b.Errorf("the session says %q, %v", id, err)
			}
		}))
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.AddCookie(&http.Cookie{Name: "sessionid", Value: key})
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
