package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// openSQLite opens the file that a URL without its "sqlite:" names.
func openSQLite(rest string) (*opened, error) {
	path, query, _ := strings.Cut(rest, "?")
	path, err := sqlitePath(path)
	if err != nil {
		return nil, err
	}
	q, err := url.ParseQuery(query)
	if err != nil {
		return nil, failed("the part of the database URL after the ? cannot be read", "write it as name=value&name=value")
	}
	busy, err := takeDuration(q, "busy_timeout", 5*time.Second)
	if err != nil {
		return nil, err
	}
	p, err := takePool(q, pool{maxOpen: 16, idleTime: 5 * time.Minute})
	if err != nil {
		return nil, err
	}
	if unknown := slices.Sorted(maps.Keys(q)); len(unknown) > 0 {
		return nil, failed(fmt.Sprintf("the database URL has the parameter %q, which a SQLite URL does not know", unknown[0]),
			"take it out, or write max_open_conns, max_idle_conns, conn_max_lifetime, conn_max_idle_time or busy_timeout")
	}
	c, err := sqlite.NewConnector(sqliteDSN(path, busy))
	if err != nil {
		return nil, failed(fmt.Sprintf("the file name %q cannot be used for a SQLite database", path), "choose another")
	}
	return &opened{sqliteConnector{c, path, busy}, sqlitedialect.New(), p}, nil
}

// sqlitePath returns the file's name from the part of a URL between "sqlite:" and "?".
func sqlitePath(s string) (string, error) {
	if rooted, ok := strings.CutPrefix(s, "//"); ok {
		if !strings.HasPrefix(rooted, "/") {
			return "", failed("the database URL has a host where SQLite has none", "write sqlite:path for a relative path or sqlite:///path for an absolute one")
		}
		s = rooted
	}
	path, err := url.PathUnescape(s)
	switch {
	case err != nil || strings.ContainsRune(path, 0):
		return "", failed("the database URL has a % that encodes nothing", "write %25 for a percent sign in a file name")
	case path == "":
		return "", failed("the database URL names no file", "write sqlite:path/to/file")
	case path == ":memory:" || strings.HasPrefix(path, "file:"):
		return "", failed("the database URL asks for a SQLite database that is not a plain file, and every connection would see another one",
			"write sqlite:path/to/file; tests use a file in a temporary folder")
	}
	return path, nil
}

// sqliteDSN returns the driver's own name for a database with everything that is set on it. The
// driver applies busy_timeout first, whatever the order.
func sqliteDSN(path string, busy time.Duration) string {
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
	return "file:" + escaped + "?" + strings.Join([]string{
		"_busy_timeout=" + strconv.FormatInt(busy.Milliseconds(), 10),
		"_journal_mode=WAL",
		"_synchronous=NORMAL",
		"_foreign_keys=1",
		"_txlock=immediate",
		"_time_format=sqlite",
		"_timezone=UTC",
	}, "&")
}

// sqliteConnector opens connections to one file. Switching a new file to WAL needs the file for
// itself for a moment and does not wait for it, so of several programs that open the same new
// file at once all but one would fail: it tries again until the busy timeout has passed.
type sqliteConnector struct {
	driver.Connector
	path string
	busy time.Duration
}

// Connect implements [driver.Connector].
func (c sqliteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	deadline := time.Now().Add(c.busy)
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		conn, err := c.Connector.Connect(ctx)
		if err == nil || ctx.Err() != nil {
			return conn, err
		}
		if !IsBusy(err) || time.Now().After(deadline) {
			return nil, explainSQLite(c.path, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// explainSQLite says why the file could not be opened or written to.
func explainSQLite(path string, err error) error {
	name := fmt.Sprintf("the SQLite database %q", path)
	info, statErr := os.Stat(path)
	_, dirErr := os.Stat(filepath.Dir(path))
	switch code := sqliteCode(err); {
	case errors.Is(dirErr, fs.ErrNotExist):
		return failedBy(err, name+" cannot be opened because its folder does not exist", "create the folder or correct the database URL")
	case errors.Is(dirErr, fs.ErrPermission) || errors.Is(statErr, fs.ErrPermission):
		return failedBy(err, name+" cannot be opened because this user may not enter its folder", "give the user rights on the folder or name another file in the database URL")
	case statErr == nil && info.IsDir():
		return failedBy(err, name+" is a folder", "name a file in the database URL")
	case code == sqlite3.SQLITE_NOTADB || code == sqlite3.SQLITE_CORRUPT:
		return failedBy(err, name+" is not a SQLite database, or is damaged", "name another file in the database URL or restore it from a copy")
	case code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED:
		return failedBy(err, name+" is kept locked by another program", "end that program or raise busy_timeout in the database URL")
	case code == sqlite3.SQLITE_FULL:
		return failedBy(err, name+" cannot be written because the disk is full", "make room on it")
	case code == sqlite3.SQLITE_CANTOPEN || code == sqlite3.SQLITE_READONLY || code == sqlite3.SQLITE_PERM || code == sqlite3.SQLITE_AUTH:
		return failedBy(err, name+" cannot be opened for writing", "give this user the right to write the file and its folder, where SQLite keeps two files beside it")
	}
	return failedBy(err, name+" cannot be opened ("+err.Error()+")", "correct that or name another file in the database URL")
}

// sqliteCode returns the primary result code in err, or 0.
func sqliteCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}
