package templates

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"
)

// Engine turns a named page and its data into text. *Set is one; a project may use another
// template language by giving its own. An Engine is safe for concurrent use.
//
// An engine that can also make plain text (mail bodies) implements [TextEngine]. The test
// templatestest.TestEngine says what callers rely on.
type Engine interface {
	// Render writes the page to w. When it fails nothing has been written, unless it was w that
	// failed. A name that does not exist gives an error that matches ErrNotFound. The data is
	// not changed and may be nil.
	Render(ctx context.Context, w io.Writer, name string, data map[string]any) error
}

// TextEngine is the part of an [Engine] that makes plain text.
type TextEngine interface {
	// RenderText is Render without any escaping: for mail texts and subjects, never for a
	// browser.
	RenderText(ctx context.Context, w io.Writer, name string, data map[string]any) error
}

// Provider computes a value for the page that is being rendered for ctx: the user, the messages.
// It is called at most once for each page, and only when the page uses the value. A value that
// implements [Lookuper] answers for names that are known only while the page runs.
type Provider func(ctx context.Context) (any, error)

// ErrNotFound is matched by the error for a template that is in no source.
var ErrNotFound = errors.New("no such template")

// Config is what a Set is made of. The zero value has no templates.
type Config struct {
	// Sources hold the templates, the most important one first: the project's own folder, then
	// each app's. Nil entries and folders that do not exist are passed over.
	Sources []fs.FS
	// Funcs are added to the standard functions (see the examples) and win over them. One that is
	// named url and is a func(string, ...any) (string, error) gets a companion url_if, which is
	// "" where url fails: {{with url_if "password_reset"}}<a href="{{.}}">…</a>{{end}}.
	Funcs template.FuncMap
	// Providers are the values every page may use, by name.
	Providers map[string]Provider
	// Location is the time zone in which {{date}} shows times; nil leaves each time as it is.
	Location *time.Location
	// Debug reads every file again for each page and makes missing names errors.
	Debug bool
}

// Set is an [Engine] over html/template. It parses a page when it is first rendered and keeps it.
// It is safe for concurrent use.
type Set struct {
	sources   []fs.FS
	funcs     template.FuncMap
	providers map[string]Provider
	debug     bool

	buffers sync.Pool // of *bytes.Buffer
	members members

	mu    sync.RWMutex
	pages map[pageKey]page

	building sync.Mutex // held while pages are put together; guards files
	files    map[origin]*file
}

var (
	_ Engine     = (*Set)(nil)
	_ TextEngine = (*Set)(nil)
)

// New returns a set of templates. It reads nothing yet: mistakes in the files are found by
// [Set.Check] or when a page is rendered.
func New(c Config) *Set {
	funcs := standardFuncs(c.Location)
	funcs["url_if"] = urlIf(c.Funcs["url"])
	maps.Copy(funcs, c.Funcs)
	s := &Set{
		sources:   slices.DeleteFunc(slices.Clone(c.Sources), func(f fs.FS) bool { return f == nil }),
		funcs:     funcs,
		providers: maps.Clone(c.Providers),
		debug:     c.Debug,
		pages:     map[pageKey]page{},
		files:     map[origin]*file{},
	}
	maps.Copy(funcs, s.valueFuncs())
	return s
}

// Render writes the page as HTML. The page is complete before its first byte is written; an
// error of w is returned as it is, any other as an *[Error].
func (s *Set) Render(ctx context.Context, w io.Writer, name string, data map[string]any) error {
	return s.render(ctx, w, pageKey{name: name}, data)
}

// RenderText writes the page without escaping, for mail and other plain text. Everything else is
// as with [Set.Render].
func (s *Set) RenderText(ctx context.Context, w io.Writer, name string, data map[string]any) error {
	return s.render(ctx, w, pageKey{name: name, text: true}, data)
}

func (s *Set) render(ctx context.Context, w io.Writer, key pageKey, data map[string]any) error {
	p, err := s.page(key)
	if err != nil {
		return asError(err, key.name)
	}
	buf, _ := s.buffers.Get().(*bytes.Buffer)
	if buf == nil {
		buf = new(bytes.Buffer)
	}
	defer s.release(buf)
	if err := p.Execute(buf, s.values(ctx, data)); err != nil {
		return asError(err, key.name)
	}
	_, err = w.Write(buf.Bytes())
	return err
}

// release keeps a buffer for the next page, unless one huge page has made it huge.
func (s *Set) release(buf *bytes.Buffer) {
	if buf.Cap() <= 256<<10 {
		buf.Reset()
		s.buffers.Put(buf)
	}
}

// Lookup reports whether there is a template of that name.
func (s *Set) Lookup(name string) bool {
	_, ok, _ := s.find(name, nil)
	return ok
}

// Names lists all templates in order, each once. It walks the sources every time.
// Files and folders whose names begin with a dot are left out.
func (s *Set) Names() []string {
	seen := map[string]bool{}
	for _, source := range s.sources {
		// A folder that cannot be read has no templates that could be rendered.
		_ = fs.WalkDir(source, ".", func(path string, d fs.DirEntry, err error) error {
			hidden := err == nil && path != "." && d.Name()[0] == '.'
			switch {
			case err != nil || hidden && d.IsDir():
				return fs.SkipDir
			case !d.IsDir() && !hidden:
				seen[path] = true
			}
			return nil
		})
	}
	return slices.Sorted(maps.Keys(seen))
}

// Check puts together the named templates, all of them when none is named, and returns what is
// wrong with them, joined; nil when all is well. It finds what Render would find before any
// value is known: syntax, unknown functions and files, cycles, places that cannot be escaped.
func (s *Set) Check(names ...string) error {
	if len(names) == 0 {
		names = s.Names()
	}
	var errs []error
	for _, name := range names {
		if _, err := s.page(pageKey{name: name}); err != nil {
			errs = append(errs, asError(err, name))
		}
	}
	return errors.Join(errs...)
}

// page returns the parsed page, from the cache unless files are to be read again.
func (s *Set) page(key pageKey) (page, error) {
	if s.debug {
		b := builder{set: s, files: map[origin]*file{}}
		return b.build(key)
	}
	s.mu.RLock()
	p := s.pages[key]
	s.mu.RUnlock()
	if p != nil {
		return p, nil
	}
	s.building.Lock()
	defer s.building.Unlock()
	s.mu.RLock()
	p = s.pages[key]
	s.mu.RUnlock()
	if p != nil { // another goroutine was quicker
		return p, nil
	}
	b := builder{set: s, files: s.files}
	p, err := b.build(key)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.pages[key] = p
	s.mu.Unlock()
	return p, nil
}

// find returns where the template lies, passing over the origins in skip.
func (s *Set) find(name string, skip []origin) (origin, bool, error) {
	if !fs.ValidPath(name) {
		return origin{}, false, nil
	}
	for i, source := range s.sources {
		at := origin{source: i, name: name}
		if slices.Contains(skip, at) {
			continue
		}
		info, err := fs.Stat(source, name)
		switch {
		case err == nil && info.Mode().IsRegular():
			return at, true, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return origin{}, false, fmt.Errorf("look for %s: %w", name, err)
		}
	}
	return origin{}, false, nil
}
