package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
)

func TestFind(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"core/a_test.go": {Data: []byte(`package core_test
import "testing"
func FuzzParse(f *testing.F) {}
func FuzzHelper(f *testing.F, n int) {}
func FuzzText(t *testing.T) {}
func (x X) FuzzMethod(f *testing.F) {}
func Fuzzless() {}
func TestX(t *testing.T) {}
func FuzzOther(f *testing.F) {}`)},
		"core/a.go":           {Data: []byte("package core\nimport \"testing\"\nfunc FuzzNoTestFile(f *testing.F) {}")},
		"contrib/x/b_test.go": {Data: []byte("package x\nimport \"testing\"\nfunc FuzzB(f *testing.F) {}")},
	}
	got, err := find(tree)
	want := []target{{"contrib/x", "FuzzB"}, {"core", "FuzzParse"}, {"core", "FuzzOther"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("find = %v, %v; want %v", got, err, want)
	}
}

func TestExecutions(t *testing.T) {
	t.Parallel()
	output := "fuzz: elapsed: 0s, gathering baseline coverage: 0/2 completed\n" +
		"fuzz: elapsed: 3s, execs: 100 (33/sec), new interesting: 0 (total: 2)\n" +
		"fuzz: elapsed: 5s, execs: 207 (53/sec), new interesting: 1 (total: 3)\nPASS\n"
	if got := executions(output); got != "207 runs" {
		t.Errorf("executions = %q, want %q", got, "207 runs")
	}
	if got := executions("ok"); got != "no count" {
		t.Errorf("executions = %q, want %q", got, "no count")
	}
}

func TestFailingInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "c8a9"), []byte("go test fuzz v1\nstring(\"//\")\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := failingInput(dir, "--- FAIL: FuzzX\n    Failing input written to c8a9\n    To re-run:\n")
	if want := "c8a9:\ngo test fuzz v1\nstring(\"//\")\n"; got != want {
		t.Errorf("failingInput = %q, want %q", got, want)
	}
	if got := failingInput(dir, "build failed"); got != "" {
		t.Errorf("failingInput without a finding = %q, want nothing", got)
	}
}
