package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is a line of go test -json; go doc test2json explains its fields.
type event struct {
	Action, Package, Test, Output, ImportPath, FailedBuild string
}

// testRun is how a test or subtest ended.
type testRun struct {
	pkg, name string
	status    string // pass, fail, skip; "" when it did not finish
	leaf      bool   // no subtest of it ran
	output    strings.Builder
}

// stream gathers events.
type stream struct {
	tests    map[[2]string]*testRun // by package and name; the package's own run has no name
	builds   map[string]*strings.Builder
	failures []string
}

// readEvents returns all tests and subtests, ordered by package and name, and one text for each
// failure: a test that failed or did not finish, a package that did not build or ended badly.
func readEvents(r io.Reader) ([]*testRun, []string, error) {
	s := stream{tests: make(map[[2]string]*testRun), builds: make(map[string]*strings.Builder)}
	decoder := json.NewDecoder(r)
	for {
		var e event
		if err := decoder.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, nil, fmt.Errorf("the input is not the output of go test -json: %w", err)
		}
		s.add(e)
	}
	tests := s.finish()
	if len(tests) == 0 && len(s.failures) == 0 {
		return nil, nil, errors.New("no test ran")
	}
	return tests, s.failures, nil
}

func (s *stream) add(e event) {
	if e.ImportPath != "" { // of the build
		if s.builds[e.ImportPath] == nil {
			s.builds[e.ImportPath] = new(strings.Builder)
		}
		s.builds[e.ImportPath].WriteString(e.Output)
		return
	}
	run := s.run(e.Package, e.Test)
	switch e.Action {
	case "output":
		run.output.WriteString(e.Output)
	case "pass", "fail", "skip":
		run.status = e.Action
		if e.FailedBuild != "" {
			run.output.WriteString(s.build(e.FailedBuild))
		}
	}
}

func (s *stream) run(pkg, name string) *testRun {
	key := [2]string{pkg, name}
	if s.tests[key] == nil {
		s.tests[key] = &testRun{pkg: pkg, name: name, leaf: true}
		for parent := name; strings.Contains(parent, "/"); {
			parent = parent[:strings.LastIndexByte(parent, '/')]
			if p := s.tests[[2]string{pkg, parent}]; p != nil {
				p.leaf = false
			}
		}
	}
	return s.tests[key]
}

func (s *stream) build(importPath string) string {
	if out := s.builds[importPath]; out != nil {
		return out.String()
	}
	return ""
}

// finish sorts the tests and writes the failures. A failure below another is reported alone, the
// test above failed because of it; unless it is the one above that a panic's text was put under.
func (s *stream) finish() []*testRun {
	var tests []*testRun
	for _, run := range s.tests {
		tests = append(tests, run)
	}
	slices.SortFunc(tests, func(a, b *testRun) int {
		return strings.Compare(a.pkg+"\x00"+a.name, b.pkg+"\x00"+b.name)
	})
	explained := make(map[[2]string]bool)
	for _, run := range slices.Backward(tests) { // from the leaves up
		if run.status == "pass" || run.status == "skip" {
			continue
		}
		if !explained[[2]string{run.pkg, run.name}] || strings.Contains(run.output.String(), "\npanic: ") {
			s.failures = append(s.failures, run.failure())
		}
		explained[[2]string{run.pkg, ""}] = true
		for i, c := range run.name {
			if c == '/' {
				explained[[2]string{run.pkg, run.name[:i]}] = true
			}
		}
	}
	slices.Reverse(s.failures)
	return slices.DeleteFunc(tests, func(run *testRun) bool { return run.name == "" })
}

// failure is the text for a run that did not pass, with the end of what it printed.
func (t *testRun) failure() string {
	what, where := "failed", strings.TrimSpace(shortPackage(t.pkg)+" "+t.name)
	if t.status == "" {
		what = "did not finish"
	}
	lines := strings.Split(strings.TrimRight(t.output.String(), "\n"), "\n")
	if len(lines) > 20 {
		lines = append([]string{"..."}, lines[len(lines)-20:]...)
	}
	return strings.TrimSpace(where + " " + what + "\n" + strings.Join(lines, "\n"))
}

// shortPackage is an import path without the module's part.
func shortPackage(importPath string) string {
	const module = "github.com/go-belleville/belleville"
	if importPath == module {
		return "."
	}
	return strings.TrimPrefix(importPath, module+"/")
}
