package filestore_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/filestore"
	"github.com/go-belleville/belleville/core/signing"
)

// A real project has a folder that outlives the program, such as /var/lib/site/sessions.
func ExampleNew() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	ctx := context.Background()
	store := filestore.New(dir, signing.Keys{"a long random text"})
	fmt.Println(store.Check(ctx))
	s := sessions.New(sessions.Config{Store: store}).Open("")
	fmt.Println(s.Set(ctx, "language", "de"), s.Save(ctx))
	files, err := os.ReadDir(dir)
	for _, f := range files {
		fmt.Println(strings.Replace(f.Name(), s.Key(), "<key>", 1))
	}
	fmt.Println(err)
	// Output:
	// []
	// <nil> <nil>
	// sessionid<key>
	// <nil>
}

// Sessions that last a day, in files of another name.
func ExampleNewWith() {
	store := filestore.NewWith("/nowhere/at/all", signing.Keys{"a long random text"}, filestore.Config{Prefix: "shop", Age: 24 * time.Hour})
	for _, problem := range store.Check(context.Background()) {
		fmt.Println(strings.HasPrefix(problem, "Session files cannot be written"))
	}
	// Output: true
}
