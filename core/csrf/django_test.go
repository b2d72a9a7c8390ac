package csrf_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/go-belleville/belleville/core/csrf"
	"github.com/go-belleville/belleville/core/web"
)

// shared are the cases that Django runs for both stores.
var shared = map[string]func(*testing.T, store){
	"test_process_response_get_token_not_used":              tokenNotUsed,
	"test_no_csrf_cookie":                                   noCookie,
	"test_csrf_cookie_bad_or_missing_token":                 badOrMissingToken,
	"test_csrf_cookie_bad_token_custom_header":              badTokenCustomHeader,
	"test_process_request_csrf_cookie_and_token":            cookieAndToken,
	"test_process_request_csrf_cookie_no_token_exempt_view": exemptView,
	"test_csrf_token_in_header":                             tokenInHeader,
	"test_csrf_token_in_header_with_customized_name":        tokenInCustomHeader,
	"test_put_and_delete_rejected":                          putAndDeleteRejected,
	"test_put_and_delete_allowed":                           putAndDeleteAllowed,
	"test_rotate_token_triggers_second_reset":               rotateTriggersSecondReset,
	"test_token_node_no_csrf_cookie":                        nodeNoCookie,
	"test_token_node_empty_csrf_cookie":                     nodeEmptyCookie,
	"test_token_node_with_csrf_cookie":                      nodeWithCookie,
	"test_get_token_for_exempt_view":                        tokenForExemptView,
	"test_get_token_for_requires_csrf_token_view":           tokenForMiddlewareAlone,
	"test_token_node_with_new_csrf_cookie":                  nodeWithNewCookie,
	"test_cookie_not_reset_on_accepted_request":             cookieNotReset,
	"test_ensures_csrf_cookie_no_logging":                   ensureLogsNothing,
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	for _, s := range []store{inCookie, inSession} {
		for _, cases := range []map[string]func(*testing.T, store){shared, sharedOrigins} {
			for name, f := range cases {
				t.Run("django/csrf_tests/tests.py/"+s.class+"."+name, func(t *testing.T) {
					t.Parallel()
					f(t, s)
				})
			}
		}
	}
}

func tokenNotUsed(t *testing.T, s store) {
	b := s.bench(t, config{})
	r := s.request(asked{})
	w := b.ask(b.Protect(b.view("plain.html")), r)
	if kept, found := s.kept(r, w); found || w.Body.String() != "plain" {
		t.Errorf("a page that does not use the token leaves the visitor with %q; page %q", kept, w.Body)
	}
	if vary := w.Header().Values("Vary"); len(vary) != 0 {
		t.Errorf("a page that does not use the token varies on %v", vary)
	}
}

func noCookie(t *testing.T, s store) {
	s.bench(t, config{}).wantRefused(t, s.request(asked{method: "POST"}), csrf.NoCookie)
}

func badOrMissingToken(t *testing.T, s store) {
	for _, c := range []struct {
		form, header, where string
		want                csrf.Reason
	}{
		{"", "", "", csrf.TokenMissing},
		{repeat(16, "a"), "", `"POST"`, csrf.IncorrectLength},
		{repeat(64, "*"), "", `"POST"`, csrf.InvalidCharacters},
		{repeat(64, "a"), "", `"POST"`, csrf.Incorrect},
		{"", repeat(16, "a"), `"X-CSRFToken"`, csrf.IncorrectLength},
		{"", repeat(64, "*"), `"X-CSRFToken"`, csrf.InvalidCharacters},
		{"", repeat(64, "a"), `"X-CSRFToken"`, csrf.Incorrect},
	} {
		b := s.bench(t, config{debug: true})
		w := b.wantRefused(t, s.request(asked{method: "POST", kept: token1, form: c.form, header: c.header}), c.want)
		if got := w.Header().Get("Content-Type"); got != "text/html; charset=utf-8" {
			t.Errorf("the page for 403 is %q", got)
		}
		wantDetail(t, w, c.where)
	}
}

func badTokenCustomHeader(t *testing.T, s store) {
	b := s.bench(t, config{debug: true, tokens: csrf.Tokens{Header: "X-CSRFToken-Customized"}})
	r := s.request(asked{method: "POST", kept: token1, header: repeat(16, "a"), headerName: "X-CSRFToken-Customized"})
	wantDetail(t, b.wantRefused(t, r, csrf.IncorrectLength), "X-CSRFToken-Customized")
}

func cookieAndToken(t *testing.T, s store) {
	s.bench(t, config{}).wantPassed(t, s.posting(asked{}))
}

func exemptView(t *testing.T, s store) {
	b := s.bench(t, config{})
	w := b.ask(b.Protect(csrf.Exempt(b.view(""))), s.request(asked{method: "POST", kept: token1}))
	if w.Code != 200 || b.runs != 1 {
		t.Errorf("status %d, the view ran %d times; want 200 and once", w.Code, b.runs)
	}
}

func tokenInHeader(t *testing.T, s store) {
	s.bench(t, config{}).wantPassed(t, s.request(asked{method: "POST", kept: token1, header: token2}))
}

