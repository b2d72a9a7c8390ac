package sessions

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-belleville/belleville/core/web"
)

// saveTime is how long saving may take after the visitor has gone.
const saveTime = 30 * time.Second

// Middleware gives every request its session and saves it before the answer begins. Nothing is
// read or written for a request that does not use it.
func (s *Sessions) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, sent := s.cookieKey(r)
		session := s.Open(key)
		r = r.WithContext(With(r.Context(), session))
		a := &answer{header: w, request: r, session: session, service: s, cookieSent: sent}
		web.BeforeHeader(next, w, r, a.finish)
		a.saveLate()
	})
}

// answer is what becomes of one request's session.
type answer struct {
	header     http.ResponseWriter
	request    *http.Request
	session    *Session
	service    *Sessions
	cookieSent bool
	status     int
	failed     bool
}

// finish saves the session, sets or deletes the cookie, and says what the answer varies on.
func (a *answer) finish(status int) error {
	err := a.save(status)
	a.status, a.failed = status, err != nil
	return err
}

func (a *answer) save(status int) error {
	s, every := a.session, a.service.cfg.SaveEveryRequest
	if s.Accessed() || every {
		web.VaryOnCookie(a.header.Header())
	}
	if !every && !s.Modified() { // as at nearly every request
		if a.cookieSent && s.IsEmpty() {
			setCookie(a.header, a.service.deletion())
		}
		return nil
	}
	// The visitor may be gone by now; what the handler did shall not be lost for that.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.request.Context()), saveTime)
	defer cancel()
	if every && status < http.StatusInternalServerError {
		if err := s.lock(ctx); err != nil {
			return err
		}
		s.mu.Unlock()
	}
	if s.IsEmpty() {
		if a.cookieSent {
			setCookie(a.header, a.service.deletion())
		}
		return nil
	}
	if status >= http.StatusInternalServerError || (!s.Modified() && !every) {
		return nil
	}
	if err := s.Save(ctx); err != nil {
		return err
	}
	if key := s.Key(); key != "" {
		setCookie(a.header, a.service.cookie(s, key))
	}
	return nil
}

// saveLate saves what was changed after the answer began, which works for a session that has its
// cookie. Nobody is left to be told of an error.
func (a *answer) saveLate() {
	s := a.session
	if a.failed || a.status >= http.StatusInternalServerError || !s.Modified() || s.IsEmpty() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.request.Context()), saveTime)
	defer cancel()
	err := fmt.Errorf("the session needs a new cookie, and the answer had begun")
	if key := s.Key(); key != "" {
		if err = s.Save(ctx); err == nil && s.Key() != key {
			err = fmt.Errorf("the store keeps the session in its cookie, and the answer had begun")
		}
	}
	if err != nil {
		a.log().ErrorContext(ctx, "changes to the session were lost", "path", web.LogPath(a.request), "error", err)
	}
}

func (a *answer) log() *slog.Logger {
	if site := web.SiteOf(a.request.Context()); site != nil && site.Log != nil {
		return site.Log
	}
	return slog.Default()
}
