package plan

import (
	"regexp"
	"strings"

	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"github.com/go-belleville/belleville/contrib/makemigrations/state"
)

// tables are an app's tables as Atlas describes them.
type tables struct {
	kind   Kind
	schema *schema.Schema
	other  map[string]*schema.Table // tables of other apps that are referred to
	types  map[*schema.Column]schema.Type
}

func newTables(kind Kind, s state.State) *tables {
	t := &tables{kind: kind, schema: schema.New(""), other: map[string]*schema.Table{}, types: map[*schema.Column]schema.Type{}}
	for i := range s.Tables {
		t.schema.AddTables(t.table(&s.Tables[i]))
	}
	for i := range s.Tables {
		t.foreignKeys(&s.Tables[i])
	}
	return t
}

func (t *tables) table(from *state.Table) *schema.Table {
	table := schema.NewTable(from.Name)
	for _, c := range from.Columns {
		table.AddColumns(t.column(c))
	}
	if len(from.PrimaryKey) > 0 {
		table.SetPrimaryKey(schema.NewPrimaryKey(columns(table, from.PrimaryKey)...))
	}
	for _, u := range from.Uniques {
		idx := schema.NewUniqueIndex(u.Name).AddColumns(columns(table, u.Columns)...)
		if u.Where == "" && t.kind == Postgres {
			idx.AddAttrs(postgres.UniqueConstraint(u.Name))
		}
		table.AddIndexes(t.where(idx, u.Where))
	}
	for _, i := range from.Indexes {
		table.AddIndexes(t.where(schema.NewIndex(i.Name).AddColumns(columns(table, i.Columns)...), i.Where))
	}
	for _, c := range from.Checks {
		table.AddChecks(schema.NewCheck().SetName(c.Name).SetExpr("(" + c.SQL + ")"))
	}
	return table
}

func (t *tables) where(idx *schema.Index, condition string) *schema.Index {
	switch {
	case condition == "":
	case t.kind == Postgres:
		idx.AddAttrs(&postgres.IndexPredicate{P: condition})
	default:
		idx.AddAttrs(&sqlite.IndexPredicate{P: condition})
	}
	return idx
}

// column describes a column. For the comparison its type is one that Atlas compares to the letter;
// the one that it writes is kept aside, see [tables.write].
func (t *tables) column(from state.Column) *schema.Column {
	c := schema.NewColumn(from.Name).SetNull(from.Null)
	if t.kind == SQLite {
		spelled := from.Type.SQLite()
		if from.Identity {
			spelled = "integer" // nothing else counts rows in SQLite
			c.AddAttrs(&sqlite.AutoIncrement{})
		}
		c.SetType(&sqlite.UserDefinedType{T: spelled})
		t.types[c] = sqliteType(from.Type, spelled)
	} else {
		spelled := from.Type.Postgres()
		parsed, err := postgres.ParseType(spelled)
		if _, own := parsed.(*postgres.UserDefinedType); !from.Type.Known() || err != nil || own {
			parsed = &postgres.CompositeType{T: spelled}
			t.types[c] = &postgres.UserDefinedType{T: spelled}
		}
		c.SetType(parsed)
		if from.Identity {
			c.AddAttrs(&postgres.Identity{})
		}
	}
	if from.Default != "" && !strings.EqualFold(from.Default, "null") {
		c.SetDefault(t.value(from))
	}
	return c
}

// sqliteType is the type under which Atlas writes numbers and truth values without quotes.
func sqliteType(t state.Type, spelled string) schema.Type {
	switch t.Base() {
	case "smallint", "integer", "bigint":
		return &schema.IntegerType{T: spelled}
	case "bool":
		return &schema.BoolType{T: spelled}
	case "numeric", "real", "double":
		return &schema.FloatType{T: spelled}
	}
	return &sqlite.UserDefinedType{T: spelled}
}

var (
	number = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)
	plain  = regexp.MustCompile(`^'[^'\\]*'$`)
)

// value describes a default. What is not plain is an expression, for which SQLite has to rebuild the table.
func (t *tables) value(c state.Column) schema.Expr {
	literal := false
	switch c.Type.Base() {
	case "smallint", "integer", "bigint", "numeric", "real", "double":
		literal = number.MatchString(c.Default)
	case "bool":
		literal = strings.EqualFold(c.Default, "true") || strings.EqualFold(c.Default, "false")
	default:
		literal = plain.MatchString(c.Default)
	}
	if literal && t.kind == SQLite {
		return &schema.Literal{V: c.Default}
	}
	return &schema.RawExpr{X: c.Default}
}

// foreignKeys adds the foreign keys of a table when all tables are there. Atlas knows no deferred ones,
// but writes whatever rule it is given.
func (t *tables) foreignKeys(from *state.Table) {
	table, _ := t.schema.Table(from.Name)
	for _, fk := range from.ForeignKeys {
		to, ok := t.schema.Table(fk.Table)
		if !ok {
			if to = t.other[fk.Table]; to == nil {
				to = schema.NewTable(fk.Table)
				t.other[fk.Table] = to
			}
		}
		column, ok := to.Column(fk.To)
		if !ok {
			column = schema.NewIntColumn(fk.To, "bigint")
			to.AddColumns(column)
		}
		rule := fk.OnDelete
		if rule == "" {
			rule = "NO ACTION"
		}
		table.AddForeignKeys(schema.NewForeignKey(fk.Name).AddColumns(columns(table, []string{fk.Column})...).
			SetRefTable(to).AddRefColumns(column).SetOnDelete(schema.ReferenceOption(rule + " DEFERRABLE INITIALLY DEFERRED")))
	}
}

// columns returns columns by their names. Those that are not there have been refused before.
func columns(t *schema.Table, names []string) []*schema.Column {
	var found []*schema.Column
	for _, name := range names {
		if c, ok := t.Column(name); ok {
			found = append(found, c)
		}
	}
	return found
}

// write puts the types in that are written.
func (t *tables) write() {
	for c, typ := range t.types {
		c.Type.Type = typ
	}
}

// diff returns the changes that Atlas finds.
func diff(kind Kind, from, to state.State) ([]schema.Change, error) {
	differ := postgres.DefaultDiff
	if kind == SQLite {
		differ = sqlite.DefaultDiff
	}
	old, now := newTables(kind, from), newTables(kind, to)
	changes, err := differ.SchemaDiff(old.schema, now.schema, schema.DiffNormalized())
	if err != nil {
		return nil, err
	}
	changes = now.redirected(old, changes)
	old.write()
	now.write()
	return changes, nil
}

// redirected adds the foreign keys that refer to another table under the name they had, which
// Atlas does not see.
func (t *tables) redirected(old *tables, changes []schema.Change) []schema.Change {
	for _, table := range t.schema.Tables {
		before, ok := old.schema.Table(table.Name)
		if !ok {
			continue
		}
		for _, fk := range table.ForeignKeys {
			was, ok := before.ForeignKey(fk.Symbol)
			if !ok || was.RefTable.Name == fk.RefTable.Name {
				continue
			}
			var m *schema.ModifyTable
			for _, c := range changes {
				if c, ok := c.(*schema.ModifyTable); ok && c.T == table {
					m = c
				}
			}
			if m == nil {
				m = &schema.ModifyTable{T: table}
				changes = append(changes, m)
			}
			known := false
			for _, c := range m.Changes {
				c, ok := c.(*schema.ModifyForeignKey)
				known = known || ok && c.To == fk
			}
			if !known {
				m.Changes = append(m.Changes, &schema.ModifyForeignKey{From: was, To: fk, Change: schema.ChangeRefTable})
			}
		}
	}
	return changes
}
