package csrf_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

func repeat(n int, s string) string { return strings.Repeat(s, n) }

// inRequest runs f in a request that brought a secret, behind the middleware alone, and returns
// the cookie that the answer sets, "" for none.
func inRequest(t *testing.T, kept string, f func(r *http.Request)) string {
	t.Helper()
	b := inCookie.bench(t, config{})
	r := inCookie.request(asked{kept: kept})
	w := b.ask(b.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { f(r) })), r)
	cookie, _ := inCookie.kept(r, w)
	return cookie
}

func mustToken(t *testing.T, r *http.Request) string {
	t.Helper()
	token, err := csrf.Token(r.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func wantMasked(t *testing.T, token, secret string) {
	t.Helper()
	if len(token) != 64 || len(secret) != 32 || csrf.CheckFormat(token) != "" || csrf.Unmask(token) != secret {
		t.Errorf("%q is no token of %q", token, secret)
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(*testing.T){
		"test_unmask_cipher_token":                 unmaskToken,
		"test_mask_cipher_secret":                  maskSecret,
		"test_get_token_csrf_cookie_set":           tokenWithCookie,
		"test_get_token_csrf_cookie_not_set":       tokenWithoutCookie,
		"test_rotate_token":                        rotateToken,
		"test_check_token_format_valid":            validFormat,
		"test_check_token_format_invalid":          invalidFormat,
		"test_does_token_match":                    tokenMatches,
		"test_does_token_match_wrong_token_length": wrongLengthNeverMatches,
	} {
		t.Run("django/csrf_tests/tests.py/CsrfFunctionTests."+name, f)
	}
}

func unmaskToken(t *testing.T) {
	for _, c := range [][2]string{
		{secret, token1},
		{secret, token2},
		{repeat(32, "a"), "vFioG3XOLyGyGsPRFyB9iYUs341ufzIEvFioG3XOLyGyGsPRFyB9iYUs341ufzIE"},
		{repeat(32, "a"), repeat(64, "a")},
		{repeat(32, "a"), repeat(64, "b")},
		{repeat(32, "b"), repeat(32, "a") + repeat(32, "b")},
		{repeat(32, "b"), repeat(32, "b") + repeat(32, "c")},
		{repeat(32, "c"), repeat(32, "a") + repeat(32, "c")},
	} {
		if got := csrf.Unmask(c[1]); got != c[0] {
			t.Errorf("Unmask(%q) = %q, want %q", c[1], got, c[0])
		}
	}
}

func maskSecret(t *testing.T) {
	for _, s := range []string{repeat(32, "a"), secret, "da4SrUiHJYoJ0HYQ0vcgisoIuFOxx4ER"} {
		wantMasked(t, csrf.Mask(s), s)
		if first, second := csrf.Mask(s), csrf.Mask(s); first == second {
			t.Errorf("two tokens of %q look the same", s)
		}
	}
}

func tokenWithCookie(t *testing.T) {
	if cookie := inRequest(t, secret, func(*http.Request) {}); cookie != "" {
		t.Errorf("an unused token sets the cookie %q", cookie)
	}
	var token string
	cookie := inRequest(t, secret, func(r *http.Request) { token = mustToken(t, r) })
	wantMasked(t, token, secret)
	if cookie != secret {
		t.Errorf("the cookie becomes %q, want it sent anew as it was", cookie)
	}
}

func tokenWithoutCookie(t *testing.T) {
	if cookie := inRequest(t, "", func(*http.Request) {}); cookie != "" {
		t.Errorf("an unused token sets the cookie %q", cookie)
	}
	var token string
	cookie := inRequest(t, "", func(r *http.Request) { token = mustToken(t, r) })
	wantMasked(t, token, cookie)
}

func rotateToken(t *testing.T) {
	cookie := inRequest(t, secret, func(r *http.Request) {
		if err := csrf.Rotate(r.Context()); err != nil {
			t.Error(err)
		}
	})
	if len(cookie) != 32 || cookie == secret {
		t.Errorf("the cookie becomes %q, want another secret", cookie)
	}
}

func validFormat(t *testing.T) {
	for _, token := range []string{secret, token1, repeat(64, "a")} {
		if got := csrf.CheckFormat(token); got != "" {
			t.Errorf("CheckFormat(%q) = %q, want nothing", token, got)
		}
	}
}

func invalidFormat(t *testing.T) {
	if got := csrf.CheckFormat(repeat(64, "*")); got != csrf.InvalidCharacters {
		t.Errorf("64 asterisks: %q, want %q", got, csrf.InvalidCharacters)
	}
	if got := csrf.CheckFormat(repeat(16, "a")); got != csrf.IncorrectLength {
		t.Errorf("16 letters: %q, want %q", got, csrf.IncorrectLength)
	}
}

func tokenMatches(t *testing.T) {
	for _, c := range []struct {
		token, secret string
		want          bool
	}{
		{token1, secret, true},
		{token2, secret, true},
		{repeat(64, "a"), csrf.Unmask(repeat(64, "a")), true},
		{secret, secret, true},
		{repeat(32, "a"), repeat(32, "a"), true},
		{repeat(32, "a"), secret, false},
		{repeat(64, "a"), secret, false},
	} {
		if got := csrf.Match(c.token, c.secret); got != c.want {
			t.Errorf("Match(%q, %q) = %t, want %t", c.token, c.secret, got, c.want)
		}
	}
}

func wrongLengthNeverMatches(t *testing.T) {
	if csrf.Match(repeat(16, "a"), secret) || csrf.Match(repeat(16, "a"), repeat(16, "a")+repeat(16, "b")) {
		t.Error("a token of 16 letters matches")
	}
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, v := range djangovectors.Section[struct {
		Secret      string `json:"cookie_secret"`
		Mask        string
		Token       string `json:"form_token"`
		Match       bool   `json:"match_token"`
		MatchBare   bool   `json:"match_bare_secret"`
		OldCookie   string `json:"legacy_masked_cookie_value"`
		OldUnmasked string `json:"legacy_masked_cookie_unmasks_to"`
	}](t, "csrf") {
		if got := csrf.MaskWith(v.Secret, v.Mask); got != v.Token {
			t.Errorf("MaskWith(%q, %q) = %q, want %q", v.Secret, v.Mask, got, v.Token)
		}
		if got := csrf.Match(v.Token, v.Secret); got != v.Match {
			t.Errorf("Match(%q, %q) = %t, want %t", v.Token, v.Secret, got, v.Match)
		}
		if got := csrf.Match(v.Secret, v.Secret); got != v.MatchBare {
			t.Errorf("Match(%q, itself) = %t, want %t", v.Secret, got, v.MatchBare)
		}
		if got := csrf.Unmask(v.OldCookie); got != v.OldUnmasked {
			t.Errorf("Unmask(%q) = %q, want %q", v.OldCookie, got, v.OldUnmasked)
		}
		// From the cookie and the form to the view, as a shared visitor brings them.
		for _, cookie := range []string{v.Secret, v.OldCookie} {
			for _, form := range []string{v.Secret, v.Token} {
				b := inCookie.bench(t, config{})
				b.wantPassed(t, inCookie.request(asked{method: "POST", kept: cookie, form: form}))
			}
		}
	}
}
