package templates_test

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/core/templates"
)

// source is a folder of templates.
type source map[string]string

func (s source) fs() fs.FS {
	m := fstest.MapFS{}
	for name, text := range s {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func newSet(c templates.Config, sources ...source) *templates.Set {
	for _, s := range sources {
		c.Sources = append(c.Sources, s.fs())
	}
	return templates.New(c)
}

// render fails the test when the page does.
func render(t *testing.T, e templates.Engine, name string, data map[string]any) string {
	t.Helper()
	var b strings.Builder
	if err := e.Render(t.Context(), &b, name, data); err != nil {
		t.Fatalf("Render(%s): %v", name, err)
	}
	return b.String()
}

// renderErr fails the test when the page does not fail, or writes something before it does.
func renderErr(t *testing.T, e templates.Engine, name string, data map[string]any) error {
	t.Helper()
	var b strings.Builder
	err := e.Render(t.Context(), &b, name, data)
	if err == nil {
		t.Fatalf("Render(%s) = %q, want an error", name, b.String())
	}
	if b.Len() > 0 {
		t.Errorf("Render(%s) failed after writing %q, want nothing written", name, b.String())
	}
	return err
}

const base = `<title>{{block "title" .}}Home{{end}}</title>{{block "content" .}}nothing{{end}}`

func TestInheritance(t *testing.T) {
	t.Parallel()
	app := source{
		"base.html":     base,
		"plain.html":    `Hello {{.name}}`,
		"list.html":     `{{/* extends "base.html" */}}` + "\n" + `{{define "content"}}list{{end}}` + "\n",
		"trimmed.html":  "\uFEFF \n{{- /*extends \"base.html\"*/ -}}\n{{define \"content\"}}trimmed{{end}}",
		"section.html":  `{{/* extends "base.html" */}}{{define "content"}}<nav>{{block "nav" .}}n{{end}}</nav>{{block "body" .}}b{{end}}{{end}}`,
		"article.html":  `{{/* extends "section.html" */}}{{define "title"}}{{.name}}{{end}}{{define "body"}}text{{end}}`,
		"comment.html":  `{{/* a page about extends "base.html" */}}alone`,
		"later.html":    `x{{/* extends "base.html" */}}`,
		"data.html":     `{{/* extends "base.html" */}}{{define "content"}}{{template "item" .name}}{{end}}{{define "item"}}[{{.}}]{{end}}`,
		"folder/a.html": `{{/* extends "base.html" */}}{{define "content"}}deep{{end}}`,
	}
	set := newSet(templates.Config{}, app)
	for _, c := range []struct{ page, want string }{
		{"plain.html", `Hello Ada`},
		{"base.html", `<title>Home</title>nothing`},
		{"list.html", `<title>Home</title>list`},
		{"trimmed.html", `<title>Home</title>trimmed`},
		{"section.html", `<title>Home</title><nav>n</nav>b`},
		{"article.html", `<title>Ada</title><nav>n</nav>text`},
		{"comment.html", `alone`},
		{"later.html", `x`},
		{"data.html", `<title>Home</title>[Ada]`},
		{"folder/a.html", `<title>Home</title>deep`},
	} {
		t.Run(c.page, func(t *testing.T) {
			t.Parallel()
			for range 2 { // parsed, then from the cache
				if got := render(t, set, c.page, map[string]any{"name": "Ada"}); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			}
		})
	}
}

func TestSourcesOverride(t *testing.T) {
	t.Parallel()
	project := source{
		"base.html":      `{{/* extends "base.html" */}}{{define "title"}}Project{{end}}`,
		"polls/row.html": `project row`,
	}
	polls := source{
		"base.html":      base,
		"polls/row.html": `polls row`,
		"polls/a.html":   `{{/* extends "base.html" */}}{{define "content"}}{{template "polls/row.html" .}}{{end}}`,
		"login.html":     `first login`,
	}
	auth := source{"login.html": `second login`, "base.html": `never seen`}
	set := newSet(templates.Config{Sources: []fs.FS{nil, os.DirFS("testdata/does-not-exist")}}, project, polls, auth)
	for page, want := range map[string]string{
		"login.html":   `first login`,
		"base.html":    `<title>Project</title>nothing`,
		"polls/a.html": `<title>Project</title>project row`,
	} {
		if got := render(t, set, page, nil); got != want {
			t.Errorf("%s: got %q, want %q", page, got, want)
		}
	}
}

func TestIncludes(t *testing.T) {
	t.Parallel()
	set := newSet(templates.Config{}, source{
		"base.html":   base,
		"page.html":   `{{/* extends "base.html" */}}{{define "content"}}{{template "box.html" .x}}{{end}}{{define "inner"}}the page's{{end}}`,
		"box.html":    `[{{template "inner" .}}]{{define "inner"}}box {{.}}{{end}}`,
		"framed.html": `{{/* extends "box.html" */}}{{define "inner"}}frame {{.}}{{end}}`,
		"both.html":   `{{template "box.html" 1}}{{template "framed.html" 2}}{{template "forms.html#field" 3}}`,
		"forms.html":  `{{define "field"}}field {{.}}{{template "mark" .}}{{end}}{{define "mark"}}!{{end}}`,
		"tree.html":   `{{.name}}{{range .children}}({{template "tree.html" .}}){{end}}`,
	})
	tree := map[string]any{"name": "a", "children": []map[string]any{
		{"name": "b", "children": []map[string]any{{"name": "c"}}}, {"name": "d"},
	}}
	for _, c := range []struct {
		page string
		data map[string]any
		want string
	}{
		{"page.html", map[string]any{"x": 7}, `<title>Home</title>[box 7]`},
		{"both.html", nil, `[box 1][frame 2]field 3!`},
		{"tree.html", tree, `a(b(c))(d)`},
	} {
		if got := render(t, set, c.page, c.data); got != c.want {
			t.Errorf("%s: got %q, want %q", c.page, got, c.want)
		}
	}
}

func TestMistakesInFiles(t *testing.T) {
	t.Parallel()
	project := source{
		"self.html": `{{/* extends "self.html" */}}`,
		"over.html": `{{/* extends "mid.html" */}}`,
	}
	app := source{
		"a.html":        `{{/* extends "b.html" */}}`,
		"b.html":        `{{/* extends "c.html" */}}`,
		"c.html":        `{{/* extends "a.html" */}}`,
		"mid.html":      `{{/* extends "over.html" */}}`,
		"over.html":     `{{/* extends "mid.html" */}}`,
		"orphan.html":   `{{/* extends "gone.html" */}}`,
		"outside.html":  `{{/* extends "base.html" */}}` + "\n{{define \"content\"}}x{{end}}\n\n  lost words",
		"base.html":     base,
		"include.html":  "one\ntwo {{template \"gone.html\" .}}",
		"child.html":    `{{/* extends "base.html" */}}` + "\n{{define \"content\"}}\n{{template \"orphan.html\" .}}{{end}}",
		"nodef.html":    `{{template "base.html#footer" .}}`,
		"syntax.html":   "a\nb\n{{if}}",
		"func.html":     "a\n{{nope .}}",
		"twice.html":    "{{define \"x\"}}1{{end}}\n{{define \"x\"}}2{{end}}",
		"open.html":     "<a href='",
		"context.html":  "\n<a {{if .x}}href='{{end}}>",
		"../evil.html":  `never`,
		"unclosed.html": `{{define "content"}}`,
	}
	set := newSet(templates.Config{}, project, app)
	for _, c := range []struct {
		page, name string
		line       int
		says       string
		notFound   bool
	}{
		{page: "self.html", name: "self.html", line: 1, says: "in a circle: self.html -> self.html"},
		{page: "a.html", name: "c.html", line: 1, says: "in a circle: a.html -> b.html -> c.html -> a.html"},
		{page: "over.html", name: "over.html", line: 1, says: "in a circle: over.html -> mid.html -> over.html -> mid.html"},
		{page: "orphan.html", name: "orphan.html", line: 1, says: `extends "gone.html"`, notFound: true},
		{page: "outside.html", name: "outside.html", line: 4, says: "never shown"},
		{page: "include.html", name: "include.html", line: 2, says: `"gone.html" is neither defined here nor a file`, notFound: true},
		{page: "child.html", name: "orphan.html", line: 1, says: `extends "gone.html"`, notFound: true},
		{page: "nodef.html", name: "nodef.html", line: 1, says: `base.html has no definition "footer"`},
		{page: "syntax.html", name: "syntax.html", line: 3, says: "missing value for if"},
		{page: "func.html", name: "func.html", line: 2, says: `function "nope" not defined`},
		{page: "twice.html", name: "twice.html", line: 2, says: "multiple definition"},
		{page: "open.html", name: "open.html", says: "ends inside a tag"},
		{page: "context.html", name: "context.html", line: 2, says: "different contexts"},
		{page: "unclosed.html", name: "unclosed.html", line: 1, says: "unexpected EOF"},
		{page: "gone.html", name: "gone.html", says: "no such template", notFound: true},
		{page: "../evil.html", name: "../evil.html", says: "no such template", notFound: true},
		{page: "", name: "", says: "no such template", notFound: true},
	} {
		t.Run(c.page, func(t *testing.T) {
			t.Parallel()
			err := renderErr(t, set, c.page, nil)
			var e *templates.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %T %v, want a *templates.Error", err, err)
			}
			if e.Name != c.name || e.Line != c.line || !strings.Contains(e.Error(), c.says) {
				t.Errorf("got %v (name %q, line %d), want %q, %q, %d", e, e.Name, e.Line, c.says, c.name, c.line)
			}
			if got := errors.Is(err, templates.ErrNotFound); got != c.notFound {
				t.Errorf("is ErrNotFound = %v, want %v: %v", got, c.notFound, err)
			}
			if c.page == "" {
				return // Check() without names checks everything
			}
			if err := set.Check(c.page); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Check says %v, want %q", err, c.says)
			}
		})
	}
}

