package migrate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// graph is all migrations in the order in which they run.
type graph struct {
	labels []string
	order  []*node
	byApp  map[string][]*node // in order
	byKey  map[key]*node      // by own names and by replaced ones
}

// key is a migration in the history.
type key struct{ app, name string }

func (k key) String() string { return k.app + "." + k.name }

// node is a migration and what must be applied before it.
type node struct {
	key
	number   string // the digits of the name, without leading zeros
	initial  bool   // the app's first
	m        Migration
	up, down *operation
	records  []key   // what the history holds when it is applied
	requires []*node // the app's migration before it comes first
}

// operation is one direction of a migration.
type operation struct {
	text string
	f    func(context.Context, bun.IDB) error
}

// operation returns a direction, nil where there is no way.
func (n *node) operation(backwards bool) *operation {
	if backwards {
		return n.down
	}
	return n.up
}

// newGraph reads the sources and finds everything that is wrong with them.
func newGraph(d dialect.Name, apps []App) (*graph, error) {
	if d != dialect.PG && d != dialect.SQLite {
		return nil, fmt.Errorf("migrate: the database's dialect %s is not supported: use PostgreSQL or SQLite", d)
	}
	g := &graph{byApp: make(map[string][]*node), byKey: make(map[key]*node)}
	var errs []error
	for _, app := range apps {
		errs = append(errs, g.addApp(d, app))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := g.connect(); err != nil {
		return nil, err
	}
	return g, g.sort()
}

// addApp reads one app's migrations.
func (g *graph) addApp(d dialect.Name, app App) error {
	switch {
	case app.Label == "" || strings.Contains(app.Label, "."):
		return fmt.Errorf("migrate: an app has the label %q: give it a name without dots", app.Label)
	case slices.Contains(g.labels, app.Label):
		return fmt.Errorf("migrate: two apps have the label %q: rename one", app.Label)
	}
	g.labels = append(g.labels, app.Label)
	if app.Source == nil {
		return nil
	}
	all, err := app.Source.Migrations(d)
	if err != nil {
		return fmt.Errorf("migrate: app %s: %w", app.Label, err)
	}
	var errs []error
	for _, m := range all {
		n, err := newNode(app.Label, m)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		g.byApp[app.Label] = append(g.byApp[app.Label], n)
	}
	nodes := g.byApp[app.Label]
	slices.SortStableFunc(nodes, func(a, b *node) int {
		return cmp.Or(cmp.Compare(len(a.number), len(b.number)), cmp.Compare(a.number, b.number))
	})
	for i, n := range nodes {
		n.initial = i == 0
		if i > 0 && nodes[i-1].number == n.number {
			errs = append(errs, fmt.Errorf("migrate: %s and %s have the same number: write the later one anew after the other, with the next number (what was written without the other may undo it)", nodes[i-1], n))
		}
	}
	return errors.Join(errs...)
}

// newNode checks a migration by itself.
func newNode(app string, m Migration) (*node, error) {
	n := &node{key: key{app, m.Name}, m: m}
	digits := m.Name[:len(m.Name)-len(strings.TrimLeft(m.Name, "0123456789"))]
	n.number = strings.TrimLeft(digits, "0")
	if digits == "" || strings.Trim(m.Name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
		return nil, fmt.Errorf("migrate: app %s has a migration named %q: begin its name with a number and use letters, digits and _ alone, as in 0001_initial", app, m.Name)
	}
	var err error
	if n.up, err = newOperation(n, m.Up, m.UpSQL); err != nil {
		return nil, err
	}
	if n.up == nil {
		return nil, fmt.Errorf("migrate: %s does nothing: set Up or UpSQL", n)
	}
	if n.down, err = newOperation(n, m.Down, m.DownSQL); err != nil {
		return nil, err
	}
	for _, name := range m.Replaces {
		n.records = append(n.records, n.parse(name))
	}
	if len(n.records) == 0 {
		n.records = []key{n.key}
	}
	return n, nil
}

func newOperation(n *node, f func(context.Context, bun.IDB) error, text string) (*operation, error) {
	switch {
	case f == nil && text == "":
		return nil, nil
	case f != nil && text != "":
		return nil, fmt.Errorf("migrate: %s has a function and SQL for the same direction: leave one out", n)
	}
	if word, line := endsTransaction(text); word != "" && !n.m.NonAtomic {
		return nil, fmt.Errorf("migrate: %s: line %d: %s would end the transaction in which the migration runs: take it out, or write the header atomic: false", n, line, word)
	}
	return &operation{text, f}, nil
}

// parse reads a name as it is written in a migration of n's app.
func (n *node) parse(name string) key {
	if app, rest, ok := strings.Cut(name, "."); ok {
		return key{app, rest}
	}
	return key{n.app, name}
}

// connect finds what each migration requires.
func (g *graph) connect() error {
	var errs []error
	for _, label := range g.labels {
		for _, n := range g.byApp[label] {
			g.byKey[n.key] = n
		}
	}
	for _, label := range g.labels {
		for _, n := range g.byApp[label] {
			errs = append(errs, g.claim(n))
		}
	}
	for _, label := range g.labels {
		nodes := g.byApp[label]
		for i, n := range nodes {
			if i > 0 {
				n.requires = append(n.requires, nodes[i-1])
			}
			errs = append(errs, g.require(n))
		}
	}
	return errors.Join(errs...)
}

// claim notes the names that n stands for.
func (g *graph) claim(n *node) error {
	for _, k := range n.records {
		if other := g.byKey[k]; other != nil && other != n {
			return fmt.Errorf("migrate: %s replaces %s, which is recorded by %s too: leave it out of one", n, k, other)
		}
		g.byKey[k] = n
	}
	return nil
}

// require looks up the names in n's Requires.
func (g *graph) require(n *node) error {
	for _, name := range n.m.Requires {
		k := n.parse(name)
		switch other := g.byKey[k]; {
		case other != nil:
			n.requires = append(n.requires, other)
		case !slices.Contains(g.labels, k.app):
			return fmt.Errorf("migrate: %s requires %s, but there is no app %q: add the app or correct the requirement", n, k, k.app)
		default:
			return fmt.Errorf("migrate: %s requires %s, but the app %q has no such migration: correct the requirement", n, k, k.app)
		}
	}
	return nil
}

// sort fills order: the apps in theirs, each migration after what it requires.
func (g *graph) sort() error {
	const visiting, visited = 1, 2
	state := make(map[*node]int)
	var path []*node
	var visit func(*node) error
	visit = func(n *node) error {
		switch state[n] {
		case visited:
			return nil
		case visiting:
			return cycle(append(path[slices.Index(path, n):], n))
		}
		state[n] = visiting
		path = append(path, n)
		for _, r := range n.requires {
			if err := visit(r); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		state[n] = visited
		g.order = append(g.order, n)
		return nil
	}
	for _, label := range g.labels {
		for _, n := range g.byApp[label] {
			if err := visit(n); err != nil {
				return err
			}
		}
	}
	return nil
}

func cycle(path []*node) error {
	var names []string
	for _, n := range path {
		names = append(names, n.String())
	}
	return fmt.Errorf("migrate: the migrations require each other in a circle, %s: take one of the requirements out", strings.Join(names, " requires "))
}

// find returns the migration of an app whose name is, or alone begins with, name.
func (g *graph) find(app, name string) (*node, error) {
	if !slices.Contains(g.labels, app) {
		return nil, fmt.Errorf("migrate: there is no app %q: the apps are %s", app, strings.Join(g.labels, ", "))
	}
	var found []*node
	for _, n := range g.byApp[app] {
		if n.name == name {
			return n, nil
		}
		if strings.HasPrefix(n.name, name) {
			found = append(found, n)
		}
	}
	if len(found) == 0 {
		if n := g.byKey[key{app, name}]; n != nil && n.app == app {
			return n, nil
		}
		return nil, fmt.Errorf("migrate: the app %s has no migration whose name begins with %q", app, name)
	}
	if len(found) > 1 {
		return nil, fmt.Errorf("migrate: the app %s has several migrations whose names begin with %q: write more of the name", app, name)
	}
	return found[0], nil
}
