package rig

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/signing"
)

// The kinds of databases.
const (
	Postgres = "postgres"
	SQLite   = "sqlite"
)

// Database is an empty database that was made for one run.
type Database struct {
	// Kind is [Postgres] or [SQLite].
	Kind string
	// URL is what DATABASE_URL names it by.
	URL string

	admin, name string // on PostgreSQL
	path        string // on SQLite
}

// NewDatabase makes a database: a file in dir, or one on the PostgreSQL that TEST_DATABASE_URL names,
// by default the one on 127.0.0.1:5432 with the user postgres, who may create databases. Drop deletes it.
func NewDatabase(ctx context.Context, kind, dir string) (*Database, error) {
	name := "belleville_bench_" + signing.RandomString(10, signing.LowerAlphanumeric)
	if kind == SQLite {
		path := filepath.Join(dir, name+".sqlite3")
		return &Database{Kind: kind, URL: "sqlite:" + path, path: path}, nil
	}
	d := &Database{Kind: Postgres, admin: os.Getenv("TEST_DATABASE_URL"), name: name}
	if d.admin == "" {
		d.admin = "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable"
	}
	u, err := url.Parse(d.admin)
	if err != nil {
		return nil, errors.New("TEST_DATABASE_URL cannot be read")
	}
	u.Path = "/" + name
	d.URL = u.String()
	return d, d.exec(ctx, "CREATE DATABASE ?", bun.Ident(name))
}

func (d *Database) exec(ctx context.Context, query string, args ...any) error {
	db, err := database.Open(d.admin)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, query, args...)
	return err
}

// Drop deletes the database, whoever is still connected to it.
func (d *Database) Drop(ctx context.Context) error {
	if d.Kind == SQLite {
		var errs []error
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(d.path + suffix); err != nil && !os.IsNotExist(err) {
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	}
	return d.exec(ctx, "DROP DATABASE IF EXISTS ? WITH (FORCE)", bun.Ident(d.name))
}

// Tidy brings the statistics and the write-ahead log into order after a load, so that nothing does
// it in the middle of a measurement.
func (d *Database) Tidy(ctx context.Context) error {
	db, err := database.Open(d.URL)
	if err != nil {
		return err
	}
	defer db.Close()
	statements := []string{"VACUUM ANALYZE", "CHECKPOINT"}
	if d.Kind == SQLite {
		statements = []string{"ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"}
	}
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// Version returns the version of the database's program.
func (d *Database) Version(ctx context.Context) (string, error) {
	db, err := database.Open(d.URL)
	if err != nil {
		return "", err
	}
	defer db.Close()
	query := "SHOW server_version"
	if d.Kind == SQLite {
		query = "SELECT sqlite_version()"
	}
	var version string
	err = db.QueryRowContext(ctx, query).Scan(&version)
	version, _, _ = strings.Cut(version, " ")
	return version, err
}
