package sessions

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/go-belleville/belleville/core/web"
)

// Middleware gives every request its session and saves it before the answer begins. Nothing is
// read or written for a request that does not use it.
func (s *Sessions) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, sent := "", false
		if c, err := r.Cookie(s.cfg.CookieName); err == nil {
			key, sent = c.Value, true
		}
		session := s.Open(key)
		r = r.WithContext(context.WithValue(r.Context(), sessionKey{}, session))
		sw := &writer{ResponseWriter: w, request: r, session: session, service: s, cookieSent: sent}
		next.ServeHTTP(sw, r)
		sw.begin(http.StatusOK)
	})
}

// writer saves the session before the first byte of the answer. When saving fails, the answer
// becomes an error page and what the handler writes is dropped.
type writer struct {
	http.ResponseWriter
	request    *http.Request
	session    *Session
	service    *Sessions
	cookieSent bool
	begun      bool
	failed     bool
}

var _ io.ReaderFrom = (*writer)(nil)

// begin saves once, when the status is known.
func (w *writer) begin(status int) {
	if w.begun {
		return
	}
	w.begun = true
	if err := w.finish(status); err != nil {
		w.failed = true
		web.Error(w.ResponseWriter, w.request, err)
	}
}

// finish saves the session, sets or deletes the cookie, and says what the answer varies on.
func (w *writer) finish(status int) error {
	s, cfg := w.session, &w.service.cfg
	if w.cookieSent && s.forgotten() {
		http.SetCookie(w.ResponseWriter, w.service.cookie("", -1))
		vary(w.Header())
		return nil
	}
	if s.Accessed() {
		vary(w.Header())
	}
	if status >= http.StatusInternalServerError || s.IsEmpty() || (!s.Modified() && !cfg.SaveEveryRequest) {
		return nil
	}
	// The visitor may be gone by now; what the handler did shall not be lost for that.
	ctx := context.WithoutCancel(w.request.Context())
	if err := s.Save(ctx); err != nil {
		return err
	}
	vary(w.Header())
	if key := s.Key(); key != "" {
		http.SetCookie(w.ResponseWriter, w.service.cookieFor(s, key))
	}
	return nil
}

// forgotten reports whether the session that the cookie names is known to be empty, so that the
// cookie is of no more use. A session that nobody looked at is not.
func (s *Session) forgotten() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loaded && s.empty()
}

func vary(h http.Header) {
	for _, v := range h.Values("Vary") {
		if v == "Cookie" || v == "*" {
			return
		}
	}
	h.Add("Vary", "Cookie")
}

// cookieFor returns the cookie of a saved session.
func (s *Sessions) cookieFor(session *Session, key string) *http.Cookie {
	session.mu.Lock()
	age, browser := session.expiryAge(), session.browserSession()
	session.mu.Unlock()
	if browser {
		return s.cookie(key, 0)
	}
	return s.cookie(key, age)
}

// cookie makes the cookie: an age of 0 lasts until the browser closes, a negative one deletes.
func (s *Sessions) cookie(value string, age time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: s.cfg.CookieName, Value: value, Path: s.cfg.CookiePath, Domain: s.cfg.CookieDomain,
		Secure: s.cfg.CookieSecure, HttpOnly: !s.cfg.CookieScripts, SameSite: s.cfg.CookieSameSite,
	}
	switch {
	case age < 0:
		c.MaxAge, c.Expires = -1, time.Unix(0, 0).UTC()
	case age > 0:
		c.MaxAge, c.Expires = int(age/time.Second), s.cfg.Now().Add(age).UTC()
		if c.MaxAge == 0 {
			c.MaxAge = -1 // less than a second is over already
		}
	}
	return c
}

// WriteHeader saves the session and passes the status on. Informational answers save nothing.
func (w *writer) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.begin(status)
	}
	if !w.failed {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *writer) Write(p []byte) (int, error) {
	w.begin(http.StatusOK)
	if w.failed {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// ReadFrom keeps net/http's fast path for files.
func (w *writer) ReadFrom(src io.Reader) (int64, error) {
	w.begin(http.StatusOK)
	if w.failed {
		return io.Copy(io.Discard, src)
	}
	return io.Copy(w.ResponseWriter, src)
}

// Flush sends what is buffered.
func (w *writer) Flush() { _ = w.FlushError() }

// FlushError is Flush for http.ResponseController.
func (w *writer) FlushError() error {
	w.begin(http.StatusOK)
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack saves the session and hands the connection over; a new session's cookie is in the header
// map, for whoever writes the answer by hand.
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.begin(http.StatusSwitchingProtocols)
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// Unwrap gives http.ResponseController the writer below.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