func TestNamesLookupCheck(t *testing.T) {
	t.Parallel()
	set := newSet(templates.Config{},
		source{"b.html": "", "polls/a.html": "", ".hidden": "", ".git/x.html": ""},
		source{"a.txt": "", "b.html": "{{if}}"})
	if got, want := fmt.Sprint(set.Names()), "[a.txt b.html polls/a.html]"; got != want {
		t.Errorf("Names() = %s, want %s", got, want)
	}
	for name, want := range map[string]bool{"b.html": true, "polls/a.html": true, "polls": false, "polls/": false, "/b.html": false, "x": false} {
		if got := set.Lookup(name); got != want {
			t.Errorf("Lookup(%q) = %v, want %v", name, got, want)
		}
	}
	if err := set.Check(); err != nil {
		t.Errorf("Check() = %v, want nil: the broken b.html is overridden", err)
	}
	set = newSet(templates.Config{}, source{"a.html": "{{if}}", "b.html": "{{end}}", "c.html": "fine"})
	err := set.Check()
	if err == nil || !strings.Contains(err.Error(), "a.html:1") || !strings.Contains(err.Error(), "b.html:1") {
		t.Errorf("Check() = %v, want both mistakes", err)
	}
}

type person struct{ Name string }

func (p person) String() string { return p.Name }

