package sessions_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
)

func BenchmarkMemory(b *testing.B) { sessionstest.BenchmarkStore(b, memstore.New()) }

// BenchmarkMiddlewareUnused is the middleware around a page that does not use the session.
func BenchmarkMiddlewareUnused(b *testing.B) {
	h := sessions.New(sessions.Config{Store: memstore.New()}).Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: "sessionid", Value: sessions.NewKey()})
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}
