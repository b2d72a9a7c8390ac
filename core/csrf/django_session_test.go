package csrf_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-belleville/belleville/core/csrf"
)

func TestMiddlewareWithSession(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(*testing.T){
		"test_no_session_on_request":               noSession,
		"test_masked_unmasked_combinations":        func(t *testing.T) { combinations(t, inSession, []string{token1}) },
		"test_process_response_get_token_used":     func(t *testing.T) { wantEnsuredInSession(t, false) },
		"test_ensures_csrf_cookie_with_middleware": func(t *testing.T) { wantEnsuredInSession(t, true) },
		"test_session_modify":                      sessionModify,
	} {
		t.Run("django/csrf_tests/tests.py/CsrfViewMiddlewareUseSessionsTests."+name, func(t *testing.T) {
			t.Parallel()
			f(t)
		})
	}
}

// noSession asks behind no middleware of sessions; a page without a token is shown all the same.
func noSession(t *testing.T) {
	b := inSession.bench(t, config{debug: true})
	for _, r := range []*http.Request{httptest.NewRequest("GET", "/", nil), httptest.NewRequest("POST", "/", nil)} {
		r.Host = "testserver"
		r.Header.Set("Accept", "text/html")
		w := b.ask(b.Protect(b.view("token.html")), r)
		if w.Code != 500 {
			t.Errorf("%s: status %d, want 500", r.Method, w.Code)
		}
		wantDetail(t, w, "put the app of sessions before those that show forms")
	}
}

func wantEnsuredInSession(t *testing.T, protected bool) {
	b := inSession.bench(t, config{})
	h := b.Middleware(csrf.EnsureCookie(b.view("")))
	if protected {
		h = b.Protect(h)
	}
	r := inSession.request(asked{})
	w := b.ask(h, r)
	kept, _ := inSession.kept(r, w)
	if len(kept) != 32 || csrf.CheckFormat(kept) != "" {
		t.Errorf("the session has %q, want a secret", kept)
	}
	if len(w.Result().Cookies()) != 0 {
		t.Errorf("a cookie is set besides: %v", w.Header())
	}
}

func sessionModify(t *testing.T) {
	b := inSession.bench(t, config{})
	h := b.Protect(b.Middleware(csrf.EnsureCookie(b.view(""))))
	r := inSession.request(asked{})
	w := b.ask(h, r)
	if kept, _ := inSession.kept(r, w); len(kept) != 32 {
		t.Errorf("the session has %q, want a secret", kept)
	}
	sets := len(sessionOf(r.Context()).sets)
	b.ask(h, r)
	if got := len(sessionOf(r.Context()).sets); got != sets {
		t.Errorf("an unchanged secret was put into the session %d times more", got-sets)
	}
}
