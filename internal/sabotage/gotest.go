package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// limit is the longest that the tests of a package may take; a test that a change keeps from ending
// is found by it.
const limit = "120s"

// outcome is what a run of the go command said.
type outcome struct {
	ended                 map[[2]string]string // folder of the package and test: pass, fail, skip
	buildFailed, timedOut bool
	output                []string
}

// event is a line of go test -json.
type event struct {
	Action, Package, Test, Output, FailedBuild string
}

// goTest runs tests in a folder. Tests that fail are no error of it.
func goTest(ctx context.Context, dir string, args ...string) (outcome, error) {
	// without -count=1 a test could be taken for good that another database server passed
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json", "-vet=off", "-count=1", "-timeout", limit}, args...)...)
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	var errs bytes.Buffer
	cmd.Stderr = &errs
	events, err := cmd.Output()
	if ctx.Err() != nil {
		return outcome{}, ctx.Err()
	}
	got := readOutcome(events)
	if err != nil && len(got.ended) == 0 && !got.buildFailed {
		return got, fmt.Errorf("go %s: %w\n%s%s", strings.Join(cmd.Args[1:], " "), err, errs.String(), got.text())
	}
	return got, nil
}

func readOutcome(events []byte) outcome {
	got := outcome{ended: map[[2]string]string{}}
	lines := bufio.NewScanner(bytes.NewReader(events))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue // not of the tests
		}
		switch e.Action {
		case "output", "build-output":
			got.output = append(got.output, e.Output)
			got.timedOut = got.timedOut || strings.HasPrefix(e.Output, "panic: test timed out after")
		case "build-fail":
			got.buildFailed = true
		case "pass", "fail", "skip":
			got.buildFailed = got.buildFailed || e.FailedBuild != ""
			got.ended[[2]string{e.Package, e.Test}] = e.Action
		}
	}
	return got
}

// of counts how the tests ended that the change is meant for. A skipped one counts as neither.
func (o outcome) of(c change) (passed, failed int) {
	for test, how := range o.ended {
		switch {
		case test[0] != c.dir && !strings.HasSuffix(test[0], "/"+c.dir), !c.guards(test[1]):
		case how == "pass":
			passed++
		case how == "fail":
			failed++
		}
	}
	return passed, failed
}

// text is the end of what was printed.
func (o outcome) text() string {
	const most = 40
	lines := o.output
	if len(lines) > most {
		lines = lines[len(lines)-most:]
	}
	return "\t" + strings.Join(lines, "\t")
}
