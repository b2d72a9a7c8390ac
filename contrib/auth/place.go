package auth

import (
	"reflect"
	"time"
	"unsafe"

	"github.com/uptrace/bun/schema"

	"github.com/go-belleville/belleville/core/database"
)

// place is where a column lies in a user struct, worked out once, so that reading a user looks at no
// field by reflection. It is the only use of unsafe: an address that it makes lies in the struct that
// the base points to, and has the type that the struct has there.
type place struct {
	field  *schema.Field
	kind   placeKind
	offset uintptr
}

// placeKind says how a value from the database gets to its place.
type placeKind int

const (
	placeOther    placeKind = iota // by bun's own scanner
	placeText                      // a string, or a type made of it
	placeFlag                      // a bool, or a type made of it
	placeNumber                    // an int64, or a type made of it
	placeTime                      // a time.Time
	placeTimeOrNo                  // a *time.Time
	placeUUID                      // a database.UUID
)

// newPlace looks at the field of a struct. What it does not know by heart is left to bun.
func newPlace(typ reflect.Type, f *schema.Field) place {
	p := place{field: f}
	for _, i := range f.Index {
		if typ.Kind() != reflect.Struct {
			return place{field: f} // behind a pointer, which may have to be made
		}
		in := typ.Field(i)
		p.offset, typ = p.offset+in.Offset, in.Type
	}
	p.kind = kindOf(typ)
	if typ != f.StructField.Type || f.Tag.HasOption("msgpack") || f.Tag.HasOption("json_use_number") {
		p.kind = placeOther
	}
	return p
}

func kindOf(t reflect.Type) placeKind {
	switch t {
	case reflect.TypeFor[time.Time]():
		return placeTime
	case reflect.TypeFor[*time.Time]():
		return placeTimeOrNo
	case reflect.TypeFor[database.UUID]():
		return placeUUID
	}
	if scans(t) {
		return placeOther
	}
	switch t.Kind() {
	case reflect.String:
		return placeText
	case reflect.Bool:
		return placeFlag
	case reflect.Int64:
		return placeNumber
	}
	return placeOther
}

// scans reports whether a type reads values from databases itself.
func scans(t reflect.Type) bool {
	scanner := reflect.TypeFor[interface{ Scan(any) error }]()
	return t.Implements(scanner) || reflect.PointerTo(t).Implements(scanner)
}

func (p *place) text(base unsafe.Pointer) *string    { return (*string)(unsafe.Add(base, p.offset)) }
func (p *place) flag(base unsafe.Pointer) *bool      { return (*bool)(unsafe.Add(base, p.offset)) }
func (p *place) number(base unsafe.Pointer) *int64   { return (*int64)(unsafe.Add(base, p.offset)) }
func (p *place) time(base unsafe.Pointer) *time.Time { return (*time.Time)(unsafe.Add(base, p.offset)) }
func (p *place) times(base unsafe.Pointer) **time.Time {
	return (**time.Time)(unsafe.Add(base, p.offset))
}
func (p *place) uuid(base unsafe.Pointer) *database.UUID {
	return (*database.UUID)(unsafe.Add(base, p.offset))
}

// plain reports whether NULL becomes the zero value.
func (p *place) plain() bool { return p.kind != placeOther && p.kind != placeUUID }

// set stores a value as the drivers give it and reports whether it could: bun's scanner does the rest,
// with the same result.
func (p *place) set(base unsafe.Pointer, src any) bool {
	switch p.kind {
	case placeText:
		text, ok := src.(string)
		if ok {
			*p.text(base) = text
		}
		return ok
	case placeFlag:
		switch v := src.(type) {
		case bool:
			*p.flag(base) = v
			return true
		case int64:
			*p.flag(base) = v != 0
			return true
		}
	case placeNumber:
		n, ok := src.(int64)
		if ok {
			*p.number(base) = n
		}
		return ok
	case placeTime:
		t, ok := src.(time.Time)
		if ok {
			*p.time(base) = t
		}
		return ok
	case placeTimeOrNo:
		t, ok := src.(time.Time)
		if ok {
			*p.times(base) = &t
		}
		return ok
	case placeUUID:
		text, ok := src.(string)
		return ok && p.uuid(base).Scan(text) == nil
	}
	return false
}
