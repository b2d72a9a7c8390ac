package auth

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
)

// userModel is what is known of the project's user struct, worked out once.
type userModel struct {
	typ      reflect.Type // the struct
	table    *schema.Table
	pk       *schema.Field
	key      int // the kind of key: keyNumber, keyText or keyMarshaled
	username *schema.Field
	email    *schema.Field // nil without one
	active   *schema.Field // nil without one: then every user is active
	required []string
	problem  error // why it cannot be a user model

	// What reading a user on every request needs.
	pointer              reflect.Type // to the struct
	places               []place      // of all columns
	pkPlace, activePlace place
	zeroKey              reflect.Value
	rows                 *sync.Pool // of *row

	ignoresCase bool // "Ada" and "ada" are one user
	permissions bool // it embeds Permissions
	groupsTable string
	permsTable  string
	joinColumn  string // in both
}

// newUserModel looks at a typed nil pointer. It does no I/O. Mistakes end up in problem, which
// the project reports before anything runs.
func newUserModel(d schema.Dialect, model Account) *userModel {
	m := &userModel{}
	t := reflect.TypeOf(model)
	if t == nil || t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		m.problem = fmt.Errorf("the user model is %T: write auth.NewUsers(db, (*YourUser)(nil))", model)
		return m
	}
	m.typ = t.Elem()
	if _, ok := reflect.New(m.typ).Interface().(*AnonymousUser); ok {
		m.problem = errors.New("the user model is AnonymousUser, who is in no database: write auth.NewUsers(db, (*YourUser)(nil))")
		return m
	}
	if name := pointerEmbedded(m.typ); name != "" {
		m.problem = fmt.Errorf("the user model %s embeds *%s: embed it without the asterisk, so that a user always has it", m.typ, name)
		return m
	}
	m.table = d.Tables().Get(m.typ)
	if m.problem = m.look(reflect.New(m.typ).Interface()); m.problem != nil {
		return m
	}
	m.compile()
	return m
}

// compile works out what reading a user on every request needs.
func (m *userModel) compile() {
	m.pointer, m.rows, m.zeroKey = reflect.PointerTo(m.typ), new(sync.Pool), reflect.Zero(m.pk.StructField.Type)
	for _, f := range m.table.Fields {
		m.places = append(m.places, newPlace(m.typ, f))
	}
	if m.active != nil {
		m.activePlace = newPlace(m.typ, m.active)
	}
	if !m.pk.StructField.Type.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		m.pkPlace = newPlace(m.typ, m.pk)
	}
}

// pointerEmbedded returns the name of a pointer that a struct embeds to get at BaseUser.
func pointerEmbedded(t reflect.Type) string {
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case !f.Anonymous || f.Type == reflect.TypeFor[BaseUser]():
		case f.Type.Kind() == reflect.Pointer && f.Type.Implements(reflect.TypeFor[Account]()):
			return f.Name
		case f.Type.Kind() == reflect.Struct:
			if name := pointerEmbedded(f.Type); name != "" {
				return name
			}
		}
	}
	return ""
}

// look finds the columns that the system uses and returns what is wrong with them.
func (m *userModel) look(zero any) error {
	if len(m.table.PKs) != 1 {
		return fmt.Errorf("the user model %s has %d primary keys: tag one field with `bun:\",pk\"`", m.typ, len(m.table.PKs))
	}
	m.pk = m.table.PKs[0]
	if m.key = keyKind(m.pk.StructField.Type); m.key == keyUnknown {
		return fmt.Errorf("the key %s of the user model %s is a %s: make it an int64, a string, a database.UUID, or a type "+
			"that has both MarshalText and UnmarshalText", m.pk.Name, m.typ, m.pk.StructField.Type)
	}
	name := usernameField(zero)
	if m.username = m.table.LookupField(name); m.username == nil {
		return fmt.Errorf("the user model %s has no column %q to log in by: add it, or name another by a method UsernameField", m.typ, name)
	}
	if !isText(m.username) && !reflect.Zero(m.username.StructField.Type).CanInt() {
		return fmt.Errorf("the column %q of the user model %s is a %s: people log in by a string or a whole number", name, m.typ, m.username.StructField.Type)
	}
	if m.email = m.table.LookupField(emailField(zero)); m.email != nil && !isText(m.email) {
		return fmt.Errorf("the column %q of the user model %s is a %s: make it a string", m.email.Name, m.typ, m.email.StructField.Type)
	}
	for _, column := range []string{"is_active", "is_staff"} {
		if f := m.table.LookupField(column); f != nil && f.StructField.Type.Kind() != reflect.Bool {
			return fmt.Errorf("the column %q of the user model %s is a %s: make it a bool", column, m.typ, f.StructField.Type)
		}
	}
	if f := m.table.SoftDeleteField; f != nil && !f.IsPtr && !f.NullZero {
		return fmt.Errorf("the column %q of the user model %s marks deleted users: add nullzero to its tag, so that the others have NULL", f.Name, m.typ)
	}
	m.active = m.table.LookupField("is_active")
	c, ok := zero.(CaseIgnorer)
	m.ignoresCase = ok && c.UsernameIgnoresCase() && isText(m.username)
	_, m.permissions = zero.(interface{ permissions() *Permissions })
	m.required = m.requiredFields(zero)
	m.groupsTable, m.permsTable = m.table.Name+"_groups", m.table.Name+"_user_permissions"
	m.joinColumn = strings.ToLower(m.typ.Name()) + "_id"
	return nil
}

func isText(f *schema.Field) bool { return f.StructField.Type.Kind() == reflect.String }

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

// Model describes a user model for the Models of the app that has it, with the tables that relate
// its users to groups and permissions: <table>_groups and <table>_user_permissions, whose column
// <model>_id has the type of the model's key. A model without [Permissions] has no such tables.
//
//	Models: []core.Model{auth.Model((*Member)(nil))},
func Model(model Account) core.Model {
	out := core.Model{Of: model}
	m := newUserModel(sqlitedialect.New(), model)
	if m.problem != nil || !m.permissions {
		return out // NewUsers reports the problem
	}
	user := core.JoinSide{Column: m.joinColumn, Of: model}
	out.Joins = []core.Join{
		{Table: m.groupsTable, Sides: [2]core.JoinSide{user, {Column: "group_id", Of: (*Group)(nil)}}},
		{Table: m.permsTable, Sides: [2]core.JoinSide{user, {Column: "permission_id", Of: (*Permission)(nil)}}},
	}
	return out
}

// keyType is the SQL type of a column that refers to users.
func (m *userModel) keyType(d dialect.Name) string {
	t := m.pk.StructField.Type
	switch {
	case t == reflect.TypeFor[database.UUID]():
		return database.UUID{}.SQLType(d)
	case m.pk.UserSQLType != "":
		return m.pk.UserSQLType
	case m.key != keyNumber:
		return "text"
	case d == dialect.PG && t.Bits() > 32:
		return "bigint"
	}
	return "integer"
}
