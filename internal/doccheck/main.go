// Command doccheck reports exported functions that no runnable example uses, and exported names
// without a doc comment: types, functions, methods of
// exported types, constants, variables, and the fields of structs whose name ends in Config,
// which are settings and state their default. For a group of constants or variables the comment of
// the group is enough, for a field that of its struct when it names the field.
//
// It looks at packages that can be imported: not at tests, main packages, testdata. Whether a
// comment is well formed, and whether a package has one, staticcheck says (ST1000, ST1020 to
// ST1022).
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/go-belleville/belleville/internal/gofiles"
)

func main() {
	findings, err := check(os.DirFS("."))
	if err == nil {
		var missing []string
		missing, err = missingExamples(os.DirFS("."))
		findings = append(findings, missing...)
	}
	for _, f := range findings {
		fmt.Println(f)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
	}
	if err != nil || len(findings) > 0 {
		os.Exit(1)
	}
}

// check returns one line for each exported name without a comment.
func check(root fs.FS) ([]string, error) {
	files, err := gofiles.Parse(root, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var findings []string
	for _, f := range files {
		if f.Test || f.Syntax.Name.Name == "main" {
			continue
		}
		for _, ident := range undocumented(f.Syntax) {
			findings = append(findings, fmt.Sprintf("%s: exported %s has no comment", f.Positions.Position(ident.Pos()), ident.Name))
		}
	}
	return findings, nil
}

func undocumented(file *ast.File) []*ast.Ident {
	var names []*ast.Ident
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if !hasText(d.Doc) && d.Name.IsExported() && exportedReceiver(d) {
				names = append(names, d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				names = append(names, undocumentedIn(spec, d.Doc)...)
			}
		}
	}
	return names
}

func undocumentedIn(spec ast.Spec, group *ast.CommentGroup) []*ast.Ident {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if !s.Name.IsExported() {
			return nil
		}
		comment := group.Text() + s.Doc.Text()
		if comment == "" {
			return []*ast.Ident{s.Name}
		}
		if fields, ok := s.Type.(*ast.StructType); ok && strings.HasSuffix(s.Name.Name, "Config") {
			return undocumentedFields(fields, comment)
		}
	case *ast.ValueSpec:
		if !hasText(s.Doc) && !hasText(s.Comment) && !hasText(group) {
			return exported(s.Names)
		}
	}
	return nil
}

func undocumentedFields(fields *ast.StructType, comment string) []*ast.Ident {
	words := strings.FieldsFunc(comment, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	var names []*ast.Ident
	for _, f := range fields.Fields.List {
		if hasText(f.Doc) || hasText(f.Comment) {
			continue
		}
		for _, name := range exported(f.Names) {
			if !slices.Contains(words, name.Name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func exported(names []*ast.Ident) []*ast.Ident {
	var out []*ast.Ident
	for _, name := range names {
		if name.IsExported() {
			out = append(out, name)
		}
	}
	return out
}

// exportedReceiver tells whether the function is no method, or one of an exported type.
func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return true
	}
	receiver := f.Recv.List[0].Type
	for {
		switch t := receiver.(type) {
		case *ast.StarExpr:
			receiver = t.X
		case *ast.IndexExpr:
			receiver = t.X
		case *ast.IndexListExpr:
			receiver = t.X
		case *ast.Ident:
			return t.IsExported()
		default:
			return true
		}
	}
}

// hasText tells a comment for people from none and from one of directives only.
func hasText(c *ast.CommentGroup) bool { return c.Text() != "" }
