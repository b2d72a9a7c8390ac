package templates_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/templates"
)

type account struct {
	Username string
	active   bool
}

func (a *account) IsActive() bool           { return a.active }
func (a *account) Greet(word string) string { return word + " " + a.Username }

// perms answers for any app and permission, as permissions of a superuser do.
type perms struct{ apps map[string]appPerms }

type appPerms map[string]bool

func (p perms) Has(name string) bool {
	app, perm, _ := strings.Cut(name, ".")
	return p.apps[app][perm]
}
func (p perms) LookupName(app string) (any, error) {
	if app == "broken" {
		return nil, errors.New("perms are broken")
	}
	return p.apps[app], nil
}

// counted is a provider that counts its calls.
func counted(calls *int, v any, err error) templates.Provider {
	return func(context.Context) (any, error) { *calls++; return v, err }
}

// TestProviderIsCalledWhenUsed runs small pages and says how often the user was computed.
func TestProviderIsCalledWhenUsed(t *testing.T) {
	t.Parallel()
	rows := []map[string]any{{"user": "row 1", "title": "a"}, {"user": map[string]any{"Username": "row 2"}, "title": "b"}}
	for _, c := range []struct {
		page, want string
		calls      int
	}{
		{`nothing`, `nothing`, 0},
		{`{{.user.Username}}`, `ada`, 1},
		{`{{.user.Username}}{{$.user.Username}}{{with .user}}{{.Username}}{{end}}`, `adaadaada`, 1},
		{`{{if false}}{{.user.Username}}{{end}}`, ``, 0},
		{`{{if .show}}{{.user.Username}}{{else}}hidden{{end}}`, `hidden`, 0},
		{`{{if .user}}yes{{end}}`, `yes`, 1},
		{`{{if and .show .user.IsActive}}{{end}}`, ``, 0},
		{`{{if or true .user.IsActive}}1{{end}}`, `1`, 0},
		{`{{if .user.IsActive}}active{{end}}`, `active`, 1},
		{`{{range .none}}{{$.user.Username}}{{end}}`, ``, 0},
		{`{{range .list}}{{$.user.Username}}{{.}} {{end}}`, `ada1 ada2 `, 1},
		{`{{range .none}}{{else}}{{.user.Username}}{{end}}`, `ada`, 1},
		{`{{template "x" .}}{{define "x"}}{{.user.Username}}{{end}}`, `ada`, 1},
		{`{{define "x"}}{{.user.Username}}{{end}}`, ``, 0},
		{`{{template "x" .user}}{{define "x"}}{{.Username}}{{end}}`, `ada`, 1},
		{`{{template "x" (dict "user" .user)}}{{define "x"}}{{.user.Username}}{{end}}`, `ada`, 1},
		{`{{template "x" (dict "root" .)}}{{define "x"}}{{.root.user.Username}}{{end}}`, `ada`, 1},
		{`{{template "x" (dict "root" .)}}{{define "x"}}{{.root.list}}{{end}}`, `[1 2]`, 0},
		{`{{$u := .user}}{{$u.Username}}{{$r := .}}{{$r.user.Username}}`, `adaada`, 1},
		{`{{$u := "x"}}{{$u = .user}}{{$u.Username}}`, `ada`, 1},
		{`{{.user.Greet "hello"}}`, `hello ada`, 1},
		{`{{"hi" | .user.Greet}}{{(.user).Greet "ho"}}`, `hi adaho ada`, 1},
		{`{{.user.Username | printf "%s!" | upper}}`, `ADA!`, 1},
		{`{{len .user.Username}}{{eq .user.Username "ada"}}`, `3true`, 1},
		{`{{(index . "user").Username}}{{"user" | index .}}`, `ada{ada true}`, 1},
		{`{{. | len}}`, `6`, 0},
		{`{{range .rows}}{{if .user.Username}}{{.user.Username}}{{end}}{{end}}`, ``, -1},
		{`{{range .rows}}{{.title}}{{end}}`, `ab`, 0},
		{`{{range .rows}}{{if eq .title "b"}}{{.user.Username}}{{else}}{{.user}}{{end}},{{end}}`, `row 1,row 2,`, 0},
		{`{{with .thing}}{{.user}}{{end}}`, `struct field`, 0},
		{`{{range $i, $r := .rows}}{{if $i}}{{$r.user.Username}}{{end}}{{end}}`, `row 2`, 0},
		{`<a title="{{.user.Username}}" href="/{{.user.Username}}">`, `<a title="ada" href="/ada">`, 1},
		{`<script>x({{.user.Username}})</script>`, `<script>x("ada")</script>`, 1},
	} {
		t.Run(c.page, func(t *testing.T) {
			t.Parallel()
			for _, debug := range []bool{false, true} {
				calls := 0
				set := newSet(templates.Config{Debug: debug, Providers: map[string]templates.Provider{
					"user": counted(&calls, &account{"ada", true}, nil),
				}}, source{"p": c.page})
				data := map[string]any{
					"show": false, "none": nil, "list": []int{1, 2}, "rows": rows,
					"thing": map[string]any{"user": "struct field"},
				}
				if c.calls < 0 { // a string has no field Username, with or without providers
					renderErr(t, set, "p", data)
					continue
				}
				if got := render(t, set, "p", data); got != c.want {
					t.Errorf("debug %v: got %q, want %q", debug, got, c.want)
				}
				if calls != c.calls {
					t.Errorf("debug %v: the user was computed %d times, want %d", debug, calls, c.calls)
				}
			}
		})
	}
}

