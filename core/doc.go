// Package core is the frame of a Belleville project: apps, settings, and the program around them.
//
// A project is a value. It is made from settings and a list of apps, holds all state, and two of
// them can live in one process:
//
//	func NewProject(s core.Settings) (*core.Project, error) {
//		types := contenttypes.New(s.DB)
//		sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
//		a := auth.New(auth.Config{Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types})
//		return core.New(s, types.App(), sess.App(), a.App(), authviews.New(a).App("/accounts/"), polls.New(s.DB, a).App())
//	}
//
//	func main() { os.Exit(core.Main(NewProject)) }
//
// [App] lists everything a plugin can bring: models, migrations, routes, middleware, templates,
// commands, checks. [Main] reads the settings from the environment and runs one command
// (migrate, runserver, …). [Project.Handler] is the whole site as an http.Handler for programs
// that serve it themselves.
//
// Read next: [App], [Project], and the package of the example app, examples/polls.
package core
