package main

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/go-belleville/belleville/internal/gofiles"
)

// withoutExample are packages and functions that need no runnable example, with the reason.
var withoutExample = map[string]string{
	"contrib/sessions/redisstore": "an example would need a Redis server; the package comment has the two lines",
}

// shown is what is known of a package: its functions, and those that a runnable example calls.
type shown struct {
	name, file string
	functions  []string
	examples   []*ast.File
}

// missingExamples returns one line for each package that can be imported and each exported
// function of one that no runnable example uses: one with an Output comment, which go test compares.
// A function is used when it is called in the example or in what the example needs of its file, or
// when the example is named for it. Packages for tests, whose functions take a *testing.T, have none.
func missingExamples(root fs.FS) ([]string, error) {
	files, err := gofiles.Parse(root, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	packages := map[string]*shown{}
	for _, f := range files {
		if f.Syntax.Name.Name == "main" || !isPublic(f.Dir) {
			continue
		}
		p := packages[f.Dir]
		if p == nil {
			p = &shown{}
			packages[f.Dir] = p
		}
		if f.Test {
			p.examples = append(p.examples, f.Syntax)
			continue
		}
		p.name, p.file = f.Syntax.Name.Name, f.Name
		p.functions = append(p.functions, exportedFunctions(f.Syntax)...)
	}
	var findings []string
	for _, dir := range slices.Sorted(maps.Keys(packages)) {
		if withoutExample[dir] == "" {
			findings = append(findings, packages[dir].missing(dir)...)
		}
	}
	return findings, nil
}

// isPublic tells packages that users import from those that are tools, programs or made for tests.
func isPublic(dir string) bool {
	first, _, _ := strings.Cut(dir, "/")
	return dir != "." && first != "internal" && first != "cmd" && first != "examples" &&
		!strings.Contains(dir, "/internal/") && !strings.HasSuffix(dir, "test")
}

func exportedFunctions(file *ast.File) []string {
	var names []string
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.IsExported() {
			names = append(names, f.Name.Name)
		}
	}
	return names
}

func (p *shown) missing(dir string) []string {
	used, runnable := p.used()
	if !runnable && p.name != "" {
		return []string{fmt.Sprintf("%s: the package has no runnable example", p.file)}
	}
	var findings []string
	for _, name := range p.functions {
		if !used[name] && withoutExample[dir+"."+name] == "" {
			findings = append(findings, fmt.Sprintf("%s: no runnable example uses %s.%s", dir, p.name, name))
		}
	}
	return findings
}

// used returns the names of the package that runnable examples use, and whether there is one.
func (p *shown) used() (names map[string]bool, runnable bool) {
	names = map[string]bool{}
	note := func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == p.name {
				names[s.Sel.Name] = true
			}
		}
		return true
	}
	for _, e := range doc.Examples(p.examples...) {
		if e.Output == "" && !e.EmptyOutput {
			continue
		}
		runnable = true
		function, _, _ := strings.Cut(e.Name, "_")
		names[function] = true
		ast.Inspect(e.Code, note)
		if e.Play != nil {
			ast.Inspect(e.Play, note)
		}
	}
	return names, runnable
}
