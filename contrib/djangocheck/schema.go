package djangocheck

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
)

// column is a column as the database has it.
type column struct {
	Table, Name string
	// Kind is the declared type in lower case: "varchar(128)", "timestamp with time zone".
	Kind string
	// Required says that a row cannot be stored without a value for it.
	Required bool
}

// schema has the columns of all tables, by name.
type schema map[string]map[string]column

const (
	columnsSQLite = `SELECT m.name AS "table", p.name AS name, lower(p.type) AS kind,
		p."notnull" AND p.dflt_value IS NULL AND NOT p.pk AS required
		FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'`
	columnsPostgres = `SELECT table_name::text AS "table", column_name::text AS name, data_type::text AS kind,
		is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AS required
		FROM information_schema.columns WHERE table_schema = ANY (current_schemas(false))`
)

func readSchema(ctx context.Context, db *bun.DB) (schema, error) {
	query := columnsSQLite
	if database.IsPostgres(db) {
		query = columnsPostgres
	}
	var columns []column
	if err := db.NewRaw(query).Scan(ctx, &columns); err != nil {
		return nil, fmt.Errorf("djangocheck: read which tables there are: %w", err)
	}
	s := schema{}
	for _, c := range columns {
		if s[c.Table] == nil {
			s[c.Table] = map[string]column{}
		}
		s[c.Table][c.Name] = c
	}
	return s, nil
}

// has reports whether a table has columns; without any, whether it is there.
func (s schema) has(table string, columns ...string) bool {
	for _, name := range columns {
		if _, ok := s[table][name]; !ok {
			return false
		}
	}
	return s[table] != nil
}

// The tables that Django always makes under these names.
const (
	historyTable = "django_migrations"
	typesTable   = "django_content_type"
	sessionTable = "django_session"
	adminLog     = "django_admin_log"
)

// noDjango finds a database in which nothing is shared.
func (r *run) noDjango() bool {
	for _, table := range []string{historyTable, typesTable, sessionTable, "auth_permission", "auth_user"} {
		if r.schema.has(table) {
			return false
		}
	}
	r.add("E001", "Point DATABASE_URL at the database of Django's DATABASES[\"default\"]. If this project is to make the tables, run migrate.",
		"The database has none of Django's tables (it has %d others).", len(r.schema))
	return true
}

// adminsUserTable is the table to which Django's admin log points, and so that of AUTH_USER_MODEL;
// "" when there is no such table or key.
func (r *run) adminsUserTable(ctx context.Context) (string, error) {
	if !r.schema.has(adminLog, "user_id") {
		return "", nil
	}
	query := `SELECT "table" FROM pragma_foreign_key_list('django_admin_log') WHERE "from" = 'user_id'`
	if database.IsPostgres(r.db) {
		query = `SELECT parent.relname::text FROM pg_constraint c JOIN pg_class parent ON parent.oid = c.confrelid
			JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
			WHERE c.contype = 'f' AND c.conrelid = to_regclass('django_admin_log') AND a.attname = 'user_id'`
	}
	var tables []string
	if err := r.db.NewRaw(query).Scan(ctx, &tables); err != nil {
		return "", err
	}
	if len(tables) == 0 {
		return "", nil
	}
	return tables[0], nil
}
