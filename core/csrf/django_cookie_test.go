package csrf_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/web"
)

func TestMiddlewareWithCookie(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(*testing.T){
		"test_ensures_csrf_cookie_no_middleware": func(t *testing.T) {
			wantEnsured(t, func(b *bench) http.Handler { return b.Middleware(csrf.EnsureCookie(b.view(""))) })
		},
		"test_ensures_csrf_cookie_with_middleware": func(t *testing.T) {
			wantEnsured(t, func(b *bench) http.Handler { return b.Protect(b.Middleware(csrf.EnsureCookie(b.view("")))) })
		},
		"test_csrf_cookie_age":                       cookieAge(123*time.Second, 123),
		"test_csrf_cookie_age_none":                  cookieAge(-1, 0),
		"test_csrf_cookie_samesite":                  cookieSameSite,
		"test_bad_csrf_cookie_characters":            badCookie(repeat(64, "*"), csrf.InvalidCharacters),
		"test_bad_csrf_cookie_length":                badCookie(repeat(16, "a"), csrf.IncorrectLength),
		"test_process_view_token_too_long":           badCookieReplaced(repeat(100000, "x"), "token.html"),
		"test_process_view_token_invalid_chars":      badCookieReplaced(("!@#" + token2)[:64], "token.html"),
		"test_masked_unmasked_combinations":          func(t *testing.T) { combinations(t, inCookie, []string{secret, token1}) },
		"test_set_cookie_called_only_once":           setOnlyOnce,
		"test_invalid_cookie_replaced_on_GET":        badCookieReplaced("badvalue", ""),
		"test_valid_secret_not_replaced_on_GET":      goodCookieStays,
		"test_masked_secret_accepted_and_replaced":   cookieBecomesSecret(token1),
		"test_bare_secret_accepted_and_not_replaced": cookieBecomesSecret(secret),
	} {
		t.Run("django/csrf_tests/tests.py/CsrfViewMiddlewareTests."+name, func(t *testing.T) {
			t.Parallel()
			f(t)
		})
	}
}

func wantEnsured(t *testing.T, handler func(*bench) http.Handler) {
	b := inCookie.bench(t, config{})
	r := inCookie.request(asked{})
	w := b.ask(handler(b), r)
	cookie, _ := inCookie.kept(r, w)
	if len(cookie) != 32 || csrf.CheckFormat(cookie) != "" {
		t.Errorf("the cookie is %q, want a secret", cookie)
	}
	if got := w.Header().Values("Vary"); !slices.Equal(got, []string{"Cookie"}) {
		t.Errorf("Vary is %q, want Cookie", got)
	}
}

// customCookie asks for a page with a token and returns the cookie of another name.
func customCookie(t *testing.T, tokens csrf.Tokens) *http.Cookie {
	t.Helper()
	b := inCookie.bench(t, config{tokens: tokens})
	w := b.ask(b.Protect(b.view("token.html")), inCookie.request(asked{}))
	for _, c := range w.Result().Cookies() {
		if c.Name == "csrfcookie" {
			return c
		}
	}
	t.Fatalf("there is no cookie csrfcookie: %v", w.Header())
	return nil
}

func cookieAge(age time.Duration, seconds int) func(*testing.T) {
	return func(t *testing.T) {
		c := customCookie(t, csrf.Tokens{
			CookieName: "csrfcookie", CookieDomain: ".example.com", CookieAge: age, CookiePath: "/test/",
			CookieSecure: true, CookieHTTPOnly: true,
		})
		if c.MaxAge != seconds || c.Expires.IsZero() != (seconds == 0) {
			t.Errorf("Max-Age is %d, Expires %v; want %d", c.MaxAge, c.Expires, seconds)
		}
		if c.Domain != "example.com" || c.Path != "/test/" || !c.Secure || !c.HttpOnly {
			t.Errorf("the cookie is %v, want the domain, path and flags that were set", c)
		}
	}
}

func cookieSameSite(t *testing.T) {
	c := customCookie(t, csrf.Tokens{CookieName: "csrfcookie", CookieSameSite: http.SameSiteStrictMode})
	if c.SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookie is %v, want SameSite=Strict", c)
	}
}

func badCookie(cookie string, want csrf.Reason) func(*testing.T) {
	return func(t *testing.T) {
		b := inCookie.bench(t, config{debug: true})
		w := b.wantRefused(t, inCookie.request(asked{method: "POST", kept: cookie}), want)
		wantDetail(t, w, `"cookie"`)
	}
}

func badCookieReplaced(cookie, page string) func(*testing.T) {
	return func(t *testing.T) {
		b := inCookie.bench(t, config{})
		r := inCookie.request(asked{kept: cookie})
		w := b.ask(b.Protect(b.view(page)), r)
		got, _ := inCookie.kept(r, w)
		if w.Code != 200 || len(got) != 32 || csrf.CheckFormat(got) != "" {
			t.Errorf("status %d, the cookie becomes %.80q; want 200 and a new secret", w.Code, got)
		}
		if page != "" {
			wantToken(t, w, got)
		}
	}
}

// combinations are cookies and tokens, masked and bare, in the form and in the header.
func combinations(t *testing.T, s store, kept []string) {
	for _, k := range kept {
		for _, token := range []string{secret, token2} {
			s.bench(t, config{}).wantPassed(t, s.request(asked{method: "POST", kept: k, form: token}))
			s.bench(t, config{}).wantPassed(t, s.request(asked{method: "POST", kept: k, header: token}))
		}
	}
}

// setOnlyOnce takes away the cookie that the inner middleware sets; the outer one must not set it
// again.
func setOnlyOnce(t *testing.T) {
	b := inCookie.bench(t, config{})
	var first string
	inner := b.Middleware(csrf.EnsureCookie(b.view("")))
	between := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		web.BeforeHeader(inner, w, r, func(int) error {
			first = secretSet(inCookie, r, w.Header())
			w.Header().Del("Set-Cookie")
			return nil
		})
	})
	r := inCookie.posting(asked{})
	w := b.ask(b.Protect(between), r)
	if w.Body.String() != "OK" || first != secret {
		t.Errorf("body %q, the cookie is set to %q; want OK and %q", w.Body, first, secret)
	}
	if again, found := inCookie.kept(r, w); found {
		t.Errorf("the cookie is set again, to %q", again)
	}
	direct := inCookie.posting(asked{})
	w = b.ask(b.Protect(inner), direct)
	if got, _ := inCookie.kept(direct, w); got != secret {
		t.Errorf("the answer sets the cookie to %q, want %q", got, secret)
	}
}

func goodCookieStays(t *testing.T) {
	for _, cookie := range []string{secret, token1} {
		b := inCookie.bench(t, config{})
		r := inCookie.request(asked{kept: cookie})
		w := b.wantPassed(t, r)
		if got, found := inCookie.kept(r, w); found || w.Body.String() != "OK" {
			t.Errorf("body %q, the cookie %q becomes %q; want OK and no cookie", w.Body, cookie, got)
		}
	}
}

func cookieBecomesSecret(cookie string) func(*testing.T) {
	return func(t *testing.T) {
		b := inCookie.bench(t, config{})
		r := inCookie.request(asked{method: "POST", kept: cookie, form: token2})
		w := b.ask(b.Protect(b.view("token.html")), r)
		if got, _ := inCookie.kept(r, w); got != secret {
			t.Errorf("the cookie %q becomes %q, want %q", cookie, got, secret)
		}
		wantToken(t, w, secret)
	}
}
