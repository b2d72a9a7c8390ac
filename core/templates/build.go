package templates

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
	texttemplate "text/template"
	"text/template/parse"
)

// page is a template that is ready to run.
type page interface {
	Execute(w io.Writer, data any) error
}

type pageKey struct {
	name string
	text bool
}

// builder puts one page together from its file, the files it extends and those it includes.
//
// Each file that is named becomes a unit: the definitions of its whole chain, the nearest winning,
// and the text of its root. In the finished set a unit's text bears the file's name and its
// definitions "file#definition", so that units do not meet.
type builder struct {
	set   *Set
	files map[origin]*file
	trees map[string]*parse.Tree
	units map[string]map[string]*parse.Tree
	todo  []string
}

func (b *builder) build(key pageKey) (page, error) {
	b.trees = map[string]*parse.Tree{}
	b.units = map[string]map[string]*parse.Tree{}
	if _, err := b.unit(key.name); err != nil {
		return nil, err
	}
	for len(b.todo) > 0 {
		name := b.todo[0]
		b.todo = b.todo[1:]
		if err := b.link(name); err != nil {
			return nil, err
		}
	}
	if key.text {
		return b.textPage(key.name)
	}
	return b.htmlPage(key.name)
}

// unit returns the definitions of a file and of those it extends; the file's text is under "".
func (b *builder) unit(name string) (map[string]*parse.Tree, error) {
	if u := b.units[name]; u != nil {
		return u, nil
	}
	files, err := b.chain(name)
	if err != nil {
		return nil, err
	}
	u := map[string]*parse.Tree{"": files[len(files)-1].main}
	for _, f := range files {
		for define, tree := range f.defines {
			if u[define] == nil {
				u[define] = tree
			}
		}
	}
	b.units[name] = u
	b.todo = append(b.todo, name)
	return u, nil
}

// link copies a unit's trees into the set under their final names and points what they include at
// the final names of other trees, loading files that are met for the first time.
func (b *builder) link(name string) error {
	for define, tree := range b.units[name] {
		tree = tree.Copy()
		if err := b.linkList(name, tree, tree.Root); err != nil {
			return err
		}
		b.trees[treeName(name, define)] = tree
	}
	return nil
}

func treeName(file, define string) string {
	if define == "" {
		return file
	}
	return file + "#" + define
}

func (b *builder) linkList(name string, tree *parse.Tree, list *parse.ListNode) error {
	if list == nil {
		return nil
	}
	for _, n := range list.Nodes {
		if t, ok := n.(*parse.TemplateNode); ok {
			target, err := b.target(name, t.Name)
			if err != nil {
				return includeError(tree, t, err)
			}
			t.Name = target
			continue
		}
		_, lists := parts(n)
		for _, l := range lists {
			if err := b.linkList(name, tree, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// target returns the final name of what {{template "ref"}} in the file means: a definition of its
// own unit, a file, or a definition in a file.
func (b *builder) target(file, ref string) (string, error) {
	if b.units[file][ref] != nil && ref != "" {
		return treeName(file, ref), nil
	}
	other, define, hasDefine := strings.Cut(ref, "#")
	unit, err := b.unit(other)
	if err != nil {
		return "", err
	}
	if hasDefine && (define == "" || unit[define] == nil) {
		return "", fmt.Errorf("%s has no definition %q", other, define)
	}
	return treeName(other, define), nil
}

// includeError puts an error at the place of the {{template}} that met it, unless the included
// file itself is at fault.
func includeError(tree *parse.Tree, n *parse.TemplateNode, err error) error {
	if e, ok := err.(*Error); ok {
		if e.Line != 0 || e.Err != ErrNotFound {
			return e
		}
		err = fmt.Errorf("%q is neither defined here nor a file: %w", n.Name, ErrNotFound)
	}
	return &Error{Name: tree.ParseName, Line: n.Line, Err: err}
}

// htmlPage also lets html/template escape everything that can be reached, so that what cannot be
// escaped is found before a value is known. For that it runs a page that includes the real one
// in a branch that is never taken.
func (b *builder) htmlPage(name string) (page, error) {
	const entry = "#"
	root, err := template.New(entry).Funcs(b.set.funcs).
		Parse(`{{if false}}{{template ` + strconv.Quote(name) + ` .}}{{end}}`)
	if err != nil {
		return nil, err
	}
	for n, tree := range b.trees {
		if _, err := root.AddParseTree(n, tree); err != nil {
			return nil, err
		}
	}
	if err := root.Execute(io.Discard, nil); err != nil {
		if strings.HasPrefix(err.Error(), "html/template:"+entry+":") { // the branch ends elsewhere than it began
			err = &Error{Name: name, Err: errors.New("the page ends inside a tag, an attribute, a script or a style")}
		}
		return nil, err
	}
	return root.Lookup(name), nil
}

func (b *builder) textPage(name string) (page, error) {
	root := texttemplate.New("#").Funcs(texttemplate.FuncMap(b.set.funcs))
	for n, tree := range b.trees {
		if _, err := root.AddParseTree(n, tree); err != nil {
			return nil, err
		}
	}
	return root.Lookup(name), nil
}

// parts returns what a statement evaluates and the lists of statements inside it.
func parts(n parse.Node) (*parse.PipeNode, []*parse.ListNode) {
	switch n := n.(type) {
	case *parse.ActionNode:
		return n.Pipe, nil
	case *parse.TemplateNode:
		return n.Pipe, nil
	case *parse.IfNode:
		return n.Pipe, []*parse.ListNode{n.List, n.ElseList}
	case *parse.WithNode:
		return n.Pipe, []*parse.ListNode{n.List, n.ElseList}
	case *parse.RangeNode:
		return n.Pipe, []*parse.ListNode{n.List, n.ElseList}
	}
	return nil, nil
}
