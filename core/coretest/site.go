package coretest

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/database"
	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/testdb"
)

// Host is the host that requests of tests are made to, and the only one the site allows.
const Host = "testserver"

// Key is the SECRET_KEY of projects under test.
const Key = "a-key-for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz"

// T is a project that is migrated once per kind of database, and then copied for each test.
type T struct {
	make     func(core.Settings) (*core.Project, error)
	template *testdb.T
}

// Site is a project on a database of its own, ready to be asked.
type Site struct {
	*core.Project
	// Queries counts what reaches the database.
	Queries *Queries
	// Outbox holds the mails that the project sent; nil when its settings send them elsewhere.
	Outbox *mail.Memory
	// URL is the database's, for tests that start programs.
	URL string

	handler http.Handler
}

// New returns a project under test. Make it in a variable of the test package, whose TestMain calls
// [Main].
func New(make func(core.Settings) (*core.Project, error)) *T {
	p := &T{make: make}
	p.template = testdb.Template("project", func(ctx context.Context, db *bun.DB) error {
		project, err := make(settings(db))
		if err != nil {
			return err
		}
		return project.Migrate(ctx, core.MigrateOptions{})
	})
	return p
}

// Main runs a package's tests and removes the databases that they made.
func Main(m *testing.M) int { return testdb.Main(m) }

func settings(db *bun.DB) core.Settings {
	return core.Settings{
		DB: db, Keys: signing.Keys{Key}, AllowedHosts: []string{Host},
		Log:  slog.New(slog.DiscardHandler),
		Mail: &mail.Mailer{Transport: new(mail.Memory)},
	}
}

// Each runs f in the subtests "sqlite" and "postgres", in parallel.
func (p *T) Each(t *testing.T, f func(t *testing.T, s *Site)) {
	t.Helper()
	p.EachWith(t, nil, f)
}

// EachWith is Each with settings changed by change, which may be nil.
func (p *T) EachWith(t *testing.T, change func(*core.Settings), f func(t *testing.T, s *Site)) {
	t.Helper()
	p.template.EachURL(t, func(t *testing.T, url string) { f(t, p.open(t, url, change)) })
}

// SQLite returns the site on SQLite alone, for tests in which the database plays no part.
func (p *T) SQLite(t *testing.T) *Site {
	t.Helper()
	return p.open(t, p.template.SQLiteURL(t), nil)
}

func (p *T) open(t *testing.T, url string, change func(*core.Settings)) *Site {
	t.Helper()
	queries := new(Queries)
	db, err := database.OpenWith(url, queries.wrap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s := settings(db)
	if change != nil {
		change(&s)
	}
	withCache(&s)
	project, err := p.make(s)
	if err != nil {
		t.Fatal(err)
	}
	h, err := project.Handler()
	if err != nil {
		t.Fatal(err)
	}
	site := &Site{Project: project, Queries: queries, URL: url, handler: h}
	if m := s.Mail; m != nil {
		site.Outbox, _ = m.Transport.(*mail.Memory)
	}
	startCache(t, s.Cache)
	return site
}

// On returns the site of another project on the same database, whose tables are there already: the
// same program after a change of its settings.
func (s *Site) On(t *testing.T, p *core.Project) *Site {
	t.Helper()
	h, err := p.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return &Site{Project: p, Queries: s.Queries, Outbox: s.Outbox, URL: s.URL, handler: h}
}

// Visits returns the same browser, with its cookies, at another site.
func (b *Browser) Visits(s *Site) *Browser {
	c := *b
	c.site = s
	return &c
}
