package messages

import (
	"bufio"
	"io"
	"net"
	"net/http"

	"github.com/go-belleville/belleville/core/web"
)

// writer stores the messages before the first byte of the answer. When that fails, the answer
// becomes an error page and what the handler writes is dropped.
type writer struct {
	http.ResponseWriter
	request *http.Request
	queue   *Queue
	begun   bool
	failed  bool
}

var _ io.ReaderFrom = (*writer)(nil)

// begin stores once, when the status is known.
func (w *writer) begin(status int) {
	if w.begun {
		return
	}
	w.begun = true
	if err := w.queue.finish(w.ResponseWriter, w.request, status); err != nil {
		w.failed = true
		web.Error(w.ResponseWriter, w.request, err)
	}
}

// WriteHeader stores the messages and passes the status on. Informational answers store nothing.
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

// Hijack hands the connection over. Nothing is stored: there is no answer that could carry a cookie.
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.begun = w.begun || err == nil
	return conn, rw, err
}

// Unwrap gives http.ResponseController the writer below.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
