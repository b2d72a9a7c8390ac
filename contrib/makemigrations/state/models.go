package state

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun/schema"

	"github.com/go-belleville/belleville/core"
)

// Of returns the tables that an app's models want. It does not use the database. The error says everything
// that is wrong with the models, a line each.
func Of(p *core.Project, app string) (State, error) {
	b := builder{project: p, state: State{App: app}, owner: map[string]string{}}
	for _, m := range p.Models() {
		if m.AppLabel() == app && !m.IsProxy() {
			b.model(m)
		}
	}
	if err := errors.Join(b.errs...); err != nil {
		return State{}, err
	}
	b.state.sort()
	return b.state, nil
}

// builder collects the tables of an app.
type builder struct {
	project *core.Project
	state   State
	owner   map[string]string // the model of each table
	errs    []error
}

func (b *builder) failf(m core.Model, format string, args ...any) {
	b.errs = append(b.errs, fmt.Errorf("the model %s: "+format, append([]any{m.Label()}, args...)...))
}

// model adds a model's table and those that come with it.
func (b *builder) model(m core.Model) {
	table, err := b.tableOf(m.Of)
	if err != nil {
		b.failf(m, "%w", err)
		return
	}
	t := Table{Name: table.Name, Model: m.Name}
	for _, f := range table.Fields {
		column, err := columnOf(f)
		if err != nil {
			b.failf(m, "%w", err)
			continue
		}
		if given, ok := m.Defaults[f.Name]; ok {
			column.Default = defaultOf(column.Type, given)
		}
		t.Columns = append(t.Columns, column)
	}
	for _, f := range table.PKs {
		t.PrimaryKey = append(t.PrimaryKey, f.Name)
	}
	for name := range m.Defaults {
		if t.Column(name) == nil {
			b.failf(m, "Defaults has %q, which is none of its columns", name)
		}
	}
	b.references(m, table, &t)
	b.constraints(m, table, &t)
	b.add(m, t)
	for _, j := range m.Joins {
		b.join(m, j)
	}
}

func (b *builder) add(m core.Model, t Table) {
	if other := b.owner[t.Name]; other != "" {
		b.failf(m, "its table %s is that of %s too: name another in the tag `bun:\"table:…\"`", t.Name, other)
		return
	}
	b.owner[t.Name] = m.Label()
	b.state.Tables = append(b.state.Tables, t)
}

// tableOf returns what bun knows of a model. bun panics on tags that contradict each other.
func (b *builder) tableOf(model any) (table *schema.Table, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return b.project.DB().Dialect().Tables().Get(reflect.TypeOf(model)), nil
}

func columnOf(f *schema.Field) (Column, error) {
	t, err := typeOf(f)
	return Column{
		Name: f.Name, Type: t, Null: !f.NotNull && !f.IsPK,
		Identity: f.AutoIncrement || f.Identity,
		Default:  defaultOf(t, f.SQLDefault),
	}, err
}

// defaultOf puts a default right: PostgreSQL has no numbers for truth values.
func defaultOf(t Type, sql string) string {
	sql = strings.TrimSpace(sql)
	switch {
	case t == "bool" && sql == "0":
		return "false"
	case t == "bool" && sql == "1":
		return "true"
	}
	return sql
}

// references adds the foreign keys: what the model says goes before what bun's relations say.
func (b *builder) references(m core.Model, table *schema.Table, t *Table) {
	for _, r := range m.References {
		if t.Column(r.Column) == nil {
			b.failf(m, "References has the column %q, which is none of its columns", r.Column)
			continue
		}
		own := false
		if f := table.LookupField(r.Column); f != nil {
			_, own = ownType(f)
		}
		b.reference(m, t, r, own)
	}
	for _, name := range slices.Sorted(maps.Keys(table.Relations)) {
		rel := table.Relations[name]
		if rel.Type != schema.BelongsToRelation || len(rel.BasePKs) != 1 || len(rel.JoinPKs) != 1 || !rel.JoinPKs[0].IsPK {
			continue
		}
		f := rel.BasePKs[0]
		if slices.ContainsFunc(t.ForeignKeys, func(fk ForeignKey) bool { return fk.Column == f.Name }) || table.LookupField(f.Name) == nil {
			continue
		}
		_, own := ownType(f)
		b.reference(m, t, core.Reference{
			Column: f.Name, Of: reflect.New(rel.JoinTable.Type).Interface(), OnDelete: strings.TrimPrefix(rel.OnDelete, "ON DELETE "),
		}, own)
	}
}

