package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/go-belleville/belleville/bench/internal/rig"
	"github.com/go-belleville/belleville/core/signing"
)

//go:embed django
var djangoFiles embed.FS

// bench is one run.
type bench struct {
	options
	dir    string
	report *report
	secret string

	server, limit string // programs
	django        *rig.Django
}

// page is what is asked for.
const page = "/report/"

// The names of the servers in tables.
const (
	belleville = "Belleville"
	cached     = "Belleville, cache on"
	byHand     = "by hand"
	djangoName = "Django"
)

// prepare builds the programs and looks for Django.
func (b *bench) prepare(ctx context.Context) (err error) {
	b.secret = signing.RandomString(50, signing.LowerAlphanumeric)
	progress("building")
	if b.server, err = rig.Build(ctx, "./bench/server", b.dir); err != nil {
		return err
	}
	if b.limit, err = rig.Build(ctx, "./bench/limit", b.dir); err != nil {
		return err
	}
	b.report.Versions = versions()
	if b.django, err = rig.FindDjango(ctx, "5.2"); err != nil {
		progress("%v", err)
		b.report.Versions = append(b.report.Versions, "no Django")
		return nil
	}
	d := b.django
	b.report.Versions = append(b.report.Versions, "Django "+d.Version, "Python "+d.Python, "gunicorn "+d.Gunicorn, "psycopg2 "+d.Psycopg)
	return nil
}

// env is the environment of all servers.
func (b *bench) env(db *rig.Database) []string {
	return []string{"DATABASE_URL=" + db.URL, "SECRET_KEY=" + b.secret, "ALLOWED_HOSTS=127.0.0.1", "DEBUG=", "BENCH_PROFILE=", "CACHE_AGE="}
}

// programs are the servers to compare. The first is what the others are compared with; the one with
// the cache is the same program, which keeps users and sessions between requests.
func (b *bench) programs(db *rig.Database, dir string) ([]rig.Program, error) {
	env := b.env(db)
	all := []rig.Program{
		{Name: belleville, Path: b.server, Args: []string{"runserver", rig.Address}, Env: env, Logs: dir},
		{Name: cached, Path: b.server, Args: []string{"runserver", rig.Address}, Env: append(env[:len(env):len(env)], "CACHE_AGE=10m"), Logs: dir},
		{Name: byHand, Path: b.limit, Args: []string{rig.Address}, Env: env, Logs: dir},
	}
	if b.django == nil {
		return all, nil
	}
	files, err := fs.Sub(djangoFiles, "django")
	if err != nil {
		return nil, err
	}
	p, err := b.django.Program(djangoName, filepath.Join(dir, "django"), files, "reports:application", 2, env)
	return append(all, p), err
}

// measure does all rounds on one kind of database.
func (b *bench) measure(ctx context.Context, kind string) (err error) {
	progress("%s: making %d people", kind, b.people)
	db, err := rig.NewDatabase(ctx, kind, b.dir)
	if err != nil {
		return err
	}
	// Also when Ctrl-C ended ctx.
	defer func() { err = errors.Join(err, db.Drop(context.WithoutCancel(ctx))) }()
	cookies, err := b.load(ctx, db)
	if err != nil {
		return err
	}
	version, err := db.Version(ctx)
	if err != nil {
		return err
	}
	b.report.Versions = append(b.report.Versions, title(kind)+" "+version)
	dir := filepath.Join(b.dir, kind)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	programs, err := b.programs(db, dir)
	if err != nil {
		return err
	}
	var servers []*rig.Server
	defer func() {
		for _, s := range servers {
			err = errors.Join(err, s.Stop())
		}
	}()
	for _, p := range programs {
		s, err := rig.Start(ctx, p)
		if err != nil {
			return err
		}
		servers = append(servers, s)
	}
	if err := compare(ctx, servers, cookies); err != nil {
		return err
	}
	return b.roundsOn(ctx, db, servers, cookies)
}

// load fills the database and returns the Cookie headers of all people.
func (b *bench) load(ctx context.Context, db *rig.Database) ([]string, error) {
	env := b.env(db)
	if _, err := rig.Run(ctx, env, b.server, "migrate"); err != nil {
		return nil, err
	}
	keys, err := rig.Run(ctx, env, b.server, "loadpeople", strconv.Itoa(b.people))
	if err != nil {
		return nil, err
	}
	var cookies []string
	for key := range strings.FieldsSeq(keys) {
		cookies = append(cookies, "sessionid="+key)
	}
	return cookies, db.Tidy(ctx)
}

