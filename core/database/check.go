package database

import (
	"cmp"
	"context"
	"database/sql"
	"strconv"

	"github.com/uptrace/bun"
)

// Check connects to the database and returns nil when it can be used, otherwise a sentence that says
// what is wrong and what to do: the folder is missing, the file may not be written, PostgreSQL cannot
// be reached, there is no such database, the password is wrong. The sentence holds no password.
//
// It costs one statement on PostgreSQL and an empty transaction on SQLite, which changes nothing
// but makes the file when there is none. That another program is writing just now is no error.
func Check(ctx context.Context, db *bun.DB) error {
	if IsPostgres(db) {
		_, err := db.DB.ExecContext(ctx, "SELECT 1")
		return err
	}
	conn, err := db.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := canWrite(ctx, conn); err != nil && !IsBusy(err) {
		var path string
		if conn.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path) != nil {
			return err
		}
		return explainSQLite(path, err)
	}
	return nil
}

// canWrite takes SQLite's write lock without waiting for it, tries a write, and takes both back.
// The lock alone would not tell: on a file that may only be read, SQLite begins a reading transaction.
func canWrite(ctx context.Context, conn *sql.Conn) (err error) {
	var busy int
	if err := conn.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&busy); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "PRAGMA busy_timeout = 0"); err != nil {
		return err
	}
	cleanup := context.WithoutCancel(ctx)
	defer func() {
		_, e := conn.ExecContext(cleanup, "PRAGMA busy_timeout = "+strconv.Itoa(busy))
		err = cmp.Or(err, e)
	}()
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "PRAGMA user_version = 0")
	_, rollbackErr := conn.ExecContext(cleanup, "ROLLBACK")
	return cmp.Or(err, rollbackErr)
}
