// Package gofiles parses the Go files of a source tree for the tests and tools that check it.
package gofiles

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"
)

// File is a parsed source file.
type File struct {
	// Name is the path below the root of the tree, with slashes; Dir is its folder, "." for the root.
	Name, Dir string
	// Test tells a _test.go file.
	Test bool
	// Syntax is as much of the tree as the parser mode asks for; Positions explains its positions.
	Syntax    *ast.File
	Positions *token.FileSet
}

// Parse parses every Go file below root, in lexical order. It leaves out the folders that the go
// command leaves out too: testdata, vendor, and names that begin with a dot or an underscore. Nested
// modules are part of the tree, build constraints are not looked at.
func Parse(root fs.FS, mode parser.Mode) ([]File, error) {
	var files []File
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && skipped(d.Name()):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		f := File{Name: name, Dir: path.Dir(name), Test: strings.HasSuffix(name, "_test.go"), Positions: token.NewFileSet()}
		f.Syntax, err = parser.ParseFile(f.Positions, name, text, mode)
		files = append(files, f)
		return err
	})
	return files, err
}

func skipped(folder string) bool {
	return folder == "testdata" || folder == "vendor" || folder[0] == '.' || folder[0] == '_'
}
