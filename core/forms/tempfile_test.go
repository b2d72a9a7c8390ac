package forms_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/go-belleville/belleville/core/forms"
)

// TestTemporaryFilesGo sends a file that does not fit into memory through middleware that copies
// the request, as every project has.
func TestTemporaryFilesGo(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	during := 0
	count := func() int {
		t.Helper()
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	type key struct{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), key{}, true))
		if _, err := forms.Read(r, forms.Limits{Body: 20 << 20, Memory: 1}); err != nil {
			t.Errorf("Read: %v", err)
		}
		during = count()
	}))
	t.Cleanup(server.Close)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "a.bin")
	if err != nil {
		t.Fatal(err)
	}
	// What does not fit into Memory and the reserve that net/http adds to it goes to a file.
	if _, err := part.Write(make([]byte, 11<<20)); err != nil {
		t.Fatal(err)
	}
	form.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if during == 0 {
		t.Fatal("the file was never on disk, so this test shows nothing")
	}
	for deadline := time.Now().Add(10 * time.Second); count() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d temporary files are left after the request", count())
		}
	}
}
