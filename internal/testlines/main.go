// Command testlines shows the events of go test -json as go test shows its own: a line for each
// package, and what failing tests and packages said.
//
//	go test -json ./... | tee results.json | go run ./internal/testlines
//
// make test uses it when the events are kept for make conformance. The status is 1 when anything
// failed, or when there were no events at all.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() { os.Exit(show(os.Stdin, os.Stdout)) }

// event is what go test -json tells of; see go doc test2json, and go help buildjson for ImportPath.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

// show returns the exit status.
func show(events io.Reader, out io.Writer) int {
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 64<<20)
	said := map[string]*strings.Builder{} // by package and test
	status, packages := 0, 0
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(out, lines.Text())
			continue
		}
		key := e.Package + e.ImportPath + " " + e.Test
		switch e.Action {
		case "output", "build-output":
			if said[key] == nil {
				said[key] = new(strings.Builder)
			}
			said[key].WriteString(e.Output)
		case "pass", "skip", "fail", "build-fail":
			if e.Action == "fail" || e.Action == "build-fail" {
				status = 1
				if text := said[key]; text != nil {
					fmt.Fprint(out, text)
				}
			}
			if e.Test == "" && e.Action != "build-fail" {
				packages++
				if e.Action == "pass" {
					fmt.Fprintf(out, "ok  \t%s\t%.1fs\n", e.Package, e.Elapsed)
				}
			}
			delete(said, key)
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(out, "error:", err)
		return 1
	}
	if packages == 0 {
		fmt.Fprintln(out, "error: no package was tested")
		return 1
	}
	return status
}