// compare asks all servers for some people's pages and wants the same bytes from all.
func compare(ctx context.Context, servers []*rig.Server, cookies []string) error {
	bodies := map[string]bool{}
	for i := 0; i < len(cookies); i += max(1, len(cookies)/100) {
		var first string
		for j, s := range servers {
			body, err := get(ctx, s.URL+page, cookies[i])
			if err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
			if j == 0 {
				first = body
			}
			if body != first {
				return fmt.Errorf("%s and %s show different pages:\n%s\n%s", servers[0].Name, s.Name, first, body)
			}
		}
		bodies[first] = true
	}
	if len(bodies) < min(len(cookies), 50) {
		return fmt.Errorf("people see the same page: %d different ones", len(bodies))
	}
	return nil
}

func get(ctx context.Context, url, cookie string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Cookie", cookie)
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s\n%.500s", url, res.Status, body)
	}
	return string(body), err
}

// roundsOn loads the servers in turn. Each round begins with the next one.
func (b *bench) roundsOn(ctx context.Context, db *rig.Database, servers []*rig.Server, cookies []string) error {
	for _, s := range servers {
		if _, err := rig.Wrk(ctx, rig.Load{URL: s.URL + page, Cookies: cookies, Connections: 64, Time: 2 * time.Second}); err != nil {
			return err
		}
	}
	for _, connections := range b.connections {
		t := &table{Database: db.Kind, Connections: connections}
		b.report.Tables = append(b.report.Tables, t)
		for _, s := range servers {
			t.Servers = append(t.Servers, &column{Name: s.Name})
		}
		for round := range b.rounds {
			progress("%s, %d connections, round %d of %d", db.Kind, connections, round+1, b.rounds)
			for i := range servers {
				at := (i + round) % len(servers)
				s, err := b.sample(ctx, db, servers[at], rig.Load{URL: servers[at].URL + page, Cookies: cookies, Connections: connections, Time: b.time})
				if err != nil {
					return err
				}
				t.Servers[at].Samples = append(t.Servers[at].Samples, s)
			}
		}
		for i, s := range servers {
			bytes, err := s.Memory()
			if err != nil {
				return err
			}
			t.Servers[i].MiB = float64(bytes) / (1 << 20)
		}
	}
	return nil
}

// sample is one load with what it cost.
func (b *bench) sample(ctx context.Context, db *rig.Database, s *rig.Server, l rig.Load) (sample, error) {
	before, err := look(ctx, db, s)
	if err != nil {
		return sample{}, err
	}
	r, err := rig.Wrk(ctx, l)
	if err != nil {
		return sample{}, err
	}
	if r.Failed > 0 {
		return sample{}, fmt.Errorf("%s: %d of %d requests failed", s.Name, r.Failed, r.Requests)
	}
	after, err := look(ctx, db, s)
	if err != nil {
		return sample{}, err
	}
	server, database := after.server.Since(before.server), after.database.Since(before.database)
	return sample{
		Requests: r.Requests, PerSecond: r.PerSecond, P50: r.P50, P99: r.P99,
		ServerCPU: perRequest(server, r), DatabaseCPU: perRequest(database, r),
		Others: (after.busy - before.busy - server - database - r.CPU).Seconds() / after.at.Sub(before.at).Seconds(),
	}, nil
}

// looks is what had been used at one moment.
type looks struct {
	server, database rig.Usage
	busy             time.Duration // by the whole machine
	at               time.Time
}

func look(ctx context.Context, db *rig.Database, s *rig.Server) (l looks, err error) {
	if l.database, err = db.Usage(ctx); err != nil {
		return l, err
	}
	if l.server, err = s.Usage(); err != nil {
		return l, err
	}
	l.busy, err = rig.Busy()
	l.at = time.Now()
	return l, err
}

// perRequest is a time in microseconds.
func perRequest(d time.Duration, r rig.Result) float64 {
	return float64(d.Microseconds()) / float64(max(1, r.Requests))
}
