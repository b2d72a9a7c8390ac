package messagestest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
)

// TestStorage checks that a storage keeps what [messages.Storage] promises. Requests pass through
// sessions and bring back the cookies that they were given.
func TestStorage(t *testing.T, storage messages.Storage) {
	sess := sessions.New(sessions.Config{Store: memstore.New()})
	for _, tt := range []struct {
		name string
		run  func(*testing.T, *visitor)
	}{
		{"nothing is kept", testNothing},
		{"messages come back", testRoundTrip},
		{"messages are replaced", testReplace},
		{"messages are removed", testRemove},
		{"many messages", testMany},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(t, &visitor{storage: storage, sessions: sess})
		})
	}
	t.Run("visitors at once", func(t *testing.T) {
		t.Parallel()
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				v := &visitor{storage: storage, sessions: sess}
				own := []messages.Message{{Level: messages.LevelInfo, Text: fmt.Sprint("for ", i)}}
				v.save(t, own)
				Assert(t, v.load(t).Messages, own...)
			})
		}
		all.Wait()
	})
}

// visitor is somebody with cookies.
type visitor struct {
	storage  messages.Storage
	sessions *sessions.Sessions
	cookies  []*http.Cookie
}

// visit makes a request in which f uses the storage.
func (v *visitor) visit(t *testing.T, f func(w http.ResponseWriter, r *http.Request) error) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(t.Context())
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	var err error
	v.sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { err = f(w, r) })).ServeHTTP(w, r)
	if err != nil {
		t.Errorf("the storage returned %v, want no error", err)
	}
	for _, c := range w.Result().Cookies() {
		v.cookies = slices.DeleteFunc(v.cookies, func(old *http.Cookie) bool { return old.Name == c.Name })
		if c.MaxAge >= 0 {
			v.cookies = append(v.cookies, c)
		}
	}
}

func (v *visitor) load(t *testing.T) (was messages.Stored) {
	t.Helper()
	v.visit(t, func(_ http.ResponseWriter, r *http.Request) (err error) {
		was, err = v.storage.Load(r)
		return err
	})
	return was
}

func (v *visitor) save(t *testing.T, msgs []messages.Message) (left []messages.Message) {
	t.Helper()
	v.visit(t, func(w http.ResponseWriter, r *http.Request) error {
		was, err := v.storage.Load(r)
		if err != nil {
			return err
		}
		left, err = v.storage.Save(w, r, was, slices.Clone(msgs))
		return err
	})
	return left
}

func testNothing(t *testing.T, v *visitor) {
	if was := v.load(t); was.Present || was.Partial || len(was.Messages) > 0 {
		t.Errorf("Load for a new visitor = %+v, want nothing", was)
	}
}

func testRoundTrip(t *testing.T, v *visitor) {
	want := []messages.Message{
		{Level: messages.LevelInfo, Text: "plain"},
		{Level: messages.LevelError, Text: "<b>é☃😀\n\x00\"\\", Safe: true},
		{Level: 29, Text: "tagged", ExtraTags: "one two"},
		{Text: "without a level"},
		{Level: messages.LevelInfo, Text: "plain"},
	}
	if left := v.save(t, want); len(left) > 0 {
		t.Fatalf("Save left %#v over, want room for five short messages", left)
	}
	was := v.load(t)
	if !was.Present {
		t.Error("Present = false after Save")
	}
	Assert(t, was.Messages, want...)
	for i, m := range was.Messages {
		if i < len(want) && m.Safe != want[i].Safe {
			t.Errorf("Safe of %#v = %t, want %t", m, m.Safe, want[i].Safe)
		}
	}
}

func testReplace(t *testing.T, v *visitor) {
	v.save(t, []messages.Message{{Text: "old"}})
	v.save(t, []messages.Message{{Text: "new"}})
	Assert(t, v.load(t).Messages, messages.Message{Text: "new"})
}

func testRemove(t *testing.T, v *visitor) {
	v.save(t, []messages.Message{{Text: "old"}})
	v.save(t, nil)
	if was := v.load(t); was.Present || len(was.Messages) > 0 {
		t.Errorf("Load after Save without messages = %+v, want nothing", was)
	}
}

// testMany sees to it that no message is lost without being handed back, and none is doubled.
func testMany(t *testing.T, v *visitor) {
	var all []messages.Message
	for i := range 40 {
		all = append(all, messages.Message{Level: messages.LevelInfo, Text: fmt.Sprintf("%d %s", i, noise(i, 200))})
	}
	left := v.save(t, all)
	kept := v.load(t).Messages
	for name, some := range map[string][]messages.Message{"kept": kept, "left over": left} {
		if !slices.IsSortedFunc(some, func(a, b messages.Message) int { return place(all, a) - place(all, b) }) {
			t.Errorf("the messages %s are not in order:\n%s", name, list(some))
		}
	}
	AssertUnordered(t, slices.Concat(kept, left), all...)
}

func place(all []messages.Message, m messages.Message) int {
	return slices.IndexFunc(all, m.Equal)
}

// noise returns text that hardly gets shorter by compression, the same each time.
func noise(seed, n int) string {
	var b strings.Builder
	x := uint32(seed)*2654435761 + 1
	for range n {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b.WriteByte('A' + byte(x>>8)%57)
	}
	return b.String()
}
