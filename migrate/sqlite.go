package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// isBusy reports whether another program holds a lock that it will give back.
func isBusy(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		code := e.Code() & 0xff
		return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
	}
	return err == errLocked
}

// inSQLiteTx runs f in a transaction that has the write lock from the start, however the connection
// begins its transactions.
func (r *run) inSQLiteTx(ctx context.Context, f func(context.Context, bun.Tx) error) error {
	var tx bun.Tx
	err := r.patiently(ctx, func() (err error) {
		if tx, err = r.conn.BeginTx(ctx, nil); err != nil {
			return err
		}
		// The first statement of the transaction: it changes nothing and takes the lock, or waits for it.
		if _, err = tx.ExecContext(ctx, "DELETE FROM django_migrations WHERE 0"); err != nil {
			_ = tx.Rollback()
		}
		return err
	})
	if err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed { // f failed or panicked
			_ = tx.Rollback()
		}
	}()
	if err := f(ctx, tx); err != nil {
		return err
	}
	committed = true
	return tx.Commit()
}

// sqliteStep does one step if nobody else has by now.
func (r *run) sqliteStep(ctx context.Context, s Step) (ran bool, err error) {
	if _, err := r.conn.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
		return false, err
	}
	defer r.switchForeignKeysOn(ctx)
	err = r.inSQLiteTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		h, err := scanHistory(ctx, tx)
		if err != nil {
			return err
		}
		if h.applied(s.node) != s.Backwards {
			return nil
		}
		ran = true
		if err := r.change(ctx, tx, s, h); err != nil {
			return err
		}
		if r.faked {
			return nil
		}
		return checkForeignKeys(ctx, tx)
	})
	return ran, err
}

// switchForeignKeysOn makes sure that the connection does not go back to the pool without foreign
// keys. The setting does nothing inside a transaction, so it is read back.
func (r *run) switchForeignKeysOn(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	var on bool
	_, err := r.conn.ExecContext(ctx, "PRAGMA foreign_keys = ON")
	if err == nil {
		err = r.conn.QueryRowContext(ctx, "PRAGMA foreign_keys").Scan(&on)
	}
	if err != nil || !on {
		r.discard()
	}
}

// checkForeignKeys returns an error that names rows which refer to nothing.
func checkForeignKeys(ctx context.Context, db bun.IDB) error {
	rows, err := db.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return fmt.Errorf("checking the foreign keys: %w", err)
	}
	defer rows.Close()
	var found []string
	count := 0
	for ; rows.Next(); count++ {
		var table, parent string
		var row sql.NullInt64
		var constraint int
		if err := rows.Scan(&table, &row, &parent, &constraint); err != nil {
			return err
		}
		if count >= 3 {
			continue
		}
		which := "a row"
		if row.Valid {
			which = fmt.Sprintf("row %d", row.Int64)
		}
		found = append(found, fmt.Sprintf("%s of table %q refers to a row of %q that is not there", which, table, parent))
	}
	if err := rows.Err(); err != nil || count == 0 {
		return err
	}
	text := strings.Join(found, ", ")
	if count > len(found) {
		text += fmt.Sprintf(", and %d more", count-len(found))
	}
	return errors.New(text + ": correct the rows or the migration")
}
