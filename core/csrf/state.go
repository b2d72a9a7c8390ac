package csrf

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/core/web"
)

// state is what is known of one request's secret. Whoever asks first loads it.
type state struct {
	checker *Checker
	request *http.Request // as it came, for its cookie

	mu      sync.Mutex
	loaded  bool
	brought string // the secret that the request brought, "" for none
	problem Reason // why what it brought is none
	secret  string // what the next request shall bring, "" as long as nobody cares
	send    bool   // the cookie is to be set with the answer
	shown   bool   // a token was handed out
	passed  bool   // the check let the request pass
}

type stateKey struct{}

func stateOf(ctx context.Context) *state {
	s, _ := ctx.Value(stateKey{}).(*state)
	return s
}

// ErrNoChecker says that a request did not pass through [Checker.Middleware].
var ErrNoChecker = errors.New("csrf: the request has no token: set core.Settings.CSRF, or put the middleware of a csrf.Checker around the handler")

// Token returns a token for a form or a script. The first one gives the visitor a secret, and each
// makes the cookie live anew. Every call returns other text, and all of it is good for as long as
// the secret. An error is [ErrNoChecker] or one of the session.
func Token(ctx context.Context) (string, error) {
	s := stateOf(ctx)
	if s == nil {
		return "", ErrNoChecker
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.keep(ctx); err != nil {
		return "", err
	}
	s.shown = true
	return mask(s.secret), nil
}

// TemplateToken is the value of {{.csrf_token}}: a token, or "" for a page that is shown without
// [Checker.Middleware]. It is a templates.Provider.
func TemplateToken(ctx context.Context) (any, error) {
	token, err := Token(ctx)
	if errors.Is(err, ErrNoChecker) {
		return "", nil
	}
	return token, err
}

// Rotate gives the visitor another secret, which makes the forms shown before worthless. Log-ins
// call it. The check of the request itself is not affected. It does nothing for a request that
// did not pass through [Checker.Middleware].
func Rotate(ctx context.Context) error {
	s := stateOf(ctx)
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(ctx); err != nil {
		return err
	}
	s.secret = newSecret()
	return s.keep(ctx)
}

// EnsureCookie wraps a handler so that its visitors have a secret although no form of its page
// holds a token: for scripts that read it from the cookie. Without [Checker.Middleware] around it
// it changes nothing.
func EnsureCookie(next http.Handler) http.Handler { return &ensurer{next} }

type ensurer struct{ http.Handler }

func (e *ensurer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, err := Token(r.Context()); err != nil && !errors.Is(err, ErrNoChecker) {
		web.Error(w, r, err)
		return
	}
	e.Handler.ServeHTTP(w, r)
}

// Unwrap lets the router look through.
func (e *ensurer) Unwrap() http.Handler { return e.Handler }

// load reads the secret that the request brought. The caller holds mu.
func (s *state) load(ctx context.Context) error {
	if s.loaded {
		return nil
	}
	var text string
	var found bool
	if s.checker.cfg.Session == nil {
		text, found = cookieText(s.request, s.checker.cfg.CookieName)
	} else {
		session, err := s.session(ctx)
		if err != nil {
			return err
		}
		if text, err = stored(ctx, session); err != nil {
			return err
		}
		found = text != ""
	}
	s.loaded = true
	if !found {
		return nil
	}
	if s.problem = checkFormat(text); s.problem != "" {
		s.secret, s.send = newSecret(), true
		return nil
	}
	s.brought = unmask(text)
	s.secret = s.brought
	return nil
}

// original returns the secret that the request brought, or why it brought none.
func (s *state) original(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(ctx); err != nil {
		return "", err
	}
	switch {
	case s.problem != "":
		return "", &Refusal{s.problem, "cookie"}
	case s.brought == "":
		return "", &Refusal{Reason: NoCookie}
	}
	return s.brought, nil
}

func (s *state) pass() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passed = true
}

func (s *state) hasPassed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.passed
}

// keep sees to it that the next request brings the secret, and makes one when there is none. The
// caller holds mu.
func (s *state) keep(ctx context.Context) error {
	if err := s.load(ctx); err != nil {
		return err
	}
	if s.secret == "" {
		s.secret = newSecret()
	}
	if s.checker.cfg.Session == nil {
		s.send = true
		return nil
	}
	session, err := s.session(ctx)
	if err != nil {
		return err
	}
	// The session is asked again: it may have been flushed meanwhile.
	have, err := stored(ctx, session)
	if err != nil || signing.Equal(have, s.secret) {
		return err
	}
	if err := session.Set(ctx, sessionName, s.secret); err != nil {
		return fmt.Errorf("csrf: %w", err)
	}
	return nil
}

func (s *state) session(ctx context.Context) (Session, error) {
	session := s.checker.cfg.Session(ctx)
	if session == nil {
		return nil, errors.New("csrf: the request has no session to keep the secret in: put the app of sessions before those that show forms, or leave csrf.Tokens.Session nil to use a cookie")
	}
	return session, nil
}

// stored returns the text that the session has, "" for none and for what is no text.
func stored(ctx context.Context, session Session) (string, error) {
	var value any
	if _, err := session.Get(ctx, sessionName, &value); err != nil {
		return "", fmt.Errorf("csrf: %w", err)
	}
	text, _ := value.(string)
	return text, nil
}

// begin is called right before an answer begins, once for each middleware that the request passes.
func (s *state) begin(h http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.checker.cfg.Session == nil {
		_ = s.load(s.request.Context()) // a cookie is read without an error; a bad one is replaced
		if s.send {
			s.checker.setCookie(h, s.secret)
			keepPrivate(h)
			s.send = false
		}
	}
	if s.shown {
		keepPrivate(h)
	}
}
