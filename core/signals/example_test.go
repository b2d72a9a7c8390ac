package signals_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-belleville/belleville/core/signals"
)

// Published tells that an article went online.
type Published struct{ Title string }

// A service has a signal for each thing that others may want to hear of.
type Articles struct {
	published signals.Signal[Published]
}

// The app that mails subscribers connects while the project is put together; the one that
// publishes does not know it.
func ExampleSignal() {
	var articles Articles
	disconnect := articles.published.Connect(func(_ context.Context, p Published) error {
		fmt.Println("mail:", p.Title)
		return nil
	})
	articles.published.Connect(func(_ context.Context, p Published) error {
		fmt.Println("index:", p.Title)
		return nil
	})
	ctx := context.Background()
	fmt.Println(articles.published.Send(ctx, Published{"First"}))
	disconnect()
	fmt.Println(articles.published.Send(ctx, Published{"Second"}))
	// Output:
	// mail: First
	// index: First
	// <nil>
	// index: Second
	// <nil>
}

// What has happened cannot be undone by a receiver that fails: everybody hears of it.
func ExampleSignal_SendRobust() {
	var published signals.Signal[Published]
	published.Connect(func(context.Context, Published) error { return errors.New("the mail server is gone") })
	published.Connect(func(_ context.Context, p Published) error {
		fmt.Println("index:", p.Title)
		return nil
	})
	fmt.Println(published.SendRobust(context.Background(), Published{"First"}))
	// Output:
	// index: First
	// the mail server is gone
}
