package dbstore

import "github.com/uptrace/bun"

// Table lets the tests look at the table of a store.
func Table(s *Store) (*bun.DB, string) { return s.db, s.c.Table }
