package auth_test

import (
	"os"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

// plain is a project with nothing but users, whose passwords cost next to nothing to hash.
var plain = coretest.New(func(s core.Settings) (*core.Project, error) {
	_, p, err := newPlain(s)
	return p, err
})

func newPlain(s core.Settings, apps ...core.App) (*auth.Auth, *core.Project, error) {
	types := contenttypes.New(s.DB)
	sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
	a := auth.New(auth.Config{
		Users: auth.NewUsers(s.DB, (*auth.User)(nil)), Sessions: sess, Types: types,
		Hashers: hashers.New(hashers.Config{List: []hashers.Hasher{hashers.MD5{}}}),
	})
	p, err := core.New(s, append([]core.App{types.App(), sess.App(), a.App()}, apps...)...)
	return a, p, err
}
