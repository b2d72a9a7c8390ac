// Command flood measures what becomes of a page when many people log in at once: requests a second and
// latency of a page for logged-in users, alone and in a flood of log-ins, and log-ins a second alone
// and beside the page. It runs our site with passwords hashed in several ways and, when a Django is
// unpacked, the same site in Django:
//
//	go run ./bench/flood
//	go run ./bench/flood -db sqlite -rounds 5 -hasher argon2
//
// All servers run at the same time on one database with the same users, and are loaded in turn.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/go-belleville/belleville/bench/internal/rig"
	"github.com/go-belleville/belleville/core/signing"
)

// options are the command line.
type options struct {
	kind, hasher  string
	rounds        int
	pages, logins int // connections
	time          time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.kind, "db", rig.Postgres, "database, postgres or sqlite")
	flag.StringVar(&o.hasher, "hasher", "pbkdf2_sha256", "how passwords are hashed, pbkdf2_sha256 or argon2 (ours only)")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds, of which the medians are printed")
	flag.IntVar(&o.pages, "pages", 8, "connections that load the page")
	flag.IntVar(&o.logins, "logins", 16, "connections that log in without pause")
	flag.DurationVar(&o.time, "time", 4*time.Second, "how long each load lasts")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "flood:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	if err := rig.CheckWrk(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "belleville-flood")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	db, err := rig.NewDatabase(ctx, o.kind, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Drop(context.WithoutCancel(ctx))) }()
	path, err := rig.Build(ctx, "./bench/floodsite", dir)
	if err != nil {
		return err
	}
	env := []string{"DATABASE_URL=" + db.URL, "SECRET_KEY=" + signing.RandomString(50, signing.Alphanumeric), "ALLOWED_HOSTS=127.0.0.1", "EMAIL_URL=file:" + dir}
	if _, err := rig.Run(ctx, env, path, "migrate"); err != nil {
		return err
	}
	if err := seed(ctx, db.URL, o.hasher); err != nil {
		return err
	}
	programs := variants(path, dir, env, o)
	if django, err := djangoProgram(ctx, dir, env, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		programs = append(programs, django)
	}
	var servers []*site
	for _, p := range programs {
		s, err := rig.Start(ctx, p)
		if err != nil {
			return err
		}
		defer s.Stop()
		servers = append(servers, &site{Server: s})
	}
	cookies, err := logInAll(ctx, servers[0].URL)
	if err != nil {
		return err
	}
	for round := range o.rounds {
		for i := range servers {
			s := servers[(i+round)%len(servers)]
			if err := s.measure(ctx, o, cookies); err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
		}
		fmt.Fprintf(os.Stderr, "round %d of %d done\n", round+1, o.rounds)
	}
	report(servers, o)
	return nil
}

// variants are the ways of hashing that are compared.
func variants(path, dir string, env []string, o options) []rig.Program {
	extra := "EXTRA_PROCESSORS=" + strconv.Itoa(runtime.GOMAXPROCS(0))
	var programs []rig.Program
	for _, v := range []struct {
		name string
		env  []string
	}{
		{"ours", []string{extra}},
		{"ours, GOMAXPROCS as it is", nil},
		{"ours, half the limit", []string{extra, "FLOOD_LIMIT=" + strconv.Itoa(max(1, runtime.GOMAXPROCS(0)/2))}},
		{"ours, full priority", []string{"FLOOD_PRIORITY=full"}},
		{"ours, full priority, no limit", []string{"FLOOD_PRIORITY=full", "FLOOD_LIMIT=1000"}},
	} {
		programs = append(programs, rig.Program{
			Name: v.name, Path: path, Args: []string{"runserver", rig.Address}, Logs: dir,
			Env: append(append(v.env, env...), "FLOOD_HASHER="+o.hasher),
		})
	}
	return programs
}

//go:embed django
var djangoFiles embed.FS

// djangoProgram is the same site in Django below gunicorn with two sync workers.
func djangoProgram(ctx context.Context, dir string, env []string, o options) (rig.Program, error) {
	if o.hasher != "pbkdf2_sha256" {
		return rig.Program{}, errors.New("Django is left out: it is measured with its default hasher only")
	}
	django, err := rig.FindDjango(ctx, "5.2")
	if err != nil {
		return rig.Program{}, err
	}
	files, err := fs.Sub(djangoFiles, "django")
	if err != nil {
		return rig.Program{}, err
	}
	return django.Program("Django "+django.Version, filepath.Join(dir, "django"), files, "floodsite:application", 2, env)
}

// report prints a table of medians, and ratios.
func report(servers []*site, o options) {
	fmt.Printf("%s\n%s, %s, %d rounds of %v, %d connections load the page, %d log in; medians\n\n",
		rig.Machine(), o.kind, o.hasher, o.rounds, o.time, o.pages, o.logins)
	fmt.Println("| server | page req/s quiet | in flood | page p50 ms quiet | in flood | page p99 ms quiet | in flood | page max ms in flood | log-ins/s alone | in flood | p99 ratio | log-in ratio |")
	fmt.Println("|" + strings.Repeat(" --- |", 12))
	for _, s := range servers {
		cells := []string{s.Name}
		for _, f := range []func(figures) float64{
			func(f figures) float64 { return f.quiet.PerSecond }, func(f figures) float64 { return f.flood.PerSecond },
			func(f figures) float64 { return f.quiet.P50 }, func(f figures) float64 { return f.flood.P50 },
			func(f figures) float64 { return f.quiet.P99 }, func(f figures) float64 { return f.flood.P99 },
			func(f figures) float64 { return f.flood.Max },
			func(f figures) float64 { return f.alone }, func(f figures) float64 { return f.beside },
			func(f figures) float64 { return f.flood.P99 / f.quiet.P99 }, func(f figures) float64 { return f.beside / f.alone },
		} {
			var all []float64
			for _, round := range s.rounds {
				all = append(all, f(round))
			}
			cells = append(cells, cell(rig.Median(all)))
		}
		fmt.Println("| " + strings.Join(cells, " | ") + " |")
	}
}

// cell writes a figure; there is none for the latency of pages of which none was answered.
func cell(f float64) string {
	if f == 0 || math.IsNaN(f) || math.IsInf(f, 0) {
		return "none"
	}
	return strconv.FormatFloat(f, 'f', 2, 64)
}
