// Command server is the site that the benchmarks measure: an ordinary Belleville project with one
// page, "/report/", for people who may view reports. Nothing of it is left out or tuned for the
// measurement. Its commands are those of every project, and
//
//	server loadpeople 1000
//
// which makes people with 22 permissions each and prints a session key for each of them.
//
// Environment, besides a project's own: BENCH_PROFILE=127.0.0.1:6060 serves net/http/pprof there.
package main

import (
	"embed"
	"io/fs"
	"os"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
)

func main() { os.Exit(core.Main(newProject)) }

// newProject puts the site together.
func newProject(s core.Settings) (*core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types})
	msgs := messages.New(messages.Config{Sessions: sess})
	apps := []core.App{types.App(), sess.App(), a.App(), msgs.App(), authviews.New(a).App("/accounts/"), (&reports{s.DB, a}).app()}
	if at := os.Getenv("BENCH_PROFILE"); at != "" {
		apps = append(apps, profiler(at))
	}
	return core.New(s, apps...)
}

//go:embed pages migrations
var files embed.FS

func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return f
}