func TestProviderAndData(t *testing.T) {
	t.Parallel()
	calls := 0
	set := newSet(templates.Config{Providers: map[string]templates.Provider{
		"user": counted(&calls, "provided", nil), "nobody": counted(new(int), nil, nil),
	}}, source{
		"p.html":    `{{.user}}`,
		"nil.html":  `[{{.nobody}}{{.nobody.Name}}{{if .nobody}}x{{end}}]`,
		"nil2.html": `{{.nobody | default "none"}}`,
	})
	data := map[string]any{"user": "given"}
	if got := render(t, set, "p.html", data); got != "given" || calls != 0 {
		t.Errorf("got %q after %d calls, want what the view gave, uncomputed", got, calls)
	}
	if got := render(t, set, "p.html", map[string]any{"user": nil}); got != "" || calls != 0 {
		t.Errorf("got %q after %d calls, want the view's nil, uncomputed", got, calls)
	}
	if len(data) != 1 {
		t.Errorf("the view's data was changed: %v", data)
	}
	for range 2 {
		render(t, set, "p.html", nil)
	}
	if calls != 2 {
		t.Errorf("two pages computed the user %d times, want 2: nothing is kept from page to page", calls)
	}
	if got := render(t, set, "nil.html", nil); got != "[]" {
		t.Errorf("nil value: got %q, want []", got)
	}
	if got := render(t, set, "nil2.html", nil); got != "none" {
		t.Errorf("default of a nil value: got %q", got)
	}
}

func TestProviderError(t *testing.T) {
	t.Parallel()
	gone := errors.New("database gone")
	for _, debug := range []bool{false, true} {
		calls := 0
		set := newSet(templates.Config{Debug: debug, Providers: map[string]templates.Provider{
			"user":  counted(&calls, nil, gone),
			"panic": func(context.Context) (any, error) { panic("oh") },
		}}, source{
			"p.html":     "written before\n\n{{if .user.IsActive}}x{{end}}",
			"twice.html": "{{.user}}{{.user}}",
			"panic.html": "{{.panic}}",
		})
		err := renderErr(t, set, "p.html", nil)
		if !errors.Is(err, gone) {
			t.Errorf("got %v, want it to be the provider's error", err)
		}
		if want := `templates: p.html:3: at <.user>: the value of "user": database gone`; err.Error() != want {
			t.Errorf("debug %v:\n got %s\nwant %s", debug, err, want)
		}
		renderErr(t, set, "panic.html", nil)
	}
}

func TestPerms(t *testing.T) {
	t.Parallel()
	p := perms{map[string]appPerms{"polls": {"add_question": true}}}
	for kind, value := range map[string]any{
		"lookuper": p, "pointer": &p,
		"map": map[string]map[string]bool{"polls": {"add_question": true}},
	} {
		set := newSet(templates.Config{Debug: true, Providers: map[string]templates.Provider{
			"perms": func(context.Context) (any, error) { return value, nil },
		}}, source{
			"has":  `{{if .perms.Has "polls.add_question"}}yes{{end}}{{if .perms.Has "polls.x"}}no{{end}}`,
			"path": `{{if .perms.polls.add_question}}yes{{end}}{{if .perms.polls.delete_question}}no{{end}}{{.perms.polls.x}}`,
			"app":  `{{if .perms.polls}}yes{{end}}{{if .perms.blog}}no{{end}}{{if .perms.blog.add_post}}no{{end}}`,
			"with": `{{with .perms.polls}}{{if .add_question}}yes{{end}}{{end}}`,
			"root": `{{range .list}}{{if $.perms.polls.add_question}}yes{{end}}{{end}}`,
			"bad":  `{{if .perms.broken.x}}{{end}}`,
		})
		data := map[string]any{"list": []int{1}}
		for page, want := range map[string]string{"has": "yes", "path": "yes", "app": "yes", "with": "yes", "root": "yes"} {
			if kind == "map" && page == "has" {
				continue
			}
			got := render(t, set, page, data)
			if got = strings.ReplaceAll(got, "false", ""); got != want {
				t.Errorf("%s, %s: got %q, want %q", kind, page, got, want)
			}
		}
		if kind != "map" {
			if err := renderErr(t, set, "bad", nil); !strings.Contains(err.Error(), "perms are broken") {
				t.Errorf("%s: got %v, want the value's own error", kind, err)
			}
		}
	}
}

