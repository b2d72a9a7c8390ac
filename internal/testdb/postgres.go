package testdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core/database"
)

// fallback is the server that is tried when TEST_DATABASE_URL names none.
const fallback = "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable"

// servers finds the server at the first use. It is the one variable that a test program shares: a connection
// per test would be too many for the server, and tests have no other place in common.
var servers pool

// pool finds the server once.
type pool struct {
	once   sync.Once
	reuse  bool // set by Main before the tests
	server *server
	err    error
}

// server makes and drops databases.
type server struct {
	url   *url.URL
	admin *bun.DB
	count atomic.Int64
	reuse bool // databases are kept for other tests and dropped at the end of the program
	empty origin

	mu   sync.Mutex
	kept []string // to drop at the end of the program
}

// Postgres returns the server that tests use as people may see it, without a password, or an error
// that says why there is none.
func Postgres(ctx context.Context) (string, error) {
	s, err := servers.find(ctx)
	if err != nil {
		return "", err
	}
	return s.url.Redacted(), nil
}

// need returns the server or skips the test; with REQUIRE_POSTGRES it fails it.
func (p *pool) need(t *testing.T) *server {
	t.Helper()
	s, err := p.find(t.Context())
	switch {
	case err == nil:
		return s
	case os.Getenv("REQUIRE_POSTGRES") == "1":
		t.Fatalf("REQUIRE_POSTGRES=1, but there is no PostgreSQL for the tests: %v", err)
	case os.Getenv("TEST_DATABASE_URL") != "":
		t.Fatalf("TEST_DATABASE_URL is set, but cannot be used: %v", err)
	}
	t.Skipf("not tested on PostgreSQL: TEST_DATABASE_URL is not set and %v", err)
	return nil
}

// find connects at the first call, and drops what killed programs left behind.
func (p *pool) find(ctx context.Context) (*server, error) {
	p.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		if p.server, p.err = connect(ctx, cmp.Or(os.Getenv("TEST_DATABASE_URL"), fallback)); p.err == nil {
			p.server.reuse = p.reuse
			p.server.sweep(ctx, time.Now())
		}
	})
	return p.server, p.err
}

// close drops what was kept and closes the connections.
func (p *pool) close(ctx context.Context) {
	if p.server == nil {
		return
	}
	var all sync.WaitGroup // as many at once as there are connections, which share the waiting for the disk
	for _, name := range p.server.kept {
		all.Go(func() { p.server.drop(ctx, name) })
	}
	all.Wait()
	p.server.admin.Close()
}

// connect opens the server that text names.
func connect(ctx context.Context, text string) (*server, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, errors.New("it is not a URL of PostgreSQL (postgres://…)")
	}
	q := u.Query()
	q.Set("max_open_conns", "3")
	q.Set("conn_max_idle_time", "5s")
	admin, err := database.Open(withQuery(u, q).String())
	if err != nil {
		return nil, err
	}
	if err := database.Check(ctx, admin); err != nil {
		admin.Close()
		return nil, err
	}
	return &server{url: u, admin: admin, empty: origin{name: "template0"}}, nil
}

func withQuery(u *url.URL, q url.Values) *url.URL {
	v := *u
	v.RawQuery = q.Encode()
	return &v
}

// urlOf returns the URL of one of the server's databases, with few connections and commits that do
// not wait for the disk.
func (s *server) urlOf(name string) string {
	q := s.url.Query()
	q.Set("max_open_conns", "4")
	q.Set("max_idle_conns", "2")
	q.Set("synchronous_commit", "off")
	u := withQuery(s.url, q)
	u.Path = "/" + name
	return u.String()
}

// create makes a database for one test and returns its URL.
func (s *server) create(t *testing.T, o *origin) string {
	t.Helper()
	name, err := s.copyOf(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.reuse {
			o.put(name)
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.drop(ctx, name); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
	})
	return s.urlOf(name)
}

// createDB makes a database with a name that nobody else has.
func (s *server) createDB(ctx context.Context, template string) (string, error) {
	name := nameOf(time.Now(), os.Getpid(), s.count.Add(1))
	_, err := s.admin.ExecContext(ctx, "CREATE DATABASE ? TEMPLATE ?", bun.Ident(name), bun.Ident(template))
	if err != nil {
		return "", fmt.Errorf("creating a database for a test: %w", err)
	}
	return name, nil
}

// keep remembers a database until the end of the program.
func (s *server) keep(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, name)
}

// drop removes a database, with the connections that a failed test or a killed program left on it.
func (s *server) drop(ctx context.Context, name string) error {
	_, err := s.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS ? WITH (FORCE)", bun.Ident(name))
	return err
}

// The names of databases: whose they are and since when.
const prefix = "belleville_test_"

func nameOf(now time.Time, pid int, n int64) string {
	return prefix + strconv.FormatInt(now.Unix(), 36) + "_" + strconv.Itoa(pid) + "_" + strconv.FormatInt(n, 10)
}

// abandoned reports whether a database was made by a program that is gone: after ten minutes when no
// program of its number runs here, after a day in any case, because the server may serve another
// machine, and numbers are used again.
func abandoned(name string, now time.Time, alive func(pid int) bool) bool {
	rest, ok := strings.CutPrefix(name, prefix)
	parts := strings.Split(rest, "_")
	if !ok || len(parts) != 3 {
		return false
	}
	made, err := strconv.ParseInt(parts[0], 36, 64)
	pid, pidErr := strconv.Atoi(parts[1])
	if err != nil || pidErr != nil || pid <= 0 {
		return false
	}
	age := now.Sub(time.Unix(made, 0))
	return age > 24*time.Hour || age > 10*time.Minute && !alive(pid)
}

// sweep drops what killed programs left behind. It does what it can: several programs may sweep
// at once, and what fails now is found again.
func (s *server) sweep(ctx context.Context, now time.Time) {
	var names []string
	err := s.admin.NewSelect().Table("pg_database").Column("datname").
		Where("datname LIKE ?", strings.ReplaceAll(prefix, "_", `\_`)+"%").Scan(ctx, &names)
	if err != nil {
		return
	}
	for _, name := range names {
		if abandoned(name, now, alive) {
			s.drop(ctx, name)
		}
	}
}
