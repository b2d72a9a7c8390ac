package messages_test

import (
	"context"
	"slices"
	"testing"

	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/sessions"
)

// storageKind is one of Django's storages, and the class of its tests.
type storageKind struct {
	class    string
	sessions sessions.Config
	storage  func(*sessions.Sessions) messages.Storage
}

func (k storageKind) visitor() *visitor { return newVisitor(k.sessions, k.storage) }

func cookieKind() storageKind {
	return storageKind{
		class:    "django/messages_tests/test_cookie.py/CookieTests.",
		sessions: sessions.Config{CookieDomain: ".example.com", CookieSecure: true},
		storage:  func(s *sessions.Sessions) messages.Storage { return cookieStorage(s, false) },
	}
}

func sessionKind() storageKind {
	return storageKind{
		class:   "django/messages_tests/test_session.py/SessionTests.",
		storage: func(*sessions.Sessions) messages.Storage { return messages.SessionStorage{} },
	}
}

// fallbackKind is what New does by default.
func fallbackKind() storageKind {
	return storageKind{
		class:   "django/messages_tests/test_fallback.py/FallbackTests.",
		storage: func(*sessions.Sessions) messages.Storage { return nil },
	}
}

func cookieStorage(s *sessions.Sessions, keepOldest bool) *messages.CookieStorage {
	return messages.NewCookieStorage(messages.CookieConfig{Keys: []string{secret}, Sessions: s, KeepOldest: keepOldest})
}

// addLevels adds a message of each level, and one of a level of its own.
func addLevels(t *testing.T, q *messages.Queue) {
	t.Helper()
	must(t, q.Add(messages.LevelInfo, "A generic info message"))
	must(t, q.Add(29, "Some custom level"))
	must(t, q.Add(messages.LevelDebug, "A debugging message", "extra-tag"))
	must(t, q.Add(messages.LevelWarning, "A warning"))
	must(t, q.Add(messages.LevelError, "An error"))
	must(t, q.Add(messages.LevelSuccess, "This was a triumph."))
}

// TestStorages is what Django asks of each of its storages alike.
func TestStorages(t *testing.T) {
	t.Parallel()
	for _, k := range []storageKind{cookieKind(), sessionKind(), fallbackKind()} {
		for name, test := range map[string]func(*testing.T, *visitor){
			"test_add":                      testAdd,
			"test_no_update":                testNoUpdate,
			"test_add_update":               testAddUpdate,
			"test_existing_add":             testExistingAdd,
			"test_existing_read":            testExistingRead,
			"test_existing_add_read_update": testExistingAddRead,
			"test_existing_read_add_update": testExistingReadAdd,
			"test_default_level":            testDefaultLevel,
			"test_low_level":                func(t *testing.T, v *visitor) { testLevel(t, v, 5, 6) },
			"test_high_level":               func(t *testing.T, v *visitor) { testLevel(t, v, 30, 2) },
			"test_settings_level":           testSettingsLevel,
			"test_tags":                     testTags,
			"test_level_tag":                testLevelTag,
			"test_custom_tags":              testCustomTags,
		} {
			t.Run(k.class+name, func(t *testing.T) {
				t.Parallel()
				test(t, k.visitor())
			})
		}
	}
}

func testAdd(t *testing.T, v *visitor) {
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		if got := peek(t, ctx, q); got != nil {
			t.Errorf("before Add there is %q, want nothing", got)
		}
		must(t, q.Add(messages.LevelInfo, "Test message 1"))
		if got := peek(t, ctx, q); len(got) != 1 {
			t.Errorf("after Add there is %q, want one message", got)
		}
		must(t, q.Add(messages.LevelInfo, "Test message 2", "tag"))
		if got, want := peek(t, ctx, q), []string{"Test message 1", "Test message 2"}; !slices.Equal(got, want) {
			t.Errorf("messages = %q, want %q", got, want)
		}
	})
}

func testNoUpdate(t *testing.T, v *visitor) {
	v.visit(t, func(context.Context, *messages.Queue) {})
	if n := v.stored(t); n != 0 || len(v.answer.Header["Set-Cookie"]) > 0 {
		t.Errorf("%d messages are stored and the cookies %q set, want none", n, v.answer.Header["Set-Cookie"])
	}
}

func testAddUpdate(t *testing.T, v *visitor) {
	v.visit(t, func(_ context.Context, q *messages.Queue) {
		must(t, q.Add(messages.LevelInfo, "Test message 1"))
		must(t, q.Add(messages.LevelInfo, "Test message 1", "tag"))
	})
	if n := v.stored(t); n != 2 {
		t.Errorf("%d messages are stored, want 2", n)
	}
}

