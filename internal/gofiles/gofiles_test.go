package gofiles_test

import (
	"fmt"
	"go/parser"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/internal/gofiles"
)

func TestParse(t *testing.T) {
	t.Parallel()
	file := &fstest.MapFile{Data: []byte("package x")}
	broken := &fstest.MapFile{Data: []byte("package")}
	got, err := gofiles.Parse(fstest.MapFS{
		"doc.go": file, "core/b_test.go": file, "core/a.go": file, "core/a.txt": broken,
		"core/testdata/a.go": broken, "vendor/x/a.go": broken, ".git/a.go": broken, "_old/a.go": broken,
	}, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range got {
		names = append(names, fmt.Sprint(f.Name, " in ", f.Dir, " ", f.Test, " ", f.Syntax.Name))
	}
	want := []string{"core/a.go in core false x", "core/b_test.go in core true x", "doc.go in . false x"}
	if !slices.Equal(names, want) {
		t.Errorf("Parse = %q, want %q", names, want)
	}
}

// TestParseBrokenFile: a file that cannot be parsed is an error, not a file left out.
func TestParseBrokenFile(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{"core/a.go": {Data: []byte("package core\nimport (")}}
	if got, err := gofiles.Parse(tree, parser.ImportsOnly); err == nil {
		t.Errorf("Parse = %v, nil; want an error", got)
	}
}
