package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// StatusError is an error with the HTTP status it deserves and a sentence that may be shown.
type StatusError struct {
	// Code is the HTTP status.
	Code int
	// Message is shown to the visitor; empty shows the page's own text.
	Message string
	// RetryAfter, when positive, is sent as the Retry-After header, rounded up to seconds.
	RetryAfter time.Duration
	// Err is the cause: logged for 5xx, never shown outside DEBUG. May be nil.
	Err error
}

// Error returns the status, the message and the cause, for logs.
func (e *StatusError) Error() string {
	s := fmt.Sprintf("%d %s", e.Code, http.StatusText(e.Code))
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *StatusError) Unwrap() error { return e.Err }

// HTTPStatus returns the status. Any error with this method gets it from [Error], and one with a
// method Wait() time.Duration besides gets a Retry-After header.
func (e *StatusError) HTTPStatus() int { return e.Code }

// NotFound returns a 404 with a sentence for the visitor, which may be empty.
func NotFound(message string) error { return &StatusError{Code: http.StatusNotFound, Message: message} }

// Forbidden returns a 403 with a sentence for the visitor, which may be empty.
func Forbidden(message string) error {
	return &StatusError{Code: http.StatusForbidden, Message: message}
}

// BadRequest returns a 400 with a sentence for the visitor, which may be empty.
func BadRequest(message string) error {
	return &StatusError{Code: http.StatusBadRequest, Message: message}
}

// Error answers with the page of err: through the request's [Site] when there is one, and in
// plain text otherwise. It does nothing for a nil error. When the answer has begun already it
// can only be logged.
func Error(w http.ResponseWriter, r *http.Request, err error) {
	if err == nil {
		return
	}
	if site := SiteOf(r.Context()); site != nil {
		site.Error(w, r, err)
		return
	}
	p := problemOf(err)
	p.headers(w)
	http.Error(w, p.text(), p.Code)
}

// statusClientClosed is what is logged when the visitor left before the answer; nobody sees it.
const statusClientClosed = 499

// problemOf turns any error into a status and what may be said about it.
func problemOf(err error) *StatusError {
	var se *StatusError
	if errors.As(err, &se) {
		return se
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return &StatusError{Code: http.StatusRequestEntityTooLarge, Message: fmt.Sprintf(
			"What you sent is larger than the %d bytes allowed here.", tooLarge.Limit), Err: err}
	}
	var other interface {
		error
		HTTPStatus() int
	}
	if errors.As(err, &other) && http.StatusText(other.HTTPStatus()) != "" {
		p := &StatusError{Code: other.HTTPStatus(), Err: err}
		var waiting interface{ Wait() time.Duration }
		if errors.As(err, &waiting) {
			p.RetryAfter = waiting.Wait()
		}
		return p
	}
	if errors.Is(err, context.Canceled) {
		return &StatusError{Code: statusClientClosed, Err: err}
	}
	return &StatusError{Code: http.StatusInternalServerError, Err: err}
}

// headers removes what described the answer that will not come and adds what the error needs.
func (e *StatusError) headers(w http.ResponseWriter) {
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Disposition", "Etag", "Last-Modified", "Cache-Control"} {
		h.Del(name)
	}
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((e.RetryAfter+time.Second-1)/time.Second)))
	}
}

// text is the plain-text form of the page.
func (e *StatusError) text() string {
	if e.Message != "" {
		return e.Message
	}
	if t := http.StatusText(e.Code); t != "" {
		return t
	}
	return "Error " + strconv.Itoa(e.Code)
}

// wantsJSON reports whether the client asks for JSON and not for a page.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// JSON answers with v as JSON. It returns the encoding error before anything is written.
func JSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("answer in JSON: %w", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, err = w.Write(append(body, '\n'))
	return ignoreWrite(err)
}

// ignoreWrite drops the error of writing to a client that is gone: nobody is left to be told.
func ignoreWrite(error) error { return nil }