func testExistingAdd(t *testing.T, v *visitor) {
	v.waitWith(t)
	v.visit(t, func(context.Context, *messages.Queue) {})
	if v.setCookie() != nil {
		t.Error("a request that adds nothing stores something")
	}
	v.visit(t, func(_ context.Context, q *messages.Queue) { must(t, q.Add(messages.LevelInfo, "Test message 3")) })
	if n := v.stored(t); n != 3 {
		t.Errorf("%d messages are stored, want 3", n)
	}
}

func testExistingRead(t *testing.T, v *visitor) {
	v.waitWith(t)
	v.visit(t, func(ctx context.Context, q *messages.Queue) { peek(t, ctx, q) })
	if n := v.stored(t); n != 2 {
		t.Errorf("after Peek %d messages are stored, want 2", n)
	}
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		first, again := read(t, ctx, q), read(t, ctx, q)
		if want := []string{"Test message 1", "Test message 2"}; !slices.Equal(first, want) || !slices.Equal(again, want) {
			t.Errorf("Read returned %q and then %q, want %q twice", first, again, want)
		}
	})
	if n := v.stored(t); n != 0 {
		t.Errorf("after Read %d messages are stored, want none", n)
	}
}

func testExistingAddRead(t *testing.T, v *visitor) {
	v.waitWith(t)
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		must(t, q.Add(messages.LevelInfo, "Test message 3"))
		read(t, ctx, q)
	})
	if n := v.stored(t); n != 0 {
		t.Errorf("%d messages are stored, want none", n)
	}
}

func testExistingReadAdd(t *testing.T, v *visitor) {
	v.waitWith(t)
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		read(t, ctx, q)
		must(t, q.Add(messages.LevelInfo, "Test message 3"))
	})
	if n := v.stored(t); n != 1 {
		t.Errorf("%d messages are stored, want 1", n)
	}
}

func testDefaultLevel(t *testing.T, v *visitor) {
	if got := messages.Of(t.Context()).Level(); got != messages.LevelInfo {
		t.Errorf("the level without a request is %d, want %d", got, messages.LevelInfo)
	}
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		if got := q.Level(); got != messages.LevelInfo {
			t.Errorf("the level is %d, want %d", got, messages.LevelInfo)
		}
		addLevels(t, q)
		if got := peek(t, ctx, q); len(got) != 5 {
			t.Errorf("messages = %q, want 5", got)
		}
	})
}

func testLevel(t *testing.T, v *visitor, level messages.Level, want int) {
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		must(t, q.SetLevel(level))
		if got := q.Level(); got != level {
			t.Errorf("the level is %d, want %d", got, level)
		}
		addLevels(t, q)
		if got := peek(t, ctx, q); len(got) != want {
			t.Errorf("messages = %q, want %d", got, want)
		}
	})
}

func testSettingsLevel(t *testing.T, v *visitor) {
	v.config.Level = 29
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		if got := q.Level(); got != 29 {
			t.Errorf("the level is %d, want 29", got)
		}
		addLevels(t, q)
		if got := peek(t, ctx, q); len(got) != 3 {
			t.Errorf("messages = %q, want 3", got)
		}
	})
}

// wantTags checks a property of the messages of addLevels, in the request and in the next.
func wantTags(t *testing.T, v *visitor, f func(messages.Message) string, want ...string) {
	t.Helper()
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		must(t, q.SetLevel(0))
		addLevels(t, q)
		all, err := q.Peek(ctx)
		must(t, err)
		if got := mapTags(all, f); !slices.Equal(got, want) {
			t.Errorf("in the request that adds them: %q, want %q", got, want)
		}
	})
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		all, err := q.Read(ctx)
		must(t, err)
		if got := mapTags(all, f); !slices.Equal(got, want) {
			t.Errorf("in the next request: %q, want %q", got, want)
		}
	})
}

func testTags(t *testing.T, v *visitor) {
	wantTags(t, v, messages.Message.Tags, "info", "", "extra-tag debug", "warning", "error", "success")
}

func testLevelTag(t *testing.T, v *visitor) {
	wantTags(t, v, messages.Message.LevelTag, "info", "", "debug", "warning", "error", "success")
}

func testCustomTags(t *testing.T, v *visitor) {
	v.config.Tags = map[messages.Level]string{
		messages.LevelInfo: "info", messages.LevelDebug: "", messages.LevelWarning: "", messages.LevelError: "bad", 29: "custom",
	}
	wantTags(t, v, messages.Message.Tags, "info", "custom", "extra-tag", "", "bad", "success")
}
