package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core/web"
)

// pages is a Renderer with one template for errors.
type pages struct{}

func (pages) Render(_ context.Context, w io.Writer, name string, data map[string]any) error {
	if name != "404.html" && name != "500.html" {
		return fmt.Errorf("no template %s", name)
	}
	_, err := fmt.Fprintf(w, "<page %s message=%v detail=%v>", name, data["message"], data["detail"])
	return err
}

// busy is an error of another package that knows its status.
type busy struct{}

func (busy) Error() string       { return "too much to do" }
func (busy) HTTPStatus() int     { return 503 }
func (busy) Wait() time.Duration { return 1500 * time.Millisecond }

func TestErrorPages(t *testing.T) {
	t.Parallel()
	secret := errors.New("the secret detail")
	for _, tt := range []struct {
		name   string
		err    error
		debug  bool
		accept string
		status int
		want   string
	}{
		{"not found", web.NotFound("Gone fishing."), false, "text/html", 404, "<page 404.html message=Gone fishing. detail=<nil>>"},
		{"wrapped", fmt.Errorf("view: %w", web.NotFound("")), false, "", 404, "<page 404.html"},
		{"no template", web.Forbidden("Not you."), false, "", 403, "Not you."},
		{"any error", secret, false, "", 500, "<page 500.html message= detail=<nil>>"},
		{"any error in debug", secret, true, "", 500, "detail=the secret detail"},
		{"json", secret, false, "application/json", 500, `{"error":"Internal Server Error"}`},
		{"too large", &http.MaxBytesError{Limit: 7}, false, "", 413, "7 bytes"},
		{"busy", fmt.Errorf("hash: %w", busy{}), false, "", 503, "Service Unavailable"},
	} {
		var logged bytes.Buffer
		s := &web.Site{Router: web.NewRouter(), Templates: pages{}, Debug: tt.debug, Log: slog.New(slog.NewTextHandler(&logged, nil))}
		r := httptest.NewRequest("GET", "/x/", nil)
		r = r.WithContext(web.WithSite(r.Context(), s))
		r.Header.Set("Accept", tt.accept)
		w := httptest.NewRecorder()
		web.Handler(func(http.ResponseWriter, *http.Request) error { return tt.err }).ServeHTTP(w, r)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: status %d, body %q; want %d with %q", tt.name, w.Code, w.Body, tt.status, tt.want)
		}
		if !tt.debug && strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: the page shows the error's text", tt.name)
		}
		if has := strings.Contains(logged.String(), "request failed"); has != (tt.status >= 500) {
			t.Errorf("%s: logged %v, want %v", tt.name, has, tt.status >= 500)
		}
	}
}

func TestRetryAfterIsRoundedUp(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	web.Error(w, httptest.NewRequest("GET", "/", nil), busy{})
	if got := w.Header().Get("Retry-After"); got != "2" || w.Code != 503 {
		t.Errorf("status %d, Retry-After %q; want 503 and 2", w.Code, got)
	}
}

func TestErrorAfterTheAnswerBegan(t *testing.T) {
	t.Parallel()
	s := &web.Site{Router: web.NewRouter(), Log: slog.New(slog.DiscardHandler)}
	r := httptest.NewRequest("GET", "/", nil)
	r = r.WithContext(web.WithSite(r.Context(), s))
	under := httptest.NewRecorder()
	web.Handler(func(w http.ResponseWriter, _ *http.Request) error {
		fmt.Fprint(w, "half")
		return errors.New("too late")
	}).ServeHTTP(&web.Recorder{ResponseWriter: under}, r)
	if under.Code != 200 || under.Body.String() != "half" {
		t.Errorf("status %d, body %q: an error page was put behind what was sent", under.Code, under.Body)
	}
}

func TestRecover(t *testing.T) {
	t.Parallel()
	s := &web.Site{Router: web.NewRouter(), Templates: pages{}, Log: slog.New(slog.DiscardHandler)}
	boom := s.Recover(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") }))
	w := httptest.NewRecorder()
	boom.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("status %d, body %q; want a 500 page without the panic", w.Code, w.Body)
	}
	abort := s.Recover(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("recovered %v, want http.ErrAbortHandler to pass", p)
		}
	}()
	abort.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}

func TestHosts(t *testing.T) {
	t.Parallel()
	h := web.Hosts{Allowed: []string{"example.com", ".sub.example.org", "[::1]"}}
	for host, want := range map[string]bool{
		"example.com": true, "EXAMPLE.com:8000": true, "example.com.": true, "x.example.com": false,
		"sub.example.org": true, "a.b.sub.example.org": true, "evilsub.example.org": false, "[::1]:80": true,
		"": false, "example.com@evil.org": false, "www.example.com:dr.frankenstein@evil.tld": false,
		"example.com:80:90": false, "exa mple.com": false, "example.com/x": false, "..": false,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		if _, err := h.Host(r); (err == nil) != want {
			t.Errorf("Host %q: error %v, want allowed %v", host, err, want)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "example.com"
	r.Header.Set("X-Forwarded-Host", "evil.org")
	if got, err := h.Host(r); got != "example.com" || err != nil {
		t.Errorf("a forwarded host counts although it is not trusted: %q, %v", got, err)
	}
	h.UseForwardedHost = true
	if _, err := h.Host(r); err == nil {
		t.Error("a forwarded host that is not allowed passes")
	}
}

func TestSecureBehindAProxy(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("GET", "http://example.com/", nil)
	r.Header.Set("X-Forwarded-Proto", "https")
	if (web.Hosts{}).Secure(r) {
		t.Error("X-Forwarded-Proto counts although no header is trusted")
	}
	h := web.Hosts{SecureHeader: "X-Forwarded-Proto", SecureValue: "https"}
	if !h.Secure(r) {
		t.Error("the trusted header does not count")
	}
	r.Header.Set("X-Forwarded-Proto", "http, https")
	if h.Secure(r) {
		t.Error("the header's first value must decide")
	}
}
