package database

import (
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// IsUniqueViolationOf reports whether err is a unique violation in which a column takes part, by
// itself, with others, or inside an expression. SQLite names the columns, but of an index over
// an expression its name only: that index is taken for the column's when its name has the
// column's in it, as in "member_email_upper".
func IsUniqueViolationOf(err error, column string) bool {
	if !IsUniqueViolation(err) {
		return false
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		// The sentence is in the server's language, but the key is always "(columns)=(values)".
		key, _, _ := strings.Cut(e.Detail, ")=(")
		_, key, _ = strings.Cut(key, "(")
		return slices.Contains(words(key), column)
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	_, failed, _ := strings.Cut(e.Error(), "constraint failed: UNIQUE constraint failed: ")
	if _, index, ok := strings.Cut(failed, "index '"); ok {
		index, _, _ = strings.Cut(index, "'")
		return strings.Contains("_"+index+"_", "_"+column+"_")
	}
	return slices.Contains(words(failed), column)
}

// words splits a text at everything that does not belong to a plain name.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}
