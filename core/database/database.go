// Package database opens the databases that Belleville knows: SQLite, embedded through a driver in
// pure Go, and PostgreSQL. It sets both up so that the rest of the framework can rely on them, and
// says in one sentence what is wrong when that fails.
//
//	db, err := database.Open(os.Getenv("DATABASE_URL"))
//	if err != nil {
//		return err
//	}
//	defer db.Close()
//	if err := database.Check(ctx, db); err != nil {
//		return err
//	}
//
// # URLs
//
//	sqlite:db.sqlite3              a file beside the program's working folder
//	sqlite:///var/lib/app/db       a file by its absolute path
//	postgres://user:pw@host/name   also postgresql://, with libpq's parameters (sslmode, …)
//
// Characters that mean something in a URL are percent-encoded: a ? in a file name is %3F, an @ in
// a password %40. These query parameters are ours, the rest goes to PostgreSQL:
//
//	max_open_conns       connections at most, 16 unless given
//	max_idle_conns       connections kept open while nothing uses them, max_open_conns unless given
//	conn_max_lifetime    age at which a connection is replaced ("1h"), 0 for never; 0 unless given on SQLite, 1h on PostgreSQL
//	conn_max_idle_time   idle time after which a connection is closed ("5m"), 0 for never; 5m unless given
//	busy_timeout         SQLite alone: how long a statement waits for another writer ("5s"); 5s unless given
//
// # What is set
//
// SQLite runs in WAL mode with foreign keys on, synchronous=NORMAL, and transactions that take the
// write lock when they begin: without that, a transaction that reads and then writes fails as soon as
// another one writes in between. Times are stored as text in UTC, as bun writes them, whether they
// come through bun or as an argument of a plain statement.
//
// PostgreSQL gets bun's statements over the simple protocol, because bun writes arguments into the
// text and each text would otherwise be prepared and kept. A statement that is run often is prepared
// by hand, once, through the embedded [sql.DB]: db.DB.PrepareContext makes a statement that the
// server keeps prepared. The session's time zone is UTC unless the URL says otherwise, and connecting
// gives up after ten seconds unless connect_timeout says otherwise.
//
// The package keeps no state and registers no driver.
//
// [sql.DB]: https://pkg.go.dev/database/sql#DB
package database

import (
	"database/sql"
	"database/sql/driver"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/schema"
)

// Open returns the database that url names; the package comment describes the forms of url. It only
// reads the URL: whether the database is there shows at the first query, or by [Check]. The error is
// a sentence without the URL's password. The caller closes the database.
func Open(url string) (*bun.DB, error) { return OpenWith(url, nil) }

// OpenWith is [Open] with something between the pool and the driver: wrap gets the connector and
// returns the one to use, for counting or tracing statements. A nil wrap changes nothing.
func OpenWith(url string, wrap func(driver.Connector) driver.Connector) (*bun.DB, error) {
	o, err := opening(url)
	if err != nil {
		return nil, err
	}
	if wrap != nil {
		o.connector = wrap(o.connector)
	}
	return o.open(), nil
}

// opened is what a URL says, before anything is opened.
type opened struct {
	connector driver.Connector
	dialect   schema.Dialect
	pool      pool
}

// opening reads a URL.
func opening(url string) (*opened, error) {
	scheme, rest, found := strings.Cut(url, ":")
	switch {
	case strings.TrimSpace(url) == "":
		return nil, failed("the database URL is empty", "write "+forms)
	case found && strings.EqualFold(scheme, "sqlite"):
		return openSQLite(rest)
	case found && (strings.EqualFold(scheme, "postgres") || strings.EqualFold(scheme, "postgresql")):
		return openPostgres(strings.ToLower(scheme) + ":" + rest)
	case found && strings.HasPrefix(rest, "//") && isScheme(scheme):
		return nil, failed("the database URL begins with "+scheme+": which is not a known kind of database", "write "+forms)
	}
	return nil, failed("the database URL does not begin with the kind of database", "write "+forms)
}

// forms names the URLs that Open takes, for messages.
const forms = "sqlite:path/to/file or postgres://user:password@host:5432/name"

// isScheme reports whether s may be shown as the scheme of a URL.
func isScheme(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("+-.", r) {
			return false
		}
	}
	return s != ""
}

// IsPostgres reports whether db is a PostgreSQL database; otherwise it is SQLite. It costs nothing.
func IsPostgres(db bun.IDB) bool { return db.Dialect().Name() == dialect.PG }

// open puts a pool of connections and bun on top of the connector.
func (o *opened) open() *bun.DB {
	db := sql.OpenDB(o.connector)
	db.SetMaxOpenConns(o.pool.maxOpen)
	db.SetMaxIdleConns(o.pool.maxIdle)
	db.SetConnMaxLifetime(o.pool.lifetime)
	db.SetConnMaxIdleTime(o.pool.idleTime)
	return bun.NewDB(db, o.dialect)
}
