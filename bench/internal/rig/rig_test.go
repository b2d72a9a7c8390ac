package rig_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-belleville/belleville/bench/internal/rig"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		figures []float64
		want    float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 100}, 3}} {
		if got := rig.Median(tt.figures); got != tt.want {
			t.Errorf("Median(%v) = %v, want %v", tt.figures, got, tt.want)
		}
	}
}

// TestServer starts a program, measures it, and stops it with its children.
func TestServer(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 to be the server")
	}
	if _, err := os.Stat("/proc/self/smaps_rollup"); err != nil {
		t.Skip("CPU time and memory are read from Linux's /proc")
	}
	dir := t.TempDir()
	program := `import http.server, sys
host, port = sys.argv[1].split(":")
http.server.HTTPServer((host, int(port)), http.server.SimpleHTTPRequestHandler).serve_forever()`
	s, err := rig.Start(t.Context(), rig.Program{Name: "files", Path: python, Args: []string{"-c", program, rig.Address}, Dir: dir, Logs: dir})
	if err != nil {
		t.Fatal(err)
	}
	usage, err := s.Usage()
	if err != nil || usage.Since(nil) <= 0 || usage.Since(usage) != 0 {
		t.Errorf("usage %v, %v; want some", usage, err)
	}
	if bytes, err := s.Memory(); err != nil || bytes < 1<<20 {
		t.Errorf("memory %d, %v; want more than a MiB", bytes, err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if res, err := http.Get(s.URL); err == nil {
		res.Body.Close()
		t.Error("it answers after Stop")
	}
	if err := s.Stop(); err != nil {
		t.Errorf("a second Stop: %v", err)
	}
}

func TestServerThatEnds(t *testing.T) {
	t.Parallel()
	_, err := rig.Start(t.Context(), rig.Program{Name: "nothing", Path: os.Args[0], Args: []string{"-test.run=^$", "-no-such-flag=" + rig.Address}, Logs: t.TempDir()})
	if err == nil {
		t.Error("a program that ends at once counts as started")
	}
}

// TestWrk loads a page with cookies in turn.
func TestWrk(t *testing.T) {
	t.Parallel()
	if err := rig.CheckWrk(); err != nil {
		t.Skip(err)
	}
	var served, other atomic.Int64
	var last atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		if header := r.Header.Get("Cookie"); !strings.HasPrefix(header, "sessionid=key") || last.Swap(header) == header {
			other.Add(1)
		}
	}))
	defer server.Close()
	r, err := rig.Wrk(t.Context(), rig.Load{URL: server.URL + "/page/", Cookies: []string{"sessionid=key1", "sessionid=key0"}, Connections: 1, Time: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if r.Requests == 0 || r.Failed != 0 || r.PerSecond <= 0 || r.P50 <= 0 || r.P99 < r.P50 || r.Max < r.P99 || r.CPU <= 0 {
		t.Errorf("the result is %+v", r)
	}
	if served.Load() < r.Requests || other.Load() > 0 {
		t.Errorf("%d of %d requests had no cookie or the one before's", other.Load(), served.Load())
	}
}

func TestDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := rig.NewDatabase(t.Context(), rig.SQLite, dir)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := db.Version(t.Context()); err != nil || v == "" {
		t.Errorf("version %q, %v", v, err)
	}
	if err := db.Tidy(t.Context()); err != nil {
		t.Error(err)
	}
	if err := db.Drop(t.Context()); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left after Drop: %v", left)
	}
}
