package check_test

import (
	"context"
	"fmt"

	"github.com/go-belleville/belleville/core/check"
)

// A shop must not start without the key of its payment service, and `manage check` says so. The
// check goes into core.App.Checks.
func ExampleCheck() {
	key := ""
	payment := check.Check{Tags: []string{"security"}, Run: func(context.Context) []check.Message {
		if key != "" {
			return nil
		}
		return []check.Message{{
			Level: check.Error, ID: "shop.E001", Object: "shop",
			Text: "There is no key for the payment service.", Hint: "Set PAYMENT_KEY.",
		}}
	}}
	for _, m := range payment.Run(context.Background()) {
		fmt.Println(m.Level, m)
		fmt.Println(m.Serious())
	}
	// Output:
	// ERROR shop: (shop.E001) There is no key for the payment service.
	// 	Hint: Set PAYMENT_KEY.
	// true
}
