package auth

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/go-belleville/belleville/core/database"
)

// userModel is what is known of the project's user struct, worked out once.
type userModel struct {
	typ      reflect.Type // the struct
	table    *schema.Table
	pk       *schema.Field
	username *schema.Field
	email    *schema.Field // nil without one
	active   *schema.Field // nil without one: then every user is active
	required []string
	problem  error // why it cannot be a user model

	permissions bool // it embeds Permissions
	groupsTable string
	permsTable  string
	joinColumn  string // in both
}

// newUserModel looks at a typed nil pointer. It does no I/O. Mistakes end up in problem, which a
// system check reports.
func newUserModel(db *bun.DB, model Account) *userModel {
	m := &userModel{}
	t := reflect.TypeOf(model)
	if t == nil || t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		m.problem = fmt.Errorf("the user model is %T: write auth.NewUsers(db, (*YourUser)(nil))", model)
		return m
	}
	m.typ = t.Elem()
	m.table = db.Table(m.typ)
	if len(m.table.PKs) != 1 {
		m.problem = fmt.Errorf("the user model %s has %d primary keys: tag one field with `bun:\",pk\"`", m.typ, len(m.table.PKs))
		return m
	}
	m.pk = m.table.PKs[0]
	zero := reflect.New(m.typ).Interface()
	name := usernameField(zero)
	if m.username = m.table.LookupField(name); m.username == nil {
		m.problem = fmt.Errorf("the user model %s has no column %q to log in by: add it, or name another by a method UsernameField", m.typ, name)
		return m
	}
	m.email = m.table.LookupField(emailField(zero))
	m.active = m.table.LookupField("is_active")
	_, m.permissions = zero.(interface{ permissions() *Permissions })
	m.required = m.requiredFields(zero)
	m.groupsTable, m.permsTable = m.table.Name+"_groups", m.table.Name+"_user_permissions"
	m.joinColumn = strings.ToLower(m.typ.Name()) + "_id"
	return m
}

func usernameField(u any) string {
	if f, ok := u.(UsernameFielder); ok {
		return f.UsernameField()
	}
	return "username"
}

func emailField(u any) string {
	if f, ok := u.(EmailFielder); ok {
		return f.EmailField()
	}
	return "email"
}

func (m *userModel) requiredFields(u any) []string {
	if f, ok := u.(RequiredFielder); ok {
		return f.RequiredFields()
	}
	if m.email != nil && m.email != m.username {
		return []string{m.email.Name}
	}
	return nil
}

// new returns a new zero user.
func (m *userModel) new() Account { return reflect.New(m.typ).Interface().(Account) }

// newOrNil is new for a model that may have a problem.
func (m *userModel) newOrNil() Account {
	if m.problem != nil {
		return nil
	}
	return m.new()
}

// value returns the struct inside an account, or an error for an account of another model.
func (m *userModel) value(u Account) (reflect.Value, error) {
	v := reflect.ValueOf(u)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Type() != m.typ {
		if u != nil && !v.IsNil() && u.IsAnonymous() {
			return reflect.Value{}, ErrAnonymous
		}
		return reflect.Value{}, fmt.Errorf("auth: a %T is not a user of this project, whose model is %s", u, m.typ)
	}
	return v.Elem(), nil
}

// text returns a column's value as text, "" for an account of another model.
func (m *userModel) text(u Account, f *schema.Field) string {
	v, err := m.value(u)
	if err != nil || f == nil {
		return ""
	}
	return fieldText(v.FieldByIndex(f.Index))
}

func fieldText(v reflect.Value) string {
	if s, ok := v.Interface().(fmt.Stringer); ok {
		return s.String() // uuid.UUID and the like
	}
	return fmt.Sprint(v.Interface())
}

// parsePK reads a key's text, as it stands in a session or a link, into the key's own type.
// ok is false for text that cannot be one.
func (m *userModel) parsePK(text string) (key any, ok bool) {
	v := reflect.New(m.pk.StructField.Type)
	if u, ok := v.Interface().(interface{ UnmarshalText([]byte) error }); ok {
		if u.UnmarshalText([]byte(text)) != nil {
			return nil, false
		}
		return v.Elem().Interface(), true
	}
	switch v.Elem().Kind() {
	case reflect.String:
		if strings.ContainsRune(text, 0) {
			return nil, false
		}
		v.Elem().SetString(text)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := decimal(text)
		if !ok || v.Elem().OverflowInt(n) {
			return nil, false
		}
		v.Elem().SetInt(n)
	default:
		return nil, false
	}
	return v.Elem().Interface(), true
}

// decimal reads a whole number in its shortest form only, so that a key has one text.
func decimal(text string) (int64, bool) {
	var n int64
	if _, err := fmt.Sscanf(text, "%d", &n); err != nil || fmt.Sprint(n) != text {
		return 0, false
	}
	return n, true
}

// isActive reads is_active; a model without the column has active users only.
func (m *userModel) isActive(u Account) bool {
	if u.IsAnonymous() {
		return false
	}
	v, err := m.value(u)
	if err != nil {
		return false
	}
	return m.active == nil || v.FieldByIndex(m.active.Index).Bool()
}

func (m *userModel) isSuperuser(u Account) bool {
	p, ok := u.(interface{ permissions() *Permissions })
	return ok && p.permissions().IsSuperuser && !u.IsAnonymous()
}

// setBool sets a column when the model has it.
func (m *userModel) setBool(v reflect.Value, column string, value bool) {
	if f := m.table.LookupField(column); f != nil && f.StructField.Type.Kind() == reflect.Bool {
		v.FieldByIndex(f.Index).SetBool(value)
	}
}

func (m *userModel) setText(v reflect.Value, f *schema.Field, value string) {
	if f != nil && f.StructField.Type.Kind() == reflect.String {
		v.FieldByIndex(f.Index).SetString(value)
	}
}

// setTime sets a column of times that is still zero.
func (m *userModel) setTime(v reflect.Value, column string, value time.Time) {
	if f := m.table.LookupField(column); f != nil {
		if t, ok := v.FieldByIndex(f.Index).Addr().Interface().(*time.Time); ok && t.IsZero() {
			*t = value
		}
	}
}

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
	return q + ` FROM ` + quoteIdent(m.table.Name) + ` u WHERE u.` + quoteIdent(m.pk.Name) + ` = $1`
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
