// Command migrate measures the command migrate with 1,000 models, which have 4,000 permissions, beside
// Django's: making the tables of the users, adding what 1,000 new models need, and finding that
// there is nothing to do. Each is a process of its own; start is part of the time.
//
//	go run ./bench/migrate
//	go run ./bench/migrate -db sqlite -rounds 7
//
// The models have no tables in both, so that only content types and permissions are made. How many
// statements migrate needs is asserted by a test of contrib/auth.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/go-belleville/belleville/bench/internal/rig"
	"github.com/go-belleville/belleville/core/signing"
)

// steps are the commands in their order, and how many models each has.
var steps = []struct {
	name    string
	models  string
	command string
}{
	{"migrate, an empty database", "0", "migrate"},
	{"migrate, nothing to do", "0", "migrate"},
	{"migrate, 1,000 new models", "1000", "migrate"},
	{"migrate, 1,000 models, nothing to do", "1000", "migrate"},
	{"check, 1,000 models", "1000", "check"},
}

func main() {
	kinds := flag.String("db", rig.Postgres+","+rig.SQLite, "databases")
	rounds := flag.Int("rounds", 5, "rounds, of which medians are taken")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, strings.Split(*kinds, ","), *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "migrate:", err)
		os.Exit(1)
	}
}

// program is one of the two that are compared.
type program struct {
	path, dir string
	args      []string // before the command
	env       []string
}

func run(ctx context.Context, kinds []string, rounds int) error {
	dir, err := os.MkdirTemp("", "belleville-migrate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path, err := rig.Build(ctx, "./bench/manysite", dir)
	if err != nil {
		return err
	}
	programs := []program{{path: path}}
	title := rig.Machine()
	django, err := rig.FindDjango(ctx, "5.2")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		if err := writeDjango(dir); err != nil {
			return err
		}
		title += ", Django " + django.Version + ", Python " + django.Python
		programs = append(programs, program{path: django.Interpreter(), dir: dir, args: []string{"many.py"}, env: django.Env()})
	}
	fmt.Printf("%s; medians of %d rounds\n\n| database | command | ours ms | Django ms | times | ours CPU ms | Django CPU ms | times |\n|%s\n",
		title, rounds, strings.Repeat(" --- |", 8))
	for _, kind := range kinds {
		took := make([][][]rig.Timed, len(programs)) // program, step, round
		for range rounds {
			for i, p := range programs {
				times, err := p.round(ctx, kind, dir)
				if err != nil {
					return err
				}
				took[i] = append(took[i], times)
			}
		}
		report(kind, took)
	}
	return nil
}

// round runs all steps on a new database.
func (p program) round(ctx context.Context, kind, dir string) (all []rig.Timed, err error) {
	db, err := rig.NewDatabase(ctx, kind, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Drop(context.WithoutCancel(ctx))) }()
	env := append([]string{"DATABASE_URL=" + db.URL, "SECRET_KEY=" + signing.RandomString(50, signing.Alphanumeric)}, p.env...)
	for _, s := range steps {
		args := append(append([]string(nil), p.args...), s.command, "--verbosity=0")
		if s.command == "check" {
			args = args[:len(args)-1]
		}
		t, err := rig.Time(ctx, p.dir, append(env, "MANY_MODELS="+s.models), p.path, args...)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// report prints a line for each step. A ratio is the median of the rounds' ratios.
func report(kind string, took [][][]rig.Timed) {
	for i, s := range steps {
		cells := []string{kind, s.name}
		for _, f := range []func(rig.Timed) time.Duration{func(t rig.Timed) time.Duration { return t.Wall }, func(t rig.Timed) time.Duration { return t.CPU }} {
			var times [2][]float64
			var ratios []float64
			for program, rounds := range took {
				for _, r := range rounds {
					times[program] = append(times[program], float64(f(r[i]))/float64(time.Millisecond))
				}
			}
			for round := range times[1] {
				ratios = append(ratios, times[1][round]/times[0][round])
			}
			cells = append(cells, fmt.Sprintf("%.0f", rig.Median(times[0])), fmt.Sprintf("%.0f", rig.Median(times[1])), fmt.Sprintf("%.1f", rig.Median(ratios)))
		}
		fmt.Println("| " + strings.Join(cells, " | ") + " |")
	}
}
