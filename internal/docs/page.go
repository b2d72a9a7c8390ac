// Package docs reads the repository's Markdown for the tests beside it, which keep it true: links
// and anchors lead somewhere, names of tests, packages, commands, flags and make targets exist, the
// pages of reference are complete, code is code that is compiled or run.
//
// It does not fetch other sites: of a link to one it is only looked at whether it can be one.
package docs

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Page is one Markdown file.
type Page struct {
	// Name is the file's path below the root, with slashes.
	Name string
	// Headings are in order; Links, Codes and Blocks too.
	Headings []Heading
	Links    []Link
	Codes    []Code
	Blocks   []Block
}

// Heading is a heading and the anchors by which GitHub and MkDocs let it be linked to.
type Heading struct {
	Text, GitHub, MkDocs string
	Line                 int
}

// Link is a link or an image.
type Link struct {
	Text, To string
	Image    bool
	Line     int
}

// Code is a text between backquotes, such as a name; To is where it links to, "" for nowhere.
type Code struct {
	Text, To string
	Line     int
}

// Block is a block of code. Note is the HTML comment in front of it, without its marks; Before is
// the text of the paragraph before it.
type Block struct {
	Lang, Text, Note, Before string
	Line                     int
}

// Parse reads one Markdown text.
func Parse(name string, source []byte) *Page {
	root := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	r := &reader{page: &Page{Name: name}, source: source, github: map[string]int{}, mkdocs: map[string]int{}}
	_ = ast.Walk(root, r.visit) // visit returns no error
	return r.page
}

// All parses every Markdown file below root, but those of folders named testdata or beginning
// with a dot, and of those that Git ignores: site, bin.
func All(root fs.FS) ([]*Page, error) {
	var pages []*Page
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipped(name, d.Name()):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".md":
			return nil
		}
		source, err := fs.ReadFile(root, name)
		if err != nil {
			return fmt.Errorf("docs: %w", err)
		}
		pages = append(pages, Parse(name, source))
		return nil
	})
	return pages, err
}

func skipped(name, folder string) bool {
	if name == "." || name == ".github" {
		return false
	}
	return folder[0] == '.' || folder == "testdata" || name == "site" || name == "bin"
}

// reader collects what a page has while it is walked through.
type reader struct {
	page           *Page
	source         []byte
	github, mkdocs map[string]int // slugs, and how often each was used
	line           int            // of the block that is being read
	note, before   string
}

func (r *reader) visit(n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	if n.Type() == ast.TypeBlock && n.Lines() != nil && n.Lines().Len() > 0 {
		r.line = 1 + strings.Count(string(r.source[:n.Lines().At(0).Start]), "\n")
	}
	switch n := n.(type) {
	case *ast.Heading:
		r.heading(n)
	case *ast.Paragraph, *ast.TextBlock:
		r.note, r.before = "", r.plain(n)
	case *ast.HTMLBlock:
		r.note = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(r.lines(n)), "<!--"), "-->"))
	case *ast.FencedCodeBlock:
		r.block(string(n.Language(r.source)), n)
	case *ast.CodeBlock:
		r.block("", n)
	case *ast.Link:
		r.page.Links = append(r.page.Links, Link{Text: r.plain(n), To: string(n.Destination), Line: r.line})
	case *ast.Image:
		r.page.Links = append(r.page.Links, Link{Text: r.plain(n), To: string(n.Destination), Image: true, Line: r.line})
	case *ast.CodeSpan:
		c := Code{Text: r.plain(n), Line: r.line}
		if link, ok := n.Parent().(*ast.Link); ok {
			c.To = string(link.Destination)
		}
		r.page.Codes = append(r.page.Codes, c)
	}
	return ast.WalkContinue, nil
}

func (r *reader) block(lang string, n ast.Node) {
	b := Block{Lang: lang, Text: r.lines(n), Note: r.note, Before: r.before, Line: r.line}
	r.page.Blocks = append(r.page.Blocks, b)
	r.note = ""
}

func (r *reader) heading(n *ast.Heading) {
	h := Heading{Text: r.plain(n), Line: r.line}
	h.GitHub = unique(r.github, slug(h.Text, false), "-")
	h.MkDocs = unique(r.mkdocs, slug(h.Text, true), "_")
	r.page.Headings = append(r.page.Headings, h)
	r.note, r.before = "", ""
}

// slug makes the anchor of a heading: letters, digits, - and _ of it in lower case, a - for each
// space. MkDocs squeezes several of them into one.
func slug(heading string, squeeze bool) string {
	var b strings.Builder
	for _, c := range strings.ToLower(strings.TrimSpace(heading)) {
		switch {
		case unicode.IsLetter(c), unicode.IsDigit(c), c == '_', c == '-':
			b.WriteRune(c)
		case c == ' ':
			b.WriteByte('-')
		}
	}
	s := b.String()
	for squeeze && strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	return s
}

func unique(used map[string]int, slug, separator string) string {
	n := used[slug]
	used[slug]++
	if n > 0 {
		return fmt.Sprintf("%s%s%d", slug, separator, n)
	}
	return slug
}

// lines returns the text of a block as it stands in the file.
func (r *reader) lines(n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		b.Write(line.Value(r.source))
	}
	if h, ok := n.(*ast.HTMLBlock); ok && h.HasClosure() {
		b.Write(h.ClosureLine.Value(r.source))
	}
	return b.String()
}

// plain returns the words below a node.
func (r *reader) plain(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(c.Segment.Value(r.source))
			if c.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.Write(c.URL(r.source))
		default:
			b.WriteString(r.plain(c))
		}
	}
	return b.String()
}

// Cells splits a row of a table, "| a | `b \| c` |", into its cells.
func Cells(row string) []string {
	row = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(row), "|"), "|")
	var cells []string
	for cell := range strings.SplitSeq(strings.ReplaceAll(row, `\|`, "\x00"), "|") {
		cells = append(cells, strings.TrimSpace(strings.ReplaceAll(cell, "\x00", "|")))
	}
	return cells
}
