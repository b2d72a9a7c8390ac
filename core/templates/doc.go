// Package templates renders pages with html/template, and adds what a project made of apps needs:
// pages that are found in several places, pages that extend others, and values that are only
// computed when a page uses them.
//
//	set := templates.New(templates.Config{
//		Sources:   []fs.FS{os.DirFS("templates"), polls.Pages},
//		Providers: map[string]templates.Provider{"user": loadUser},
//	})
//	err := set.Render(ctx, w, "polls/list.html", map[string]any{"questions": qs})
//
// # Where a page is found
//
// A name is a slash-separated path below one of the sources. The first source that has it wins, so
// that a project's file takes the place of an app's file of the same name.
//
// # Inheritance
//
// A page that extends another says so at its very beginning and then fills blocks:
//
//	{{/* extends "base.html" */}}
//	{{define "title"}}Polls{{end}}
//	{{define "content"}}<h1>Polls</h1>{{end}}
//
// The page it extends has {{block "title" .}}Home{{end}} where the block belongs; it may extend a
// third one. Text outside {{define}} in such a page could never be seen and is an error. A page
// may extend its own name: it then extends the file that it took the place of, so that a project
// can add to an app's page without copying it.
//
// {{template "partials/row.html" .}} includes another file. What that file defines is its own:
// it neither sees nor replaces the blocks of the page around it. One of its definitions is
// reached from outside as {{template "partials/forms.html#field" .}}.
//
// # Values
//
// A page sees the data of its Render call and, under their names, the values of the set's
// providers; data of the same name wins. A provider is called when the page evaluates its name
// (.user, $.user.Username), at most once for each Render, and never for a branch that is not
// taken. So a page that does not show the user costs no query. An error of a provider is an error
// of the page. Go code that is handed the whole data map by a template sees placeholders instead
// of provided values; hand it the value itself (.user).
//
// All output is escaped for the place where it stands, as html/template does it: the only values
// that are not are those of html/template's own types, such as template.HTML.
//
// With Debug, files are read anew for every page and printing a name that nobody gave is an error;
// asking for one in {{if}}, {{with}}, and, or, not or default is allowed.
//
// # What it does not do
//
// It sets no status, header or content type; package web does. It knows no URLs, static files or
// languages: their functions come in by Config.Funcs.
package templates
