package testdb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/go-belleville/belleville/core/database"
)

// To create and drop a database takes PostgreSQL up to a second when its disk is busy, because it waits for
// the disk each time; to empty one takes some milliseconds. So a program with [Main] keeps the databases
// of tests that ended for tests to come. Whatever a test did to one is undone first; where that is not
// sure, the database is dropped.

// origin is what databases of PostgreSQL are copied from: template0 or a template of the program.
type origin struct {
	name     string
	snapshot *snapshot // nil for template0

	mu   sync.Mutex
	free []string // copies whose tests have ended
}

// put keeps a copy for another test.
func (o *origin) put(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.free = append(o.free, name)
}

// take returns a copy whose test has ended.
func (o *origin) take() (string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.free) == 0 {
		return "", false
	}
	name := o.free[len(o.free)-1]
	o.free = o.free[:len(o.free)-1]
	return name, true
}

// copyOf returns a database as o is, an old one if there is one.
func (s *server) copyOf(ctx context.Context, o *origin) (string, error) {
	if name, ok := o.take(); ok {
		if s.reset(ctx, o, name) == nil {
			return name, nil
		}
		s.drop(ctx, name)
	}
	name, err := s.createDB(ctx, o.name)
	if err == nil && s.reuse {
		s.keep(name)
	}
	return name, err
}

// reset makes a copy as o is again.
func (s *server) reset(ctx context.Context, o *origin, name string) error {
	_, err := s.admin.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ?", name)
	if err != nil {
		return err
	}
	return s.with(ctx, name, func(c *pgx.Conn) error {
		if o.snapshot == nil {
			return empty(ctx, c)
		}
		return o.snapshot.restore(ctx, c)
	})
}

// with runs f with a connection to a database.
func (s *server) with(ctx context.Context, name string, f func(*pgx.Conn) error) error {
	db, err := database.Open(s.urlOf(name))
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error { return f(c.(*stdlib.Conn).Conn()) })
}

// empty drops all that is in a database.
func empty(ctx context.Context, c *pgx.Conn) error {
	schemas, err := lines(ctx, c, `SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`)
	if err != nil {
		return err
	}
	script := "CREATE SCHEMA public"
	if len(schemas) > 0 {
		script = "DROP SCHEMA " + strings.Join(schemas, ", ") + " CASCADE; " + script
	}
	_, err = c.Exec(ctx, script)
	return err
}

// snapshot is the rows of a template, and what tells whether a copy still has its tables.
type snapshot struct {
	shape string
	clear string // the statements that take all rows away and set the sequences back
	rows  []tableRows
}

// tableRows are the rows of one table as COPY writes them.
type tableRows struct {
	table string
	rows  []byte
}

// shapeQuery sums up the catalogue: a copy has the same row versions in it until somebody changes the
// shape of a table, or adds or drops one, or a function, a trigger and so on.
const shapeQuery = `SELECT md5(string_agg(row, ' ' ORDER BY row)) FROM (
	SELECT 'c' || oid || ':' || xmin FROM pg_class WHERE oid >= 16384
	UNION ALL SELECT 'a' || attrelid || '.' || attnum || ':' || xmin FROM pg_attribute WHERE attrelid >= 16384
	UNION ALL SELECT 'k' || oid || ':' || xmin FROM pg_constraint WHERE oid >= 16384
	UNION ALL SELECT 'd' || oid || ':' || xmin FROM pg_attrdef WHERE oid >= 16384
	UNION ALL SELECT 'p' || oid || ':' || xmin FROM pg_proc WHERE oid >= 16384
	UNION ALL SELECT 't' || oid || ':' || xmin FROM pg_trigger WHERE oid >= 16384
	UNION ALL SELECT 'y' || oid || ':' || xmin FROM pg_type WHERE oid >= 16384
	UNION ALL SELECT 'n' || oid || ':' || xmin FROM pg_namespace
	UNION ALL SELECT 'r' || oid || ':' || xmin FROM pg_rewrite WHERE oid >= 16384
) AS rows (row)`

// takeSnapshot looks at a template. Without it copies are not used again.
func takeSnapshot(ctx context.Context, c *pgx.Conn) (*snapshot, error) {
	shape, err := lines(ctx, c, shapeQuery)
	if err != nil {
		return nil, err
	}
	tables, err := lines(ctx, c, `SELECT oid::regclass::text FROM pg_class WHERE oid >= 16384 AND relkind = 'r' ORDER BY oid`)
	if err != nil {
		return nil, err
	}
	sequences, err := lines(ctx, c, `SELECT format('SELECT setval(%L, %s, %L)', quote_ident(schemaname) || '.' || quote_ident(sequencename),
		coalesce(last_value, start_value), last_value IS NOT NULL) FROM pg_sequences`)
	if err != nil {
		return nil, err
	}
	s := &snapshot{shape: strings.Join(shape, "")}
	script := []string{"SET LOCAL session_replication_role = replica"} // neither triggers nor foreign keys
	for _, table := range tables {
		script = append(script, "DELETE FROM "+table)
		var rows bytes.Buffer
		if _, err := c.PgConn().CopyTo(ctx, &rows, "COPY "+table+" TO STDOUT"); err != nil {
			return nil, err
		}
		if rows.Len() > 0 {
			s.rows = append(s.rows, tableRows{table, rows.Bytes()})
		}
	}
	s.clear = strings.Join(append(script, sequences...), "; ")
	return s, nil
}

// restore gives a copy the rows of the snapshot. The error says that this cannot be done.
func (s *snapshot) restore(ctx context.Context, c *pgx.Conn) error {
	shape, err := lines(ctx, c, shapeQuery)
	if err != nil {
		return err
	}
	if strings.Join(shape, "") != s.shape {
		return errors.New("the test changed the tables")
	}
	tx, err := c.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, s.clear); err != nil {
		return err
	}
	for _, t := range s.rows {
		if _, err := c.PgConn().CopyFrom(ctx, bytes.NewReader(t.rows), "COPY "+t.table+" FROM STDIN"); err != nil {
			return fmt.Errorf("filling %s: %w", t.table, err)
		}
	}
	return tx.Commit(ctx)
}

// lines returns the one text column of a query, without NULLs.
func lines(ctx context.Context, c *pgx.Conn, query string) ([]string, error) {
	rows, err := c.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[*string])
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, text := range all {
		if text != nil {
			texts = append(texts, *text)
		}
	}
	return texts, nil
}
