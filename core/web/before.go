package web

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// BeforeHeader calls next with a writer that calls f once, right before the answer begins: the
// last moment to see its status and to change its header. An answer of which nothing is written
// begins when next returns. When next panics before that, f is not called.
func BeforeHeader(next http.Handler, w http.ResponseWriter, r *http.Request, f func(status int)) {
	b := &beginWriter{ResponseWriter: w, before: f}
	next.ServeHTTP(b, r)
	b.begin(http.StatusOK)
}

type beginWriter struct {
	http.ResponseWriter
	before func(status int)
	begun  bool
}

var _ io.ReaderFrom = (*beginWriter)(nil)

func (w *beginWriter) begin(status int) {
	if !w.begun {
		w.begun = true
		w.before(status)
	}
}

// WriteHeader passes the status on. Informational answers begin nothing.
func (w *beginWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.begin(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *beginWriter) Write(p []byte) (int, error) {
	w.begin(http.StatusOK)
	return w.ResponseWriter.Write(p)
}

// ReadFrom keeps net/http's fast path for files.
func (w *beginWriter) ReadFrom(src io.Reader) (int64, error) {
	w.begin(http.StatusOK)
	return io.Copy(w.ResponseWriter, src)
}

// Flush sends what is buffered, which begins the answer.
func (w *beginWriter) Flush() { _ = w.FlushError() }

// FlushError is Flush for http.ResponseController.
func (w *beginWriter) FlushError() error {
	w.begin(http.StatusOK)
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack hands the connection over, with the header as it would have been sent.
func (w *beginWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.begin(http.StatusSwitchingProtocols)
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// Unwrap gives http.ResponseController the writer below.
func (w *beginWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
