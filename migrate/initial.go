package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// Initial reports whether the step is the app's first migration, which makes its first tables.
func (s Step) Initial() bool { return s.node != nil && s.node.initial }

// NonAtomic reports whether the step runs outside a transaction, see [Migration.NonAtomic].
func (s Step) NonAtomic() bool { return s.node != nil && s.node.m.NonAtomic }

// Find returns the step of a migration, forwards. name may be the beginning of one name only.
func (m *Migrator) Find(app, name string) (Step, error) {
	n, err := m.graph.find(app, name)
	if err != nil {
		return Step{}, err
	}
	return Step{App: n.app, Name: n.name, node: n}, nil
}

// isThere reports whether all tables that an app's first migration makes are there. A table that is
// there and is not the one that the migration makes is an error.
func isThere(ctx context.Context, db bun.IDB, s Step) (bool, error) {
	if s.Backwards || !s.Initial() || s.node.up.text == "" {
		return false, nil
	}
	tables := createdTables(s.node.up.text)
	var problems []error
	for _, t := range tables {
		have, err := columnsOf(ctx, db, t.name)
		if err != nil || len(have) == 0 {
			return false, err
		}
		problems = append(problems, t.compare(have))
	}
	for _, err := range problems {
		if err != nil {
			return false, err
		}
	}
	return len(tables) > 0, nil
}

// column is a column as the database has it.
type column struct {
	Name string
	// Needed says that a row cannot be stored without naming the column.
	Needed bool
}

// columnsOf returns the columns of a table, none when there is no such table.
func columnsOf(ctx context.Context, db bun.IDB, table string) ([]column, error) {
	query := `SELECT name, "notnull" = 1 AND dflt_value IS NULL AND pk = 0 AS needed FROM pragma_table_info(?)`
	if isPostgres(db) {
		query = `SELECT column_name AS name, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER' AS needed
			FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?`
	}
	var columns []column
	if err := db.NewRaw(query, table).Scan(ctx, &columns); err != nil {
		return nil, fmt.Errorf("looking at the table %s: %w", table, err)
	}
	return columns, nil
}

// compare says in what a table that is there is not the one that a migration makes.
func (t table) compare(have []column) error {
	for _, name := range t.columns {
		if !slices.ContainsFunc(have, func(c column) bool { return strings.EqualFold(c.Name, name) }) {
			return fmt.Errorf("the table %s is there but has no column %s, so it is not recorded as made: bring it up to date with the program that made it", t.name, name)
		}
	}
	for _, c := range have {
		known := slices.ContainsFunc(t.columns, func(name string) bool { return strings.EqualFold(c.Name, name) })
		if !known && c.Needed && len(t.columns) > 0 {
			return fmt.Errorf("the table %s is there but has a column %s that every row needs and the migration does not know, so it is not recorded as made: bring it up to date with the program that made it", t.name, c.Name)
		}
	}
	return nil
}