func TestDebugMissingNames(t *testing.T) {
	t.Parallel()
	files := source{
		"print.html":   "a\n{{.nmae}}",
		"chain.html":   "{{.poll.title}}",
		"range.html":   "{{range .pols}}{{end}}",
		"root.html":    "{{range .polls}}{{$.nmae}}{{end}}",
		"include.html": "{{template \"print.html\" .}}",
		"if.html":      `{{if .x}}{{.x}}{{else if .y}}{{end}}{{with .z}}{{end}}ok`,
		"logic.html":   `{{and .x .y}}{{if not .x}}ok{{end}}`,
		"default.html": `{{.x | default "d"}}{{default "e" .y}}`,
		"given.html":   `{{.nothing}}{{.name}}{{range .polls}}{{.Title}}{{(.).Title}}{{end}}`,
	}
	data := map[string]any{"nothing": nil, "name": "n", "polls": []poll{{"t"}}}
	for _, c := range []struct{ page, debug, release string }{
		{"print.html", `templates: print.html:2: at <.nmae>: nobody gave the page a value named "nmae"`, "a\n"},
		{"chain.html", `templates: chain.html:1: at <.poll>: nobody gave the page a value named "poll"`, ""},
		{"range.html", `templates: range.html:1: at <.pols>: nobody gave the page a value named "pols"`, ""},
		{"root.html", `templates: root.html:1: at <$.nmae>: nobody gave the page a value named "nmae"`, ""},
		{"include.html", `templates: print.html:2: at <.nmae>: nobody gave the page a value named "nmae"`, "a\n"},
		{"if.html", "ok", "ok"},
		{"logic.html", "ok", "ok"},
		{"default.html", "de", "de"},
		{"given.html", "ntt", "ntt"},
	} {
		for _, debug := range []bool{true, false} {
			set := newSet(templates.Config{Debug: debug}, files)
			want := c.release
			if debug {
				want = c.debug
			}
			var got string
			if strings.HasPrefix(want, "templates:") {
				got = renderErr(t, set, c.page, data).Error()
			} else {
				got = render(t, set, c.page, data)
			}
			if got != want {
				t.Errorf("%s, debug %v:\n got %s\nwant %s", c.page, debug, got, want)
			}
		}
	}
}

type poll struct{ Title string }

// Label has a pointer receiver: it can only be called on what is addressable.
func (p *poll) Label() string { return "label " + p.Title }

func TestRewritingKeepsValuesAddressable(t *testing.T) {
	t.Parallel()
	type owner struct{ User poll }
	set := newSet(templates.Config{Debug: true, Providers: map[string]templates.Provider{
		"User": func(context.Context) (any, error) { return nil, errors.New("must not be called") },
	}}, source{"p.html": `{{range .owners}}{{.User.Label}}{{end}}{{.first.User.Label}}`})
	data := map[string]any{"owners": []owner{{poll{"a"}}}, "first": &owner{poll{"b"}}}
	if got, want := render(t, set, "p.html", data), "label alabel b"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestErrorsHideTheRewriting(t *testing.T) {
	t.Parallel()
	set := newSet(templates.Config{Debug: true, Providers: map[string]templates.Provider{
		"user": func(context.Context) (any, error) { return &account{}, nil },
	}}, source{
		"a.html": `{{.user.Nope.More}}`,
		"b.html": `{{.poll.Nope}}`,
		"c.html": `{{add 1 .user.Username}}`,
	})
	for page, want := range map[string]string{
		"a.html": `templates: a.html:1: at <.user>: can't evaluate field Nope in type *templates_test.account`,
		"b.html": `templates: b.html:1: at <.poll>: can't evaluate field Nope in type templates_test.poll`,
		"c.html": `templates: c.html:1: at <add 1 .user.Username>: error calling add: add:  is no whole number`,
	} {
		if got := renderErr(t, set, page, map[string]any{"poll": poll{}}).Error(); got != want {
			t.Errorf("%s\n got %s\nwant %s", page, got, want)
		}
	}
}
