package state

import (
	"regexp"
	"strconv"
	"strings"
)

// Type is a column's type as it is kept: one of smallint, integer, bigint, bool, text, varchar(n), char(n),
// datetime, date, time, numeric, numeric(p,s), real, double, uuid, bytes, json and jsonb, or whatever
// the model's tag says, which then is the same on both databases.
type Type string

// spelling is how a type is written in each database.
type spelling struct{ sqlite, postgres string }

// spellings are the types that are written without a size.
var spellings = map[Type]spelling{
	"smallint": {"smallint", "smallint"},
	"integer":  {"integer", "integer"},
	"bigint":   {"bigint", "bigint"},
	"bool":     {"bool", "boolean"},
	"text":     {"text", "text"},
	"varchar":  {"varchar", "varchar"},
	"datetime": {"datetime", "timestamp with time zone"},
	"date":     {"date", "date"},
	"time":     {"time", "time"},
	"numeric":  {"decimal", "numeric"},
	"real":     {"real", "real"},
	"double":   {"real", "double precision"},
	"uuid":     {"char(32)", "uuid"},
	"bytes":    {"blob", "bytea"},
	"json":     {"text", "json"},
	"jsonb":    {"text", "jsonb"},
}

// aliases are other words for them, in lower case.
var aliases = map[string]Type{
	"int": "integer", "int4": "integer", "int8": "bigint", "int2": "smallint", "boolean": "bool",
	"character varying": "varchar", "timestamptz": "datetime", "timestamp with time zone": "datetime",
	"decimal": "numeric", "float8": "double", "double precision": "double", "float4": "real",
	"blob": "bytes", "bytea": "bytes", "character": "char",
}

var sized = regexp.MustCompile(`^([a-z ]+?)\s*\(\s*([0-9]+)\s*(?:,\s*([0-9]+)\s*)?\)$`)

// ParseType returns the type that a bun tag means by its "type:".
func ParseType(text string) Type {
	text = strings.TrimSpace(text)
	lower := strings.ToLower(text)
	if t, ok := aliases[lower]; ok {
		return t
	}
	if _, ok := spellings[Type(lower)]; ok {
		return Type(lower)
	}
	m := sized.FindStringSubmatch(lower)
	if m == nil {
		return Type(text)
	}
	name := m[1]
	if t, ok := aliases[name]; ok {
		name = string(t)
	}
	switch {
	case name == "numeric" && m[3] != "":
		return Type("numeric(" + m[2] + "," + m[3] + ")")
	case name == "numeric":
		return Type("numeric(" + m[2] + ",0)")
	case (name == "varchar" || name == "char") && m[3] == "":
		return Type(name + "(" + m[2] + ")")
	}
	return Type(text)
}

// Base returns the type without its size: "varchar" of "varchar(20)".
func (t Type) Base() string {
	base, _, _ := strings.Cut(string(t), "(")
	return base
}

// Sizes returns the numbers in parentheses; zeros when there are none.
func (t Type) Sizes() (first, second int) {
	m := sized.FindStringSubmatch(string(t))
	if m == nil {
		return 0, 0
	}
	first, _ = strconv.Atoi(m[2])
	second, _ = strconv.Atoi(m[3])
	return first, second
}

// Known reports whether the type is one of those that Type lists.
func (t Type) Known() bool {
	if _, ok := spellings[t]; ok {
		return true
	}
	base := t.Base()
	return t != Type(base) && (base == "varchar" || base == "char" || base == "numeric")
}

// SQLite returns the type as SQLite's tables have it; the words are those that Django uses there.
func (t Type) SQLite() string {
	if s, ok := spellings[t]; ok {
		return s.sqlite
	}
	if size, ok := strings.CutPrefix(string(t), "numeric("); ok {
		return "decimal(" + size
	}
	return string(t)
}

// Postgres returns the type as PostgreSQL's tables have it.
func (t Type) Postgres() string {
	if s, ok := spellings[t]; ok {
		return s.postgres
	}
	return string(t)
}
