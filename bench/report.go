package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/go-belleville/belleville/bench/internal/rig"
)

// report is a whole run: what -json writes.
type report struct {
	Started  time.Time
	Took     string
	Options  string
	Machine  string
	Versions []string
	Tables   []*table
}

// table is what was measured on one database with one number of connections.
type table struct {
	Database    string
	Connections int
	Servers     []*column
}

// column is one server in a table.
type column struct {
	Name    string
	Samples []sample // by round
	MiB     float64  // memory afterwards
}

// sample is one load.
type sample struct {
	PerSecond float64
	// P50 and P99 are latencies in milliseconds.
	P50, P99 float64
	// ServerCPU and DatabaseCPU are microseconds per request; the latter is that of PostgreSQL's
	// processes, 0 for SQLite.
	ServerCPU, DatabaseCPU float64
	// Requests is how many there were.
	Requests int64
	// Others is how many cores neither servers nor load used.
	Others float64
}

// targets are what is wanted of Belleville against Django; of the program written by hand it is 0.9.
func target(kind string) float64 {
	if kind == rig.Postgres {
		return 8
	}
	return 10
}

const (
	targetByHand = 0.9
	targetCached = 35 // times Django, with the cache on
)

func title(kind string) string {
	if kind == rig.Postgres {
		return "PostgreSQL"
	}
	return "SQLite"
}

func versions() []string {
	all := []string{runtime.Version()}
	for _, m := range rig.Modules("github.com/uptrace/bun", "github.com/jackc/pgx/v5", "modernc.org/sqlite", "github.com/gorilla/mux") {
		path, version, _ := strings.Cut(m, " ")
		path = strings.TrimSuffix(path, "/v5")
		all = append(all, path[strings.LastIndexByte(path, '/')+1:]+" "+version)
	}
	return all
}

// column returns a server of a table, nil when it did not run.
func (t *table) column(name string) *column {
	for _, c := range t.Servers {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// median of one figure of all samples.
func (c *column) median(of func(sample) float64) float64 {
	var all []float64
	for _, s := range c.Samples {
		all = append(all, of(s))
	}
	return rig.Median(all)
}

// times is how many times as much as another server this one does: the median of the rounds' ratios.
func (c *column) times(other *column, of func(sample) float64) float64 {
	if c == nil || other == nil {
		return 0
	}
	var all []float64
	for i := range min(len(c.Samples), len(other.Samples)) {
		if there := of(other.Samples[i]); there > 0 {
			all = append(all, of(c.Samples[i])/there)
		}
	}
	return rig.Median(all)
}

func speed(s sample) float64 { return s.PerSecond }

// cpu is what a request takes of the machine, without the load.
func cpu(s sample) float64 { return s.ServerCPU + s.DatabaseCPU }

// markdown is the report for people.
func (r *report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s in %s with `%s` on %s.\n%s.\n\n", r.Started.Format("2 January 2006"), r.Took,
		strings.TrimSpace("go run ./bench "+r.Options), r.Machine, strings.Join(r.Versions, ", "))
	b.WriteString("| database | connections | times Django's req/s | wanted | of the program by hand | wanted | times Django's with the cache on | wanted |\n|---|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, t := range r.Tables {
		ours := t.column(belleville)
		fmt.Fprintf(&b, "| %s | %d | %s | %.0f | %s | %.1f | %s | %d |\n", title(t.Database), t.Connections,
			figure(ours.times(t.column(djangoName), speed), 1), target(t.Database), figure(ours.times(t.column(byHand), speed), 2), targetByHand,
			figure(t.column(cached).times(t.column(djangoName), speed), 1), targetCached)
	}
	for _, t := range r.Tables {
		t.markdown(&b)
	}
	return b.String()
}

// figure writes a number, a dash for one that was not measured.
func figure(f float64, digits int) string {
	if f == 0 {
		return "-"
	}
	return fmt.Sprintf("%.*f", digits, f)
}

func (t *table) markdown(b *strings.Builder) {
	var others []float64
	for _, c := range t.Servers {
		others = append(others, c.median(func(s sample) float64 { return s.Others }))
	}
	fmt.Fprintf(b, "\n%s, %d connections (others used %.2f cores meanwhile):\n\n", title(t.Database), t.Connections, max(0, rig.Median(others)))
	b.WriteString("| server | req/s | slowest and fastest round | times Django | p50 ms | p99 ms | CPU µs a request | database CPU µs | times less CPU than Django | CPU against by hand | MiB |\n" +
		"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	django := t.column(djangoName)
	for _, c := range t.Servers {
		low, high := c.Samples[0].PerSecond, c.Samples[0].PerSecond
		for _, s := range c.Samples {
			low, high = min(low, s.PerSecond), max(high, s.PerSecond)
		}
		less := 0.0
		if django != nil {
			less = django.times(c, cpu)
		}
		fmt.Fprintf(b, "| %s | %.0f | %.0f–%.0f | %s | %.2f | %.2f | %.0f | %s | %s | %s | %.0f |\n", c.Name, c.median(speed), low, high,
			figure(c.times(django, speed), 1), c.median(func(s sample) float64 { return s.P50 }), c.median(func(s sample) float64 { return s.P99 }),
			c.median(func(s sample) float64 { return s.ServerCPU }), figure(c.median(func(s sample) float64 { return s.DatabaseCPU }), 0),
			figure(less, 1), figure(c.times(t.column(byHand), cpu), 2), c.MiB)
	}
}

// The comments between which a document has the tables.
const (
	blockBegin = "<!-- bench: begin; go run ./bench -o writes this -->\n"
	blockEnd   = "<!-- bench: end -->\n"
)

// replaceBlock puts text between the comments of a document.
func replaceBlock(path, text string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, found := bytes.Cut(old, []byte(blockBegin))
	_, after, closed := bytes.Cut(rest, []byte(blockEnd))
	if !found || !closed {
		return errors.New(path + " has no block to replace: it is between the lines\n" + blockBegin + blockEnd)
	}
	return os.WriteFile(path, []byte(string(before)+blockBegin+text+blockEnd+string(after)), 0o644)
}
