package sessions

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/go-belleville/belleville/core/web"
)

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
	status     int
}

var _ io.ReaderFrom = (*writer)(nil)

// begin saves once, when the status is known.
func (w *writer) begin(status int) {
	if w.begun {
		return
	}
	w.begun, w.status = true, status
	if err := w.finish(status); err != nil {
		w.failed = true
		web.Error(w.ResponseWriter, w.request, err)
	}
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
// map, for whoever writes the answer by hand. When it returns an error, nothing has begun.
func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if !canHijack(w.ResponseWriter) {
		return nil, nil, fmt.Errorf("sessions: hijack: %w", http.ErrNotSupported)
	}
	if !w.begun {
		if err := w.finish(http.StatusSwitchingProtocols); err != nil {
			return nil, nil, err
		}
		w.begun, w.status = true, http.StatusSwitchingProtocols
	}
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// canHijack looks for a hijacker among the writers below.
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
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
