// Command stock is a JSON API guarded by permissions: a list of items that programs read and change
// with a token, and people with their log-in.
//
//	manage createtoken ada till-1          # prints the token, once
//	curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8000/api/items/
//
// Read items.go first: routes, who may call them, and what they answer. tokens.go shows how another
// way to say who one is fits in beside the session.
package main

import (
	"os"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
)

// NewProject puts the site together.
func NewProject(s core.Settings) (*core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types})
	return core.New(s, types.App(), sess.App(), a.App(), authviews.New(a).App("/accounts/"), New(s.DB, a).App())
}

func main() { os.Exit(core.Main(NewProject)) }
