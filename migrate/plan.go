package migrate

import (
	"context"
	"fmt"
	"slices"
)

// Zero is the name that stands for no migration at all: to migrate an app to it takes all back.
const Zero = "zero"

// Target says how far to migrate. The zero value means everything.
type Target struct {
	// App is the one app to migrate, with what its migrations require of others; empty means all apps.
	App string
	// Name is the migration to end with, or the beginning of one name only; empty means the app's last,
	// [Zero] none. Migrations after it are taken back, in the app and, where they require
	// those, in others.
	Name string
}

// Step is a migration to apply or to take back.
type Step struct {
	App, Name string
	// Backwards says that it is taken back.
	Backwards bool

	node *node
}

// String returns "app.name".
func (s Step) String() string { return s.App + "." + s.Name }

// Plan returns what Migrate would do, in order; empty when the database is up to date. It costs one
// statement and changes nothing, also when the database has no history yet. The error says what is
// wrong with the history.
func (m *Migrator) Plan(ctx context.Context) ([]Step, error) { return m.PlanTo(ctx, Target{}) }

// PlanTo is [Migrator.Plan] with a target.
func (m *Migrator) PlanTo(ctx context.Context, t Target) ([]Step, error) {
	h, _, err := readHistory(ctx, m.db)
	if err != nil {
		return nil, err
	}
	if err := h.check(m.graph); err != nil {
		return nil, err
	}
	return m.graph.plan(h, t)
}

// plan works out the steps from a history to a target.
func (g *graph) plan(h history, t Target) ([]Step, error) {
	wanted, unwanted, err := g.resolve(h, t)
	if err != nil {
		return nil, err
	}
	if unwanted != nil {
		return g.backwards(h, unwanted), nil
	}
	needed := make(map[*node]bool)
	for _, n := range wanted {
		need(n, needed)
	}
	var steps []Step
	for _, n := range g.order {
		if needed[n] && !h.applied(n) {
			steps = append(steps, Step{n.app, n.name, false, n})
		}
	}
	return steps, nil
}

// resolve returns the migrations that a target wants applied or, when it lies behind the history,
// those that it wants taken back.
func (g *graph) resolve(h history, t Target) (wanted, unwanted []*node, err error) {
	switch {
	case t.App == "" && t.Name != "":
		return nil, nil, fmt.Errorf("migrate: the target %q is in no app: name the app too", t.Name)
	case t.App == "":
		return g.order, nil, nil
	case !slices.Contains(g.labels, t.App):
		_, err := g.find(t.App, "")
		return nil, nil, err
	case t.Name == "":
		return g.byApp[t.App], nil, nil
	}
	after := g.byApp[t.App]
	if t.Name != Zero {
		n, err := g.find(t.App, t.Name)
		if err != nil {
			return nil, nil, err
		}
		wanted = []*node{n}
		after = after[slices.Index(after, n)+1:]
	}
	for _, n := range after {
		if h.applied(n) {
			unwanted = append(unwanted, n)
		}
	}
	return wanted, unwanted, nil
}

// need notes n and all that it requires.
func need(n *node, noted map[*node]bool) {
	if noted[n] {
		return
	}
	noted[n] = true
	for _, r := range n.requires {
		need(r, noted)
	}
}

// backwards returns the steps that take migrations back with all applied ones that require them.
func (g *graph) backwards(h history, unwanted []*node) []Step {
	gone := make(map[*node]bool)
	for _, n := range unwanted {
		gone[n] = true
	}
	var steps []Step
	for _, n := range g.order {
		if slices.ContainsFunc(n.requires, func(r *node) bool { return gone[r] }) {
			gone[n] = true
		}
		if gone[n] && h.applied(n) {
			steps = append(steps, Step{n.app, n.name, true, n})
		}
	}
	slices.Reverse(steps)
	return steps
}

func irreversible(n *node) error {
	return fmt.Errorf("migrate: %s cannot be taken back: it has no statements for the way back", n)
}
