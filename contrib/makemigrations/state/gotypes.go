package state

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqltype"
	"github.com/uptrace/bun/schema"

	"github.com/go-belleville/belleville/core/database"
)

// discovered are bun's words for the types of Go values. A string without a type in its tag
// is a text, which is as fast as a varchar and has no length to run out of.
var discovered = map[string]Type{
	sqltype.Boolean: "bool", sqltype.SmallInt: "smallint", sqltype.Integer: "integer", sqltype.BigInt: "bigint",
	sqltype.Real: "real", sqltype.DoublePrecision: "double", sqltype.VarChar: "text", sqltype.Blob: "bytes",
	sqltype.JSON: "jsonb", sqltype.Timestamp: "datetime",
}

// ownType returns the type in a column's tag. What the field itself says has been put right for one database.
func ownType(f *schema.Field) (string, bool) { return f.Tag.Option("type") }

// typeOf returns the type of a column: what its tag says, or what suits the Go value.
func typeOf(f *schema.Field) (Type, error) {
	if own, ok := ownType(f); ok {
		return ParseType(own), nil
	}
	t := f.IndirectType
	switch {
	case t == reflect.TypeFor[database.UUID]():
		return "uuid", nil
	case t == reflect.TypeFor[time.Time](), t == reflect.TypeFor[bun.NullTime]():
		return "datetime", nil
	case f.Tag.HasOption("array"):
		return "", undecided(f)
	}
	word := schema.DiscoverSQLType(t)
	found, known := discovered[word]
	bytes := t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
	switch t.Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array, reflect.Interface:
		switch {
		case known && word != sqltype.VarChar && (bytes || t.Kind() != reflect.Slice):
			return found, nil
		case reflect.PointerTo(t).Implements(reflect.TypeFor[driver.Valuer]()), t.Kind() == reflect.Array, t.Kind() == reflect.Interface:
			if t.PkgPath() == "database/sql" && known { // NullString and its like
				return found, nil
			}
			return "", undecided(f)
		}
		return "jsonb", nil
	}
	if !known {
		return "", undecided(f)
	}
	return found, nil
}

func undecided(f *schema.Field) error {
	return fmt.Errorf("%s has the Go type %s: say its own in the tag, as in `bun:\"%s,type:text\"`", f.Name, f.StructField.Type, f.Name)
}
