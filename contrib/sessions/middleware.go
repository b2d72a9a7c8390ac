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
		sw := &writer{ResponseWriter: w, request: r, session: session, service: s, cookieSent: sent}
		next.ServeHTTP(sw, r)
		if sw.begun {
			sw.saveLate()
		}
		sw.begin(http.StatusOK)
	})
}

// finish saves the session, sets or deletes the cookie, and says what the answer varies on.
func (w *writer) finish(status int) error {
	s, every := w.session, w.service.cfg.SaveEveryRequest
	if s.Accessed() || every {
		vary(w.Header())
	}
	// The visitor may be gone by now; what the handler did shall not be lost for that.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.request.Context()), saveTime)
	defer cancel()
	if every && status < http.StatusInternalServerError {
		if err := s.lock(ctx); err != nil {
			return err
		}
		s.mu.Unlock()
	}
	if s.IsEmpty() {
		if w.cookieSent {
			setCookie(w.ResponseWriter, w.service.deletion())
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
		setCookie(w.ResponseWriter, w.service.cookie(s, key))
	}
	return nil
}

// saveLate saves what was changed after the answer began, which works for a session that has its
// cookie. Nobody is left to be told of an error.
func (w *writer) saveLate() {
	s := w.session
	if w.failed || w.status >= http.StatusInternalServerError || !s.Modified() || s.IsEmpty() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.request.Context()), saveTime)
	defer cancel()
	err := fmt.Errorf("the session needs a new cookie, and the answer had begun")
	if key := s.Key(); key != "" {
		if err = s.Save(ctx); err == nil && s.Key() != key {
			err = fmt.Errorf("the store keeps the session in its cookie, and the answer had begun")
		}
	}
	if err != nil {
		w.log().ErrorContext(ctx, "changes to the session were lost", "path", w.request.URL.Path, "error", err)
	}
}

func (w *writer) log() *slog.Logger {
	if site := web.SiteOf(w.request.Context()); site != nil && site.Log != nil {
		return site.Log
	}
	return slog.Default()
}
