package database_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/internal/testdb"
)

// TestPrepared shows that PrepareContext makes a statement that the server keeps, and that bun's own
// statements leave none behind.
func TestPrepared(t *testing.T) {
	t.Parallel()
	db := open(t, testdb.PostgresURL(t))
	db.SetMaxOpenConns(1) // pg_prepared_statements is a connection's own
	ctx := soon(t)

	for i := range 3 {
		var n int
		if err := db.NewSelect().ColumnExpr("?", i).Scan(ctx, &n); err != nil || n != i {
			t.Fatalf("bun: %d, %v", n, err)
		}
	}
	if got := prepared(t, db); len(got) != 0 {
		t.Errorf("after bun's statements the server keeps %v, want nothing", got)
	}

	const text = "SELECT $1::int + 1"
	stmt, err := db.DB.PrepareContext(ctx, text)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		var n int
		if err := stmt.QueryRowContext(ctx, i).Scan(&n); err != nil || n != i+1 {
			t.Fatalf("the prepared statement: %d, %v; want %d", n, err, i+1)
		}
	}
	got := prepared(t, db)
	if len(got) != 1 || got[text] != 3 {
		t.Errorf("the server keeps %v, want %q, planned three times", got, text)
	}
	if err := stmt.Close(); err != nil {
		t.Error(err)
	}
	if got := prepared(t, db); len(got) != 0 {
		t.Errorf("after Close the server keeps %v", got)
	}
}

// prepared returns the statements that the server keeps for db's one connection, and how often each
// was executed.
func prepared(t *testing.T, db *bun.DB) map[string]int {
	t.Helper()
	var rows []struct {
		Statement string
		Plans     int
	}
	err := db.NewRaw("SELECT statement, generic_plans + custom_plans AS plans FROM pg_prepared_statements").Scan(t.Context(), &rows)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]int)
	for _, r := range rows {
		all[r.Statement] = r.Plans
	}
	return all
}

func TestPostgresTimes(t *testing.T) {
	t.Parallel()
	db := open(t, testdb.PostgresURL(t))
	at := time.Date(2026, 11, 21, 20, 6, 0, 630_000_000, time.FixedZone("", 3600))
	var zone string
	var read time.Time
	if err := db.QueryRowContext(soon(t), "SELECT current_setting('timezone'), ?::timestamptz", at).Scan(&zone, &read); err != nil {
		t.Fatal(err)
	}
	if zone != "UTC" || !read.Equal(at) {
		t.Errorf("in zone %s %v is read as %v", zone, at, read)
	}
}

func TestCheckPostgres(t *testing.T) {
	t.Parallel()
	url := testdb.PostgresURL(t)
	if err := database.Check(soon(t), open(t, url)); err != nil {
		t.Errorf("Check of a good database: %v", err)
	}
	at := strings.LastIndex(url, "/belleville_test")
	err := database.Check(soon(t), open(t, url[:at]+"/no_such_database"))
	if want := `has no database "no_such_database": create it`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Check: %v\nwant %q in it", err, want)
	}
}

func TestCheckPostgresRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, code, want string }{
		{"no database", "3D000", `has no database "polls": create it (createdb)`},
		{"password", "28P01", `refuses the password of user "bob": correct user and password`},
		{"pg_hba", "28000", `does not let user "bob" in to database "polls": `},
		{"connect right", "42501", `user "bob" has no right to connect to database "polls"`},
		{"full", "53300", "has no free connection: lower max_open_conns"},
		{"starting", "57P03", "is starting or stopping: try again"},
		{"another", "XX000", "refuses the connection (the server's words, SQLSTATE XX000)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			addr := refusing(t, tt.code)
			err := database.Check(soon(t), open(t, "postgres://bob:s3cr3t@"+addr+"/polls?sslmode=disable"))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "PostgreSQL at "+addr) {
				t.Fatalf("Check: %v\nwant %q and the address in it", err, tt.want)
			}
			wantSentence(t, err)
		})
	}
}

func TestCheckPostgresUnreachable(t *testing.T) {
	t.Parallel()
	silent := listen(t, func(c net.Conn) { time.Sleep(2 * time.Second) })
	plain := listen(t, func(c net.Conn) { fmt.Fprint(c, "N"); c.Close() })
	tests := []struct{ name, url, want string }{
		{"nobody listens", "postgres://bob:s3cr3t@127.0.0.1:1/polls", "PostgreSQL at 127.0.0.1:1 is not running there: start it"},
		{"no such socket", "postgres://bob:s3cr3t@/polls?host=/no/such/folder", "on the socket in /no/such/folder is not running there"},
		{"no such host", "postgres://bob:s3cr3t@no-such-host.invalid/polls", `the host "no-such-host.invalid"`},
		{"silence", "postgres://bob:s3cr3t@" + silent + "/polls?sslmode=disable&connect_timeout=1", "does not answer within 1s: start it"},
		{"no encryption", "postgres://bob:s3cr3t@" + plain + "/polls?sslmode=require", "could not agree on encryption"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := database.Check(soon(t), open(t, tt.url))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Check: %v\nwant %q in it", err, tt.want)
			}
			wantSentence(t, err)
		})
	}
}

func TestConnectCancelled(t *testing.T) {
	t.Parallel()
	silent := listen(t, func(c net.Conn) { time.Sleep(2 * time.Second) })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := database.Check(ctx, open(t, "postgres://bob:s3cr3t@"+silent+"/polls?sslmode=disable"))
	if err == nil || !strings.Contains(err.Error(), context.DeadlineExceeded.Error()) {
		t.Errorf("Check with a context that ends: %v", err)
	}
}

// refusing starts a server that answers every start-up with an error and returns its address.
func refusing(t *testing.T, code string) string {
	t.Helper()
	return listen(t, func(c net.Conn) {
		b := pgproto3.NewBackend(c, c)
		if _, err := b.ReceiveStartupMessage(); err != nil {
			return
		}
		b.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: code, Message: "the server's words"})
		b.Flush()
	})
}

// listen serves connections with f, one after the other, until the test ends.
func listen(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				f(c)
			}()
		}
	}()
	return l.Addr().String()
}