func TestEscaping(t *testing.T) {
	t.Parallel()
	const evil = `<script>alert("1'")</script>`
	set := newSet(templates.Config{Providers: map[string]templates.Provider{
		"user": func(context.Context) (any, error) { return person{evil}, nil },
	}}, source{
		"text.html": `{{.user}}|{{.user.Name}}|{{.given}}|{{printf "%s" .user}}|{{.given | default "x"}}`,
		"attr.html": `<p title="{{.user}}" class={{.given}}>`,
		"href.html": `<a href="{{.link}}">`,
		"js.html":   `<script>var x = {{.given}};</script>`,
		"safe.html": `{{.html}}{{linebreaks .given}}`,
	})
	data := map[string]any{"given": person{evil}, "link": "javascript:alert(1)", "html": template.HTML("<b>ok</b>")}
	for page, want := range map[string]string{
		"text.html": strings.TrimSuffix(strings.Repeat("&lt;script&gt;alert(&#34;1&#39;&#34;)&lt;/script&gt;|", 5), "|"),
		"attr.html": `<p title="&lt;script&gt;alert(&#34;1&#39;&#34;)&lt;/script&gt;" class=&lt;script&gt;alert(&#34;1&#39;&#34;)&lt;/script&gt;>`,
		"href.html": `<a href="#ZgotmplZ">`,
		"js.html":   `<script>var x = "\u003cscript\u003ealert(\"1'\")\u003c/script\u003e";</script>`,
		"safe.html": `<b>ok</b><p>&lt;script&gt;alert(&#34;1&#39;&#34;)&lt;/script&gt;</p>`,
	} {
		if got := render(t, set, page, data); got != want {
			t.Errorf("%s\n got %s\nwant %s", page, got, want)
		}
	}
}

