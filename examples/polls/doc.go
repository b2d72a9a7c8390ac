// Package polls is the example to read first: a site where people vote.
//
// It is a whole project in one small app. [NewProject] names the apps, [Polls.App] lists what this
// one brings, and every route says in one line who may call it:
//
//	project.go     the project: which apps, in which order
//	app.go         the app: models, routes, templates, commands
//	models.go      questions, choices and votes, and the queries on them
//	views.go       the pages
//	add.go         the form that adds a question
//	demo.go        the command that fills an empty database
//	migrations/    the tables, as SQL for both databases
//	pages/         the templates
package polls
