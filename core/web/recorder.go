package web

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// Recorder is an http.ResponseWriter that remembers what was answered. The project's handler
// puts one around every answer, for the access log and so that [Error] knows when it is too late.
type Recorder struct {
	http.ResponseWriter
	// Status is the status sent, 0 before the first byte.
	Status int
	// Bytes counts the body.
	Bytes int64
}

// WriteHeader remembers the first final status.
func (w *Recorder) WriteHeader(status int) {
	if w.Status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.Status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (w *Recorder) Write(p []byte) (int, error) {
	w.begin()
	n, err := w.ResponseWriter.Write(p)
	w.Bytes += int64(n)
	return n, err
}

// ReadFrom keeps net/http's fast path for files.
func (w *Recorder) ReadFrom(src io.Reader) (int64, error) {
	w.begin()
	n, err := io.Copy(w.ResponseWriter, src)
	w.Bytes += n
	return n, err
}

// Flush sends what is buffered, which begins the answer.
func (w *Recorder) Flush() { _ = w.FlushError() }

// FlushError is Flush for http.ResponseController.
func (w *Recorder) FlushError() error {
	w.begin()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack hands the connection over, after which nothing can be answered through w.
func (w *Recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil && w.Status == 0 {
		w.Status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}

// Unwrap gives http.ResponseController the writer below.
func (w *Recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *Recorder) begin() {
	if w.Status == 0 {
		w.Status = http.StatusOK
	}
}

// Written reports whether the answer has begun, as far as a [Recorder] below w knows.
func Written(w http.ResponseWriter) bool {
	for w != nil {
		if rec, ok := w.(*Recorder); ok {
			return rec.Status != 0
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = u.Unwrap()
	}
	return false
}
