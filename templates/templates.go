// Package templates holds the default pages: the base that every page extends, the pages of
// errors, of logging in and of passwords, the parts that show a form, and their stylesheet.
//
// A project changes one by a file of the same name in its own templates folder; a file that
// begins with {{/* extends "base.html" */}} and is itself named base.html adds to the default.
// The blocks of base.html are lang, title, head, brand, nav, messages, width, content and footer.
//
// The pages use no JavaScript, no inline style and no other host, so they work under
// Content-Security-Policy: default-src 'self'. Those of errors ask for neither user nor session.
// They need a function static, and url for links; see package core/templates for the syntax.
//
// The folders project and app are what startproject and startapp copy; see package core/scaffold.
package templates

import (
	"embed"
	"io/fs"
)

//go:embed *.html registration forms
var pages embed.FS

//go:embed static
var static embed.FS

//go:embed all:project all:app
var scaffold embed.FS

// Scaffold returns the files of a new project, below project/, and of a new app, below app/. They are
// text/template sources with the delimiters <% and %>, and end in .tmpl so that no tool takes them for
// code of this module.
func Scaffold() fs.FS { return scaffold }

// Pages returns the templates, by the names that views use: "registration/login.html".
func Pages() fs.FS { return pages }

// Static returns the files that the pages link to: "belleville.css".
func Static() fs.FS {
	sub, err := fs.Sub(static, "static")
	if err != nil { // only for a name that is no path
		panic(err)
	}
	return sub
}
