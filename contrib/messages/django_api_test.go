package messages_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-belleville/belleville/contrib/messages"
)

// dummyStorage keeps messages in itself.
type dummyStorage struct{ kept []messages.Message }

func (d *dummyStorage) Load(*http.Request) (messages.Stored, error) {
	return messages.Stored{Messages: d.kept, Present: len(d.kept) > 0}, nil
}

func (d *dummyStorage) Save(_ http.ResponseWriter, _ *http.Request, _ messages.Stored, msgs []messages.Message) ([]messages.Message, error) {
	d.kept = msgs
	return nil, nil
}

// wrapped is a context that is only known by its methods.
type wrapped struct{ context.Context }

func TestAPI(t *testing.T) {
	t.Parallel()
	for class, wrap := range map[string]func(context.Context) context.Context{
		"ApiTests":              func(ctx context.Context) context.Context { return ctx },
		"CustomRequestApiTests": func(ctx context.Context) context.Context { return wrapped{ctx} },
	} {
		name := "django/messages_tests/test_api.py/" + class + "."
		t.Run(name+"test_ok", func(t *testing.T) {
			t.Parallel()
			storage := &dummyStorage{}
			m := messages.New(messages.Config{Storage: storage, Level: messages.LevelDebug})
			m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				must(t, messages.Add(wrap(r.Context()), messages.LevelDebug, "some message"))
			})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
			if len(storage.kept) != 1 || storage.kept[0].Text != "some message" || storage.kept[0].Level != messages.LevelDebug {
				t.Errorf("kept is %#v, want the message", storage.kept)
			}
		})
		t.Run(name+"test_middleware_missing", func(t *testing.T) {
			t.Parallel()
			if err := messages.Add(wrap(t.Context()), messages.LevelDebug, "some message"); !errors.Is(err, messages.ErrNoMiddleware) {
				t.Errorf("error %v, want ErrNoMiddleware", err)
			}
		})
		t.Run(name+"test_middleware_missing_silently", func(t *testing.T) {
			t.Parallel()
			if messages.TryAdd(wrap(t.Context()), messages.LevelDebug, "some message") {
				t.Error("TryAdd = true without the middleware")
			}
		})
	}
}

func TestWithoutMessages(t *testing.T) {
	t.Parallel()
	t.Run("django/messages_tests/test_middleware.py/MiddlewareTests.test_response_without_messages", func(t *testing.T) {
		t.Parallel()
		// No sessions around it and a layer that loses the context: nothing is wrong until somebody asks.
		m := messages.New(messages.Config{})
		w := httptest.NewRecorder()
		m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "answer") })
			inner.ServeHTTP(w, r.WithContext(context.Background()))
		})).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if w.Code != http.StatusOK || w.Body.String() != "answer" || len(w.Header()["Set-Cookie"])+len(w.Header()["Vary"]) > 0 {
			t.Errorf("status %d, body %q, header %v, want the bare answer", w.Code, w.Body, w.Header())
		}
	})
}

func TestEqual(t *testing.T) {
	t.Parallel()
	t.Run("django/messages_tests/tests.py/MessageTests.test_eq", func(t *testing.T) {
		t.Parallel()
		first := messages.Message{Level: messages.LevelInfo, Text: "Test message 1"}
		for _, tt := range []struct {
			a, b messages.Message
			want bool
		}{
			{first, first, true},
			{first, messages.Message{Level: messages.LevelInfo, Text: "Test message 1", ExtraTags: "x"}, true},
			{first, messages.Message{Level: messages.LevelInfo, Text: "Test message 2"}, false},
			{first, messages.Message{Level: messages.LevelWarning, Text: "Test message 1"}, false},
			{messages.Message{Level: messages.LevelInfo, Text: "Test message 2"}, messages.Message{Level: messages.LevelWarning, Text: "Test message 1"}, false},
		} {
			if got := tt.a.Equal(tt.b); got != tt.want || tt.b.Equal(tt.a) != tt.want {
				t.Errorf("(%#v).Equal(%#v) = %t, want %t", tt.a, tt.b, got, tt.want)
			}
		}
	})
}

func TestLevelTags(t *testing.T) {
	t.Parallel()
	t.Run("django/messages_tests/tests.py/TestLevelTags.test_override_settings_level_tags", func(t *testing.T) {
		t.Parallel()
		want := map[messages.Level]string{
			messages.LevelInfo: "info", messages.LevelDebug: "", messages.LevelWarning: "",
			messages.LevelError: "bad", messages.LevelSuccess: "", 12: "custom",
		}
		v := fallbackKind().visitor()
		v.config.Tags = want
		v.visit(t, func(ctx context.Context, q *messages.Queue) {
			must(t, q.SetLevel(0))
			for level := range want {
				must(t, q.Add(level, "x"))
			}
			must(t, q.Add(13, "of no known level"))
			all, err := q.Read(ctx)
			if err != nil || len(all) != len(want)+1 {
				t.Fatalf("messages = %#v, %v, want one of each level", all, err)
			}
			for _, m := range all {
				if m.LevelTag() != want[m.Level] {
					t.Errorf("the tag of %d is %q, want %q", m.Level, m.LevelTag(), want[m.Level])
				}
			}
		})
	})
	t.Run("made by hand", func(t *testing.T) {
		t.Parallel()
		m := messages.Message{Level: messages.LevelError, ExtraTags: "wide"}
		if m.LevelTag() != "error" || m.Tags() != "wide error" {
			t.Errorf("LevelTag and Tags are %q and %q, want the default ones", m.LevelTag(), m.Tags())
		}
	})
}
