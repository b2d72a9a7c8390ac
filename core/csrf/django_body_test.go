package csrf_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/csrf"
)

// broken ends with an error, as a body does whose sender is gone.
func broken(text string) io.Reader {
	return io.MultiReader(strings.NewReader(text), errorReader{})
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestUnreadablePost(t *testing.T) {
	t.Parallel()
	for _, s := range []store{inCookie, inSession} {
		t.Run("django/csrf_tests/tests.py/"+s.class+".test_reading_post_data_raises_unreadable_post_error", func(t *testing.T) {
			t.Parallel()
			b := s.bench(t, config{})
			b.wantPassed(t, s.posting(asked{}))
			a := asked{method: "POST", kept: token1, kind: "application/x-www-form-urlencoded"}
			b.wantRefused(t, s.requestWith(a, broken("csrfmiddlewaretoken="+token2)), csrf.TokenMissing)
			text, kind := multipartForm(t, 10)
			a.kind = kind
			b.wantRefused(t, s.requestWith(a, broken(text[:len(text)-20])), csrf.TokenMissing)
		})
	}
}

// multipartForm is a form with a good token and a file of n bytes.
func multipartForm(t testing.TB, n int) (text, kind string) {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	err := m.WriteField("csrfmiddlewaretoken", token2)
	file, err2 := m.CreateFormFile("file", "a.bin")
	_, err3 := file.Write(make([]byte, n))
	if err := errors.Join(err, err2, err3, m.Close()); err != nil {
		t.Fatal(err)
	}
	return body.String(), m.FormDataContentType()
}

// TestFilesCannotBeKept has no folder for temporary files. It is not parallel for that reason.
func TestFilesCannotBeKept(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "gone"))
	text, kind := multipartForm(t, 3<<20)
	for _, s := range []store{inCookie, inSession} {
		t.Run("django/csrf_tests/tests.py/"+s.class+".test_reading_post_data_raises_os_error", func(t *testing.T) {
			b := s.bench(t, config{})
			r := s.request(asked{method: "POST", kept: token1, body: text, kind: kind})
			var w = b.ask(b.Protect(b.view("")), r)
			if w.Code != http.StatusInternalServerError || b.runs != 0 || b.log.String() != "" {
				t.Errorf("status %d, the view ran %d times, logged %q; want 500, never, and no refusal", w.Code, b.runs, b.log)
			}
			var err error
			r = s.request(asked{method: "POST", kept: token1, body: text, kind: kind})
			b.ask(b.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { err = b.Check(r) })), r)
			var local *fs.PathError
			if _, refused := isRefusal(err); refused || !errors.As(err, &local) {
				t.Errorf("Check returned %v, want the error of the file system", err)
			}
		})
	}
}
