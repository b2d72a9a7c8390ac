// Command nothing does nothing, with the drivers linked that every project has. bench/start compares
// with it.
package main

import (
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/uptrace/bun"
	_ "github.com/uptrace/bun/dialect/pgdialect"
	_ "github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite"
)

func main() {}