// reference adds a foreign key and, unless an index begins with its column, will have an index for it.
func (b *builder) reference(m core.Model, t *Table, r core.Reference, ownType bool) {
	to, ok := b.project.ModelOf(r.Of)
	if !ok {
		b.failf(m, "%s refers to %T, which is a model of no app in this project", r.Column, r.Of)
		return
	}
	if to.IsProxy() {
		if to, ok = b.project.ModelOf(to.ProxyOf); !ok {
			b.failf(m, "%s refers to a proxy of a model that is in no app", r.Column)
			return
		}
	}
	table, err := b.tableOf(to.Of)
	if err != nil {
		b.failf(to, "%w", err)
		return
	}
	if len(table.PKs) != 1 {
		b.failf(m, "%s refers to %s, which has %d primary keys: only a single key can be referred to", r.Column, to.Label(), len(table.PKs))
		return
	}
	action, err := onDelete(r.OnDelete)
	column := t.Column(r.Column)
	if err == nil && action == "SET NULL" && !column.Null {
		err = errors.New("is set to NULL when the other row goes, and is notnull: take notnull out of its tag")
	}
	if err != nil {
		b.failf(m, "%s %w", r.Column, err)
		return
	}
	if !ownType {
		if column.Type, err = typeOf(table.PKs[0]); err != nil {
			b.failf(to, "%w", err)
		}
	}
	t.ForeignKeys = append(t.ForeignKeys, ForeignKey{
		Name: autoName(t.Name, []string{r.Column}, "fk"), Column: r.Column, App: to.AppLabel(),
		Table: table.Name, To: table.PKs[0].Name, OnDelete: action, auto: true,
	})
}

// onDelete puts the words of a rule right.
func onDelete(rule string) (string, error) {
	rule = strings.ToUpper(strings.Join(strings.Fields(rule), " "))
	switch rule {
	case "NO ACTION":
		return "", nil
	case "", "CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT":
		return rule, nil
	}
	return "", fmt.Errorf("has OnDelete %q: write CASCADE, SET NULL, SET DEFAULT, RESTRICT, or nothing", rule)
}

// constraints adds unique rules, indexes and checks.
func (b *builder) constraints(m core.Model, table *schema.Table, t *Table) {
	for _, group := range slices.Sorted(maps.Keys(table.Unique)) {
		if group != "" {
			var columns []string
			for _, f := range table.Unique[group] {
				columns = append(columns, f.Name)
			}
			t.Uniques = append(t.Uniques, Index{Name: group, Columns: columns})
			continue
		}
		for _, f := range table.Unique[group] {
			t.Uniques = append(t.Uniques, newIndex(t.Name, "", []string{f.Name}, "", "uniq"))
		}
	}
	for _, u := range m.Uniques {
		b.known(m, t, "Uniques", u.Columns)
		t.Uniques = append(t.Uniques, newIndex(t.Name, u.Name, u.Columns, u.Where, "uniq"))
	}
	for _, i := range m.Indexes {
		b.known(m, t, "Indexes", i.Columns)
		idx := newIndex(t.Name, i.Name, i.Columns, i.Where, "idx")
		idx.Concurrently = i.Concurrently
		t.Indexes = append(t.Indexes, idx)
	}
	for _, c := range m.Constraints {
		if c.Name == "" || strings.TrimSpace(c.Check) == "" {
			b.failf(m, "a constraint needs a Name and a Check, so that it can be changed later")
			continue
		}
		t.Checks = append(t.Checks, Check{Name: c.Name, SQL: strings.TrimSpace(c.Check)})
	}
	t.indexForeignKeys()
	b.distinct(m, t)
}

// indexForeignKeys adds an index for each foreign key that no index begins with: deleting a row
// looks for those that refer to it.
func (t *Table) indexForeignKeys() {
	for _, fk := range t.ForeignKeys {
		begins := func(i Index) bool { return i.Where == "" && len(i.Columns) > 0 && i.Columns[0] == fk.Column }
		if slices.ContainsFunc(t.Indexes, begins) || slices.ContainsFunc(t.Uniques, begins) || len(t.PrimaryKey) > 0 && t.PrimaryKey[0] == fk.Column {
			continue
		}
		t.Indexes = append(t.Indexes, newIndex(t.Name, "", []string{fk.Column}, "", "idx"))
	}
}

func newIndex(table, name string, columns []string, where, kind string) Index {
	return Index{
		Name: cmp.Or(name, autoName(table, columns, kind)), Columns: slices.Clone(columns),
		Where: strings.TrimSpace(where), auto: name == "",
	}
}

// known complains of columns that the table does not have.
func (b *builder) known(m core.Model, t *Table, where string, columns []string) {
	if len(columns) == 0 {
		b.failf(m, "%s has an entry without columns", where)
	}
	for _, c := range columns {
		if t.Column(c) == nil {
			b.failf(m, "%s has the column %q, which is none of its columns", where, c)
		}
	}
}

// distinct complains of two elements with one given name, and numbers those made here.
func (b *builder) distinct(m core.Model, t *Table) {
	taken := map[string]bool{}
	for _, c := range t.Checks {
		taken[c.Name] = true
	}
	t.eachName(func(name *string, auto bool) {
		if taken[*name] && !auto {
			b.failf(m, "two of its indexes and constraints are named %q", *name)
		}
		*name = free(*name, taken)
		taken[*name] = true
	})
}

// join adds a table of pairs.
func (b *builder) join(m core.Model, j core.Join) {
	t := Table{
		Name: j.Table, Model: m.Name + "/" + j.Table,
		Columns:    []Column{{Name: "id", Type: "bigint", Identity: true}},
		PrimaryKey: []string{"id"},
	}
	var columns []string
	for _, side := range j.Sides {
		t.Columns = append(t.Columns, Column{Name: side.Column})
		columns = append(columns, side.Column)
	}
	for _, side := range j.Sides {
		b.reference(m, &t, core.Reference{Column: side.Column, Of: side.Of}, false)
	}
	t.Uniques = []Index{newIndex(t.Name, "", columns, "", "uniq")}
	t.indexForeignKeys()
	b.add(m, t)
}
