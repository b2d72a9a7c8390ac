package messages_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/core/signing"
)

const (
	secret = "a-key-for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz"
	// maxCookie is what Django allows, in bytes.
	maxCookie = 2048
	// noRoomForFive is a size in characters of which four messages fit into the cookie and five do not.
	noRoomForFive = int((maxCookie-54)*10/45 - 37)
	sentinel      = "__messagesnotfinished__"
)

// visitor is somebody with cookies, at a site that is nothing but sessions and messages.
type visitor struct {
	sessions *sessions.Sessions
	config   messages.Config
	cookies  map[string]*http.Cookie
	answer   *http.Response // the last one
}

func newVisitor(sc sessions.Config, storage func(*sessions.Sessions) messages.Storage) *visitor {
	sc.Store = memstore.New()
	sess := sessions.New(sc)
	return &visitor{
		sessions: sess,
		config:   messages.Config{Sessions: sess, Keys: signing.Keys{secret}, Storage: storage(sess)},
		cookies:  map[string]*http.Cookie{},
	}
}

// visit makes a request that f answers.
func (v *visitor) visit(t *testing.T, f func(ctx context.Context, q *messages.Queue)) {
	t.Helper()
	v.serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { f(r.Context(), messages.Of(r.Context())) }))
}

// serve makes a request that h answers.
func (v *visitor) serve(t *testing.T, h http.Handler) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(t.Context())
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	v.sessions.Middleware(messages.New(v.config).Middleware(h)).ServeHTTP(w, r)
	v.answer = w.Result()
	for _, c := range v.answer.Cookies() {
		v.cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return w
}

// setCookie is the last answer's cookie of messages, nil when it set none.
func (v *visitor) setCookie() *http.Cookie {
	for _, c := range v.answer.Cookies() {
		if c.Name == "messages" {
			return c
		}
	}
	return nil
}

// giveCookie gives the visitor a cookie that holds a JSON text.
func (v *visitor) giveCookie(t *testing.T, text string) {
	t.Helper()
	value, err := cookieSigner().SignObject(json.RawMessage(text), true)
	if err != nil {
		t.Fatal(err)
	}
	v.cookies["messages"] = &http.Cookie{Name: "messages", Value: value}
}

func cookieSigner() signing.TimestampSigner {
	return signing.TimestampSigner{Keys: signing.Keys{secret}.ForCookies(), Salt: "django.contrib.messages"}
}

// inCookie counts the messages in the visitor's cookie.
func (v *visitor) inCookie(t *testing.T) int {
	t.Helper()
	c := v.cookies["messages"]
	if c == nil {
		return 0
	}
	var items []any
	if err := cookieSigner().UnsignObject(c.Value, time.Hour, &items); err != nil {
		t.Fatalf("the cookie %q: %v", c.Value, err)
	}
	if n := len(items); n > 0 && items[n-1] == sentinel {
		items = items[:n-1]
	}
	return len(items)
}

// session opens the visitor's session.
func (v *visitor) session() *sessions.Session {
	key := ""
	if c := v.cookies["sessionid"]; c != nil {
		key = c.Value
	}
	return v.sessions.Open(key)
}

// giveSession gives the visitor a session that holds a JSON text for messages.
func (v *visitor) giveSession(t *testing.T, text string) {
	t.Helper()
	s := v.session()
	if err := s.Set(t.Context(), "_messages", text); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	v.cookies["sessionid"] = &http.Cookie{Name: "sessionid", Value: s.Key()}
}

// inSession counts the messages in the visitor's session.
func (v *visitor) inSession(t *testing.T) int {
	t.Helper()
	var items []any
	text, found, err := sessions.Get[string](t.Context(), v.session(), "_messages")
	if err == nil && found {
		err = json.Unmarshal([]byte(text), &items)
	}
	if err != nil {
		t.Fatalf("the session: %v", err)
	}
	return len(items)
}

func (v *visitor) stored(t *testing.T) int {
	t.Helper()
	return v.inCookie(t) + v.inSession(t)
}

// waitWith gives the visitor the two messages of Django's "existing" storage.
func (v *visitor) waitWith(t *testing.T) {
	t.Helper()
	v.visit(t, func(_ context.Context, q *messages.Queue) {
		must(t, q.Add(messages.LevelInfo, "Test message 1"))
		must(t, q.Add(messages.LevelInfo, "Test message 2", "tag"))
	})
	if n := v.stored(t); n != 2 {
		t.Fatalf("%d messages wait, want 2", n)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("error %v, want none", err)
	}
}

// read and peek return texts.
func read(t *testing.T, ctx context.Context, q *messages.Queue) []string {
	t.Helper()
	all, err := q.Read(ctx)
	must(t, err)
	return texts(all)
}

func peek(t *testing.T, ctx context.Context, q *messages.Queue) []string {
	t.Helper()
	all, err := q.Peek(ctx)
	must(t, err)
	return texts(all)
}

func texts(all []messages.Message) []string {
	var out []string
	for _, m := range all {
		out = append(out, m.String())
	}
	return out
}

// mapTags returns a string of each message.
func mapTags(all []messages.Message, f func(messages.Message) string) []string {
	var out []string
	for _, m := range all {
		out = append(out, f(m))
	}
	return out
}
