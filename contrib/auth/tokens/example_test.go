package tokens_test

import (
	"fmt"
	"time"

	"github.com/go-belleville/belleville/contrib/auth/tokens"
	"github.com/go-belleville/belleville/core/signing"
)

func ExampleGenerator() {
	g := tokens.Generator{
		Keys: signing.Keys{"the project's SECRET_KEY", "the one before"},
		Now:  func() time.Time { return time.Date(2026, 7, 17, 12, 0, 0, 0, time.UTC) },
	}
	s := tokens.Subject{PK: "1", Password: "pbkdf2_sha256$…", Email: "john@example.com"}
	token := g.Make(s)
	fmt.Println(token[:7], len(token), g.Check(s, token))

	s.Password = "pbkdf2_sha256$… of the new password"
	fmt.Println(g.Check(s, token))
	// Output:
	// dbv000- 39 true
	// false
}

func ExampleLegacyGenerator() {
	g := tokens.LegacyGenerator{
		Keys: signing.Keys{"the project's SECRET_KEY"},
		Now:  func() time.Time { return time.Date(2012, 4, 1, 12, 0, 0, 0, time.UTC) },
	}
	s := tokens.Subject{PK: "1", Password: "sha1$…"}
	fmt.Println(g.Make(s)[:4], g.Check(s, g.Make(s)))
	// Output: 364- true
}
