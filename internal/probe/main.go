// Command probe finds out what the tests can use on this machine, before `make test` starts them.
//
// To standard error it says, one line each, which databases the tests run on and whether the race
// detector takes part. To standard output it prints the flags for go test. It ends with status 1
// when TEST_DATABASE_URL names a server that does not let us in, when REQUIRE_POSTGRES=1 and there
// is no PostgreSQL, and when REQUIRE_RACE=1 and the race detector does not work.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// localURL is the server that the tests try when TEST_DATABASE_URL is not set.
const localURL = "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable"

func main() {
	p := probe{Getenv: os.Getenv, Connect: connect, BuildRace: buildRace}
	lines, flags, err := p.Run(context.Background())
	for _, line := range lines {
		fmt.Fprintln(os.Stderr, line)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	fmt.Println(strings.Join(flags, " "))
}

// probe holds what tests replace: the environment, the way to a server, and a build.
type probe struct {
	Getenv    func(string) string
	Connect   func(ctx context.Context, url string) (version string, err error)
	BuildRace func(ctx context.Context) error
}

// Run returns the lines for people and the flags for go test.
func (p probe) Run(ctx context.Context) (lines, flags []string, err error) {
	database, dbErr := p.databases(ctx)
	race, raceErr := "race detector: on", p.BuildRace(ctx)
	if raceErr == nil {
		flags = append(flags, "-race")
	} else {
		race = fmt.Sprintf("race detector: OFF, it needs a C compiler (%v)", raceErr)
		if p.Getenv("REQUIRE_RACE") == "1" {
			raceErr = errors.New("REQUIRE_RACE=1, but tests cannot be built with -race; install a C compiler (Debian: apt-get install gcc libc6-dev) and set CGO_ENABLED=1")
		} else {
			raceErr = nil
		}
	}
	return []string{database, race}, flags, errors.Join(dbErr, raceErr)
}

func (p probe) databases(ctx context.Context) (line string, err error) {
	url, where := p.Getenv("TEST_DATABASE_URL"), "TEST_DATABASE_URL"
	named := url != ""
	if !named {
		url, where = localURL, "127.0.0.1:5432"
	}
	version, err := p.Connect(ctx, url)
	switch {
	case err == nil:
		return fmt.Sprintf("databases: SQLite and PostgreSQL %s (%s)", version, where), nil
	case named:
		return "databases: SQLite only", fmt.Errorf("the server that TEST_DATABASE_URL names does not let us in (%w); correct it or unset it", err)
	case p.Getenv("REQUIRE_POSTGRES") == "1":
		return "databases: SQLite only", fmt.Errorf("REQUIRE_POSTGRES=1, but there is no PostgreSQL (%w); start one that lets user postgres in on 127.0.0.1:5432, or set TEST_DATABASE_URL", err)
	}
	return fmt.Sprintf("databases: SQLite only; PostgreSQL is NOT tested (%v); set TEST_DATABASE_URL or start one on 127.0.0.1:5432", err), nil
}

// connect asks a server for its version. Its errors are one line and hold no password.
func connect(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return "", errors.New("not a postgres:// URL")
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return "", errors.New(lastLine(err.Error()))
	}
	defer conn.Close(ctx)
	version, _, _ := strings.Cut(conn.PgConn().ParameterStatus("server_version"), " ")
	return version, nil
}

// buildRace builds this very program with the race detector: knowing that a compiler exists is
// not knowing that it works.
func buildRace(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "go", "build", "-race", "-o", os.DevNull, "./internal/probe").CombinedOutput()
	if err != nil && len(out) > 0 {
		return errors.New(lastLine(string(out)))
	}
	return err
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
