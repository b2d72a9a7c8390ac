package database

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
)

// Broken returns a database whose every use fails with err. It stands in for one whose URL could
// not be read, so that a program can still be put together to say so, and to print its help.
func Broken(err error) *bun.DB {
	return bun.NewDB(sql.OpenDB(brokenConnector{err}), sqlitedialect.New())
}

type brokenConnector struct{ err error }

func (c brokenConnector) Connect(context.Context) (driver.Conn, error) { return nil, c.err }
func (c brokenConnector) Driver() driver.Driver                        { return c }
func (c brokenConnector) Open(string) (driver.Conn, error)             { return nil, c.err }
