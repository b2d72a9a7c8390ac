package templates_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"testing/fstest"
	"time"

	"github.com/go-belleville/belleville/core/templates"
)

func ExampleNew() {
	app := fstest.MapFS{
		"base.html": {Data: []byte(`<h1>{{block "title" .}}{{end}}</h1>{{block "content" .}}{{end}}`)},
		"list.html": {Data: []byte(`{{/* extends "base.html" */}}
{{define "title"}}Polls{{end}}
{{define "content"}}{{range .polls}}<p>{{.}}</p>{{end}}{{if .user.IsStaff}}<a href="/add/">Add</a>{{end}}{{end}}`)},
	}
	set := templates.New(templates.Config{
		Sources: []fs.FS{os.DirFS("templates"), app}, // the project's folder first
		Providers: map[string]templates.Provider{
			"user": func(ctx context.Context) (any, error) {
				return struct{ IsStaff bool }{true}, nil // a query, made only for pages that show the user
			},
		},
	})
	err := set.Render(context.Background(), os.Stdout, "list.html", map[string]any{"polls": []string{"Tea & coffee?"}})
	fmt.Println(err)
	// Output:
	// <h1>Polls</h1><p>Tea &amp; coffee?</p><a href="/add/">Add</a><nil>
}

// The standard functions, each with the value they work on last.
func ExampleSet_Render() {
	page := `
{{add 1 .n}} {{filesize 2048}} vote{{pluralize .n}} cit{{pluralize "y,ies" .n}}
{{date "D j N Y, H:i" .when}}
{{.nobody | default "nobody"}} {{yesno "open,closed" .open}} {{lower "ABC"}} {{upper "abc"}} {{title "abc"}}
{{truncate 6 "a long story"}} {{join ", " (list 1 2 3)}}
{{linebreaks "One.\n\nTwo & three."}}
{{template "row" (dict "label" "Tea" "votes" .n)}}
{{- define "row"}}{{.label}}: {{.votes}}{{end}}`
	set := templates.New(templates.Config{Sources: []fs.FS{fstest.MapFS{"page.html": {Data: []byte(page)}}}})
	err := set.Render(context.Background(), os.Stdout, "page.html", map[string]any{
		"n": 2, "open": true, "when": time.Date(2026, 9, 5, 16, 30, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 3 2.0 KB votes cities
	// Sat 5 Sept. 2026, 16:30
	// nobody open abc ABC Abc
	// a lon… 1, 2, 3
	// <p>One.</p>
	//
	// <p>Two &amp; three.</p>
	// Tea: 2
}
