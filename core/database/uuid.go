package database

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/schema"
)

// UUID is a key of 128 bits that is stored as Django's UUIDField stores it: in a column uuid on
// PostgreSQL, and as 32 hexadecimal digits in a char(32) on SQLite. bun writes and reads it on
// both, also as an argument (Where("id = ?", id)); an argument of a plain statement goes through
// [Prepared], which puts it right for its database.
//
// The zero value is the UUID of zeros, which [NewUUID] never returns.
type UUID [16]byte

var _ schema.QueryAppender = UUID{}

// ErrUUID says that a text or a value of a database is no UUID.
var ErrUUID = errors.New("database: not a UUID")

// NewUUID returns a random UUID, version 4.
func NewUUID() UUID {
	var u UUID
	_, _ = rand.Read(u[:]) // never fails: crypto/rand ends the program instead
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u
}

// uuidLength is the length of the text with dashes.
const uuidLength = 36

// ParseUUID reads 32 hexadecimal digits, with or without the four dashes. The error of anything
// else is [ErrUUID].
func ParseUUID(text string) (UUID, error) {
	digits := text
	if len(text) == uuidLength {
		if text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
			return UUID{}, ErrUUID
		}
		digits = text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	}
	var u UUID
	if len(digits) != hex.EncodedLen(len(u)) {
		return UUID{}, ErrUUID
	}
	if _, err := hex.Decode(u[:], []byte(digits)); err != nil {
		return UUID{}, ErrUUID
	}
	return u, nil
}

// String returns the small digits with dashes: "6ba7b810-9dad-41d1-80b4-00c04fd430c8".
func (u UUID) String() string {
	b := make([]byte, 0, uuidLength)
	for i, part := range [][]byte{u[:4], u[4:6], u[6:8], u[8:10], u[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return string(b)
}

// Hex returns the small digits without dashes, as they stand in SQLite.
func (u UUID) Hex() string { return hex.EncodeToString(u[:]) }

// IsZero reports whether all digits are zero.
func (u UUID) IsZero() bool { return u == UUID{} }

// MarshalText writes what String returns.
func (u UUID) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText reads what ParseUUID reads.
func (u *UUID) UnmarshalText(text []byte) (err error) {
	*u, err = ParseUUID(string(text))
	return err
}

// text is the UUID as a database of the dialect spells it.
func (u UUID) text(d dialect.Name) string {
	if d == dialect.PG {
		return u.String()
	}
	return u.Hex()
}

// SQLType returns the type of a column of UUIDs.
func (UUID) SQLType(d dialect.Name) string {
	if d == dialect.PG {
		return "uuid"
	}
	return "char(32)"
}

// AppendQuery lets bun write the UUID into a statement.
func (u UUID) AppendQuery(gen schema.QueryGen, b []byte) ([]byte, error) {
	return gen.Dialect().AppendString(b, u.text(gen.Dialect().Name())), nil
}

// Scan reads the UUID from a database. NULL is an error: use a *UUID for a column that has it.
func (u *UUID) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return u.scanText(v)
	case []byte:
		if len(v) == len(u) {
			copy(u[:], v)
			return nil
		}
		return u.scanText(string(v))
	case [16]byte:
		*u = v
		return nil
	}
	return fmt.Errorf("%w: the database returned a %T", ErrUUID, src)
}

func (u *UUID) scanText(text string) (err error) {
	if *u, err = ParseUUID(text); err != nil {
		return fmt.Errorf("%w: the database returned a text of %d bytes", err, len(text))
	}
	return nil
}

// forStatement replaces the UUIDs among the arguments of a plain statement by what the driver takes.
func forStatement(db bun.IDB, args []any) []any {
	if !slices.ContainsFunc(args, isUUID) {
		return args
	}
	args = slices.Clone(args)
	for i, arg := range args {
		if u, ok := arg.(UUID); ok {
			args[i] = u.text(db.Dialect().Name())
		}
	}
	return args
}

func isUUID(arg any) bool {
	_, ok := arg.(UUID)
	return ok
}
