package auth

import (
	"database/sql"
	"errors"
	"reflect"
	"strings"
	"unsafe"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
)

// columns returns the quoted names of all columns, each behind the alias u.
func (m *userModel) columns() string {
	names := make([]string, len(m.table.Fields))
	for i, f := range m.table.Fields {
		names[i] = `u.` + quoteIdent(f.Name)
	}
	return strings.Join(names, ", ")
}

func quoteIdent(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// loadQuery is the statement that reads a user by key: with both sets of permissions as text
// when wanted. A set is a run of "<bytes>:<app.codename>", so no name can pass for two.
func (m *userModel) loadQuery(db *bun.DB, withPermissions bool) string {
	q := `SELECT ` + m.columns()
	if withPermissions {
		user := quoteIdent(m.joinColumn) + ` = u.` + quoteIdent(m.pk.Name)
		names, join := namesSQLite, ` CROSS JOIN `
		if database.IsPostgres(db) {
			names, join = namesPostgres, ` JOIN `
		}
		q += `, ` + strings.Replace(names, `{ids}`, `SELECT up.permission_id FROM `+quoteIdent(m.permsTable)+` up WHERE up.`+user, 1)
		q += `, ` + strings.Replace(names, `{ids}`, `SELECT DISTINCT gp.permission_id FROM `+quoteIdent(m.groupsTable)+` ug`+join+
			`auth_group_permissions gp ON gp.group_id = ug.group_id WHERE ug.`+user, 1)
	}
	key := `$1`
	if database.IsPostgres(db) && m.key == keyNumber {
		key = `CAST($1 AS bigint)` // else a number that the column cannot hold is an error, not "no such user"
	}
	q += ` FROM ` + string(m.table.SQLName) + ` u WHERE u.` + quoteIdent(m.pk.Name) + ` = ` + key
	if f := m.table.SoftDeleteField; f != nil {
		q += ` AND u.` + quoteIdent(f.Name) + ` IS NULL`
	}
	return q
}

// The names of the permissions that a query has the ids of. What several groups give is made one while
// it is numbers still. PostgreSQL reads the names by all ids at once, which is half the work of a join
// when there are many; SQLite has to be told by CROSS JOIN to begin with the user and not with
// all content types, which it finds better after ANALYZE in a small database.
const (
	namesPostgres = `(SELECT string_agg(octet_length(n) || ':' || n, '') FROM (SELECT ct.app_label || '.' || p.codename AS n FROM auth_permission p` +
		` JOIN django_content_type ct ON ct.id = p.content_type_id WHERE p.id = ANY (ARRAY({ids}))) names)`
	namesSQLite = `(SELECT group_concat(length(CAST(n AS BLOB)) || ':' || n, '') FROM (SELECT ct.app_label || '.' || p.codename AS n FROM ({ids}) i` +
		` CROSS JOIN auth_permission p ON p.id = i.permission_id CROSS JOIN django_content_type ct ON ct.id = p.content_type_id) names)`
)

// row takes one row of the statement: a user's columns, and both sets of permissions as text.
type row struct {
	cells      []cell
	dest       []any // the cells, and where the sets go
	own, group sql.NullString
}

// cell is a column of one row on its way into a user. A value that is not of the usual type goes to
// bun's own scanner, so that whatever bun reads in a select is read here too.
type cell struct {
	*place
	typ  reflect.Type // the struct
	base unsafe.Pointer
}

// Scan implements sql.Scanner.
func (c *cell) Scan(src any) error {
	switch {
	case src == nil && c.plain():
		return nil // a new user has the zero value there
	case c.set(c.base, src):
		return nil
	}
	return c.field.ScanValue(reflect.NewAt(c.typ, c.base).Elem(), src)
}

// row returns a row that fills the user at base. Give it back by release.
func (m *userModel) row(base unsafe.Pointer) *row {
	r, _ := m.rows.Get().(*row)
	if r == nil {
		r = &row{cells: make([]cell, len(m.places))}
		for i := range r.cells {
			r.cells[i] = cell{place: &m.places[i], typ: m.typ}
			r.dest = append(r.dest, &r.cells[i])
		}
		r.dest = append(r.dest, &r.own, &r.group)
	}
	for i := range r.cells {
		r.cells[i].base = base
	}
	return r
}

// release keeps the row for the next user, and nothing of this one.
func (m *userModel) release(r *row) {
	for i := range r.cells {
		r.cells[i].base = nil
	}
	r.own, r.group = sql.NullString{}, sql.NullString{}
	m.rows.Put(r)
}

// targets are where the statement's columns go.
func (r *row) targets(withPermissions bool) []any {
	if withPermissions {
		return r.dest
	}
	return r.dest[:len(r.cells)]
}

// sets puts the permissions that were read into a user.
func (r *row) sets(u Account) (err error) {
	state := &u.base().state
	if state.own, err = splitNames(r.own.String); err == nil {
		state.group, err = splitNames(r.group.String)
	}
	return err
}

// splitNames reads a run of "<bytes>:<name>".
func splitNames(text string) (PermissionSet, error) {
	set := make(PermissionSet, strings.Count(text, ":"))
	for text != "" {
		size, rest, ok := strings.Cut(text, ":")
		n, valid := decimal(size)
		if !ok || !valid || n < 0 || n > int64(len(rest)) {
			return nil, errors.New("auth: the database returned a list of permissions that cannot be read")
		}
		set[rest[:n]] = struct{}{}
		text = rest[n:]
	}
	return set, nil
}
