// Package plan compares two states of an app's tables and writes the SQL that leads from one to
// the other, for SQLite and for PostgreSQL. Finding the differences and writing the statements, SQLite's
// rebuilding of tables included, is the work of Atlas (ariga.io/atlas). What is added here is what its
// offline planner leaves out: renames, values for rows that are there already, conversions of types that
// fail instead of losing something, foreign keys that are checked at the end of the transaction, and
// SQLite's counters of row numbers, which a rebuilt table would begin anew.
//
// Nothing here needs a database.
package plan

import (
	"context"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"github.com/go-belleville/belleville/contrib/makemigrations/state"
)

// Kind is a kind of database.
type Kind string

// The kinds of databases that there are.
const (
	SQLite   Kind = "sqlite"
	Postgres Kind = "postgres"
)

// Step is the way from one state of an app's tables to the next.
type Step struct {
	// From is the state before the renames.
	From, To state.State
	Renames  []state.Rename
	// Fill has values, as SQL, for columns in the rows that are there already: of a new column that
	// may not be NULL and has no default, or of one that may no longer be NULL.
	Fill map[Column]string
	// Concurrently makes and drops indexes on PostgreSQL outside a transaction.
	Concurrently bool
}

// Column names a column of a table, both as they are called after the step.
type Column struct{ Table, Column string }

// renamed is From after the renames.
func (s Step) renamed() state.State {
	from := s.From.Clone()
	for _, r := range s.Renames {
		from.Apply(r)
	}
	return from
}

// Changes returns what the step changes besides the renames, in the order of the tables.
func (s Step) Changes() ([]Change, error) { return Compare(s.renamed(), s.To) }

// Up returns the statements of the step. The error says which change cannot be made.
func (s Step) Up(kind Kind) ([]string, error) {
	w := writer{kind: kind, concurrently: s.Concurrently}
	at := s.From.Clone()
	for _, r := range s.Renames {
		if err := w.rename(at, r); err != nil {
			return nil, err
		}
		at.Apply(r)
	}
	if err := w.change(at, s.To, s.Fill); err != nil {
		return nil, err
	}
	return w.statements, nil
}

// Down returns the statements that take the step back, and a sentence for each thing that is lost
// for good. A [*NoWayBack] says why there are none.
func (s Step) Down(kind Kind) (statements, losses []string, err error) {
	target := s.renamed()
	fill, losses, err := wayBack(s.To, target)
	if err != nil {
		return nil, nil, err
	}
	w := writer{kind: kind, concurrently: s.Concurrently}
	if err := w.change(s.To.Clone(), target, fill); err != nil {
		return nil, nil, err
	}
	for i := len(s.Renames) - 1; i >= 0; i-- {
		back := s.Renames[i].Inverse()
		if err := w.rename(target, back); err != nil {
			return nil, nil, err
		}
		target.Apply(back)
	}
	return w.statements, losses, nil
}

// writer collects statements.
type writer struct {
	kind         Kind
	concurrently bool
	statements   []string
}

func (w *writer) add(format string, args ...any) {
	w.statements = append(w.statements, fmt.Sprintf(format, args...))
}

// rename writes the statement that renames a table or column.
func (w *writer) rename(at state.State, r state.Rename) error {
	t := newTables(w.kind, at)
	if r.Table == "" {
		return w.plan([]schema.Change{&schema.RenameTable{From: schema.NewTable(r.From), To: schema.NewTable(r.To)}})
	}
	table, ok := t.schema.Table(r.Table)
	if !ok {
		return fmt.Errorf("there is no table %s to rename a column of", r.Table)
	}
	from, ok := table.Column(r.From)
	if !ok {
		return fmt.Errorf("there is no column %s in %s to rename", r.From, r.Table)
	}
	return w.plan([]schema.Change{&schema.ModifyTable{T: table, Changes: []schema.Change{
		&schema.RenameColumn{From: from, To: schema.NewColumn(r.To)},
	}}})
}

// change writes what leads from one state to another without renames. Some changes take two steps,
// with a default that is there in between.
func (w *writer) change(from, to state.State, fill map[Column]string) error {
	changes, err := Compare(from, to)
	if err != nil {
		return err
	}
	between := to.Clone()
	var guards []string
	for _, c := range changes {
		switch c.Kind {
		case AddColumn:
			if value, ok := fill[Column{c.Table, c.New.Name}]; ok && needsValue(c.New) {
				between.Table(c.Table).Column(c.New.Name).Default = value
			}
		case ModifyColumn:
			conv, err := c.conversion()
			if err != nil {
				return err
			}
			if conv.misfit != "" {
				guards = append(guards, w.guard(c, conv))
			}
			w.fillNulls(c, fill)
		}
	}
	if w.kind == Postgres {
		dropDefaults(&from, changes, w)
	}
	if err := w.diff(from, between); err != nil {
		return err
	}
	if err := w.diff(between, to); err != nil {
		return err
	}
	if w.kind == SQLite {
		w.statements = append(w.statements, guards...)
	}
	return nil
}

// needsValue reports whether the column can be added to rows only with a value.
func needsValue(c state.Column) bool { return !c.Null && c.Default == "" && !c.Identity }

