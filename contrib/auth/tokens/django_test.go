package tokens_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth/tokens"
	"github.com/go-belleville/belleville/core/signing"
)

const class = "django/auth_tests/test_tokens.py/TokenGeneratorTest."

// testuser is the user of Django's cases, who has never logged in.
var testuser = tokens.Subject{PK: "1", Password: "md5$salt$hash", Email: "test2@example.com"}

func wants(t *testing.T, what string, got, want bool) {
	t.Helper()
	if got != want {
		t.Errorf("%s: valid %v, want %v", what, got, want)
	}
}

func keyed(keys ...string) tokens.Generator {
	return tokens.Generator{Keys: signing.Keys(keys)}
}

func TestDjango(t *testing.T) {
	t.Parallel()
	t.Run(class+"test_make_token", func(t *testing.T) {
		t.Parallel()
		g := keyed("secret")
		wants(t, "own token", g.Check(testuser, g.Make(testuser)), true)
	})
	t.Run(class+"test_10265", func(t *testing.T) {
		t.Parallel()
		g := tokens.Generator{Keys: signing.Keys{"secret"}, Now: at(time.Now())}
		// A user just made has what the program put in; the database gives back less of a fraction,
		// and the time in a zone of its own.
		made, reloaded := john, john
		reloaded.LastLogin = john.LastLogin.Truncate(time.Millisecond).In(time.FixedZone("", 7200))
		for _, pair := range [][2]tokens.Subject{{testuser, testuser}, {made, reloaded}} {
			if a, b := g.Make(pair[0]), g.Make(pair[1]); a != b || a == "" {
				t.Errorf("tokens %q and %q, want the same", a, b)
			}
		}
	})
	t.Run(class+"test_token_with_different_email", func(t *testing.T) {
		t.Parallel()
		g := keyed("secret")
		for _, email := range []string{"", "test4@example.com"} { // "" is what NULL is
			s := testuser
			s.Email = email
			token := g.Make(s)
			wants(t, "token for "+email, g.Check(s, token), true)
			s.Email = "test4new@example.com"
			wants(t, "token for "+email+" after a change", g.Check(s, token), false)
		}
	})
	t.Run(class+"test_timeout", func(t *testing.T) {
		t.Parallel()
		now := time.Now()
		token := tokens.Generator{Keys: signing.Keys{"secret"}, Now: at(now)}.Make(testuser)
		for _, timeout := range []time.Duration{0, time.Hour} {
			last := timeout
			if last == 0 {
				last = 259200 * time.Second
			}
			g := tokens.Generator{Keys: signing.Keys{"secret"}, Timeout: timeout, Now: at(now.Add(last))}
			wants(t, fmt.Sprint("after ", last), g.Check(testuser, token), true)
			g.Now = at(now.Add(last + time.Second))
			wants(t, fmt.Sprint("a second after ", last), g.Check(testuser, token), false)
		}
	})
	t.Run(class+"test_check_token_with_nonexistent_token_and_user", func(t *testing.T) {
		t.Parallel()
		g := keyed("secret")
		wants(t, "no user", g.Check(tokens.Subject{}, g.Make(testuser)), false)
		wants(t, "no token", g.Check(testuser, ""), false)
	})
	t.Run(class+"test_check_token_secret_fallbacks", func(t *testing.T) {
		t.Parallel()
		token := keyed("secret").Make(testuser)
		wants(t, "first key", keyed("secret").Check(testuser, token), true)
		wants(t, "fallback", keyed("newsecret", "secret").Check(testuser, token), true)
	})
}

// Secrets of a generator's own, beside those of the project.
func TestDjangoSecrets(t *testing.T) {
	t.Parallel()
	project := keyed("secret", "oldsecret")
	t.Run(class+"test_check_token_secret_key_fallbacks", func(t *testing.T) {
		t.Parallel()
		wants(t, "the project's fallback", project.Check(testuser, keyed("oldsecret").Make(testuser)), true)
	})
	t.Run(class+"test_check_token_secret_key_fallbacks_override", func(t *testing.T) {
		t.Parallel()
		own := project
		own.Keys = project.Keys[:1]
		wants(t, "without the fallback", own.Check(testuser, keyed("oldsecret").Make(testuser)), false)
	})
	for name, own := range map[string]tokens.Generator{
		"test_token_with_different_secret":          keyed("abcdefghijkl"),
		"test_token_with_different_secret_subclass": keyed("test-secret"),
	} {
		t.Run(class+name, func(t *testing.T) {
			t.Parallel()
			mine, theirs := own.Make(testuser), project.Make(testuser)
			wants(t, "own token", own.Check(testuser, mine), true)
			wants(t, "the project's token", project.Check(testuser, theirs), true)
			wants(t, "the project's token here", own.Check(testuser, theirs), false)
			wants(t, "own token in the project", project.Check(testuser, mine), false)
		})
	}
}

func TestReference(t *testing.T) {
	t.Parallel()
	g := tokens.Generator{Keys: signing.Keys{"secret"}, Now: at(noon)}
	token := g.Make(john)
	t.Run("row/T01", func(t *testing.T) {
		t.Parallel()
		wants(t, "token", g.Check(john, token), true)
		wants(t, "no token", g.Check(john, ""), false)
		wants(t, "half a token", g.Check(john, token[:len(token)/2]), false)
	})
	t.Run("row/T02", func(t *testing.T) {
		t.Parallel()
		changed, loggedIn := john, john
		changed.Password = "md5$salt2$hash"
		loggedIn.LastLogin = noon
		wants(t, "token", g.Check(john, token), true)
		wants(t, "after a new password", g.Check(changed, token), false)
		wants(t, "after a login", g.Check(loggedIn, token), false)
	})
	t.Run("row/T03", func(t *testing.T) {
		t.Parallel()
		g := g
		g.Now = at(noon.Add(259_200 * time.Second))
		wants(t, "at the limit", g.Check(john, token), true)
		g.Now = at(noon.Add(259_201 * time.Second))
		wants(t, "a second later", g.Check(john, token), false)
		g.Timeout = time.Minute
		g.Now = at(noon.Add(time.Minute))
		wants(t, "at a limit of one's own", g.Check(john, token), true)
		g.Now = at(noon.Add(time.Minute + time.Second))
		wants(t, "a second after that", g.Check(john, token), false)

		old := tokens.LegacyGenerator{Keys: signing.Keys{"secret"}, Now: at(noon), Days: 2}
		token := old.Make(john)
		old.Now = at(noon.Add(2*24*time.Hour + 11*time.Hour))
		wants(t, "on the second day", old.Check(john, token), true)
		old.Now = at(noon.Add(2*24*time.Hour + 12*time.Hour))
		wants(t, "on the third", old.Check(john, token), false)
	})
	t.Run("row/T05", func(t *testing.T) {
		t.Parallel()
		other, moved := john, john
		other.PK, moved.Email = "2", "lennon@example.com"
		wants(t, "other primary key", g.Check(other, token), false)
		wants(t, "changed address", g.Check(moved, token), false)
		rotated := g
		rotated.Keys = signing.Keys{"new", "secret"}
		wants(t, "secret as fallback", rotated.Check(john, token), true)
		rotated.Keys = signing.Keys{"new"}
		wants(t, "other secret", rotated.Check(john, token), false)
	})
}
