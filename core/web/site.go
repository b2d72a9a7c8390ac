package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/go-belleville/belleville/core/logging"
)

// Data is what a view hands to a template.
type Data = map[string]any

// Renderer executes a template by name into w. It writes nothing when it returns an error.
// core/templates has the one that projects use.
type Renderer interface {
	Render(ctx context.Context, w io.Writer, name string, data map[string]any) error
}

// TextRenderer is a Renderer that can leave text as it is, for mails.
type TextRenderer interface {
	RenderText(ctx context.Context, w io.Writer, name string, data map[string]any) error
}

// Site is what a running project knows and a single view does not. core.Project makes it and
// puts it into every request's context. All methods are safe for concurrent use once built.
type Site struct {
	// Router answers Reverse.
	Router *Router
	// Templates renders pages; nil makes every page plain text.
	Templates Renderer
	// Debug shows the details of errors to the visitor. Never on in production.
	Debug bool
	// Log takes the errors; nil means slog.Default().
	Log *slog.Logger
	// Hosts decides which Host headers are answered and where https is known from.
	Hosts Hosts
}

type siteKey struct{}

// WithSite returns a context that carries the site.
func WithSite(ctx context.Context, s *Site) context.Context {
	return context.WithValue(ctx, siteKey{}, s)
}

// SiteOf returns the context's site, or nil outside a project.
func SiteOf(ctx context.Context) *Site {
	s, _ := ctx.Value(siteKey{}).(*Site)
	return s
}

type requestKey struct{}

// RequestOf returns the request whose page is being rendered, or nil. Template data providers
// use it; handlers have their request already.
func RequestOf(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

// Render answers 200 with a page. See [Site.Render].
func Render(w http.ResponseWriter, r *http.Request, name string, data Data) error {
	site := SiteOf(r.Context())
	if site == nil {
		return fmt.Errorf("render %s: the request has passed through no project", name)
	}
	return site.Render(w, r, http.StatusOK, name, data)
}

// Reverse returns the path of a named route of the request's site. See [Router.Reverse].
func Reverse(ctx context.Context, name string, args ...any) (string, error) {
	site := SiteOf(ctx)
	if site == nil {
		return "", fmt.Errorf("reverse %q: the request has passed through no project", name)
	}
	return site.Reverse(name, args...)
}

// Reverse returns the path of a named route. See [Router.Reverse].
func (s *Site) Reverse(name string, args ...any) (string, error) {
	return s.Router.Reverse(name, args...)
}

// Render answers with a page. The page is complete before the first byte is sent, so that an
// error (which is returned) can still become an error page. A Content-Type set before stays.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, status int, name string, data Data) error {
	if s.Templates == nil {
		return fmt.Errorf("render %s: the project has no templates", name)
	}
	page := &pageWriter{w: w, status: status}
	ctx := context.WithValue(r.Context(), requestKey{}, r)
	err := s.Templates.Render(ctx, page, name, data)
	switch {
	case page.err != nil:
		return ignoreWrite(page.err)
	case err != nil:
		return err
	}
	page.begin()
	return nil
}

// pageWriter begins the answer with the first byte of a page. A Renderer writes none before the page is
// complete.
type pageWriter struct {
	w      http.ResponseWriter
	status int
	begun  bool
	err    error // of w
}

func (p *pageWriter) begin() {
	if p.begun {
		return
	}
	p.begun = true
	if h := p.w.Header(); h.Get("Content-Type") == "" {
		h.Set("Content-Type", "text/html; charset=utf-8")
	}
	p.w.WriteHeader(p.status)
}

// Write implements io.Writer.
func (p *pageWriter) Write(b []byte) (int, error) {
	p.begin()
	n, err := p.w.Write(b)
	if err != nil {
		p.err = err
	}
	return n, err
}

// RenderString renders a template outside of a request as HTML, for the HTML part of a mail.
func (s *Site) RenderString(ctx context.Context, name string, data map[string]any) (string, error) {
	if s.Templates == nil {
		return "", fmt.Errorf("render %s: the project has no templates", name)
	}
	var b strings.Builder
	err := s.Templates.Render(ctx, &b, name, data)
	return b.String(), err
}

// RenderText renders a template as plain text, in which nothing is escaped: the text and the
// subject of a mail. Never send the result to a browser as HTML.
func (s *Site) RenderText(ctx context.Context, name string, data map[string]any) (string, error) {
	t, ok := s.Templates.(TextRenderer)
	if !ok {
		return "", fmt.Errorf("render %s: the project's templates cannot be rendered as text", name)
	}
	var b strings.Builder
	err := t.RenderText(ctx, &b, name, data)
	return b.String(), err
}

// Error answers with the page of err: the template "<status>.html" with the data `message`,
// `status`, `path`, `request_id`, and in DEBUG `detail`; JSON for clients which ask for that; plain text when
// there is no such template or it fails. Errors of 500 and above are logged.
func (s *Site) Error(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	s.logProblem(r, p, err)
	if Written(w) || p.Code == statusClientClosed {
		return
	}
	p.headers(w)
	if wantsJSON(r) {
		_ = JSON(w, p.Code, map[string]any{"error": p.text()})
		return
	}
	if s.errorPage(w, r, p, err) {
		return
	}
	text := p.text()
	if s.Debug {
		text += "\n\n" + err.Error()
	}
	http.Error(w, text, p.Code)
}

// errorPage tries the template of the status. A page that fails is logged and not tried again.
func (s *Site) errorPage(w http.ResponseWriter, r *http.Request, p *StatusError, err error) bool {
	if s.Templates == nil {
		return false
	}
	data := Data{"message": p.Message, "status": p.Code, "path": r.URL.Path, "request_id": logging.Of(r.Context()).ID()}
	if s.Debug {
		data["detail"] = err.Error()
	}
	w.Header().Del("Content-Type")
	name := fmt.Sprintf("%d.html", p.Code)
	ctx := context.WithValue(r.Context(), requestKey{}, r)
	var page bytes.Buffer
	if rerr := s.Templates.Render(ctx, &page, name, data); rerr != nil {
		s.logger().ErrorContext(r.Context(), "error page", "template", name, "error", rerr)
		return false
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(p.Code)
	_, _ = page.WriteTo(w)
	return true
}

func (s *Site) logProblem(r *http.Request, p *StatusError, err error) {
	if p.Code < http.StatusInternalServerError {
		return
	}
	s.logger().ErrorContext(r.Context(), "request failed",
		"method", r.Method, "path", LogPath(r), "status", p.Code, "error", err)
}

func (s *Site) logger() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.Default()
}

// Recover answers a panicking handler with the 500 page and logs the stack. http.ErrAbortHandler
// passes through, as net/http wants it.
func (s *Site) Recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares it the same way
				panic(p)
			}
			s.logger().ErrorContext(r.Context(), "panic", "method", r.Method, "path", LogPath(r),
				"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			s.Error(w, r, fmt.Errorf("panic: %v", p))
		}()
		next.ServeHTTP(w, r)
	})
}
