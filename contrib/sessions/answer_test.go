package sessions_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/core/web"
)

// server serves one handler behind the middleware, over a real connection.
func server(t *testing.T, store sessions.Store, h http.HandlerFunc, http2 bool) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(sessions.New(sessions.Config{Store: store}).Middleware(h))
	if http2 {
		srv.EnableHTTP2 = true
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	return srv
}

func touch(r *http.Request, value string) error {
	return sessions.Of(r.Context()).Set(r.Context(), "hello", value)
}

// stored returns what the only session of a store says, "" without a session.
func stored(t *testing.T, s *memstore.Store) string {
	t.Helper()
	text := ""
	for e := range s.All(t.Context()) {
		text += string(e.Data["hello"])
	}
	return text
}

// TestBeginnings begins the answer in every way there is. The session must be saved and its cookie
// sent before.
func TestBeginnings(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "page.txt")
	must(t, os.WriteFile(file, []byte("text"), 0o600))
	handlers := map[string]http.HandlerFunc{
		"nothing written": func(w http.ResponseWriter, r *http.Request) {},
		"a write":         func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("text")) },
		"a status":        func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404) },
		"a redirect":      func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) },
		"no content":      func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) },
		"a flush":         func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush() },
		"a controller":    func(w http.ResponseWriter, r *http.Request) { _ = http.NewResponseController(w).Flush() },
		"a file":          func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) },
		"a copy":          func(w http.ResponseWriter, r *http.Request) { io.Copy(w, strings.NewReader("text")) },
		"an early hint": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "</a.css>; rel=preload")
			w.WriteHeader(103)
			_ = touch(r, "later") // which is in time
			w.WriteHeader(200)
		},
		"a deadline": func(w http.ResponseWriter, r *http.Request) {
			if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
				http.Error(w, err.Error(), 500)
			}
		},
	}
	for name, h := range handlers {
		for _, http2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, HTTP/2 %v", name, http2), func(t *testing.T) {
				t.Parallel()
				store := memstore.New()
				srv := server(t, store, func(w http.ResponseWriter, r *http.Request) {
					if err := touch(r, "world"); err != nil {
						t.Error(err)
					}
					h(w, r)
				}, http2)
				client := srv.Client()
				client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
				res, err := client.Get(srv.URL)
				must(t, err)
				defer res.Body.Close()
				if (res.ProtoMajor == 2) != http2 {
					t.Errorf("the protocol is %s", res.Proto)
				}
				want := `"world"`
				if name == "an early hint" {
					want = `"later"`
				}
				if got := stored(t, store); got != want {
					t.Errorf("the store says %s, want %s", got, want)
				}
				if len(res.Cookies()) != 1 {
					t.Errorf("status %d with the cookies %v, want one", res.StatusCode, res.Cookies())
				}
			})
		}
	}
}

// TestEarlyHints begins the session after an informational answer, which is not the answer yet.
func TestEarlyHints(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	srv := server(t, store, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		must(t, touch(r, "world"))
		w.WriteHeader(http.StatusOK)
	}, false)
	res, err := http.Get(srv.URL)
	must(t, err)
	defer res.Body.Close()
	if got := stored(t, store); got != `"world"` || len(res.Cookies()) != 1 {
		t.Errorf("the store says %s, the cookies are %v; want world and one", got, res.Cookies())
	}
}

// TestStreaming reads the first part of an answer, with the cookie, while the handler still runs.
func TestStreaming(t *testing.T) {
	t.Parallel()
	store, more := memstore.New(), make(chan struct{})
	srv := server(t, store, func(w http.ResponseWriter, r *http.Request) {
		must(t, touch(r, "first"))
		io.WriteString(w, "one\n")
		must(t, http.NewResponseController(w).Flush())
		<-more
		if err := touch(r, "late"); err != nil {
			t.Error(err)
		}
		io.WriteString(w, "two\n")
	}, false)
	res, err := http.Get(srv.URL)
	must(t, err)
	defer res.Body.Close()
	body := bufio.NewReader(res.Body)
	if line, err := body.ReadString('\n'); line != "one\n" || len(res.Cookies()) != 1 || stored(t, store) != `"first"` {
		t.Errorf("first line %q, %v, cookies %v, store %s", line, err, res.Cookies(), stored(t, store))
	}
	close(more)
	io.Copy(io.Discard, body)
	srv.Close() // waits for the handler
	if got := stored(t, store); got != `"late"` {
		t.Errorf("the store says %s, want what was set while streaming", got)
	}
}

