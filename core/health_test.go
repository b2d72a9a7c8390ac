package core_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
)

// probed is an app that is ready when err is nil.
func probed(err error) core.App {
	return core.App{Label: "parts", Probe: func(context.Context) error { return err }}
}

func probe(path string) *http.Request {
	return httptest.NewRequest("GET", "http://10.0.0.7:8000"+path, nil) // no host of the site's
}

func TestHealth(t *testing.T) {
	t.Parallel()
	redirect := func(s *core.Settings) { s.Security.RedirectToHTTPS = true }
	broken := func(s *core.Settings) { _ = s.DB.Close() }
	for _, tt := range []struct {
		name   string
		change func(*core.Settings)
		path   string
		app    core.App
		status int
		body   string
	}{
		{"alive", nil, "/healthz", probed(nil), 200, `{"status":"ok"}`},
		{"alive with a part that fails", nil, "/healthz", probed(errors.New("no")), 200, `{"status":"ok"}`},
		{"alive without a database", broken, "/healthz", probed(nil), 200, `{"status":"ok"}`},
		{"alive over http", redirect, "/healthz", probed(nil), 200, `{"status":"ok"}`},
		{"ready", nil, "/readyz", probed(nil), 200, `{"status":"ok"}`},
		{"a part is not ready", nil, "/readyz", probed(errors.New("secret detail")), 503, `{"failed":["parts"],"status":"not ready"}`},
		{"the database is gone", broken, "/readyz", probed(nil), 503, `{"failed":["database","migrations"],"status":"not ready"}`},
		{"left out", func(s *core.Settings) { s.NoHealth = true; s.AllowedHosts = []string{"*"} }, "/healthz", probed(nil), 404, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, tt.change, probe(tt.path), tt.app)
			if w.Code != tt.status {
				t.Errorf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			if got := strings.TrimSpace(w.Body.String()); tt.body != "" && got != tt.body {
				t.Errorf("body %s, want %s", got, tt.body)
			}
			if tt.body != "" && w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("Cache-Control %q, want no-store", w.Header().Get("Cache-Control"))
			}
		})
	}
}

// TestHealthOwnRoute leaves a path to the app that has a page there.
func TestHealthOwnRoute(t *testing.T) {
	t.Parallel()
	app := core.App{Label: "a", Routes: func(r *web.Router) {
		r.Get("/healthz", "mine", func(w http.ResponseWriter, _ *http.Request) error {
			return web.JSON(w, http.StatusTeapot, nil)
		})
	}}
	if w := ask(t, nil, get("/healthz"), app); w.Code != http.StatusTeapot {
		t.Errorf("status %d, want the app's own", w.Code)
	}
}

// TestReadyIsRemembered bounds what a crowd that asks costs.
func TestReadyIsRemembered(t *testing.T) {
	t.Parallel()
	asked := 0
	p, err := core.New(settings(t), core.App{Label: "parts", Probe: func(context.Context) error { asked++; return nil }})
	if err != nil {
		t.Fatal(err)
	}
	h, err := p.Handler()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for range 20 {
		h.ServeHTTP(httptest.NewRecorder(), probe("/readyz"))
	}
	if most := 1 + int(time.Since(start)/time.Second); asked > most {
		t.Errorf("the part was asked %d times, want at most %d", asked, most)
	}
}

// TestDrain says no to load balancers before the server stops listening.
func TestDrain(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s.DrainTime = time.Hour
	p, err := core.New(s)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { _ = p.Serve(ctx, ln) }()
	address := "http://" + ln.Addr().String() + "/readyz"
	if got := status(t, address); got != 200 {
		t.Fatalf("status %d before the stop, want 200", got)
	}
	stop()
	deadline := time.Now().Add(20 * time.Second)
	for status(t, address) != http.StatusServiceUnavailable {
		if time.Now().After(deadline) {
			t.Fatal("/readyz still says yes after the stop")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func status(t *testing.T, address string) int {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
