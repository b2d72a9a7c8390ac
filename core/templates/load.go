package templates

import (
	"cmp"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	texttemplate "text/template"
	"text/template/parse"
)

// origin is one file: its name and the number of the source it lies in.
type origin struct {
	source int
	name   string
}

// file is one parsed file. Its trees are shared: they are copied before they are changed.
type file struct {
	origin  origin
	extends string                 // the name it extends; "" for none
	main    *parse.Tree            // what stands outside {{define}}
	defines map[string]*parse.Tree // with the defaults of its blocks
}

var extendsLine = regexp.MustCompile(`^(?:\x{FEFF})?\s*\{\{(?:- )?/\*\s*extends\s+"([^"\n]*)"\s*\*/(?: -)?\}\}`)

// load reads and parses a file, once for each builder cache.
func (b *builder) load(at origin) (*file, error) {
	if f := b.files[at]; f != nil {
		return f, nil
	}
	text, err := fs.ReadFile(b.set.sources[at.source], at.name)
	if err != nil {
		return nil, &Error{Name: at.name, Err: err}
	}
	f, err := b.parse(at, strings.TrimPrefix(string(text), "\uFEFF"))
	if err != nil {
		return nil, err
	}
	b.files[at] = f
	return f, nil
}

func (b *builder) parse(at origin, text string) (*file, error) {
	t, err := texttemplate.New(at.name).Funcs(texttemplate.FuncMap(b.set.funcs)).Parse(text)
	if err != nil {
		return nil, err
	}
	f := &file{origin: at, defines: map[string]*parse.Tree{}}
	if m := extendsLine.FindStringSubmatch(text); m != nil {
		f.extends = m[1]
	}
	r := rewriter{provided: b.set.providers, strict: b.set.debug}
	for _, d := range t.Templates() {
		r.list(d.Tree.Root)
		if d.Name() == at.name {
			f.main = d.Tree
		} else {
			f.defines[d.Name()] = d.Tree
		}
	}
	if f.extends != "" && f.main != nil && !parse.IsEmptyTree(f.main.Root) {
		return nil, &Error{Name: at.name, Line: firstLine(text, f.main), Err: fmt.Errorf(
			"it extends %q, so what stands outside {{define}} is never shown; move it into a block", f.extends)}
	}
	return f, nil
}

// firstLine is the line of the first thing in the tree that is not white space.
func firstLine(text string, t *parse.Tree) int {
	for _, n := range t.Root.Nodes {
		if tn, ok := n.(*parse.TextNode); ok && strings.TrimSpace(string(tn.Text)) == "" {
			continue
		}
		pos := int(n.Position())
		if tn, ok := n.(*parse.TextNode); ok {
			pos += len(tn.Text) - len(strings.TrimLeft(string(tn.Text), " \t\r\n"))
		}
		return 1 + strings.Count(text[:min(pos, len(text))], "\n")
	}
	return 0
}

// chain returns the file of that name followed by those it extends, up to the root.
// A file that extends its own name extends the next source's file of that name.
func (b *builder) chain(name string) ([]*file, error) {
	at, ok, err := b.set.find(name, nil)
	if err != nil || !ok {
		return nil, cmp.Or[error](err, &Error{Name: name, Err: ErrNotFound})
	}
	var files []*file
	var used []origin
	for {
		f, err := b.load(at)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
		used = append(used, at)
		if f.extends == "" {
			return files, nil
		}
		at, ok, err = b.set.find(f.extends, used)
		if err != nil {
			return nil, &Error{Name: f.origin.name, Line: 1, Err: err}
		}
		if !ok {
			return nil, &Error{Name: f.origin.name, Line: 1, Err: b.noParent(f, used)}
		}
	}
}

// noParent says why nothing was found to extend.
func (b *builder) noParent(f *file, used []origin) error {
	names := make([]string, 0, len(used)+1)
	for _, o := range used {
		names = append(names, o.name)
	}
	if !slices.Contains(names, f.extends) {
		return fmt.Errorf("it extends %q: %w", f.extends, ErrNotFound)
	}
	return fmt.Errorf("templates extend each other in a circle: %s",
		strings.Join(append(names, f.extends), " -> "))
}
