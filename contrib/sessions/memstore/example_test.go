package memstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
)

// What a store does; a project only ever calls sessions.New(sessions.Config{Store: memstore.New()}).
func ExampleNew() {
	ctx := context.Background()
	store := memstore.New()
	expires := time.Now().Add(time.Hour)
	key, err := store.Create(ctx, sessions.Record{Data: sessions.Data{"cart": json.RawMessage(`["plum"]`)}, Expires: expires})
	fmt.Println(len(key), err)

	was, err := store.Load(ctx, key)
	fmt.Printf("%s %v\n", was.Data["cart"], err)
	newKey, err := store.Update(ctx, key, was, sessions.Change{Set: sessions.Data{"page": json.RawMessage(`2`)}, Expires: expires, NewKey: true})
	fmt.Println(newKey != key, err)

	_, err = store.Load(ctx, key)
	fmt.Println(errors.Is(err, sessions.ErrNotFound))
	// Output:
	// 32 <nil>
	// ["plum"] <nil>
	// true <nil>
	// true
}
