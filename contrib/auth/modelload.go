package auth

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

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
		size, join := `length(CAST(n AS BLOB))`, `group_concat(%s, '')`
		if database.IsPostgres(db) {
			size, join = `octet_length(n)`, `string_agg(%s, '')`
		}
		joined := fmt.Sprintf(join, size+` || ':' || n`)
		names := ` FROM (SELECT DISTINCT ct.app_label || '.' || p.codename AS n FROM %s` +
			` JOIN auth_permission p ON p.id = %s.permission_id JOIN django_content_type ct ON ct.id = p.content_type_id WHERE %s) names)`
		q += `, (SELECT ` + joined + fmt.Sprintf(names, quoteIdent(m.permsTable)+` up`, `up`,
			`up.`+quoteIdent(m.joinColumn)+` = u.`+quoteIdent(m.pk.Name))
		q += `, (SELECT ` + joined + fmt.Sprintf(names, quoteIdent(m.groupsTable)+` ug JOIN auth_group_permissions gp ON gp.group_id = ug.group_id`, `gp`,
			`ug.`+quoteIdent(m.joinColumn)+` = u.`+quoteIdent(m.pk.Name))
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

// scanTargets returns where each column of columns() goes.
func (m *userModel) scanTargets(v reflect.Value) []any {
	dest := make([]any, len(m.table.Fields))
	for i, f := range m.table.Fields {
		dest[i] = scanner{f, v}
	}
	return dest
}

// scanner hands a database value to bun's own scanner of a field, so that whatever bun reads in a
// select it reads here too.
type scanner struct {
	field  *schema.Field
	target reflect.Value
}

// Scan implements sql.Scanner.
func (s scanner) Scan(src any) error { return s.field.ScanValue(s.target, src) }

// splitNames reads a run of "<bytes>:<name>".
func splitNames(text string) (PermissionSet, error) {
	set := PermissionSet{}
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
