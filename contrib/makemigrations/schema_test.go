package makemigrations_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
)

// schemaOf describes all tables of a database, but for the order of columns and for the names of
// constraints and indexes.
func schemaOf(t *testing.T, db *bun.DB) string {
	t.Helper()
	var all []string
	if database.IsPostgres(db) {
		all = postgresSchema(t, db)
	} else {
		all = sqliteSchema(t, db)
	}
	all = slices.DeleteFunc(all, func(line string) bool { return strings.Contains(line, "django_migrations") })
	for i := range all {
		all[i] = strings.ReplaceAll(all[i], `"`, "") // a rename puts quotes around names in conditions
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func postgresSchema(t *testing.T, db *bun.DB) []string {
	t.Helper()
	all := lines(t, db, `SELECT table_name, 'column', column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,
		is_nullable, column_default, is_identity FROM information_schema.columns WHERE table_schema = 'public'`)
	all = append(all, lines(t, db, `SELECT conrelid::regclass, 'constraint', pg_get_constraintdef(oid), convalidated FROM pg_constraint
		WHERE connamespace = 'public'::regnamespace AND contype <> 'n'`)...)
	all = append(all, lines(t, db, `SELECT tablename, 'index', regexp_replace(indexdef, 'INDEX \S+ ON', 'INDEX ON') FROM pg_indexes WHERE schemaname = 'public'`)...)
	return append(all, lines(t, db, `SELECT indexrelid::regclass, 'invalid index' FROM pg_index WHERE NOT indisvalid`)...)
}

// sqliteParts finds what the pragmas do not tell.
var sqliteParts = regexp.MustCompile(`CHECK \(.*\)|AUTOINCREMENT|DEFERRABLE INITIALLY DEFERRED`)

func sqliteSchema(t *testing.T, db *bun.DB) []string {
	t.Helper()
	const tables = `(SELECT name AS t FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%')`
	all := lines(t, db, `SELECT t, 'column', c.name, c.type, c."notnull", c.dflt_value, c.pk FROM `+tables+`, pragma_table_xinfo(t) c`)
	all = append(all, lines(t, db, `SELECT t, 'foreign key', f."table", f."from", f."to", f.on_delete FROM `+tables+`, pragma_foreign_key_list(t) f`)...)
	all = append(all, lines(t, db, `SELECT t, 'index', i."unique", i.origin, (SELECT group_concat(c.name) FROM pragma_index_info(i.name) c),
		(SELECT CASE WHEN instr(sql, 'WHERE') > 0 THEN substr(sql, instr(sql, 'WHERE')) END FROM sqlite_master WHERE name = i.name)
		FROM `+tables+`, pragma_index_list(t) i`)...)
	for _, row := range lines(t, db, `SELECT t, replace((SELECT sql FROM sqlite_master WHERE name = t AND type = 'table'), char(10), ' #') FROM `+tables) {
		table, text, _ := strings.Cut(row, ",")
		for _, line := range strings.Split(text, "#") {
			for _, part := range sqliteParts.FindAllString(line, -1) {
				all = append(all, table+",part,"+part)
			}
		}
	}
	return all
}
