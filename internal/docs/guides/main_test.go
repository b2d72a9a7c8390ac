package guides_test

import (
	"os"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

// cheap hashes passwords at once: tests hash many.
func cheap() *hashers.Hashers {
	return hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}})
}

// plain is a project with users, as Django has them, and the pages to log in.
var plain = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types, Hashers: cheap()})
	p, err := core.New(s, types.App(), sess.App(), a.App(), authviews.New(a).App("/accounts/"))
	return a, p, err
})
