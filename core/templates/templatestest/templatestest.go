// Package templatestest checks that a template engine does what Belleville relies on.
//
// Whoever writes a [templates.Engine] runs [TestEngine] in a test of their own, with four small
// pages written in the engine's language.
package templatestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/go-belleville/belleville/core/templates"
)

// Subject is the engine under test and the pages it was made with.
type Subject struct {
	// New returns an engine that has the pages and the providers and shares nothing with others.
	New func(t *testing.T, pages map[string]string, providers map[string]templates.Provider) templates.Engine
	// Greeting is a page that prints "Hello " and the value "name", escaped for HTML.
	Greeting string
	// Provided prints the value "user", twice.
	Provided string
	// Branch prints the value "user" if the value "show" is true, and nothing otherwise.
	Branch string
	// Broken prints a lot (4,000 bytes or more) and then fails when it is run.
	Broken string
}

// TestEngine runs the tests of every engine.
func TestEngine(t *testing.T, s Subject) {
	t.Run("renders and escapes", s.renders)
	t.Run("unknown name", s.unknown)
	t.Run("writes nothing when it fails", s.broken)
	t.Run("providers", s.providers)
	t.Run("provider that fails", s.failingProvider)
	t.Run("concurrent use", s.concurrent)
}

func (s Subject) engine(t *testing.T, user templates.Provider) templates.Engine {
	t.Helper()
	if user == nil {
		user = func(context.Context) (any, error) { return "ada", nil }
	}
	return s.New(t, map[string]string{
		"greeting.html": s.Greeting, "provided.html": s.Provided, "branch.html": s.Branch, "broken.html": s.Broken,
	}, map[string]templates.Provider{"user": user})
}

func render(t *testing.T, e templates.Engine, name string, data map[string]any) (string, error) {
	t.Helper()
	var b bytes.Buffer
	err := e.Render(t.Context(), &b, name, data)
	if err != nil && b.Len() > 0 {
		t.Errorf("%s failed (%v) after writing %d bytes, want nothing written", name, err, b.Len())
	}
	return strings.TrimSpace(b.String()), err
}

func (s Subject) renders(t *testing.T) {
	data := map[string]any{"name": stringer("<b>&")}
	got, err := render(t, s.engine(t, nil), "greeting.html", data)
	if want := "Hello &lt;b&gt;&amp;"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q, also for a value that prints itself", got, err, want)
	}
	if len(data) != 1 {
		t.Errorf("the caller's data was changed: %v", data)
	}
}

type stringer string

func (s stringer) String() string { return string(s) }

func (s Subject) unknown(t *testing.T) {
	if _, err := render(t, s.engine(t, nil), "no/such.html", nil); !errors.Is(err, templates.ErrNotFound) {
		t.Errorf("got %v, want an error that is templates.ErrNotFound", err)
	}
}

func (s Subject) broken(t *testing.T) {
	if _, err := render(t, s.engine(t, nil), "broken.html", nil); err == nil {
		t.Error("the broken page gave no error")
	}
}

func (s Subject) providers(t *testing.T) {
	calls := 0
	e := s.engine(t, func(context.Context) (any, error) { calls++; return "ada", nil })
	for _, c := range []struct {
		page  string
		data  map[string]any
		want  string
		calls int
	}{
		{"provided.html", nil, "adaada", 1},
		{"provided.html", map[string]any{"user": "given"}, "givengiven", 0},
		{"branch.html", map[string]any{"show": false}, "", 0},
		{"branch.html", map[string]any{"show": true}, "ada", 1},
	} {
		calls = 0
		got, err := render(t, e, c.page, c.data)
		if got != c.want || calls != c.calls || err != nil {
			t.Errorf("%s with %v: got %q, %v after %d calls; want %q after %d", c.page, c.data, got, err, calls, c.want, c.calls)
		}
	}
}

func (s Subject) failingProvider(t *testing.T) {
	gone := errors.New("database gone")
	e := s.engine(t, func(context.Context) (any, error) { return nil, gone })
	if _, err := render(t, e, "provided.html", nil); !errors.Is(err, gone) {
		t.Errorf("got %v, want the provider's error", err)
	}
}

func (s Subject) concurrent(t *testing.T) {
	e := s.engine(t, nil)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			want := fmt.Sprintf("Hello %d", i)
			if got, err := render(t, e, "greeting.html", map[string]any{"name": i}); got != want || err != nil {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
		})
	}
	wg.Wait()
}
