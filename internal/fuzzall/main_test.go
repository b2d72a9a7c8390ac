package main

import (
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
