// Command bench measures Belleville against Django and against a program written by hand, and prints
// the ratios:
//
//	go run ./bench                        all of it, about seven minutes
//	go run ./bench -short                 two, for a first look
//	go run ./bench -o docs/performance.md -json docs/performance.json
//
// The page is one for people who may see it: session from the database, user, permissions, template.
// It is served by bench/server, an ordinary Belleville project, by bench/limit, which sends the same
// statements by hand, and, when there is one, by Django 5.2 below gunicorn with two sync workers and
// DEBUG off, all on one database, which all of them understand. Before anything is measured, the pages
// are compared byte for byte. The load is wrk's, with the sessions of 1,000 people in turn. All
// servers of a comparison run at the same time and are loaded in turn, in a rotating order; a ratio is
// the median of the rounds' ratios. Run it from the root of the module, on a machine that does nothing
// else: what others used of it is printed too.
//
// It needs wrk, PostgreSQL (TEST_DATABASE_URL, by default 127.0.0.1:5432, user postgres), and for the
// comparison with Django what internal/djangotest/install.sh unpacks, and gunicorn. It leaves nothing
// behind.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-belleville/belleville/bench/internal/rig"
)

// options are what the flags say.
type options struct {
	databases   []string
	connections []int
	rounds      int
	time        time.Duration
	people      int
	document    string
	data        string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	o := options{connections: []int{8, 64}}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	databases := flags.String("databases", rig.Postgres+","+rig.SQLite, "databases to measure on")
	flags.Func("connections", "numbers of connections to load with (default 8,64)", func(text string) (err error) {
		o.connections, err = numbers(text)
		return err
	})
	flags.IntVar(&o.rounds, "rounds", 7, "rounds, of which medians are taken")
	flags.DurationVar(&o.time, "time", 4*time.Second, "length of a load, in whole seconds")
	flags.IntVar(&o.people, "people", 1000, "people who ask for the page in turn")
	short := flags.Bool("short", false, "three rounds of two seconds")
	flags.StringVar(&o.document, "o", "", "a Markdown `file` whose block between the bench comments is replaced")
	flags.StringVar(&o.data, "json", "", "a `file` for the raw figures")
	err := flags.Parse(args)
	if *short {
		o.rounds, o.time = 3, 2*time.Second
	}
	for kind := range strings.SplitSeq(*databases, ",") {
		if o.databases = append(o.databases, kind); err == nil && kind != rig.Postgres && kind != rig.SQLite {
			err = fmt.Errorf("%q is no kind of database: write postgres or sqlite", kind)
		}
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("no argument is taken, got %q", flags.Arg(0))
	}
	return o, err
}

func numbers(text string) (all []int, err error) {
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, fmt.Errorf("%q is no number", part)
		}
		all = append(all, n)
	}
	return all, nil
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if err := rig.CheckWrk(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "belleville-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r := &report{Started: time.Now().UTC(), Machine: rig.Machine(), Options: strings.Join(args, " ")}
	b := &bench{options: o, dir: dir, report: r}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	for _, kind := range o.databases {
		if err := b.measure(ctx, kind); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	r.Took = time.Since(r.Started).Round(time.Second).String()
	text := r.markdown()
	fmt.Print(text)
	if o.data != "" {
		raw, err := json.MarshalIndent(r, "", "\t")
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.data, append(raw, '\n'), 0o644); err != nil {
			return err
		}
	}
	if o.document == "" {
		return nil
	}
	return replaceBlock(o.document, text)
}

// progress tells the person at the terminal what is going on.
func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
