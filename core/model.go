package core

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// Permission is something a user can be allowed to do.
type Permission struct {
	// Codename is unique within its model: "close_question". At most 100 characters.
	Codename string
	// Name is shown to people: "Can close a question". At most 255 characters.
	Name string
}

// Model describes what a Go struct's bun tags cannot: its place in the project, its permissions,
// and the parts of its table that only migrations need.
type Model struct {
	// Of is a typed nil pointer to the bun model: (*Question)(nil). Required.
	Of any
	// Name is the model's name in lower case; empty takes the struct's: "question".
	Name string
	// VerboseName is for people; empty is made from the struct's name: "log entry" of LogEntry.
	VerboseName string
	// DefaultPermissions are the actions that become permissions; nil means [DefaultActions], an
	// empty slice means none.
	DefaultPermissions []string
	// Permissions are the model's further permissions.
	Permissions []Permission
	// ProxyOf names the model whose table this one uses, as a typed nil pointer. A proxy has a
	// content type and permissions of its own. Its struct embeds the other's, tagged `bun:",inherit"`.
	ProxyOf any
	// RenamedFrom are earlier names of the model, in lower case. Its content type, and with it
	// its permissions, are carried over by the next migrate.
	RenamedFrom []string
	// Indexes, Uniques, Constraints, References and Defaults are parts of the table for the
	// migration generator.
	Indexes     []Index
	Uniques     []Unique
	Constraints []Constraint
	// References are the table's foreign keys, besides those of bun's belongs-to relations.
	References []Reference
	// Defaults are the database's own values for columns, as SQL: "0", "'draft'". They go before
	// those of bun's tags, which have bun leave out a field's zero value.
	Defaults map[string]string
	// Joins are tables of pairs that come with the model, for the migration generator.
	Joins []Join

	app string
}

// Index is an index over columns.
type Index struct {
	// Name is the index's own; empty is made from the table and columns.
	Name    string
	Columns []string
	// Where makes a partial index: an SQL condition that both databases understand.
	Where string
	// Concurrently makes the index on PostgreSQL without keeping writers out of a table that is
	// there already. It is then a migration of its own, outside a transaction.
	Concurrently bool
}

// Unique is a uniqueness rule over columns.
type Unique struct {
	// Name is the rule's own; empty is made from the table and columns.
	Name    string
	Columns []string
	// Where limits the rule to some rows: an SQL condition that both databases understand.
	Where string
}

// Constraint is a CHECK constraint.
type Constraint struct {
	// Name is required.
	Name string
	// Check is an SQL condition that both databases understand.
	Check string
}

// Reference is a foreign key: the values of a column are keys of another model. Its check waits for
// the end of the transaction, as Django's do, so rows may be stored in any order.
type Reference struct {
	Column string
	// Of is a typed nil pointer to the bun model; the column refers to its key and, unless the tag
	// of the column says another, has the key's type.
	Of any
	// OnDelete is what the database does with the rows when the one that they refer to goes: "CASCADE",
	// "SET NULL", "SET DEFAULT", "RESTRICT". Empty is NO ACTION: it refuses.
	OnDelete string
}

// Join is a table that relates the rows of two models: a bigint key named id, and a column for
// each side that is never NULL, has the type of its model's key and refers to it. A pair is unique.
type Join struct {
	Table string
	Sides [2]JoinSide
}

// JoinSide is one side of a [Join].
type JoinSide struct {
	Column string
	// Of is a typed nil pointer to the bun model.
	Of any
}

// DefaultActions returns the actions that every model has a permission for, in order.
func DefaultActions() []string { return []string{"add", "change", "delete", "view"} }

// PermissionCodename returns the codename of an action on a model: "add_question".
func PermissionCodename(action, modelName string) string { return action + "_" + modelName }

// AppLabel returns the label of the app that brings the model; empty before [New].
func (m Model) AppLabel() string { return m.app }

// Label returns "app.model", as permissions and settings write it.
func (m Model) Label() string { return m.app + "." + m.Name }

// Type returns the model's struct type.
func (m Model) Type() reflect.Type { return structType(m.Of) }

// IsProxy reports whether the model uses another one's table.
func (m Model) IsProxy() bool { return m.ProxyOf != nil }

// AllPermissions returns the default permissions and then the model's own.
func (m Model) AllPermissions() []Permission {
	actions := m.DefaultPermissions
	if actions == nil {
		actions = DefaultActions()
	}
	perms := make([]Permission, 0, len(actions)+len(m.Permissions))
	for _, action := range actions {
		perms = append(perms, Permission{
			Codename: PermissionCodename(action, m.Name),
			Name:     fmt.Sprintf("Can %s %s", action, m.VerboseName),
		})
	}
	return append(perms, m.Permissions...)
}

// resolve fills in the names of a model for its app.
func (m Model) resolve(app string) (Model, error) {
	t := structType(m.Of)
	if t == nil {
		return m, fmt.Errorf("a model of the app %q is %T: write Of: (*YourStruct)(nil)", app, m.Of)
	}
	if m.ProxyOf != nil && structType(m.ProxyOf) == nil {
		return m, fmt.Errorf("the model %s of the app %q is a proxy of %T: write ProxyOf: (*YourStruct)(nil)", t.Name(), app, m.ProxyOf)
	}
	m.app = app
	if m.Name == "" {
		m.Name = t.Name()
	}
	m.Name = strings.ToLower(m.Name)
	if m.VerboseName == "" {
		m.VerboseName = splitWords(t.Name())
	}
	return m, nil
}

// structType returns the struct type that a typed pointer points to, nil for anything else.
func structType(v any) reflect.Type {
	t := reflect.TypeOf(v)
	if t == nil || t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return nil
	}
	return t.Elem()
}

// splitWords turns "LogEntry" into "log entry" and "HTTPLog" into "http log".
func splitWords(name string) string {
	runes := []rune(name)
	var b strings.Builder
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) {
			next := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if !unicode.IsUpper(runes[i-1]) || next {
				b.WriteByte(' ')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
