package auth

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/go-belleville/belleville/contrib/auth/names"
)

// userField is what createsuperuser asks for besides the password: the column by which users log
// in, a required column, or the join table of a required relation.
type userField struct {
	name       string // of the option and, in capitals, of the environment variable
	isName     bool   // users log in by it
	mayBeBlank bool
	column     *schema.Field // nil for a relation to many
	refers     *schema.Field // the key of what a foreign key or a join table refers to, or nil
	join       joinColumns   // for a relation to many

	users  *Users
	unique bool // no two users have the same name
	zone   *time.Location
}

// joinColumns are a join table and its columns for the user and for the other row.
type joinColumns struct{ table, user, other string }

func (f *userField) isMany() bool      { return f.column == nil }
func (f *userField) isReference() bool { return f.refers != nil }

// askedFor are the names of all fields as a model alone tells them. A foreign key is asked for by its
// name without "_id".
func (m *userModel) askedFor() []string {
	asked := []string{m.optionOf(m.username.Name)}
	for _, name := range m.besides() {
		asked = append(asked, m.optionOf(name))
	}
	return asked
}

// besides are the required columns without the name, which a system check refuses among them.
func (m *userModel) besides() []string {
	return slices.DeleteFunc(slices.Clone(m.required), func(name string) bool { return name == m.username.Name })
}

func (m *userModel) optionOf(name string) string {
	short, ok := strings.CutSuffix(name, "_id")
	if f := m.table.LookupField(name); ok && f != nil && m.referred(f) != nil {
		return short
	}
	return name
}

// referred returns the key that a foreign key refers to: the one of a belongs-to relation of the model.
func (m *userModel) referred(f *schema.Field) *schema.Field {
	for _, r := range m.table.Relations {
		if r.Type == schema.BelongsToRelation && len(r.BasePKs) == 1 && r.BasePKs[0] == f {
			return r.JoinPKs[0]
		}
	}
	return nil
}

// hasPassword is false for a model that hides the column of its BaseUser by a field of the same
// name that is not stored.
func (m *userModel) hasPassword() bool {
	return slices.ContainsFunc(m.table.Fields, func(f *schema.Field) bool { return f.Name == passwordColumn })
}

// userFields looks at the model and the project.
func (a *Auth) userFields() ([]*userField, error) {
	m := a.users.model
	if m.problem != nil {
		return nil, fmt.Errorf("auth: %w", m.problem)
	}
	fields := []*userField{{column: m.username, isName: true, unique: a.usernameIsUnique()}}
	for _, name := range m.besides() {
		f := &userField{column: m.table.LookupField(name)}
		if f.column == nil {
			f.column = m.table.LookupField(name + "_id")
		}
		if f.column == nil {
			var ok bool
			if f.join, f.refers, ok = a.joinOf(name); !ok {
				return nil, fmt.Errorf("auth: RequiredFields of %s names %q, which is no column, nor a relation to many by a table %s_%s that the model declares in Joins; a table that is a model of its own is not supported",
					m.typ, name, m.table.Name, name)
			}
		}
		fields = append(fields, f)
	}
	for i, f := range fields {
		f.users, f.zone, f.name = a.users, a.project.zone, m.askedFor()[i]
		if f.column != nil {
			f.refers = m.referred(f.column)
			f.mayBeBlank = !f.isName && (f.column == m.email || f.column.NullZero || f.column.IsPtr)
		}
	}
	return fields, nil
}

// joinOf finds the join table of a relation, which bears the name of the users' table and its own.
func (a *Auth) joinOf(name string) (j joinColumns, key *schema.Field, ok bool) {
	m := a.users.model
	for _, model := range a.project.models {
		if model.Type() != m.typ {
			continue
		}
		for _, join := range model.Joins {
			other := 1
			if reflect.TypeOf(join.Sides[1].Of) == reflect.PointerTo(m.typ) {
				other = 0
			}
			pks := a.users.db.Dialect().Tables().Get(reflect.TypeOf(join.Sides[other].Of).Elem()).PKs
			if join.Table == m.table.Name+"_"+name && len(pks) == 1 {
				return joinColumns{join.Table, join.Sides[1-other].Column, join.Sides[other].Column}, pks[0], true
			}
		}
	}
	return joinColumns{}, nil, false
}

// prompt is the question: "Username (leave blank to use 'ada'): ", "Group (Group.id): ".
func (f *userField) prompt(fallback string) string {
	text := upperFirst(labelOf(f.name))
	if fallback != "" {
		text += fmt.Sprintf(" (leave blank to use '%s')", fallback)
	}
	if f.refers != nil {
		text += fmt.Sprintf(" (%s.%s)", f.refers.Table.TypeName, f.refers.Name)
	}
	return text + ": "
}

