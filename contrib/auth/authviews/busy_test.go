package authviews_test

import (
	"crypto/sha256"
	"net/url"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/hashers"
	"github.com/go-belleville/belleville/core/coretest"
)

// held is a hasher whose verifying waits until it is let go.
type held struct {
	hashers.MD5
	entered, leave chan struct{}
}

func (h held) Verify(password, encoded string) (bool, error) {
	h.entered <- struct{}{}
	<-h.leave
	return h.MD5.Verify(password, encoded)
}

// TestBusy logs in while as many hashes run as may: the answer is 503 and when to come back, pages
// that hash nothing are served, and the log-in works afterwards.
func TestBusy(t *testing.T) {
	t.Parallel()
	tables.Each(t, func(t *testing.T, s *coretest.Site) {
		h := held{entered: make(chan struct{}), leave: make(chan struct{})}
		w := open(t, s, options{config: func(c *auth.Config) {
			c.Hashers = hashers.New(hashers.Config{List: []hashers.Hasher{h}, Limit: 1, Queue: -1})
		}})
		w.create(t, "testclient", "testclient@example.com", "password")
		form := url.Values{"username": {"testclient"}, "password": {"password"}}
		first := make(chan *coretest.Page)
		go func() { first <- w.Browser().Post(t, "/login/", form) }()
		<-h.entered
		page := w.Browser().Post(t, "/login/", form)
		if page.Status != 503 || page.Header.Get("Retry-After") != "5" {
			t.Errorf("a log-in while all hashers work: status %d, Retry-After %q; want 503 and 5", page.Status, page.Header.Get("Retry-After"))
		}
		if page := w.Browser().Get(t, "/login/"); page.Status != 200 {
			t.Errorf("the page of the form meanwhile: status %d, want 200", page.Status)
		}
		h.leave <- struct{}{}
		if page := <-first; page.Status != 302 {
			t.Errorf("the log-in that came first: status %d, want 302", page.Status)
		}
		go func() { first <- w.Browser().Post(t, "/login/", form) }()
		<-h.entered
		h.leave <- struct{}{}
		if page := <-first; page.Status != 302 {
			t.Errorf("a log-in afterwards: status %d, want 302", page.Status)
		}
	})
}

// TestLongPasswords posts passwords of a megabyte, which cost what short ones cost, and more than
// a body may hold.
func TestLongPasswords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	row(t, "G34", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		h := hashers.PBKDF2SHA256{Iterations: 3}
		digest := sha256.Sum256([]byte(long))
		fromLong, err := h.Encode(long, "seasalt")
		if err != nil {
			t.Fatal(err)
		}
		if fromDigest, err := h.Encode(string(digest[:]), "seasalt"); err != nil || fromDigest != fromLong {
			t.Errorf("the hash of 1 MiB is %s, that of its digest %s, %v: each iteration works on the whole password", fromLong, fromDigest, err)
		}
		w.create(t, "wordy", "wordy@example.com", long)
		if p := b.Post(t, "/login/", url.Values{"username": {"wordy"}, "password": {long + "x"}}); p.Status != 200 {
			t.Errorf("a wrong password of 1 MiB: status %d, want the form again", p.Status)
		}
		if p := b.Post(t, "/login/", url.Values{"username": {"wordy"}, "password": {long}}); p.Status != 302 {
			t.Errorf("a right password of 1 MiB: status %d, want 302", p.Status)
		}
		if p := w.Browser().Post(t, "/login/", url.Values{"username": {"wordy"}, "password": {long + long + long}}); p.Status != 413 {
			t.Errorf("a body of 3 MiB: status %d, want 413", p.Status)
		}
	})
}
