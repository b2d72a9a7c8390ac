package rig

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Load is what wrk does to a page: a fixed number of connections, each of which asks again as soon as
// it has its answer.
type Load struct {
	// URL is the page's address.
	URL string
	// Cookies are the Cookie headers of the requests, taken in turn; none means none.
	Cookies []string
	// Connections is how many there are.
	Connections int
	// Time is how long it takes, in whole seconds, one at least.
	Time time.Duration
}

// Result is what came of a load.
type Result struct {
	// Requests were answered; Failed is how many of these with another status than 2xx or 3xx, and
	// how often a connection failed.
	Requests, Failed int64
	// PerSecond is the number of answers in a second.
	PerSecond float64
	// P50, P99 and Max are latencies in milliseconds.
	P50, P99, Max float64
	// CPU is what wrk itself took.
	CPU time.Duration
}

//go:embed load.lua
var script []byte

// ErrNoWrk says that there is no load generator.
var ErrNoWrk = errors.New("wrk is missing, which makes the load: apt-get install wrk (Debian), brew install wrk")

// CheckWrk returns [ErrNoWrk] when wrk is not installed.
func CheckWrk() error {
	if _, err := exec.LookPath("wrk"); err != nil {
		return ErrNoWrk
	}
	return nil
}

// Wrk loads a page and returns what came of it. It uses one thread.
func Wrk(ctx context.Context, l Load) (Result, error) {
	dir, err := os.MkdirTemp("", "belleville-load")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(dir)
	lua, cookies := filepath.Join(dir, "load.lua"), filepath.Join(dir, "cookies")
	if err := errors.Join(os.WriteFile(lua, script, 0o600), os.WriteFile(cookies, []byte(strings.Join(l.Cookies, "\n")), 0o600)); err != nil {
		return Result{}, err
	}
	seconds := max(1, int(l.Time.Round(time.Second)/time.Second))
	cmd := exec.CommandContext(ctx, "wrk", "-t", "1", "-c", strconv.Itoa(l.Connections), "-d", strconv.Itoa(seconds)+"s",
		"--timeout", "30s", "-s", lua, l.URL, "--", cookies)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return Result{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	_, text, found := strings.Cut(string(out), "RESULT ")
	var told struct {
		Requests, Micros, Failed int64
		P50, P99, Max            float64
	}
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&told); !found || err != nil {
		return Result{}, fmt.Errorf("wrk says %q", out)
	}
	state := cmd.ProcessState
	return Result{
		Requests: told.Requests, Failed: told.Failed, PerSecond: float64(told.Requests) / (float64(told.Micros) / 1e6),
		P50: told.P50 / 1000, P99: told.P99 / 1000, Max: told.Max / 1000, CPU: state.UserTime() + state.SystemTime(),
	}, nil
}
