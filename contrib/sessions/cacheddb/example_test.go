package cacheddb_test

import (
	"context"
	"fmt"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/cacheddb"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
)

// A project has dbstore.New(s.DB, s.Keys) behind the cache; here memory stands in for the database.
func ExampleNew() {
	ctx := context.Background()
	behind := memstore.New()
	sess := sessions.New(sessions.Config{
		Store: cacheddb.New(behind, cacheddb.Config{Cache: cacheddb.NewMemory(10_000)}),
	})
	s := sess.Open("")
	fmt.Println(s.Set(ctx, "language", "de"), s.Save(ctx))

	// What is kept is kept behind: the cache may lose everything at any time.
	r, err := behind.Load(ctx, s.Key())
	fmt.Printf("%s %v\n", r.Data["language"], err)
	language, _, err := sessions.Get[string](ctx, sess.Open(s.Key()), "language")
	fmt.Println(language, err)
	// Output:
	// <nil> <nil>
	// "de" <nil>
	// de <nil>
}
