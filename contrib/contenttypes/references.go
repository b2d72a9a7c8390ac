package contenttypes

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/migrate"
)

const (
	typesTable = "django_content_type"
	// logTable is of Django's admin. Its rows outlive the content types that they are about.
	logTable = "django_admin_log"
)

// reference is a foreign key of one column, as the database has it.
type reference struct {
	Table, Column       string
	RefTable, RefColumn string
	// Forgets says that the column becomes NULL when the row that it refers to goes.
	Forgets bool
}

// references are all foreign keys of a database.
type references []reference

const (
	referencesSQLite = `SELECT m.name AS "table", f."from" AS "column", f."table" AS ref_table, f.on_delete = 'SET NULL' AS forgets, NOT i."notnull" AS nullable,
		coalesce(f."to", (SELECT p.name FROM pragma_table_info(f."table") p WHERE p.pk = 1)) AS ref_column
		FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f JOIN pragma_table_info(m.name) i ON i.name = f."from"
		WHERE m.type = 'table' AND (SELECT count(*) FROM pragma_foreign_key_list(m.name) g WHERE g.id = f.id) = 1 ORDER BY 1, 2`
	referencesPostgres = `SELECT child.relname AS "table", a.attname AS "column", parent.relname AS ref_table, c.confdeltype = 'n' AS forgets, NOT a.attnotnull AS nullable,
		b.attname AS ref_column
		FROM pg_constraint c JOIN pg_class child ON child.oid = c.conrelid JOIN pg_class parent ON parent.oid = c.confrelid
		JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
		WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND c.connamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) ORDER BY 1, 2`
)

// readReferences asks the database. A column that may be NULL forgets where the table is another
// program's, so that its rows are kept.
func (t *Types) readReferences(ctx context.Context) (references, error) {
	query := referencesSQLite
	if database.IsPostgres(t.db) {
		query = referencesPostgres
	}
	var rows []struct {
		reference
		Nullable bool
	}
	if err := t.db.NewRaw(query).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("contenttypes: read the foreign keys: %w", err)
	}
	all := references{}
	for _, r := range rows {
		if r.Nullable && (r.Table == logTable || t.tableLabel(r.Table) == r.Table) {
			r.Forgets = true
		}
		all = append(all, r.reference)
	}
	return all, nil
}

// tableLabel names a table as people know it: by its model, where it has one in this project.
func (t *Types) tableLabel(table string) string {
	for _, m := range t.models {
		if !m.IsProxy() && t.db.Dialect().Tables().Get(reflect.PointerTo(m.Type())).Name == table {
			return m.Label()
		}
		for _, j := range m.Joins {
			if j.Table == table {
				return m.Label() + " (" + table + ")"
			}
		}
	}
	return table
}

// step deletes the rows of a table that meet a condition in SQL, or forgets a column of them.
type step struct{ table, where, forget string }

func (s step) statement() string {
	if s.forget != "" {
		return "UPDATE " + ident(s.table) + " SET " + ident(s.forget) + " = NULL WHERE " + s.where
	}
	return "DELETE FROM " + ident(s.table) + " WHERE " + s.where
}

func (s step) count() string { return "SELECT count(*) FROM " + ident(s.table) + " WHERE " + s.where }

func ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// steps are what deletes content types, in an order in which no row refers to one that is gone.
func (rs references) steps(cts []*ContentType) []step {
	ids := make([]string, len(cts))
	for i, ct := range cts {
		ids[i] = strconv.FormatInt(ct.ID, 10)
	}
	return rs.follow(typesTable, ident("id")+" IN ("+strings.Join(ids, ", ")+")", nil)
}

// follow goes from rows to those that refer to them, deeper first. path are the tables on the way.
func (rs references) follow(table, where string, path []string) []step {
	path = append(slices.Clip(path), table)
	for _, r := range rs {
		if strings.EqualFold(r.RefTable, table) && r.Table == table && !r.Forgets {
			where = r.closure(where)
		}
	}
	var steps []step
	for _, r := range rs {
		if !strings.EqualFold(r.RefTable, table) {
			continue
		}
		refers := ident(r.Column) + " IN (SELECT " + ident(r.RefColumn) + " FROM " + ident(table) + " WHERE " + where + ")"
		switch {
		case r.Forgets:
			steps = append(steps, step{r.Table, refers, r.Column})
		case !slices.Contains(path, r.Table):
			steps = append(steps, rs.follow(r.Table, refers, path)...)
		}
	}
	return append(steps, step{table: table, where: where})
}

// closure widens a condition to the rows of the same table that refer to its rows, however far.
func (r reference) closure(where string) string {
	key := ident(r.RefColumn)
	return key + " IN (WITH RECURSIVE r(k) AS (SELECT " + key + " FROM " + ident(r.Table) + " WHERE " + where +
		" UNION SELECT t." + key + " FROM " + ident(r.Table) + " t JOIN r ON t." + ident(r.Column) + " = r.k) SELECT k FROM r)"
}

// merge makes one step of those that do the same to a table, to count its rows once, the tables that
// are nearer first.
func merge(steps []step) []step {
	var merged []step
	for _, s := range slices.Backward(steps) {
		i := slices.IndexFunc(merged, func(m step) bool { return m.table == s.table && m.forget == s.forget })
		if i < 0 {
			merged = append(merged, s)
			continue
		}
		merged[i].where += " OR " + s.where
	}
	return merged
}

// sharedApps are the apps of which the database records migrations that this project does not know.
func (t *Types) sharedApps(ctx context.Context) (map[string]bool, error) {
	var sources []migrate.App
	for _, app := range t.project.Apps() {
		sources = append(sources, migrate.App{Label: app.Label, Source: app.Migrations})
	}
	m, err := migrate.New(t.project.DB(), sources...)
	if err != nil {
		return nil, err
	}
	history, err := m.History(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, h := range history {
		known[h.App+"."+h.Name] = true
		for _, name := range h.Replaces {
			if !strings.Contains(name, ".") {
				name = h.App + "." + name
			}
			known[name] = true
		}
	}
	var recorded []struct{ App, Name string }
	err = t.db.NewSelect().TableExpr("django_migrations").Column("app", "name").Scan(ctx, &recorded)
	if err != nil {
		return nil, fmt.Errorf("contenttypes: read the history of migrations: %w", err)
	}
	shared := map[string]bool{}
	for _, r := range recorded {
		if !known[r.App+"."+r.Name] {
			shared[r.App] = true
		}
	}
	return shared, nil
}
