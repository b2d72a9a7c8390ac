package dbstore

import "github.com/uptrace/bun"

// DB lets the tests look at the table of a store.
func DB(s *Store) *bun.DB { return s.db }