// TestTooLate sets the first value of a new session after the answer began: nobody can be told the key.
func TestTooLate(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	store := memstore.New()
	site := &web.Site{Log: slog.New(slog.NewTextHandler(&log, nil))}
	h := sessions.New(sessions.Config{Store: store}).Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("text"))
		must(t, touch(r, "late"))
	}))
	r := httptest.NewRequest("GET", "/page/", nil)
	h.ServeHTTP(httptest.NewRecorder(), r.WithContext(web.WithSite(r.Context(), site)))
	if got := stored(t, store); got != "" || !strings.Contains(log.String(), "needs a new cookie") || !strings.Contains(log.String(), "/page/") {
		t.Errorf("the store says %q, the log %q", got, log.String())
	}
}

func TestHijack(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	srv := server(t, store, func(w http.ResponseWriter, r *http.Request) {
		must(t, touch(r, "world"))
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprintf(buf, "HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: %s\r\n\r\n", w.Header().Get("Set-Cookie"))
		buf.Flush()
	}, false)
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	must(t, err)
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(answer), "101") || !strings.Contains(string(answer), "sessionid=") {
		t.Errorf("the answer is %q, %v", answer, err)
	}
	if got := stored(t, store); got != `"world"` {
		t.Errorf("the store says %s, want world", got)
	}
}

// TestNoHijack hijacks where that cannot be done: nothing is saved by the attempt.
func TestNoHijack(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	srv := server(t, store, func(w http.ResponseWriter, r *http.Request) {
		must(t, touch(r, "world"))
		if _, _, err := http.NewResponseController(w).Hijack(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("Hijack on HTTP/2 = %v, want ErrNotSupported", err)
		}
		w.WriteHeader(500)
	}, true)
	res, err := srv.Client().Get(srv.URL)
	must(t, err)
	res.Body.Close()
	if got := stored(t, store); got != "" {
		t.Errorf("the store says %s, want nothing after a 500", got)
	}
}

// broken is a store that can be read and not written.
type broken struct{ sessions.Store }

var errDisk = errors.New("the disk is full")

func (broken) Create(context.Context, sessions.Record) (string, error) { return "", errDisk }

// TestFailedSave wants an error page in place of whatever the handler writes, in any way.
func TestFailedSave(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"nothing": func(http.ResponseWriter, *http.Request) {},
		"a write": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "4")
			if n, err := w.Write([]byte("done")); n != 4 || err != nil {
				t.Errorf("Write = %d, %v", n, err)
			}
		},
		"a copy":   func(w http.ResponseWriter, r *http.Request) { io.Copy(w, strings.NewReader("done")) },
		"a status": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(201) },
		"a hijack": func(w http.ResponseWriter, r *http.Request) {
			if _, _, err := http.NewResponseController(w).Hijack(); !errors.Is(err, errDisk) {
				t.Errorf("Hijack = %v, want the error of saving", err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := server(t, broken{memstore.New()}, func(w http.ResponseWriter, r *http.Request) {
				must(t, touch(r, "world"))
				h(w, r)
			}, false)
			res, err := http.Get(srv.URL)
			must(t, err)
			defer res.Body.Close()
			body, _ := io.ReadAll(res.Body)
			if res.StatusCode != 500 || len(res.Cookies()) != 0 || strings.Contains(string(body), "done") || strings.Contains(string(body), "disk") {
				t.Errorf("status %d, cookies %v, body %q; want a bare 500", res.StatusCode, res.Cookies(), body)
			}
		})
	}
}

// TestVisitorLeaves cancels the request in the middle: what the handler did is kept.
func TestVisitorLeaves(t *testing.T) {
	t.Parallel()
	store := &minds{memstore.New()}
	ctx, cancel := context.WithCancel(t.Context())
	h := sessions.New(sessions.Config{Store: store}).Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		must(t, touch(r, "world"))
		cancel()
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	if got := stored(t, store.Store); got != `"world"` {
		t.Errorf("the store says %q, want world", got)
	}
}

// minds is a store that minds its context.
type minds struct{ *memstore.Store }

func (m *minds) Create(ctx context.Context, r sessions.Record) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if _, ok := ctx.Deadline(); !ok {
		return "", errors.New("saving may take for ever")
	}
	return m.Store.Create(ctx, r)
}
