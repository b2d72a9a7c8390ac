// Command floodsite is the site that bench/flood loads: a log-in page and a page for those who are
// logged in. How passwords are hashed is set in its environment:
//
//	FLOOD_LIMIT     how many hashes run at a time (one for each processor)
//	FLOOD_PRIORITY  "full" for hashes at the program's own priority
//	FLOOD_HASHER    "argon2" for that; pbkdf2_sha256 otherwise
package main

import (
	"html/template"
	"net/http"
	"os"
	"strconv"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
)

func newProject(s core.Settings) (*core.Project, error) {
	list := hashers.Django52()
	if os.Getenv("FLOOD_HASHER") == "argon2" {
		list = []hashers.Hasher{hashers.Argon2{}, hashers.PBKDF2SHA256{}}
	}
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{
		Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types,
		Hashers: hashers.New(hashers.Config{
			List: list, Limit: number("FLOOD_LIMIT"), Queue: 1000, FullPriority: os.Getenv("FLOOD_PRIORITY") == "full",
		}),
	})
	site := core.App{
		Label: "flood",
		Routes: func(r *web.Router) {
			r.Get("/", "home", func(w http.ResponseWriter, _ *http.Request) error { return web.JSON(w, http.StatusOK, "ready") })
			r.Get("/page/", "page", showPage, a.LoginRequired, a.PermissionRequired("auth.view_user"))
		},
	}
	return core.New(s, types.App(), sess.App(), a.App(), authviews.New(a).App("/accounts/"), site)
}

// showPage is sent to whoever may read it.
func showPage(w http.ResponseWriter, r *http.Request) error {
	user, err := auth.As[*auth.User](r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	return page.Execute(w, user.Username)
}

var page = template.Must(template.New("page").Parse("<!doctype html>\n<title>Page</title>\n<p>Hello, {{.}}.\n"))

func number(name string) int {
	n, _ := strconv.Atoi(os.Getenv(name)) // what is no number is the default
	return n
}

func main() { os.Exit(core.Main(newProject)) }
