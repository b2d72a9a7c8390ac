// Soak runs two servers with sessions for a while under a hundred visitors, kills the servers, the
// database and Redis again and again, and looks whether anything that was acknowledged is missing
// or came to somebody else.
//
//	go run . -duration 5m
//
// It starts a PostgreSQL and a Redis of its own on free ports, with data in a temporary folder, and
// two processes of itself as servers. The engines are the database, the database behind a cache in
// Redis, and Redis. Every visitor has several requests under way at once, each of which sets a value
// of its own; sometimes a session gets a new key, and sometimes its visitor logs out.
//
// Every answer of 200 is written into a journal, outside of the servers. At the end the journal is
// compared with what the stores hold and with what both servers say. The last line is
//
//	acknowledged=N lost=0 foreign=0 kills=K
//
// lost are acknowledged values that are missing or older than acknowledged, foreign are values and
// sessions of somebody else, those that came back after a log-out among them. Anything but 0 is
// exit status 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-belleville/belleville/core/signing"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) == 2 && os.Args[1] == "serve" {
		exit(serve(ctx))
	}
	duration := flag.Duration("duration", 5*time.Minute, "how long visitors come")
	visitors := flag.Int("visitors", 100, "how many visitors there are")
	pause := flag.Duration("pause", 0, "time between two kills; 0 means a tenth of the duration")
	flag.Parse()
	if *pause == 0 {
		*pause = *duration / 10
	}
	exit(run(ctx, *duration, *pause, *visitors))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// errFailed says that the last line has the reason.
var errFailed = errors.New("something was lost, or came to somebody else")

// run is the whole soak.
func run(ctx context.Context, duration, pause time.Duration, visitors int) error {
	dir, err := os.MkdirTemp("", "belleville-soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s := &site{dir: dir, key: signing.RandomString(50, signing.Alphanumeric)}
	defer s.stop()
	if err := s.start(ctx); err != nil {
		return err
	}
	journal, err := newJournal(filepath.Join(dir, "journal"))
	if err != nil {
		return err
	}
	fmt.Printf("%d visitors for %v, a kill every %v\n", visitors, duration, pause)
	crowd := newCrowd(visitors, s.addresses(), journal)
	coming, done := context.WithTimeout(ctx, duration)
	defer done()
	killed := make(chan int)
	var killErr error
	go func() {
		kills := 0
		kills, killErr = s.kill(coming, pause)
		killed <- kills
	}()
	crowd.visit(coming)
	kills := <-killed
	if err := errors.Join(killErr, ctx.Err(), journal.close()); err != nil {
		return err
	}
	return s.report(ctx, crowd, journal, kills)
}

// report compares and prints the last line.
func (s *site) report(ctx context.Context, c *crowd, j *journal, kills int) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	v, err := s.verify(ctx, c, j)
	if err != nil {
		return err
	}
	for _, text := range v.examples {
		fmt.Println(text)
	}
	fmt.Printf("%d requests were refused or cut off while something was down\n", c.refused.Load())
	fmt.Printf("acknowledged=%d lost=%d foreign=%d kills=%d\n", v.acknowledged, v.lost, v.foreign, kills)
	if v.lost > 0 || v.foreign > 0 || v.acknowledged == 0 {
		return errFailed
	}
	return nil
}