// fillNulls gives a value to the rows that have NULL in a column which may no longer be it.
func (w *writer) fillNulls(c Change, fill map[Column]string) {
	if !c.Old.Null || c.New.Null {
		return
	}
	value, ok := fill[Column{c.Table, c.New.Name}]
	if !ok {
		value = c.New.Default
	}
	if value == "" || strings.EqualFold(value, "null") {
		return
	}
	w.add("UPDATE %s SET %s = %s WHERE %s IS NULL", w.quote(c.Table), w.quote(c.New.Name), value, w.quote(c.New.Name))
	if w.kind == Postgres && c.refers {
		// Checks that wait for the end of the transaction would keep the table from being changed.
		w.add("SET CONSTRAINTS ALL IMMEDIATE")
	}
}

// dropDefaults takes the defaults away that PostgreSQL would have to convert with their columns.
func dropDefaults(from *state.State, changes []Change, w *writer) {
	for _, c := range changes {
		if c.Kind == ModifyColumn && c.Old.Default != "" && c.Old.Type.Base() != c.New.Type.Base() {
			w.add("ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT", w.quote(c.Table), w.quote(c.New.Name))
			cut := from.Clone()
			cut.Table(c.Table).Column(c.New.Name).Default = ""
			*from = cut
		}
	}
}

// diff lets Atlas find the differences and plans them.
func (w *writer) diff(from, to state.State) error {
	changes, err := diff(w.kind, from, to)
	if err != nil || len(changes) == 0 {
		return err
	}
	if w.kind == Postgres {
		w.forPostgres(from, to, changes)
	}
	return w.plan(changes)
}

// forPostgres adds what Atlas leaves to its caller: how a type is converted, and how an index is made
// without a lock.
func (w *writer) forPostgres(from, to state.State, changes []schema.Change) {
	for _, change := range changes {
		m, ok := change.(*schema.ModifyTable)
		if !ok {
			continue
		}
		var list []schema.Change
		for _, c := range m.Changes {
			switch c := c.(type) {
			case *schema.ModifyColumn:
				old, now := from.Table(m.T.Name).Column(c.From.Name), to.Table(m.T.Name).Column(c.To.Name)
				if conv, ok := convert(old.Type, now.Type); ok && conv.using != "" {
					c.Extra = append(c.Extra, &postgres.ConvertUsing{X: fmt.Sprintf(conv.using, w.quote(now.Name))})
				}
				list = append(list, c)
			case *schema.AddIndex:
				list = append(list, w.addIndex(c))
			case *schema.DropIndex:
				list = append(list, w.dropIndex(c))
			case *schema.ModifyIndex:
				if !w.concurrently {
					list = append(list, c)
					continue
				}
				list = append(list, w.dropIndex(&schema.DropIndex{I: c.From}), w.addIndex(&schema.AddIndex{I: c.To}))
			default:
				list = append(list, c)
			}
		}
		m.Changes = list
	}
}

func (w *writer) addIndex(c *schema.AddIndex) *schema.AddIndex {
	if w.concurrently {
		// One that a failed attempt left behind is of no use to anybody.
		w.add("DROP INDEX CONCURRENTLY IF EXISTS %s", w.quote(c.I.Name))
		c.Extra = append(c.Extra, &postgres.Concurrently{})
	}
	return c
}

func (w *writer) dropIndex(c *schema.DropIndex) *schema.DropIndex {
	if w.concurrently {
		c.Extra = append(c.Extra, &postgres.Concurrently{})
	}
	return c
}

// plan has Atlas write the statements of changes.
func (w *writer) plan(changes []schema.Change) error {
	planner := postgres.DefaultPlan
	if w.kind == SQLite {
		planner = sqlite.DefaultPlan
	}
	planned, err := planner.PlanChanges(context.Background(), "", changes, func(o *migrate.PlanOptions) {
		o.Indent, o.SchemaQualifier = "    ", new(string)
	})
	if err != nil {
		return fmt.Errorf("plan for %s: %w", w.kind, err)
	}
	for _, c := range planned.Changes {
		if strings.HasPrefix(c.Cmd, "PRAGMA foreign_keys") {
			continue // migrate sees to it, outside the transaction
		}
		if m, ok := c.Source.(*schema.ModifyTable); ok && w.kind == SQLite && strings.HasPrefix(c.Cmd, "DROP TABLE") {
			w.keepCounter(m.T)
		}
		w.statements = append(w.statements, c.Cmd)
	}
	return nil
}

// keepCounter hands the counter of a table on to the one that takes its place, so that the
// numbers of deleted rows are not given again.
func (w *writer) keepCounter(t *schema.Table) {
	for _, c := range t.Columns {
		for _, a := range c.Attrs {
			if _, ok := a.(*sqlite.AutoIncrement); !ok {
				continue
			}
			now := text("new_" + t.Name)
			w.add("DELETE FROM sqlite_sequence WHERE name = %s", now)
			w.add("INSERT INTO sqlite_sequence (name, seq) SELECT %s, seq FROM sqlite_sequence WHERE name = %s", now, text(t.Name))
		}
	}
}

// quote writes a name. SQLite takes a name in double quotes that it does not know for a text, and would
// copy that into every row; one in backticks is an error then. Atlas writes those, too.
func (w *writer) quote(name string) string {
	mark := `"`
	if w.kind == SQLite {
		mark = "`"
	}
	return mark + strings.ReplaceAll(name, mark, mark+mark) + mark
}

// text writes a text as both databases understand it.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
