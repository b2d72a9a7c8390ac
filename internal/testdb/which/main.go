// Command which says in one line which databases the tests will use. It exits with status 1 when
// that is not what the environment asks for.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/go-belleville/belleville/internal/testdb"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	url, err := testdb.Postgres(ctx)
	if err == nil {
		fmt.Println("databases: SQLite, and PostgreSQL at " + url)
		return
	}
	fmt.Println("databases: SQLite only; no PostgreSQL for the tests: " + err.Error())
	if os.Getenv("REQUIRE_POSTGRES") == "1" || os.Getenv("TEST_DATABASE_URL") != "" {
		os.Exit(1)
	}
}
