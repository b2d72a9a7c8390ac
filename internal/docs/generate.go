package docs

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"regexp"
	"strings"

	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/internal/gofiles"
)

var generated = regexp.MustCompile(`(?s)(<!-- generated: ([^\n]+) -->\n).*?(<!-- end -->)`)

// Fill returns the text of a page with what stands between `<!-- generated: NAME -->` and
// `<!-- end -->` made anew by the function, which gets NAME.
func Fill(page string, make func(name string) (string, error)) (string, error) {
	var failed error
	filled := generated.ReplaceAllStringFunc(page, func(section string) string {
		m := generated.FindStringSubmatch(section)
		text, err := make(m[2])
		if err != nil {
			failed = fmt.Errorf("docs: %s: %w", m[2], err)
		}
		return m[1] + "\n" + strings.TrimSpace(text) + "\n\n" + m[3]
	})
	return filled, failed
}

// CommandHelp returns a section for each command that is listed, with its help as it is printed.
func CommandHelp(commands []command.Command, leaveOut ...string) (string, error) {
	var b strings.Builder
	for _, c := range commands {
		if c.Hidden || containsText(leaveOut, c.Name) {
			continue
		}
		fmt.Fprintf(&b, "### %s\n\n```text\n", c.Name)
		if err := c.WriteHelp(&b); err != nil {
			return "", err
		}
		b.WriteString("```\n\n")
	}
	return b.String(), nil
}

func containsText(list []string, text string) bool {
	for _, item := range list {
		if item == text {
			return true
		}
	}
	return false
}

// FieldTable returns a table of the exported fields of a struct, "core Settings", given as the
// folder of its package and its name, with their types and comments.
func FieldTable(root fs.FS, name string) (string, error) {
	dir, typ, _ := strings.Cut(name, " ")
	sub, err := fs.Sub(root, dir)
	if err != nil {
		return "", err
	}
	files, err := gofiles.Parse(sub, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		if f.Dir != "." || f.Test {
			continue
		}
		if s := findStruct(f.Syntax, typ); s != nil {
			return fieldRows(s), nil
		}
	}
	return "", fmt.Errorf("%s has no struct %s", dir, typ)
}

func findStruct(file *ast.File, name string) *ast.StructType {
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			if t, ok := spec.(*ast.TypeSpec); ok && t.Name.Name == name {
				s, _ := t.Type.(*ast.StructType)
				return s
			}
		}
	}
	return nil
}

func fieldRows(s *ast.StructType) string {
	var b strings.Builder
	b.WriteString("| field | type | meaning |\n| --- | --- | --- |\n")
	for _, f := range s.Fields.List {
		var names []string
		for _, ident := range f.Names {
			if ident.IsExported() {
				names = append(names, "`"+ident.Name+"`")
			}
		}
		if len(names) == 0 {
			continue
		}
		comment := f.Doc.Text()
		if comment == "" {
			comment = f.Comment.Text()
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", strings.Join(names, ", "), typeText(f.Type), commentText(comment))
	}
	return b.String()
}

func typeText(t ast.Expr) string {
	var b bytes.Buffer
	_ = printer.Fprint(&b, token.NewFileSet(), t) // into memory
	return strings.ReplaceAll(b.String(), "|", `\|`)
}

var (
	quoted  = regexp.MustCompile(`"([^"]+)"`)
	docLink = regexp.MustCompile(`\[([*\w.]+)\]`)
)

// commentText makes Markdown of a doc comment.
func commentText(comment string) string {
	text := strings.Join(strings.Fields(comment), " ")
	text = strings.NewReplacer("|", `\|`, "<", "&lt;", "_", `\_`).Replace(text)
	unescape := func(code string) string { return strings.NewReplacer(`\_`, "_", "&lt;", "<").Replace(code) }
	text = quoted.ReplaceAllStringFunc(text, func(m string) string { return unescape("`" + m[1:len(m)-1] + "`") })
	return docLink.ReplaceAllStringFunc(text, func(m string) string {
		return unescape("`" + strings.TrimPrefix(m[1:len(m)-1], "*") + "`")
	})
}
