package auth

import (
	"fmt"
	"net/netip"
	"reflect"
	"time"
)

// copyOf returns a copy of a user that shares nothing with it that can be changed. What a user
// remembers that is no column is left out.
func (m *userModel) copyOf(u Account) Account {
	c := reflect.New(m.typ)
	c.Elem().Set(reflect.ValueOf(u).Elem())
	for _, f := range m.table.Fields {
		if hasReferences(f.StructField.Type) {
			field := c.Elem().FieldByIndex(f.Index)
			field.Set(deepCopy(field))
		}
	}
	out := c.Interface().(Account)
	out.base().state = userState{}
	return out
}

// uncopyable returns why users of the model cannot be copied, so that they cannot be kept in memory.
func (m *userModel) uncopyable() error {
	for _, f := range m.table.Fields {
		if t := opaque(f.StructField.Type, map[reflect.Type]bool{}); t != nil {
			return fmt.Errorf("the column %s of the user model %s is a %s, and no copy can be made of a %s: keep such values behind exported fields",
				f.Name, m.typ, f.StructField.Type, t)
		}
	}
	return nil
}

// immutable reports whether values of a type are as good as plain although they hold references:
// nothing can be changed by way of them.
func immutable(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[netip.Addr](), reflect.TypeFor[netip.Prefix](), reflect.TypeFor[netip.AddrPort]():
		return true
	}
	return false
}

// hasReferences reports whether two values of a type may share something.
func hasReferences(t reflect.Type) bool {
	if immutable(t) {
		return false
	}
	switch t.Kind() {
	case reflect.Array:
		return hasReferences(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if hasReferences(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return true
	}
	return false
}

// opaque returns a type inside t of which deepCopy can make no copy, nil when there is none.
func opaque(t reflect.Type, seen map[reflect.Type]bool) reflect.Type {
	if seen[t] || !hasReferences(t) {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return t
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return opaque(t.Elem(), seen)
	case reflect.Map:
		if hasReferences(t.Key()) && t.Key().Kind() != reflect.Interface {
			return t
		}
		return opaque(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if !f.IsExported() && hasReferences(f.Type) {
				return t
			}
			if inner := opaque(f.Type, seen); inner != nil {
				return inner
			}
		}
	}
	return nil
}

// deepCopy returns a copy of a value of a type that is not opaque. What an interface holds, which is
// JSON or a value of the driver's, is copied too.
func deepCopy(v reflect.Value) reflect.Value {
	t := v.Type()
	if !hasReferences(t) {
		return v
	}
	c := reflect.New(t).Elem()
	c.Set(v)
	switch t.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.Set(reflect.New(t.Elem()))
			c.Elem().Set(deepCopy(v.Elem()))
		}
	case reflect.Slice:
		if !v.IsNil() {
			c.Set(reflect.MakeSlice(t, v.Len(), v.Len()))
			copyElements(c, v)
		}
	case reflect.Array:
		copyElements(c, v)
	case reflect.Map:
		if !v.IsNil() {
			c.Set(reflect.MakeMapWithSize(t, v.Len()))
			for rows := v.MapRange(); rows.Next(); {
				c.SetMapIndex(rows.Key(), deepCopy(rows.Value()))
			}
		}
	case reflect.Interface:
		if !v.IsNil() && opaque(v.Elem().Type(), map[reflect.Type]bool{}) == nil {
			c.Set(deepCopy(v.Elem()))
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				c.Field(i).Set(deepCopy(v.Field(i)))
			}
		}
	}
	return c
}

func copyElements(to, from reflect.Value) {
	for i := range from.Len() {
		to.Index(i).Set(deepCopy(from.Index(i)))
	}
}
