package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/bench/internal/rig"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/signing"
)

// BenchmarkPage asks for the page by the project's handler, without a network: what the framework and
// the database's driver do, with the log going nowhere.
func BenchmarkPage(b *testing.B) {
	for _, kind := range []string{rig.SQLite, rig.Postgres} {
		b.Run(kind, func(b *testing.B) {
			made, err := rig.NewDatabase(b.Context(), kind, b.TempDir())
			if err != nil {
				b.Skipf("not measured: %v", err)
			}
			b.Cleanup(func() { _ = made.Drop(context.Background()) })
			db, err := core.OpenDB(made.URL)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { db.Close() })
			log := slog.New(slog.NewTextHandler(discard{}, nil))
			p, err := newProject(core.Settings{DB: db, Keys: signing.Keys{"a key for benchmarks only, which is long enough"}, AllowedHosts: []string{"testserver"}, Log: log})
			if err != nil {
				b.Fatal(err)
			}
			var out strings.Builder
			for _, args := range [][]string{{"migrate"}, {"loadpeople", "50"}} {
				out.Reset()
				if err := p.Call(b.Context(), &command.Env{Stdout: &out}, args[0], args[1:]...); err != nil {
					b.Fatal(err)
				}
			}
			if err := made.Tidy(b.Context()); err != nil {
				b.Fatal(err)
			}
			keys := strings.Fields(out.String())
			h, err := p.Handler()
			if err != nil {
				b.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodGet, "http://testserver/report/", nil)
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				i = (i + 1) % len(keys)
				r.Header.Set("Cookie", "sessionid="+keys[i])
				w := &writer{header: http.Header{}}
				h.ServeHTTP(w, r)
				if w.status != http.StatusOK {
					b.Fatalf("status %d", w.status)
				}
			}
		})
	}
}

// discard takes a log as a terminal would, without io.Discard's short cuts.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

type writer struct {
	header http.Header
	status int
}

func (w *writer) Header() http.Header         { return w.header }
func (w *writer) WriteHeader(status int)      { w.status = status }
func (w *writer) Write(p []byte) (int, error) { return len(p), nil }
