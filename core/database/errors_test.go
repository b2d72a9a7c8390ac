package database_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
)

func TestViolations(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		ctx := soon(t)
		for _, s := range []string{
			"CREATE TABLE parent (id integer PRIMARY KEY, name text UNIQUE NOT NULL CHECK (name <> ''))",
			"CREATE TABLE child (id integer PRIMARY KEY, parent_id integer REFERENCES parent (id))",
			"INSERT INTO parent VALUES (1, 'a')",
			"INSERT INTO child VALUES (1, 1)",
		} {
			if _, err := db.ExecContext(ctx, s); err != nil {
				t.Fatal(err)
			}
		}
		tests := []struct {
			name, sql       string
			unique, foreign bool
		}{
			{"unique column", "INSERT INTO parent VALUES (2, 'a')", true, false},
			{"primary key", "INSERT INTO parent VALUES (1, 'b')", true, false},
			{"no such parent", "INSERT INTO child VALUES (2, 7)", false, true},
			{"parent in use", "DELETE FROM parent", false, true},
			{"check", "INSERT INTO parent VALUES (3, '')", false, false},
			{"not null", "INSERT INTO parent VALUES (3, NULL)", false, false},
			{"syntax", "INSERT INTO", false, false},
		}
		for _, tt := range tests {
			_, err := db.ExecContext(ctx, tt.sql)
			if err == nil {
				t.Errorf("%s: no error", tt.name)
			}
			err = fmt.Errorf("wrapped: %w", err)
			if got := database.IsUniqueViolation(err); got != tt.unique {
				t.Errorf("%s: IsUniqueViolation(%v) = %v, want %v", tt.name, err, got, tt.unique)
			}
			if got := database.IsForeignKeyViolation(err); got != tt.foreign {
				t.Errorf("%s: IsForeignKeyViolation(%v) = %v, want %v", tt.name, err, got, tt.foreign)
			}
			if database.IsBusy(err) {
				t.Errorf("%s: IsBusy(%v)", tt.name, err)
			}
		}
	})
}

// TestViolationAtCommit has the error of a deferred constraint, which only COMMIT returns.
func TestViolationAtCommit(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		ctx := soon(t)
		if _, err := db.ExecContext(ctx, `CREATE TABLE parent (id integer PRIMARY KEY);
			CREATE TABLE child (parent_id integer REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)`); err != nil {
			t.Fatal(err)
		}
		err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.ExecContext(ctx, "INSERT INTO child VALUES (7)"); err != nil {
				return fmt.Errorf("too early: %v", err)
			}
			return nil
		})
		if !database.IsForeignKeyViolation(err) {
			t.Errorf("IsForeignKeyViolation(%v) = false", err)
		}
		if n, err := db.NewSelect().Table("child").Count(ctx); n != 0 || err != nil {
			t.Errorf("%d rows stayed, %v", n, err)
		}
	})
}

func TestIsBusy(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		url := testdb.SQLiteURL(t)
		tx, err := open(t, url).BeginTx(soon(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		_, err = open(t, url+"&busy_timeout=1ms").BeginTx(soon(t), nil)
		if !database.IsBusy(err) {
			t.Errorf("IsBusy(%v) = false", err)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		db := open(t, testdb.PostgresURL(t))
		ctx := soon(t)
		if _, err := db.ExecContext(ctx, "CREATE TABLE counter (n integer); INSERT INTO counter VALUES (0)"); err != nil {
			t.Fatal(err)
		}
		serializable := &sql.TxOptions{Isolation: sql.LevelSerializable}
		err := db.RunInTx(ctx, serializable, func(ctx context.Context, tx bun.Tx) error {
			var n int
			if err := tx.QueryRowContext(ctx, "SELECT n FROM counter").Scan(&n); err != nil {
				return err
			}
			if _, err := db.ExecContext(ctx, "UPDATE counter SET n = 7"); err != nil {
				return err
			}
			return increment(ctx, tx)
		})
		if !database.IsBusy(err) {
			t.Errorf("serialization: IsBusy(%v) = false", err)
		}
	})
	for _, err := range []error{nil, errors.New("busy"), context.DeadlineExceeded} {
		if database.IsBusy(err) || database.IsUniqueViolation(err) || database.IsForeignKeyViolation(err) {
			t.Errorf("%v is taken for a database's error", err)
		}
	}
}
