package csrf

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/go-belleville/belleville/core/web"
)

// fieldName is the form's field with the token.
const fieldName = "csrfmiddlewaretoken"

// formMemory is how much of a form's files is kept in memory, Django's
// FILE_UPLOAD_MAX_MEMORY_SIZE.
const formMemory = 2621440

// postedToken returns the token of the form that a request posts, the last of several; "" when it
// posts none, or no form. It reads the body within the limit that is around it. When the
// connection breaks meanwhile, nothing was posted.
func postedToken(r *http.Request) (string, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Body == nil || kind != "multipart/form-data" && kind != "application/x-www-form-urlencoded" {
		return "", nil
	}
	body := &watchedBody{ReadCloser: r.Body}
	r.Body = body
	var err error
	if kind == "multipart/form-data" {
		err = r.ParseMultipartForm(formMemory)
	} else {
		_ = r.ParseForm() // a value that is spelt wrong is left out
	}
	r.Body = body.ReadCloser
	var large *http.MaxBytesError
	switch {
	case errors.As(body.err, &large):
		return "", fmt.Errorf("csrf: read the form: %w", body.err)
	case body.err != nil:
		return "", nil // nobody is there any more
	case err != nil:
		return "", formError(err)
	}
	values := r.PostForm[fieldName]
	if len(values) == 0 {
		return "", nil
	}
	return values[len(values)-1], nil
}

// formError gives the error of a form that was read but not understood its status: 400, unless
// its files could not be stored.
func formError(err error) error {
	var local *fs.PathError
	switch {
	case errors.As(err, &local):
		return fmt.Errorf("csrf: keep the files of the form: %w", err)
	case errors.Is(err, multipart.ErrMessageTooLarge):
		return &web.StatusError{Code: http.StatusRequestEntityTooLarge, Err: fmt.Errorf("csrf: read the form: %w", err)}
	}
	return &web.StatusError{Code: http.StatusBadRequest, Err: fmt.Errorf("csrf: read the form: %w", err)}
}

// watchedBody remembers why a body could not be read to its end.
type watchedBody struct {
	io.ReadCloser
	err error
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// removeFiles removes the temporary files of a form.
func removeFiles(r *http.Request) {
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll() // what is left is in the folder for temporary files
	}
}