func tokenInCustomHeader(t *testing.T, s store) {
	b := s.bench(t, config{tokens: csrf.Tokens{Header: "X-CSRFToken-Customized"}})
	b.wantPassed(t, s.request(asked{method: "POST", kept: token1, header: token2, headerName: "X-CSRFToken-Customized"}))
}

func putAndDeleteRejected(t *testing.T, s store) {
	b := s.bench(t, config{})
	for _, method := range []string{"PUT", "DELETE"} {
		b.wantRefused(t, s.request(asked{method: method}), csrf.NoCookie)
	}
}

func putAndDeleteAllowed(t *testing.T, s store) {
	b := s.bench(t, config{})
	for _, method := range []string{"PUT", "DELETE"} {
		b.wantPassed(t, s.request(asked{method: method, kept: token1, header: token2}))
	}
}

// rotateTriggersSecondReset rotates between two middlewares, once the inner one has set its cookie.
func rotateTriggersSecondReset(t *testing.T, s store) {
	b := s.bench(t, config{})
	var first string
	inner := b.Middleware(csrf.EnsureCookie(b.view("")))
	rotating := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		web.BeforeHeader(inner, w, r, func(int) error {
			first = secretSet(s, r, w.Header())
			return csrf.Rotate(r.Context())
		})
	})
	r := s.posting(asked{})
	w := b.ask(b.Protect(rotating), r)
	last, _ := s.kept(r, w)
	if w.Body.String() != "OK" || first != secret || len(last) != 32 || last == secret {
		t.Errorf("body %q, the secret set first is %q, then %q; want OK, %q, another", w.Body, first, last, secret)
	}
	if got := len(w.Result().Cookies()); !s.sessions && got != 1 {
		t.Errorf("%d cookies are set, want the last one alone", got)
	}
}

// secretSet is the secret that was set up to now while an answer is made.
func secretSet(s store, r *http.Request, h http.Header) string {
	if s.sessions {
		sets := sessionOf(r.Context()).sets
		return sets[len(sets)-1]
	}
	for _, c := range (&http.Response{Header: h}).Cookies() {
		if c.Name == "csrftoken" {
			return c.Value
		}
	}
	return ""
}

// tokenPage shows a token and then asks for another.
func tokenPage(t *testing.T, b *bench, another *string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := b.view("token.html")(w, r)
		*another = mustToken(t, r)
		return err
	}
}

func nodeNoCookie(t *testing.T, s store) {
	b := s.bench(t, config{})
	var token string
	w := b.ask(b.Middleware(tokenPage(t, b, &token)), s.request(asked{}))
	wantToken(t, w, csrf.Unmask(token))
}

func nodeEmptyCookie(t *testing.T, s store) {
	b := s.bench(t, config{})
	var token string
	r := s.put(s.request(asked{}), "")
	w := b.ask(b.Protect(tokenPage(t, b, &token)), r)
	wantToken(t, w, csrf.Unmask(token))
	kept, _ := s.kept(r, w)
	wantToken(t, w, kept)
}

func nodeWithCookie(t *testing.T, s store) {
	b := s.bench(t, config{})
	wantToken(t, b.ask(b.Protect(b.view("token.html")), s.request(asked{kept: token1})), secret)
}

func tokenForExemptView(t *testing.T, s store) {
	b := s.bench(t, config{})
	wantToken(t, b.ask(b.Protect(csrf.Exempt(b.view("token.html"))), s.request(asked{kept: token1})), secret)
}

func tokenForMiddlewareAlone(t *testing.T, s store) {
	b := s.bench(t, config{})
	wantToken(t, b.ask(b.Middleware(b.view("token.html")), s.request(asked{kept: token1})), secret)
}

func nodeWithNewCookie(t *testing.T, s store) {
	b := s.bench(t, config{})
	r := s.request(asked{})
	w := b.ask(b.Protect(b.view("token.html")), r)
	kept, _ := s.kept(r, w)
	wantToken(t, w, kept)
}

func cookieNotReset(t *testing.T, s store) {
	b := s.bench(t, config{})
	r := s.posting(asked{})
	w := b.ask(b.Protect(b.view("token.html")), r)
	if kept, _ := s.kept(r, w); kept != secret {
		t.Errorf("an accepted request leaves the visitor with %q, want %q", kept, secret)
	}
}

func ensureLogsNothing(t *testing.T, s store) {
	b := s.bench(t, config{})
	w := b.ask(b.Middleware(csrf.EnsureCookie(b.view(""))), s.request(asked{}))
	if got := b.refusals(t); len(got) != 0 || w.Code != 200 {
		t.Errorf("status %d, logged %v; want 200 and nothing", w.Code, got)
	}
}

// isRefusal reports whether an error is a refusal, and why.
func isRefusal(err error) (csrf.Reason, bool) {
	var f *csrf.Refusal
	if errors.As(err, &f) {
		return f.Reason, true
	}
	return "", false
}
