package forms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-belleville/belleville/core/web"
)

// Data is what was posted.
type Data struct {
	// Values are the texts by name.
	Values url.Values
	// Files are the uploaded files by name; nil for none.
	Files map[string][]*multipart.FileHeader
}

// Limits are how much of a request is read. The zero value has the usual limits, Django's.
type Limits struct {
	// Body is the size of the request in bytes, files included. 0 means what the route allows
	// (see web.BodyLimit), and outside of a Belleville router 2,621,440.
	Body int64
	// Memory is how much of the files is kept in memory, in bytes; the rest goes to temporary
	// files, which are gone when the request ends. 0 means 2,621,440.
	Memory int64
	// Values is the number of texts, 0 means 1,000; Files that of files, 0 means 100.
	Values, Files int
}

// usualSize is DATA_UPLOAD_MAX_MEMORY_SIZE and FILE_UPLOAD_MAX_MEMORY_SIZE.
const usualSize = 2621440

// Accept reads a request into the form and checks it. It reports whether the form was posted and
// all is well: then its values are ready. Otherwise the page with the form is to be shown, empty
// after a GET, with its errors after a POST. Methods other than POST, PUT and PATCH post nothing.
//
// The error is not about what was entered. It has the status 413 for a request beyond the limits
// of the form or the route (an [*http.MaxBytesError]) and 400 for one that cannot be read.
func Accept(r *http.Request, f Interface) (bool, error) {
	switch r.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
	default:
		return false, nil
	}
	d, err := Read(r, f.form().Limits)
	if err != nil {
		return false, err
	}
	f.form().Bind(d)
	return Validate(r.Context(), f)
}

// Read reads what a request posts as a form; requests with other content have no data. A request
// whose form was parsed before is not read again. The error is as for [Accept].
func Read(r *http.Request, l Limits) (Data, error) {
	if err := parse(r, l); err != nil {
		return Data{}, err
	}
	d := Data{Values: make(url.Values, len(r.PostForm))}
	count := 0
	for name, values := range r.PostForm {
		count += len(values)
		for _, v := range values {
			name := strings.ToValidUTF8(name, "\uFFFD")
			d.Values[name] = append(d.Values[name], strings.ToValidUTF8(v, "\uFFFD"))
		}
	}
	if most := or(l.Values, 1000); count > most {
		return Data{}, tooMany("fields", count, most)
	}
	if r.MultipartForm != nil {
		d.Files = r.MultipartForm.File
	}
	count = 0
	for _, files := range d.Files {
		count += len(files)
	}
	if most := or(l.Files, 100); count > most {
		return Data{}, tooMany("files", count, most)
	}
	return d, nil
}

func or[T int | int64](n, otherwise T) T {
	if n > 0 {
		return n
	}
	return otherwise
}

func tooMany(what string, count, most int) error {
	return &web.StatusError{
		Code:    http.StatusBadRequest,
		Message: "The form you sent has more parts than this site accepts.",
		Err:     fmt.Errorf("forms: %d %s, where %d are allowed", count, what, most),
	}
}

// parse lets net/http read the body once, within the limits.
func parse(r *http.Request, l Limits) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	limit := l.Body
	if limit <= 0 && web.RouteOf(r.Context()) == nil {
		limit = usualSize
	}
	if limit > 0 && r.Body != nil {
		r.Body = http.MaxBytesReader(nil, r.Body, limit)
	}
	var err error
	if kind == "multipart/form-data" {
		err = r.ParseMultipartForm(or(l.Memory, usualSize))
		removeFiles(r)
	} else {
		err = r.ParseForm()
	}
	if err == nil || isSpelling(err) {
		return nil
	}
	return readError(r.Context(), err, limit)
}

// removeFiles takes the form's temporary files away when the request ends. net/http does so only
// for the request that it made itself, and middleware hands on copies.
func removeFiles(r *http.Request) {
	if form := r.MultipartForm; form != nil {
		context.AfterFunc(r.Context(), func() { _ = form.RemoveAll() })
	}
}

// isSpelling reports whether a value is spelt wrong, in the address or the body: it is left out
// and the others are fine.
func isSpelling(err error) bool {
	var bad url.EscapeError
	return errors.As(err, &bad) || strings.Contains(err.Error(), "invalid semicolon separator")
}

// readError gives the error of a body that cannot be read its status.
func readError(ctx context.Context, err error, limit int64) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fmt.Errorf("forms: %w", err)
	case errors.Is(err, multipart.ErrMessageTooLarge):
		return fmt.Errorf("forms: %w: %w", &http.MaxBytesError{Limit: or(limit, usualSize)}, err)
	case ctx.Err() != nil:
		return fmt.Errorf("forms: %w", context.Cause(ctx))
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("the request ends too early: %w", err)
	}
	return &web.StatusError{Code: http.StatusBadRequest, Err: fmt.Errorf("forms: %w", err)}
}
