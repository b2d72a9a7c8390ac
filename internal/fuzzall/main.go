// Command fuzzall runs every fuzz target of the module, one after the other: the go command
// fuzzes one target of one package at a time.
//
//	go run ./internal/fuzzall -time 60s
//
// It finds the targets by parsing the test files below the current folder, nested modules
// included. A finding does not stop the others; the status is 1 when there was one.
package main

import (
	"context"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-belleville/belleville/internal/gofiles"
)

func main() {
	budget := flag.Duration("time", time.Minute, "how long each target runs")
	only := flag.String("run", "", "only targets whose package folder or name contains this")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	targets, err := find(os.DirFS("."))
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	targets = slices.DeleteFunc(targets, func(t target) bool { return !strings.Contains(t.String(), *only) })
	findings := 0
	for _, t := range targets {
		start := time.Now()
		out, err := fuzz(ctx, t, *budget)
		if ctx.Err() != nil {
			os.Exit(130)
		}
		if err != nil {
			findings++
			fmt.Printf("FAIL %s\n%s%s\n", t, out, failingInput(t.dir, out))
			continue
		}
		fmt.Printf("ok   %s (%s, %s)\n", t, time.Since(start).Round(100*time.Millisecond), executions(out))
	}
	fmt.Printf("fuzz targets=%d findings=%d\n", len(targets), findings)
	if findings > 0 {
		os.Exit(1)
	}
}

// target is a fuzz function and the folder of its package.
type target struct{ dir, name string }

func (t target) String() string { return "./" + t.dir + " " + t.name }

// find returns the fuzz functions of all test files, ordered by folder and file.
func find(root fs.FS) ([]target, error) {
	files, err := gofiles.Parse(root, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var targets []target
	for _, file := range files {
		for _, decl := range file.Syntax.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && file.Test && isFuzz(f) {
				targets = append(targets, target{file.Dir, f.Name.Name})
			}
		}
	}
	return targets, nil
}

// isFuzz tells whether the function is FuzzXxx(f *testing.F).
func isFuzz(f *ast.FuncDecl) bool {
	if f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Fuzz") || f.Type.Params.NumFields() != 1 {
		return false
	}
	pointer, ok := f.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	selector, ok := pointer.X.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == "F"
}

func fuzz(ctx context.Context, t target, budget time.Duration) (output string, err error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", budget.String(), ".")
	cmd.Dir = t.dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil && endedLate(string(out)) {
		err = nil
	}
	return string(out), err
}

// endedLate tells of a run that found nothing and whose worker was still busy with an input when the
// time was over, which the go command reports as a failure (https://go.dev/issue/48591).
func endedLate(output string) bool {
	return strings.Contains(output, "\n    context deadline exceeded\n") && !strings.Contains(output, "Failing input") &&
		strings.Count(output, "--- FAIL") == 1
}

// failingInput returns the file that the go command wrote the finding to: where the tree is thrown
// away afterwards, as in CI, the output is all that is left of it.
func failingInput(dir, output string) string {
	_, rest, found := strings.Cut(output, "Failing input written to ")
	name, _, _ := strings.Cut(rest, "\n")
	if !found {
		return ""
	}
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err.Error()
	}
	return name + ":\n" + string(text)
}

// executions returns the last "execs: N" of the go command's output.
func executions(output string) string {
	if i := strings.LastIndex(output, "execs: "); i >= 0 {
		count, _, _ := strings.Cut(output[i+len("execs: "):], " ")
		return count + " runs"
	}
	return "no count"
}
