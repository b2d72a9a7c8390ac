package csrf_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func BenchmarkCheck(b *testing.B) {
	for name, s := range map[string]store{"cookie": inCookie, "session": inSession} {
		b.Run(name, func(b *testing.B) {
			bench := s.bench(b, config{})
			r := bench.inSite(s.request(asked{method: "POST", kept: secret, header: token2, origin: "http://testserver"}))
			b.ReportAllocs()
			for b.Loop() {
				if err := bench.Check(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMiddleware is what a page without a token pays.
func BenchmarkMiddleware(b *testing.B) {
	bench := inCookie.bench(b, config{})
	h := bench.Middleware(bench.CheckRoutes(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })))
	r := bench.inSite(inCookie.request(asked{kept: secret}))
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}
