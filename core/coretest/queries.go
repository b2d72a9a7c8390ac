package coretest

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Queries counts the statements that reach a database's driver, however they got there: by bun, by
// database/sql, prepared or not. BEGIN and COMMIT are not counted, nor is preparing, nor what only tells
// other processes of a change (SELECT pg_notify). It is safe for concurrent use.
type Queries struct {
	mu         sync.Mutex
	statements []string
}

// During returns the statements that f causes, in order.
func (q *Queries) During(f func()) []string {
	before := len(q.all())
	f()
	return q.all()[before:]
}

// AtMost fails the test when f causes more than n statements, and lists them.
func (q *Queries) AtMost(t testing.TB, n int, f func()) {
	t.Helper()
	if got := q.During(f); len(got) > n {
		t.Errorf("%d statements, want at most %d:", len(got), n)
		for _, s := range got {
			t.Errorf("\t%s", s)
		}
	}
}

func (q *Queries) all() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.statements)
}

func (q *Queries) count(statement string) {
	if strings.HasPrefix(statement, "SELECT pg_notify(") {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.statements = append(q.statements, statement)
}

func (q *Queries) wrap(c driver.Connector) driver.Connector { return &countingConnector{c, q} }

type countingConnector struct {
	driver.Connector
	queries *Queries
}

func (c *countingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(fullConn)
	if !ok {
		return nil, errors.Join(errors.New("coretest: the driver's connection lacks a method that counting needs"), conn.Close())
	}
	return &countingConn{full, c.queries}, nil
}

// fullConn is what both drivers' connections can do.
type fullConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
}

type countingConn struct {
	fullConn
	queries *Queries
}

var (
	_ driver.NamedValueChecker = (*countingConn)(nil)
	_ driver.Validator         = (*countingConn)(nil)
)

func (c *countingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.queries.count(query)
	return c.fullConn.ExecContext(ctx, query, args)
}

func (c *countingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.queries.count(query)
	return c.fullConn.QueryContext(ctx, query, args)
}

func (c *countingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := c.fullConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	full, ok := stmt.(fullStmt)
	if !ok {
		return nil, errors.Join(errors.New("coretest: the driver's statement lacks a method that counting needs"), stmt.Close())
	}
	return &countingStmt{full, c.queries, query}, nil
}

// CheckNamedValue and IsValid pass on to drivers that have them.
func (c *countingConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.fullConn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// IsValid implements driver.Validator.
func (c *countingConn) IsValid() bool {
	v, ok := c.fullConn.(driver.Validator)
	return !ok || v.IsValid()
}

type fullStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type countingStmt struct {
	fullStmt
	queries *Queries
	query   string
}

func (s *countingStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.queries.count(s.query)
	return s.fullStmt.ExecContext(ctx, args)
}

func (s *countingStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.queries.count(s.query)
	return s.fullStmt.QueryContext(ctx, args)
}

// CheckNamedValue implements driver.NamedValueChecker.
func (s *countingStmt) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := s.fullStmt.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}
