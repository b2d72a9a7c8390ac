package docs

import (
	"go/ast"
	"go/parser"
	"io/fs"
	"path"
	"strings"

	"github.com/go-belleville/belleville/internal/gofiles"
)

// Names are what a tree's Go files declare, for looking up what a page calls by name.
type Names struct {
	exported map[string]bool            // "auth.Config.LoginURL", with the package's own name
	packages map[string]bool            // "auth"
	tests    map[string]map[string]bool // folder, and file -> TestX, ExampleX, BenchmarkX, FuzzX
}

// Declared reads the Go files below root. Packages of the commands and of internal/ export
// nothing that a page could mean.
func Declared(root fs.FS) (*Names, error) {
	files, err := gofiles.Parse(root, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	n := &Names{exported: map[string]bool{}, packages: map[string]bool{}, tests: map[string]map[string]bool{}}
	for _, f := range files {
		pkg := f.Syntax.Name.Name
		if f.Test {
			n.addTests(f)
			continue
		}
		if pkg == "main" || strings.HasPrefix(f.Dir, "internal/") {
			continue
		}
		n.packages[pkg] = true
		for _, decl := range f.Syntax.Decls {
			n.addDecl(pkg, decl)
		}
	}
	return n, nil
}

func (n *Names) addTests(f gofiles.File) {
	for _, decl := range f.Syntax.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Recv != nil {
			continue
		}
		for _, place := range []string{f.Dir, f.Name} {
			if n.tests[place] == nil {
				n.tests[place] = map[string]bool{}
			}
			n.tests[place][fn.Name.Name] = true
		}
	}
}

func (n *Names) addDecl(pkg string, decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		name := pkg + "."
		if d.Recv != nil {
			name += receiver(d.Recv.List[0].Type) + "."
		}
		n.exported[name+d.Name.Name] = true
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.ValueSpec:
				for _, ident := range s.Names {
					n.exported[pkg+"."+ident.Name] = true
				}
			case *ast.TypeSpec:
				n.exported[pkg+"."+s.Name.Name] = true
				n.addMembers(pkg+"."+s.Name.Name+".", s.Type)
			}
		}
	}
}

func (n *Names) addMembers(prefix string, t ast.Expr) {
	var fields *ast.FieldList
	switch t := t.(type) {
	case *ast.StructType:
		fields = t.Fields
	case *ast.InterfaceType:
		fields = t.Methods
	default:
		return
	}
	for _, f := range fields.List {
		for _, ident := range f.Names {
			n.exported[prefix+ident.Name] = true
		}
	}
}

func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.IndexListExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

// Fields returns the exported fields of a struct as "Name", in no order: "core", "Settings".
func (n *Names) Fields(pkg, typ string) []string {
	var out []string
	prefix := pkg + "." + typ + "."
	for name := range n.exported {
		if field, ok := strings.CutPrefix(name, prefix); ok && ast.IsExported(field) {
			out = append(out, field)
		}
	}
	return out
}

// Unknown reports whether a text is the name of something exported by a package of this tree,
// "auth.Config.LoginURL", that is not there. Whatever does not look like that is not unknown.
func (n *Names) Unknown(name string) bool {
	pkg, rest, ok := strings.Cut(name, ".")
	if !ok || !n.packages[pkg] || rest == "" || !ast.IsExported(rest) {
		return false
	}
	for part := range strings.SplitSeq(rest, ".") {
		if !isIdent(part) {
			return false
		}
	}
	return !n.exported[name]
}

func isIdent(s string) bool {
	if s == "" {
		return false
	}
	for _, c := range s {
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// Test reports whether a file or folder, a path below the root, has a test function of a name.
func (n *Names) Test(place, name string) bool { return n.tests[path.Clean(place)][name] }
