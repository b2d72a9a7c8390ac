package auth

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/uptrace/bun/schema"

	"github.com/go-belleville/belleville/core/database"
)

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
	if m.problem != nil {
		return reflect.Value{}, fmt.Errorf("auth: %w", m.problem)
	}
	v := reflect.ValueOf(u)
	if v.Kind() == reflect.Pointer && !v.IsNil() && v.Elem().Type() == m.typ {
		return v.Elem(), nil
	}
	if u != nil && !v.IsNil() && u.IsAnonymous() {
		return reflect.Value{}, ErrAnonymous
	}
	return reflect.Value{}, fmt.Errorf("auth: a %T is not a user of this project, whose model is %s", u, m.typ)
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
	if t, ok := v.Interface().(encoding.TextMarshaler); ok {
		if text, err := t.MarshalText(); err == nil {
			return string(text)
		}
	}
	switch {
	case v.Kind() == reflect.String:
		return v.String() // the text itself, whatever a method String says
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	}
	return fmt.Sprint(v.Interface())
}

// argument reads a key's text into what database/sql takes, without methods that a driver might ask.
// ok is false for text that cannot be a key.
func (m *userModel) argument(text string) (key any, ok bool) {
	switch m.key {
	case keyText:
		return text, storable(text) && text != ""
	case keyNumber:
		n, ok := decimal(text)
		return n, ok && !m.zeroKey.OverflowInt(n)
	}
	return m.parsePK(text)
}

// address is where the struct of a new user begins.
func (m *userModel) address(u Account) unsafe.Pointer { return reflect.ValueOf(u).UnsafePointer() }

// keyOf returns a user's key as text, "" for an account of another model.
func (m *userModel) keyOf(u Account) string {
	if base := m.at(u); base != nil {
		switch m.pkPlace.kind {
		case placeNumber:
			return strconv.FormatInt(*m.pkPlace.number(base), 10)
		case placeText:
			return *m.pkPlace.text(base)
		}
	}
	return m.text(u, m.pk)
}

// at returns where the struct of a user of this model begins, nil for anybody else.
func (m *userModel) at(u Account) unsafe.Pointer {
	if m.problem != nil || reflect.TypeOf(u) != m.pointer {
		return nil
	}
	return m.address(u)
}

// The kinds of primary keys.
const (
	keyUnknown = iota
	keyNumber
	keyText
	keyMarshaled // a UUID and the like
)

func keyKind(t reflect.Type) int {
	both := t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) &&
		reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
	switch {
	case both && t.Kind() != reflect.Pointer:
		return keyMarshaled
	case t.Kind() == reflect.String:
		return keyText
	case reflect.Zero(t).CanInt():
		return keyNumber
	}
	return keyUnknown
}

// parsePK reads a key's text, as it stands in a session or a link, into the key's own type.
// ok is false for text that cannot be one.
func (m *userModel) parsePK(text string) (key any, ok bool) {
	return parseKey(m.pk.StructField.Type, m.key, text)
}

func parseKey(t reflect.Type, kind int, text string) (key any, ok bool) {
	v := reflect.New(t)
	switch kind {
	case keyMarshaled:
		if v.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) != nil {
			return nil, false
		}
	case keyText:
		if !storable(text) || text == "" {
			return nil, false
		}
		v.Elem().SetString(text)
	case keyNumber:
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
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text {
		return 0, false
	}
	return n, true
}

// storable reports whether both databases can hold a text: PostgreSQL takes neither NUL nor
// anything but UTF-8.
func storable(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

// isActive asks the user or reads is_active; a model that has neither has active users only.
func (m *userModel) isActive(u Account) bool {
	if u == nil || u.IsAnonymous() {
		return false
	}
	base := m.at(u)
	if base == nil {
		return false
	}
	if a, ok := u.(Activer); ok && !a.Active() {
		return false
	}
	switch {
	case m.active == nil:
		return true
	case m.activePlace.kind == placeFlag:
		return *m.activePlace.flag(base)
	}
	return reflect.ValueOf(u).Elem().FieldByIndex(m.active.Index).Bool()
}

func (m *userModel) isSuperuser(u Account) bool {
	p, ok := u.(interface{ permissions() *Permissions })
	return ok && p.permissions().IsSuperuser && !u.IsAnonymous()
}

// setBool sets a column when the model has it.
func (m *userModel) setBool(v reflect.Value, column string, value bool) {
	if f := m.table.LookupField(column); f != nil {
		v.FieldByIndex(f.Index).SetBool(value)
	}
}

// setText sets a column of text or whole numbers; nothing for a nil field.
func (m *userModel) setText(v reflect.Value, f *schema.Field, value string) error {
	if f == nil {
		return nil
	}
	field := v.FieldByIndex(f.Index)
	if !field.CanInt() {
		field.SetString(value)
		return nil
	}
	n, ok := decimal(value)
	if !ok || field.OverflowInt(n) {
		return fmt.Errorf("%w: the column %s holds whole numbers", ErrText, f.Name)
	}
	field.SetInt(n)
	return nil
}

// setTime sets a column of times that is still zero.
func (m *userModel) setTime(v reflect.Value, column string, value time.Time) {
	if f := m.table.LookupField(column); f != nil {
		if t, ok := v.FieldByIndex(f.Index).Addr().Interface().(*time.Time); ok && t.IsZero() {
			*t = value
		}
	}
}

// fillKey gives a new user its key where the database does not.
func (m *userModel) fillKey(v reflect.Value) error {
	key := v.FieldByIndex(m.pk.Index)
	switch {
	case !key.IsZero() || m.pk.AutoIncrement || m.pk.Identity || m.pk.SQLDefault != "":
	case key.Type() == reflect.TypeFor[database.UUID]():
		key.Set(reflect.ValueOf(database.NewUUID()))
	default:
		return fmt.Errorf("auth: a %s needs its key %s before it can be stored: set it, or tag the field with autoincrement", m.typ, m.pk.Name)
	}
	return nil
}

// ErrText says that a text cannot stand in its column: it has a NUL or is not UTF-8, which
// PostgreSQL refuses and SQLite would mangle, or it is longer than the column's varchar(n).
var ErrText = errors.New("auth: the text does not fit its column")

// checkTexts looks at all texts of a user that are going to be stored; no columns means all.
func (m *userModel) checkTexts(v reflect.Value, columns []string) error {
	for _, f := range m.table.Fields {
		if len(columns) > 0 && !slices.Contains(columns, f.Name) {
			continue
		}
		field := reflect.Indirect(v.FieldByIndex(f.Index))
		if field.Kind() != reflect.String {
			continue
		}
		if err := checkText(f.Name, field.String(), varcharLength(f.UserSQLType)); err != nil {
			return err
		}
	}
	return nil
}

// checkText looks at one text; a limit of 0 characters is none.
func checkText(column, text string, limit int) error {
	switch {
	case strings.IndexByte(text, 0) >= 0:
		return fmt.Errorf("%w: %s has a NUL", ErrText, column)
	case !utf8.ValidString(text):
		return fmt.Errorf("%w: %s is not UTF-8", ErrText, column)
	case limit > 0 && len(text) > limit && utf8.RuneCountInString(text) > limit:
		return fmt.Errorf("%w: %s has %d characters, at most %d are allowed", ErrText, column, utf8.RuneCountInString(text), limit)
	}
	return nil
}
