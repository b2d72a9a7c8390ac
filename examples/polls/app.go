package polls

import (
	"embed"
	"io/fs"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/migrate"
)

// Polls is the app's state: what its handlers need.
type Polls struct {
	db   *bun.DB
	auth *auth.Auth
}

// New returns the app on a database and the project's users.
func New(db *bun.DB, a *auth.Auth) *Polls { return &Polls{db, a} }

//go:embed migrations pages
var files embed.FS

// App is what the app brings to a project.
func (p *Polls) App() core.App {
	return core.App{
		Label:    "polls",
		Requires: []string{"auth"},
		Models: []core.Model{
			{Of: (*Question)(nil), Permissions: []core.Permission{
				{Codename: "can_vote", Name: "Can vote"},
				{Codename: "close_question", Name: "Can close a question"},
			}},
			{Of: (*Choice)(nil), References: []core.Reference{{Column: "question_id", Of: (*Question)(nil)}}},
			{
				Of: (*Vote)(nil),
				References: []core.Reference{
					{Column: "question_id", Of: (*Question)(nil)},
					{Column: "choice_id", Of: (*Choice)(nil)},
					{Column: "user_id", Of: (*auth.User)(nil)},
				},
				Uniques: []core.Unique{{Name: "polls_vote_once", Columns: []string{"question_id", "user_id"}}},
			},
		},
		Migrations: migrate.Files(sub("migrations")),
		Templates:  sub("pages"),
		Routes:     p.routes,
		Commands:   []command.Command{p.loaddemo()},
	}
}

// routes says which pages there are and who may see them.
func (p *Polls) routes(r *web.Router) {
	r.Get("/", "home", p.home)
	r.Get("/accounts/profile/", "profile", p.profile, p.auth.LoginRequired)
	r.Get("/polls/", "index", p.index)
	r.Form("/polls/add/", "add", p.add, p.auth.PermissionRequired("polls.add_question"))
	r.Get("/polls/{id:[0-9]+}/", "detail", p.detail, p.auth.LoginRequired)
	r.Post("/polls/{id:[0-9]+}/vote/", "vote", p.vote, p.auth.PermissionRequired("polls.can_vote"))
	r.Post("/polls/{id:[0-9]+}/close/", "close", p.close, p.auth.Require(auth.Access{
		Permissions:    []string{"polls.close_question"},
		RaiseException: true,
		Message:        "Only people who may close questions can do that.",
	}))
	r.Get("/api/whoami", "whoami", p.whoami)
}

// sub is a folder of the embedded files.
func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic("polls: " + err.Error()) // the folder is embedded above
	}
	return f
}
