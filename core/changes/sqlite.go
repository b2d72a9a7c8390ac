package changes

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
)

// sqlite reads the version of a file on a connection of its own, which changes nothing: the version
// is that of other connections' commits.
type sqlite struct {
	db *bun.DB

	begun atomic.Uint64 // how many readings have begun

	mu      sync.Mutex
	conn    driver.Conn
	query   driver.StmtQueryContext
	version int64
}

var errDriver = errors.New("changes: the SQLite driver lacks a method that reading the version needs")

// look reads the version and calls forget when anybody has committed since the last time. Callers
// who wait for each other share a reading that began after they asked.
func (s *sqlite) look(forget func()) error {
	asked := s.begun.Load()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil && s.begun.Load() > asked {
		return nil
	}
	s.begun.Add(1)
	version, err := s.read()
	if err != nil {
		_ = s.end()
		return err
	}
	if version != s.version {
		s.version = version
		forget()
	}
	return nil
}

func (s *sqlite) read() (int64, error) {
	// Reading the version waits for nobody, and a context that can end would cost a goroutine.
	ctx := context.Background()
	if s.conn == nil {
		if err := s.open(ctx); err != nil {
			return 0, err
		}
	}
	rows, err := s.query.QueryContext(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil {
		return 0, err
	}
	version, ok := row[0].(int64)
	if !ok {
		return 0, errDriver
	}
	return version, nil
}

// open begins with a version that is none of the file's, since the numbers of two connections have
// nothing to do with each other.
func (s *sqlite) open(ctx context.Context) error {
	conn, err := database.Connect(ctx, s.db)
	if err != nil {
		return err
	}
	stmt, err := conn.Prepare("PRAGMA data_version")
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	query, ok := stmt.(driver.StmtQueryContext)
	if !ok {
		return errors.Join(errDriver, conn.Close())
	}
	s.conn, s.query, s.version = conn, query, -1
	return nil
}

func (s *sqlite) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end()
}

func (s *sqlite) end() error {
	if s.conn == nil {
		return nil
	}
	conn := s.conn
	s.conn, s.query, s.version = nil, nil, -1
	return conn.Close()
}
