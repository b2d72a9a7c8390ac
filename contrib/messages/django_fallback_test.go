package messages_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/sessions"
)

func TestSessionStorage(t *testing.T) {
	t.Parallel()
	k := sessionKind()
	t.Run(k.class+"test_get", func(t *testing.T) {
		t.Parallel()
		v := k.visitor()
		v.giveSession(t, `["test", "me"]`)
		v.visit(t, func(ctx context.Context, q *messages.Queue) {
			if got, want := read(t, ctx, q), []string{"test", "me"}; !slices.Equal(got, want) {
				t.Errorf("messages = %q, want %q", got, want)
			}
		})
	})
	t.Run(k.class+"test_safedata", func(t *testing.T) {
		t.Parallel()
		testSafe(t, k.visitor())
	})
	t.Run(k.class+"test_no_session", func(t *testing.T) {
		t.Parallel()
		r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
		if _, err := (messages.SessionStorage{}).Load(r); !errors.Is(err, sessions.ErrNoSession) {
			t.Errorf("Load: error %v, want ErrNoSession", err)
		}
		_, err := messages.SessionStorage{}.Save(w, r, messages.Stored{}, []messages.Message{{Text: "x"}})
		if !errors.Is(err, sessions.ErrNoSession) {
			t.Errorf("Save: error %v, want ErrNoSession", err)
		}
	})
}

// untouchable is a storage that must not be used.
type untouchable struct{ t *testing.T }

func (u untouchable) Load(*http.Request) (messages.Stored, error) {
	u.t.Error("the session was asked for messages")
	return messages.Stored{}, nil
}

func (u untouchable) Save(http.ResponseWriter, *http.Request, messages.Stored, []messages.Message) ([]messages.Message, error) {
	u.t.Error("the session was given messages")
	return nil, nil
}

// cookieOnly is a visitor whose messages must not need the session.
func cookieOnly(t *testing.T) *visitor {
	return newVisitor(sessions.Config{}, func(s *sessions.Sessions) messages.Storage {
		return messages.FallbackStorage{cookieStorage(s, true), untouchable{t}}
	})
}

func TestFallbackStorage(t *testing.T) {
	t.Parallel()
	k := fallbackKind()
	for name, test := range map[string]func(*testing.T){
		"test_get": func(t *testing.T) {
			v := cookieOnly(t)
			v.giveCookie(t, `["0","1","2","3","4"]`)
			wantRead(t, v, "0", "1", "2", "3", "4")
		},
		"test_get_empty": func(t *testing.T) { wantRead(t, cookieOnly(t)) },
		"test_get_fallback": func(t *testing.T) {
			v := k.visitor()
			v.giveCookie(t, `["0","1","2","3","`+sentinel+`"]`)
			v.giveSession(t, `["4"]`)
			wantRead(t, v, "0", "1", "2", "3", "4")
		},
		"test_get_fallback_only": func(t *testing.T) {
			v := k.visitor()
			v.giveCookie(t, `["`+sentinel+`"]`)
			v.giveSession(t, `["0", "1", "2", "3", "4"]`)
			wantRead(t, v, "0", "1", "2", "3", "4")
		},
		"test_flush_used_backends": func(t *testing.T) {
			v := k.visitor()
			v.giveCookie(t, `["cookie","`+sentinel+`"]`)
			v.giveSession(t, `["session"]`)
			wantRead(t, v, "cookie", "session")
			if n := v.inSession(t); n != 0 || v.cookies["messages"] != nil {
				t.Errorf("%d messages are in the session and the cookie is %v, want nothing in either", n, v.cookies["messages"])
			}
		},
		"test_no_fallback": func(t *testing.T) {
			v := cookieOnly(t)
			v.visit(t, func(_ context.Context, q *messages.Queue) {
				for _, s := range []string{"0", "1", "2", "3", "4"} {
					must(t, q.Add(messages.LevelInfo, strings.Repeat(s, 100)))
				}
			})
			wantWhere(t, v, 5, 0)
		},
		"test_session_fallback": func(t *testing.T) {
			v, all := k.visitor(), fiveLong()
			v.visit(t, func(_ context.Context, q *messages.Queue) {
				for _, m := range all {
					must(t, q.Add(m.Level, m.Text))
				}
			})
			wantWhere(t, v, 4, 1)
			wantRead(t, v, texts(all)...) // in the order in which they were added
		},
		"test_session_fallback_only": func(t *testing.T) {
			v := k.visitor()
			v.visit(t, func(_ context.Context, q *messages.Queue) {
				must(t, q.Add(messages.LevelInfo, randomText(1, 5000)))
			})
			wantWhere(t, v, 0, 1)
			wantRead(t, v, randomText(1, 5000))
		},
	} {
		t.Run(k.class+name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

func wantRead(t *testing.T, v *visitor, want ...string) {
	t.Helper()
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		if got := read(t, ctx, q); !slices.Equal(got, want) {
			t.Errorf("messages = %q, want %q", got, want)
		}
	})
}

func wantWhere(t *testing.T, v *visitor, cookie, session int) {
	t.Helper()
	if c, s := v.inCookie(t), v.inSession(t); c != cookie || s != session {
		t.Errorf("%d messages are in the cookie and %d in the session, want %d and %d", c, s, cookie, session)
	}
}
