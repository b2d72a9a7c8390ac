package web_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/web"
)

// TestBeforeHeader asks a real server, whose header is gone once the answer began.
func TestBeforeHeader(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		status  int // as f is told
	}{
		{"nothing written", func(http.ResponseWriter, *http.Request) {}, 200},
		{"a status", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404) }, 404},
		{"a body", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "x") }, 200},
		{"two statuses", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403); fmt.Fprint(w, "x") }, 403},
		{"an early hint", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusEarlyHints); w.WriteHeader(410) }, 410},
		{"a file", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, strings.NewReader("x")) }, 200},
		{"flushed", func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush() }, 200},
		{"flushed by the controller", func(w http.ResponseWriter, r *http.Request) { _ = http.NewResponseController(w).Flush() }, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			calls := make(chan int, 3)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				web.BeforeHeader(tt.handler, w, r, func(status int) error {
					calls <- status
					w.Header().Set("Late", "yes")
					return nil
				})
			}))
			t.Cleanup(server.Close)
			res, err := http.Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if got := <-calls; got != tt.status {
				t.Errorf("f is told status %d, want %d", got, tt.status)
			}
			if len(calls) != 0 {
				t.Errorf("f was called %d times more", len(calls))
			}
			if res.Header.Get("Late") != "yes" {
				t.Errorf("what f set was not sent: %v", res.Header)
			}
		})
	}
}

func TestBeforeHeaderHijacked(t *testing.T) {
	t.Parallel()
	status := make(chan int, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		web.BeforeHeader(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Errorf("Hijack: %v", err)
				return
			}
			defer conn.Close()
			out := bufio.NewWriter(conn)
			fmt.Fprint(out, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhijacked")
			_ = out.Flush()
		}), w, r, func(s int) error { status <- s; return nil })
	}))
	t.Cleanup(server.Close)
	res, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); string(body) != "hijacked" || <-status != http.StatusSwitchingProtocols {
		t.Errorf("body %q", body)
	}
}

// TestBeforeHeaderAfterPanic leaves the answer to whoever recovers.
func TestBeforeHeaderAfterPanic(t *testing.T) {
	t.Parallel()
	site := &web.Site{}
	called := false
	h := site.Recover(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		web.BeforeHeader(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("no") }), w, r, func(int) error { called = true; return nil })
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if called || w.Code != 500 {
		t.Errorf("f was called: %t, status %d; want false, 500", called, w.Code)
	}
}

// TestBeforeHeaderFails answers with the error's page instead of what the handler writes.
func TestBeforeHeaderFails(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"a body":  func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "secret") },
		"a file":  func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, strings.NewReader("secret")) },
		"status":  func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(201); fmt.Fprint(w, "secret") },
		"nothing": func(http.ResponseWriter, *http.Request) {},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		web.BeforeHeader(handler, w, r, func(int) error { return web.Forbidden("not now") })
		if w.Code != 403 || strings.Contains(w.Body.String(), "secret") || !strings.Contains(w.Body.String(), "not now") {
			t.Errorf("%s: status %d, body %q; want the page of the error alone", name, w.Code, w.Body)
		}
	}
}