func TestRenderText(t *testing.T) {
	t.Parallel()
	set := newSet(templates.Config{Providers: map[string]templates.Provider{
		"user": func(context.Context) (any, error) { return person{"O'Hara & <Co>"}, nil },
	}}, source{
		"mail.txt":   `{{/* extends "frame.txt" */}}{{define "body"}}Hi {{.user.Name}}, {{template "sig.txt" .}}{{end}}`,
		"frame.txt":  `To {{.email}}: {{block "body" .}}{{end}}`,
		"sig.txt":    `yours`,
		"broken.txt": "a\n{{.user.Nope}}",
	})
	var b strings.Builder
	if err := set.RenderText(t.Context(), &b, "mail.txt", map[string]any{"email": "a+b@example.com"}); err != nil {
		t.Fatal(err)
	}
	if want := `To a+b@example.com: Hi O'Hara & <Co>, yours`; b.String() != want {
		t.Errorf("text: got %q, want %q", b.String(), want)
	}
	if got := render(t, set, "mail.txt", map[string]any{"email": "a"}); !strings.Contains(got, "&amp;") {
		t.Errorf("Render of the same file gave %q, want it escaped", got)
	}
	b.Reset()
	err := set.RenderText(t.Context(), &b, "broken.txt", nil)
	var e *templates.Error
	if !errors.As(err, &e) || e.Line != 2 || b.Len() > 0 {
		t.Errorf("got %v and %q, want an error on line 2 and nothing written", err, b.String())
	}
}

func TestDebugReadsChangedFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("base.html", `one {{block "x" .}}{{end}}`)
	app := source{"page.html": `{{/* extends "base.html" */}}{{define "x"}}app{{end}}`}.fs()
	for _, debug := range []bool{true, false} {
		write("base.html", `one {{block "x" .}}{{end}}`)
		os.Remove(filepath.Join(dir, "page.html"))
		set := templates.New(templates.Config{Sources: []fs.FS{os.DirFS(dir), app}, Debug: debug})
		if got := render(t, set, "page.html", nil); got != "one app" {
			t.Errorf("debug %v: got %q first", debug, got)
		}
		write("base.html", `two {{block "x" .}}{{end}}`)
		write("page.html", `{{/* extends "page.html" */}}{{define "x"}}mine{{end}}`)
		want := map[bool]string{true: "two mine", false: "one app"}[debug]
		if got := render(t, set, "page.html", nil); got != want {
			t.Errorf("debug %v: got %q after the change, want %q", debug, got, want)
		}
	}
}

func TestErrorsAreNotKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	set := templates.New(templates.Config{Sources: []fs.FS{os.DirFS(dir)}})
	renderErr(t, set, "page.html", nil)
	if err := os.WriteFile(filepath.Join(dir, "page.html"), []byte("now"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := render(t, set, "page.html", nil); got != "now" {
		t.Errorf("got %q, want the file that came later", got)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestWriterError(t *testing.T) {
	t.Parallel()
	gone := errors.New("client gone")
	err := newSet(templates.Config{}, source{"a.html": "x"}).Render(t.Context(), failingWriter{gone}, "a.html", nil)
	if err != gone {
		t.Errorf("got %v, want the writer's own error", err)
	}
}

func TestConcurrentRender(t *testing.T) {
	t.Parallel()
	for _, debug := range []bool{false, true} {
		set := newSet(templates.Config{Debug: debug, Providers: map[string]templates.Provider{
			"user": func(ctx context.Context) (any, error) { return ctx.Value(ctxKey{}), nil },
		}}, source{
			"base.html": base, "row.html": `{{.}},`,
			"a.html": `{{/* extends "base.html" */}}{{define "content"}}{{.user}}{{range .n}}{{template "row.html" .}}{{end}}{{end}}`,
			"b.html": `{{/* extends "a.html" */}}{{define "title"}}b{{end}}`,
		})
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				page := []string{"a.html", "b.html"}[i%2]
				var b strings.Builder
				ctx := context.WithValue(t.Context(), ctxKey{}, i)
				if err := set.Render(ctx, &b, page, map[string]any{"n": []int{1, 2}}); err != nil {
					t.Error(err)
				}
				if want := fmt.Sprintf("</title>%d1,2,", i); !strings.HasSuffix(b.String(), want) {
					t.Errorf("got %q, want it to end with %q", b.String(), want)
				}
			})
		}
		wg.Wait()
	}
}

type ctxKey struct{}
