package messagestest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/messages/messagestest"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/signing"
)

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	failed string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) { r.failed += fmt.Sprintf(format, args...) }

// The cases of Django's own assertMessages are here in substance.
func TestAssert(t *testing.T) {
	t.Parallel()
	info := messages.Message{Level: messages.LevelInfo, Text: "First message."}
	warning := messages.Message{Level: messages.LevelWarning, Text: "Second message.", ExtraTags: "wide"}
	plain := messages.Message{Level: messages.LevelWarning, Text: "Second message."}
	narrow := messages.Message{Level: messages.LevelWarning, Text: "Second message.", ExtraTags: "narrow"}
	type list = []messages.Message
	for _, tt := range []struct {
		name               string
		got, want          list
		ordered, unordered bool // whether the assertions hold
	}{
		{"nothing", nil, nil, true, true},
		{"all levels", list{info, warning}, list{info, warning}, true, true},
		{"a level of one's own", list{{Level: 42, Text: "x"}}, list{{Level: 42, Text: "x"}}, true, true},
		{"tags that nobody asks for", list{warning}, list{plain}, true, true},
		{"other tags", list{warning}, list{narrow}, false, false},
		{"tags that are not there", list{plain}, list{narrow}, false, false},
		{"another order", list{info, warning}, list{warning, info}, false, true},
		{"one too many", list{info}, nil, false, false},
		{"one too few", list{info}, list{info, info}, false, false},
		{"another level", list{plain}, list{{Level: messages.LevelInfo, Text: plain.Text}}, false, false},
	} {
		r := &recorder{}
		if messagestest.Assert(r, tt.got, tt.want...); (r.failed == "") != tt.ordered {
			t.Errorf("%s: Assert reports %q", tt.name, r.failed)
		}
		r = &recorder{}
		if messagestest.AssertUnordered(r, tt.got, tt.want...); (r.failed == "") != tt.unordered {
			t.Errorf("%s: AssertUnordered reports %q", tt.name, r.failed)
		}
	}
	r := &recorder{}
	messagestest.Assert(r, list{warning})
	if want := `30 "Second message." [wide]`; !strings.Contains(r.failed, want) || !strings.Contains(r.failed, "none") {
		t.Errorf("the report is %q, want %s and none in it", r.failed, want)
	}
}

// memory is a storage of somebody's own: messages by session.
type memory struct {
	mu  sync.Mutex
	all map[string][]messages.Message
	n   int
}

func (m *memory) Load(r *http.Request) (messages.Stored, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id, _, err := sessions.Get[string](r.Context(), sessions.Of(r.Context()), "id")
	return messages.Stored{Messages: m.all[id], Present: len(m.all[id]) > 0}, err
}

func (m *memory) Save(_ http.ResponseWriter, r *http.Request, _ messages.Stored, msgs []messages.Message) ([]messages.Message, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := sessions.Of(r.Context())
	id, found, err := sessions.Get[string](r.Context(), s, "id")
	if !found {
		m.n++
		id = fmt.Sprint(m.n)
		err = s.Set(r.Context(), "id", id)
	}
	m.all[id] = msgs
	return nil, err
}

func TestStorages(t *testing.T) {
	t.Parallel()
	keys := signing.Keys{"a key"}
	for name, storage := range map[string]messages.Storage{
		"cookie":             messages.NewCookieStorage(messages.CookieConfig{Keys: keys}),
		"cookie with oldest": messages.NewCookieStorage(messages.CookieConfig{Keys: keys, KeepOldest: true}),
		"session":            messages.SessionStorage{},
		"fallback": messages.FallbackStorage{
			messages.NewCookieStorage(messages.CookieConfig{Keys: keys, KeepOldest: true}), messages.SessionStorage{},
		},
		"memory": &memory{all: map[string][]messages.Message{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			messagestest.TestStorage(t, storage)
		})
	}
}
