package web

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
)

// BeforeHeader calls next with a writer that calls f once, right before the answer begins: the
// last moment to see its status and to change its header. An answer of which nothing is written
// begins when next returns. When next panics before that, f is not called.
//
// When f returns an error, the answer becomes that error's page ([Error]) and what next writes is
// dropped. A handler that takes over the connection begins with status 101; there the error goes
// to the handler instead, nothing has begun, and f is called again for what it answers then.
func BeforeHeader(next http.Handler, w http.ResponseWriter, r *http.Request, f func(status int) error) {
	b := &beginWriter{ResponseWriter: w, request: r, before: f}
	next.ServeHTTP(b, r)
	b.begin(http.StatusOK)
}

type beginWriter struct {
	http.ResponseWriter
	request *http.Request
	before  func(status int) error
	begun   bool
	failed  bool
}

var _ io.ReaderFrom = (*beginWriter)(nil)

func (w *beginWriter) begin(status int) {
	if w.begun {
		return
	}
	w.begun = true
	if err := w.before(status); err != nil {
		w.failed = true
		Error(w.ResponseWriter, w.request, err)
	}
}

// WriteHeader passes the status on. Informational answers begin nothing.
func (w *beginWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.begin(status)
	}
	if !w.failed {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *beginWriter) Write(p []byte) (int, error) {
	w.begin(http.StatusOK)
	if w.failed {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// ReadFrom keeps net/http's fast path for files.
func (w *beginWriter) ReadFrom(src io.Reader) (int64, error) {
	w.begin(http.StatusOK)
	if w.failed {
		return io.Copy(io.Discard, src)
	}
	return io.Copy(w.ResponseWriter, src)
}

// Flush sends what is buffered, which begins the answer.
func (w *beginWriter) Flush() { _ = w.FlushError() }

// FlushError is Flush for http.ResponseController.
func (w *beginWriter) FlushError() error {
	w.begin(http.StatusOK)
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack hands the connection over, with the header as it would have been sent. When it returns an
// error, nothing has begun.
func (w *beginWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if !canHijack(w.ResponseWriter) {
		return nil, nil, fmt.Errorf("web: hijack: %w", http.ErrNotSupported)
	}
	if !w.begun {
		if err := w.before(http.StatusSwitchingProtocols); err != nil {
			return nil, nil, err
		}
		w.begun = true
	}
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// canHijack looks for a hijacker at the end of the writers below.
func canHijack(w http.ResponseWriter) bool {
	for {
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			_, ok = w.(http.Hijacker)
			return ok
		}
		w = u.Unwrap()
	}
}

// Unwrap gives http.ResponseController the writer below.
func (w *beginWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
