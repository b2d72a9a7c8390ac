package authtest

import (
	"sync"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
)

// T is a [coretest.T] whose sites know their auth service.
type T struct {
	project  *coretest.T
	services sync.Map // *core.Project -> *auth.Auth
}

// Site is a [coretest.Site] with the auth service of its project.
type Site struct {
	*coretest.Site
	Auth *auth.Auth
}

// New returns a project under test, as [coretest.New] does. make returns the auth service that is
// part of the project.
func New(make func(core.Settings) (*auth.Auth, *core.Project, error)) *T {
	t := &T{}
	t.project = coretest.New(func(s core.Settings) (*core.Project, error) {
		a, p, err := make(s)
		if err == nil {
			t.services.Store(p, a)
		}
		return p, err
	})
	return t
}

// Each runs f in the subtests "sqlite" and "postgres", in parallel.
func (p *T) Each(t *testing.T, f func(t *testing.T, s *Site)) {
	t.Helper()
	p.EachWith(t, nil, f)
}

// EachWith is Each with settings changed by change, which may be nil.
func (p *T) EachWith(t *testing.T, change func(*core.Settings), f func(t *testing.T, s *Site)) {
	t.Helper()
	p.project.EachWith(t, change, func(t *testing.T, s *coretest.Site) { f(t, p.site(t, s)) })
}

// SQLite returns the site on SQLite alone, for tests in which the database plays no part.
func (p *T) SQLite(t *testing.T) *Site {
	t.Helper()
	return p.site(t, p.project.SQLite(t))
}

func (p *T) site(t *testing.T, s *coretest.Site) *Site {
	t.Helper()
	a, ok := p.services.LoadAndDelete(s.Project)
	if !ok {
		t.Fatal("authtest: the site's project was not made by the function that New was given")
	}
	return &Site{Site: s, Auth: a.(*auth.Auth)}
}
