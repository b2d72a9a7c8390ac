package filestore_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/filestore"
	"github.com/go-belleville/belleville/contrib/sessions/sessionstest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	sessionstest.TestStore(t, func(t *testing.T) sessions.Store { return filestore.New(t.TempDir(), keys) }, sessionstest.Options{
		WithKeys: func(t *testing.T, newKey func() string) sessions.Store {
			return filestore.NewWith(t.TempDir(), keys, filestore.Config{NewKey: newKey})
		},
	})
}

// TestRowG46 shows that no key leads out of the folder, and that only the owner reads the files.
func TestRowG46(t *testing.T) {
	t.Parallel()
	t.Run("row/G46", func(t *testing.T) {
		base := t.TempDir()
		dir := filepath.Join(base, "sessions")
		must(t, os.MkdirAll(filepath.Join(dir, "sessionid"), 0o700)) // so that sessionid/../x would be a path
		secret := filepath.Join(base, "secretfile")
		text, err := sessions.NewCodec(keys, "", nil, nil).Encode(sessions.Data{"_auth_user_id": []byte(`"1"`)})
		must(t, err)
		must(t, os.WriteFile(secret, []byte(text), 0o600))
		store := filestore.New(dir, keys)
		h := sessions.New(sessions.Config{Store: store}).Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s := sessions.Of(r.Context())
			names, err := s.Names(r.Context())
			fmt.Fprint(w, names, err, s.Key())
			if r.Method == http.MethodPost {
				must(t, s.Set(r.Context(), "a", 1))
				must(t, s.Flush(r.Context()))
			}
		}))
		for _, key := range []string{"/../../secretfile", "/../../../" + filepath.Base(base) + "/secretfile", "../sessions/../secretfile", "%2e%2e%2fsecretfile", "ABCDEFGHIJ", "aaaa_aaaa", "........"} {
			for _, method := range []string{"GET", "POST"} {
				r := httptest.NewRequest(method, "/", nil)
				r.Header.Set("Cookie", "sessionid="+key)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != 200 || w.Body.String() != "[] <nil>" {
					t.Errorf("%s with the key %q: status %d, session %q; want an empty one", method, key, w.Code, w.Body.String())
				}
			}
			must(t, store.Delete(t.Context(), key))
		}
		if got, err := os.ReadFile(secret); string(got) != text || err != nil {
			t.Errorf("the file outside the folder is %q, %v", got, err)
		}
		key, err := store.Create(t.Context(), sessions.Record{Expires: time.Now().Add(time.Hour)})
		must(t, err)
		_, err = store.Update(t.Context(), key, sessions.Record{}, sessions.Change{Expires: time.Now().Add(time.Hour)})
		must(t, err)
		info, err := os.Stat(filepath.Join(dir, "sessionid"+key))
		must(t, err)
		if info.Mode() != 0o600 {
			t.Errorf("the file has the mode %v, want -rw-------", info.Mode())
		}
		left, _ := filepath.Glob(filepath.Join(dir, ".new*"))
		if len(left) != 0 {
			t.Errorf("files are left behind: %v", left)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestDjangoFile reads a file as Django leaves it, and its end from the file's time.
func TestDjangoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := time.Now().Truncate(time.Second)
	s := filestore.NewWith(dir, keys, filestore.Config{Age: time.Hour, Now: func() time.Time { return now }})
	for _, tt := range []struct {
		expiry string
		age    time.Duration // of the file
		want   time.Duration // until the end, 0 for a session that is over
	}{
		{"", 10 * time.Minute, 50 * time.Minute}, {"", 2 * time.Hour, 0}, {"7200", 90 * time.Minute, 30 * time.Minute},
		{"0", 10 * time.Minute, 50 * time.Minute}, {`"` + now.Add(time.Minute).UTC().Format(time.RFC3339) + `"`, 5 * time.Hour, time.Minute},
	} {
		d := sessions.Data{"a": []byte("1")}
		if tt.expiry != "" {
			d["_session_expiry"] = []byte(tt.expiry)
		}
		text, err := sessions.NewCodec(keys, "", nil, nil).Encode(d)
		must(t, err)
		key := sessions.NewKey()
		path := filepath.Join(dir, "sessionid"+key)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		must(t, os.Chtimes(path, now, now.Add(-tt.age)))
		r, err := s.Load(t.Context(), key)
		if tt.want == 0 {
			if !errors.Is(err, sessions.ErrNotFound) {
				t.Errorf("%+v: %v, %v; want ErrNotFound", tt, r, err)
			}
			continue
		}
		if err != nil || r.Expires.Sub(now) != tt.want {
			t.Errorf("%+v: ends after %v, %v", tt, r.Expires.Sub(now), err)
		}
	}
}

// TestTwoStores has two stores on one folder, as two processes have.
func TestTwoStores(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stores := []*filestore.Store{filestore.New(dir, keys), filestore.New(dir, keys)}
	key, err := stores[0].Create(t.Context(), sessions.Record{Expires: time.Now().Add(time.Hour)})
	must(t, err)
	var both sync.WaitGroup
	for i, s := range stores {
		both.Go(func() {
			for n := range 20 {
				name := fmt.Sprintf("s%d-%d", i, n)
				if _, err := s.Update(t.Context(), key, sessions.Record{}, sessions.Change{Set: sessions.Data{name: []byte("1")}, Expires: time.Now().Add(time.Hour)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	both.Wait()
	if r, err := stores[0].Load(t.Context(), key); err != nil || len(r.Data) != 40 {
		t.Errorf("the session has %d values, %v; want 40", len(r.Data), err)
	}
}
