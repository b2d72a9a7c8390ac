package database_test

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
)

func TestNewPrepared(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		ctx := soon(t)
		insert := database.NewPrepared(db, "INSERT INTO word (text, n, at) VALUES ($1, $2, $3)")
		one := database.NewPrepared(db, "SELECT n, at FROM word WHERE text = $1 AND n < $2 AND $1 <> ''")
		all := database.NewPrepared(db, "SELECT text FROM word ORDER BY n")

		if err := one.QueryRow(ctx, []any{"a", 5}, new(int), new(time.Time)); err == nil {
			t.Error("a statement on a table that is missing works")
		}
		if _, err := db.ExecContext(ctx, "CREATE TABLE word (text text PRIMARY KEY, n integer, at timestamp)"); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 21, 19, 6, 0, 630_000_000, time.UTC)
		for i, text := range []string{"b", "a", "it's ? $1"} {
			if _, err := insert.Exec(ctx, text, i, at); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := insert.Exec(ctx, "a", 7, at); !database.IsUniqueViolation(err) {
			t.Errorf("IsUniqueViolation(%v) = false", err)
		}
		var n int
		var read time.Time
		if err := one.QueryRow(ctx, []any{"it's ? $1", 5}, &n, &read); err != nil || n != 2 || !read.Equal(at) {
			t.Errorf("QueryRow: %d %v %v, want 2 %v", n, read, err, at)
		}
		if err := one.QueryRow(ctx, []any{"c", 5}, &n, &read); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("QueryRow without a row: %v, want sql.ErrNoRows", err)
		}
		rows, err := all.Query(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		got := ""
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				t.Fatal(err)
			}
			got += text + " "
		}
		if want := "b a it's ? $1 "; got != want {
			t.Errorf("Query: %q, want %q", got, want)
		}
	})
}

// TestPreparedConcurrently uses a new statement from many goroutines at once.
func TestPreparedConcurrently(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		ctx := soon(t)
		add := database.NewPrepared(db, "SELECT CAST($1 AS integer) + 1")
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				var n int
				if err := add.QueryRow(ctx, []any{i}, &n); err != nil || n != i+1 {
					t.Errorf("%d + 1 = %d, %v", i, n, err)
				}
			})
		}
		all.Wait()
	})
}

// TestPreparedOutlivesMigration changes a table while statements on it are prepared on several connections.
func TestPreparedOutlivesMigration(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *bun.DB) {
		ctx := soon(t)
		if _, err := db.ExecContext(ctx, "CREATE TABLE word (text varchar(10)); INSERT INTO word VALUES ('a')"); err != nil {
			t.Fatal(err)
		}
		get := database.NewPrepared(db, "SELECT * FROM word")
		everywhere := func() {
			t.Helper()
			var all sync.WaitGroup
			for range 12 {
				all.Go(func() {
					rows, err := get.Query(ctx)
					if err != nil {
						t.Error(err)
						return
					}
					defer rows.Close()
					if !rows.Next() {
						t.Errorf("no row, %v", rows.Err())
					}
				})
			}
			all.Wait()
		}
		everywhere()
		change := "CREATE TABLE new (text varchar(20)); INSERT INTO new SELECT * FROM word; DROP TABLE word; ALTER TABLE new RENAME TO word"
		if database.IsPostgres(db) {
			change = "ALTER TABLE word ALTER COLUMN text TYPE varchar(20)"
		}
		if _, err := db.ExecContext(ctx, change); err != nil {
			t.Fatal(err)
		}
		everywhere()
	})
}

// TestPreparedDoesNotQueue asks a server that says nothing with several calls at once. Each gives
// up when its own time is over, not when the others' is.
func TestPreparedDoesNotQueue(t *testing.T) {
	t.Parallel()
	silent := listen(t, func(net.Conn) { time.Sleep(2 * time.Second) })
	p := database.NewPrepared(open(t, "postgres://bob@"+silent+"/polls?sslmode=disable"), "SELECT 1")
	began := time.Now()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if err := p.QueryRow(ctx, nil, new(int)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v, want context.DeadlineExceeded", err)
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took > 600*time.Millisecond {
		t.Errorf("eight calls of 100 ms took %v together", took)
	}
}

func TestBroken(t *testing.T) {
	t.Parallel()
	reason := errors.New("DATABASE_URL is empty")
	db := database.Broken(reason)
	defer db.Close()
	if err := database.Check(t.Context(), db); !errors.Is(err, reason) {
		t.Errorf("Check: %v, want %v", err, reason)
	}
	if err := db.RunInTx(t.Context(), nil, func(context.Context, bun.Tx) error { return nil }); !errors.Is(err, reason) {
		t.Errorf("RunInTx: %v, want %v", err, reason)
	}
	if err := database.NewPrepared(db, "SELECT 1").QueryRow(t.Context(), nil, new(int)); !errors.Is(err, reason) {
		t.Errorf("QueryRow: %v, want %v", err, reason)
	}
}
