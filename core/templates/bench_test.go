package templates_test

import (
	"context"
	"io"
	"testing"

	"github.com/go-belleville/belleville/core/templates"
)

// BenchmarkTable renders a page with a base, an include for each of 100 rows, and the user.
func BenchmarkTable(b *testing.B) {
	set := newSet(templates.Config{Providers: map[string]templates.Provider{
		"user": func(context.Context) (any, error) { return &account{"ada", true}, nil },
	}}, source{
		"base.html": `<html><title>{{block "title" .}}{{end}}</title><p>{{.user.Username}}{{block "content" .}}{{end}}`,
		"row.html":  `<tr><td>{{.ID}}<td>{{.Name}}<td><a href="/polls/{{.ID}}/">{{.Votes}}</a>`,
		"page.html": `{{/* extends "base.html" */}}{{define "content"}}<table>{{range .rows}}{{template "row.html" .}}{{end}}</table>{{end}}`,
	})
	type row struct {
		ID    int64
		Name  string
		Votes int
	}
	rows := make([]row, 100)
	for i := range rows {
		rows[i] = row{int64(i), "Which <tea> is best?", i * 3}
	}
	data := map[string]any{"rows": rows}
	b.ReportAllocs()
	for b.Loop() {
		if err := set.Render(b.Context(), io.Discard, "page.html", data); err != nil {
			b.Fatal(err)
		}
	}
}
