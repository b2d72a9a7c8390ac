// Command start measures how long `manage --help` and `manage check` take, from the start of the process
// to its end, against two Go programs that do nothing: one that links nothing, and one that links the
// database drivers and bun, which every project does.
//
//	go run ./bench/start
//
// Wall time depends on what else the machine does; CPU time hardly does.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-belleville/belleville/bench/internal/rig"
	"github.com/go-belleville/belleville/core/signing"
)

// rows are what is started: a package, and its arguments.
var rows = [][]string{
	{"./bench/empty"},
	{"./bench/nothing"},
	{"./cmd/manage", "--help"},
	{"./cmd/manage", "check"},
}

func main() {
	rounds := flag.Int("rounds", 200, "how often each is started, in turn")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "start:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int) error {
	dir, err := os.MkdirTemp("", "belleville-start")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	env := []string{"DATABASE_URL=sqlite:" + filepath.Join(dir, "db.sqlite3"), "SECRET_KEY=" + signing.RandomString(50, signing.Alphanumeric)}
	paths := map[string]string{}
	for _, row := range rows {
		if paths[row[0]] == "" {
			if paths[row[0]], err = rig.Build(ctx, row[0], dir); err != nil {
				return err
			}
		}
	}
	if _, err := rig.Time(ctx, "", env, paths["./cmd/manage"], "migrate"); err != nil {
		return err
	}
	wall, cpu := make([][]float64, len(rows)), make([][]float64, len(rows))
	for range rounds {
		for i, row := range rows {
			t, err := rig.Time(ctx, "", env, paths[row[0]], row[1:]...)
			if err != nil {
				return err
			}
			wall[i] = append(wall[i], float64(t.Wall)/float64(time.Millisecond))
			cpu[i] = append(cpu[i], float64(t.CPU)/float64(time.Millisecond))
		}
	}
	fmt.Printf("%s; medians of %d starts in turn\n\n", rig.Machine(), rounds)
	fmt.Println("| program | wall ms | times empty | times nothing | CPU ms | times empty | times nothing |")
	fmt.Println("|" + strings.Repeat(" --- |", 7))
	for i, row := range rows {
		cells := []string{strings.Join(row, " ")}
		for _, times := range [][][]float64{wall, cpu} {
			cells = append(cells, fmt.Sprintf("%.1f", rig.Median(times[i])), ratio(times[i], times[0]), ratio(times[i], times[1]))
		}
		fmt.Println("| " + strings.Join(cells, " | ") + " |")
	}
	return nil
}

// ratio is that of the medians: a single start is shorter than what disturbs it.
func ratio(a, b []float64) string { return fmt.Sprintf("%.1f", rig.Median(a)/rig.Median(b)) }
