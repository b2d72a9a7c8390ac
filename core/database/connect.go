package database

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/uptrace/bun"
)

// ErrNotOpened says that a database was not opened by [Open], so that nothing is known of how to
// connect to it.
var ErrNotOpened = errors.New("database: the database was not opened by database.Open or core.OpenDB, so no connection outside of its pool can be made")

// Connect opens one more connection to db's database, with the settings of its URL and outside of
// its pool: for listening, which keeps a connection for itself. On PostgreSQL it is a
// *stdlib.Conn of pgx, whose Conn returns the native one. What [OpenWith] put between the pool and
// the driver is left out. It does not see open transactions. The caller closes it, and uses it from
// one goroutine at a time.
func Connect(ctx context.Context, db *bun.DB) (driver.Conn, error) {
	d, ok := db.DB.Driver().(opener)
	if !ok {
		return nil, ErrNotOpened
	}
	return d.connector.Connect(ctx)
}

// Connectable returns [ErrNotOpened] for a database with which [Connect] cannot work, without trying.
func Connectable(db *bun.DB) error {
	if _, ok := db.DB.Driver().(opener); !ok {
		return ErrNotOpened
	}
	return nil
}

// opener is the driver of a database that was opened here. It knows the way to one database.
type opener struct {
	driver.Driver
	connector driver.Connector
}

// Driver implements [driver.Connector].
func (c postgresConnector) Driver() driver.Driver { return opener{c.Connector.Driver(), c} }

// Driver implements [driver.Connector].
func (c sqliteConnector) Driver() driver.Driver { return opener{c.Connector.Driver(), c} }