// check says what is wrong with an answer, "" for nothing.
func (f *userField) check(ctx context.Context, text string) (problem string, err error) {
	switch {
	case f.isMany() && strings.TrimSpace(text) == "", text == "" && !f.mayBeBlank:
		return fmt.Sprintf("the %s cannot be blank.", labelOf(f.name)), nil
	case text == "":
		return "", nil
	case f.isName:
		problem, err = f.nameProblem(ctx, text)
	case !f.isMany():
		problem = f.textProblem(text)
	}
	if err != nil || problem != "" || f.refers == nil {
		return problem, err
	}
	for _, key := range f.keys(text) {
		there, err := f.isThere(ctx, key)
		if err != nil {
			return "", err
		}
		if !there {
			return fmt.Sprintf("there is no %s with the %s %s.", labelOf(f.name), f.refers.Name, key), nil
		}
	}
	return "", nil
}

// keys are the keys in an answer.
func (f *userField) keys(text string) []string {
	if !f.isMany() {
		return []string{text}
	}
	keys := strings.Split(text, ",")
	for i, key := range keys {
		keys[i] = strings.TrimSpace(key)
	}
	return keys
}

// nameProblem says what is wrong with a user name.
func (f *userField) nameProblem(ctx context.Context, name string) (string, error) {
	m := f.users.model
	if f.unique {
		_, err := f.users.ByUsername(ctx, m.normalUsername(name))
		if err == nil {
			return fmt.Sprintf("that %s is taken already.", labelOf(f.name)), nil
		}
		if !errors.Is(err, ErrNoUser) {
			return "", err
		}
	}
	if problem := f.textProblem(name); problem != "" || !isText(m.username) || m.username == m.email {
		return problem, nil
	}
	for part := range slices.Chunk([]rune(m.normalUsername(name)), names.MaxUsername) {
		if err := names.UnicodeUsername(string(part)); err != nil {
			return err.Error(), nil
		}
	}
	return "", nil
}

// textProblem says why a text cannot be stored in the column.
func (f *userField) textProblem(text string) string {
	limit := varcharLength(f.column.UserSQLType)
	if n := utf8.RuneCountInString(text); limit > 0 && n > limit {
		return fmt.Sprintf("the %s has at most %d characters; this one has %d.", labelOf(f.name), limit, n)
	}
	if err := checkText(f.name, text, 0); err != nil {
		return err.Error()
	}
	if f.column == f.users.model.email {
		if err := names.ValidateEmail(text); err != nil {
			return err.Error()
		}
	}
	if err := f.set(reflect.New(f.users.model.typ).Elem(), text); err != nil && f.refers == nil {
		return err.Error()
	}
	return ""
}

// set puts a text into the column of a user.
func (f *userField) set(user reflect.Value, text string) error {
	if err := setText(user.FieldByIndex(f.column.Index), text, f.column.UserSQLType, f.zone); err != nil {
		return fmt.Errorf("the %s cannot be %q: write %w.", labelOf(f.name), text, err) //nolint:staticcheck // shown to people as it stands
	}
	return nil
}

// isThere looks for the row that a key names.
func (f *userField) isThere(ctx context.Context, text string) (bool, error) {
	key := reflect.New(f.refers.StructField.Type).Elem()
	if setText(key, text, f.refers.UserSQLType, f.zone) != nil || !storable(text) {
		return false, nil
	}
	there, err := f.users.db.NewSelect().TableExpr("?", bun.Ident(f.refers.Table.Name)).ColumnExpr("1").
		Where("? = ?", bun.Ident(f.refers.Name), key.Interface()).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("auth: look for a %s: %w", labelOf(f.name), err)
	}
	return there, nil
}

// relate stores the rows of a join table for a user.
func (f *userField) relate(ctx context.Context, tx bun.IDB, user any, text string) error {
	if !f.isMany() {
		return nil
	}
	for _, text := range f.keys(text) {
		key := reflect.New(f.refers.StructField.Type).Elem()
		if err := setText(key, text, f.refers.UserSQLType, f.zone); err != nil {
			return fmt.Errorf("auth: %s: %w", f.name, err)
		}
		_, err := tx.NewRaw("INSERT INTO ? (?, ?) VALUES (?, ?) ON CONFLICT DO NOTHING", bun.Ident(f.join.table),
			bun.Ident(f.join.user), bun.Ident(f.join.other), user, key.Interface()).Exec(ctx)
		if err != nil {
			return fmt.Errorf("auth: store the user's %s: %w", labelOf(f.name), err)
		}
	}
	return nil
}
