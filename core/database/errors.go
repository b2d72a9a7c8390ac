package database

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// openError is a sentence for the person who runs the program, with what caused it.
type openError struct {
	text  string
	cause error
}

func (e *openError) Error() string { return "database: " + e.text }
func (e *openError) Unwrap() error { return e.cause }

// failed makes an error of what is wrong and what to do about it.
func failed(wrong, fix string) error { return &openError{wrong + ": " + fix, nil} }

// failedBy is failed with a cause, which the text leaves out.
func failedBy(cause error, wrong, fix string) error { return &openError{wrong + ": " + fix, cause} }

// IsUniqueViolation reports whether err says that a row with the same unique key, or primary key,
// is there already, on either database. On PostgreSQL the transaction around the statement is lost
// then: write ON CONFLICT, or run the statement in a nested RunInTx.
func IsUniqueViolation(err error) bool {
	return hasCode(err, "23505", sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID)
}

// IsForeignKeyViolation reports whether err says that a row would refer to one that is not there,
// or that a row which others refer to would go, on either database. With a deferred constraint, as
// Django's are, it is COMMIT that returns such an error.
func IsForeignKeyViolation(err error) bool {
	return hasCode(err, "23503", sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY)
}

// IsBusy reports whether err says that another transaction was in the way and the same work may
// succeed when it is tried again from the start of the transaction: SQLite's lock was not free within
// the busy timeout; PostgreSQL could not serialise, found a deadlock, or a lock was not available.
func IsBusy(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "40001" || e.Code == "40P01" || e.Code == "55P03"
	}
	code := sqliteCode(err)
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
}

// hasCode reports whether err is a PostgreSQL error with the given state or a SQLite error with one
// of the given extended result codes.
func hasCode(err error, state string, codes ...int) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == state
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		for _, c := range codes {
			if e.Code() == c {
				return true
			}
		}
	}
	return false
}
