// Command sabotage finds tests that cannot fail: it makes a small wrong change to the program, one
// at a time, and the test that guards what is now wrong must fail.
//
//	go run ./internal/sabotage                          every change of the set security
//	go run ./internal/sabotage -row G07                 those of one row
//	go run ./internal/sabotage -row G07-adopted         one
//	go run ./internal/sabotage -n 30                    30 random rows, one random change of each
//	go run ./internal/sabotage -set django              another set
//
// Nothing is written to the tree: the changed files are put before the go command with its -overlay
// flag. Before anything else the tests must pass on the tree as it is. Then for each change the
// program must build and the test must run and fail. A change that does not build, whose old text
// is not where it was, or whose test does not run or does not end is BROKEN, which is as bad as
// MISSED; the status is 1 then. The last line counts rows; a row is caught when all its changes are.
//
// # Sets and changes
//
// A set is a folder beside this file; security holds the rows G01 to G50 of the feature list, and
// every row that a test stands for has at least one change. A change is a text file in the set's
// folder, <row>-<a few words>.txt, in txtar's form: the facts, then pairs of sections with the old
// and the new text.
//
//	what: the session keeps its key at login
//	test: contrib/auth TestLoginRows/row/G06
//	-- old contrib/auth/login.go --
//			return s.CycleKey(ctx)
//	-- new --
//			return nil
//
// The old text is whole lines and is found exactly once in the file; where that takes a line more,
// it has a line more. Several pairs make one change, in one file or in several. The facts are
//
//	what   what is wrong now, in a few words
//	test   the folder of a package and the test that must fail; * stands for any one part of its
//	       name, and then at least one test of that form
//	run    instead of the test as the go command's -run pattern, where the test needs others before it
//	copy   yes: the test reads the source files, so the change is made in a copy of the tree
//
// To add one, write the file and run it: go run ./internal/sabotage -set <set> -row <row>. Think of
// the wrong change that somebody could make in good faith: a line lost in a merge, == where the
// comparison had a reason, a check moved behind what it guards. A change that is MISSED has found a
// test that cannot fail; mend the test, not the change. A new set is a new folder.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

func main() {
	var o options
	flag.StringVar(&o.set, "set", "security", "folder of changes, below internal/sabotage")
	flag.StringVar(&o.rows, "row", "", "only these rows, or changes by their names, with commas")
	flag.IntVar(&o.n, "n", 0, "only so many random rows, and one random change of each; 0 takes all")
	flag.Uint64Var(&o.seed, "seed", 0, "what chooses the random ones; 0 takes the time")
	flag.IntVar(&o.parallel, "parallel", 2, "how many changes at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

type options struct {
	set, rows   string
	n, parallel int
	seed        uint64
}

// errNotCaught is the error of a run that ended and found something.
var errNotCaught = errors.New("not every change was caught: mend the tests that missed one, and the changes that are broken")

func run(ctx context.Context, out io.Writer, o options) error {
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	all, err := readSet(os.DirFS(filepath.Join("internal", "sabotage", o.set)))
	if err != nil {
		return fmt.Errorf("set %s: %w", o.set, err)
	}
	if o.seed == 0 {
		o.seed = uint64(time.Now().Unix())
	}
	chosen, err := choose(all, o)
	if err != nil {
		return err
	}
	if o.n > 0 {
		fmt.Fprintf(out, "seed=%d\n", o.seed)
	}
	scratch, err := os.MkdirTemp("", "sabotage")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	w := workshop{root: root, scratch: scratch}
	if err := w.passesUnchanged(ctx, chosen); err != nil {
		return err
	}
	return work(ctx, out, w, chosen, o.parallel)
}

// choose returns the changes to make, with those of one package side by side.
func choose(all []change, o options) ([]change, error) {
	var chosen []change
	for _, c := range all {
		if asked := strings.Split(o.rows, ","); o.rows == "" || slices.Contains(asked, c.row) || slices.Contains(asked, c.name) {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("there is no change of row %s in the set %s", o.rows, o.set)
	}
	if o.n > 0 {
		random := rand.New(rand.NewPCG(o.seed, 0))
		random.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
		seen := map[string]bool{}
		chosen = slices.DeleteFunc(chosen, func(c change) bool {
			if seen[c.row] || len(seen) == o.n {
				return true
			}
			seen[c.row] = true
			return false
		})
	}
	slices.SortFunc(chosen, func(a, b change) int {
		return slices.Compare([]string{a.dir, a.edits[0].file, a.name}, []string{b.dir, b.edits[0].file, b.name})
	})
	return chosen, nil
}

// work makes the changes, so many at a time, and prints what came of each and the tally.
func work(ctx context.Context, out io.Writer, w workshop, chosen []change, parallel int) error {
	var (
		mu     sync.Mutex
		group  sync.WaitGroup
		next   = make(chan change)
		caught = map[string]bool{}
	)
	for _, c := range chosen {
		caught[c.row] = true
	}
	for range max(1, parallel) {
		group.Go(func() {
			for c := range next {
				verdict, detail := w.judge(ctx, c)
				mu.Lock()
				fmt.Fprintf(out, "%-4s %-7s %s (%s)\n%s", c.row, verdict, c.what, c.name, detail)
				caught[c.row] = caught[c.row] && verdict == isCaught
				mu.Unlock()
			}
		})
	}
	for _, c := range chosen {
		if ctx.Err() != nil {
			break
		}
		next <- c
	}
	close(next)
	group.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	count := 0
	for _, ok := range caught {
		if ok {
			count++
		}
	}
	fmt.Fprintf(out, "rows=%d caught=%d\n", len(caught), count)
	if count < len(caught) {
		return errNotCaught
	}
	return nil
}
