package messages_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/contenttypes"
	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/memstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/core/web"
)

// TestAnswers is what is stored before which kinds of answers.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		answer func(w http.ResponseWriter)
		stored int
	}{
		{"none", func(http.ResponseWriter) {}, 1},
		{"text", func(w http.ResponseWriter) { _, _ = io.WriteString(w, "text") }, 1},
		{"a copy", func(w http.ResponseWriter) { _, _ = io.Copy(w, strings.NewReader("text")) }, 1},
		{"a flush", func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }, 1},
		{"a redirect", func(w http.ResponseWriter) { w.WriteHeader(http.StatusFound) }, 1},
		{"not found", func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }, 1},
		{"a failure", func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }, 0},
	} {
		v := fallbackKind().visitor()
		v.serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			must(t, messages.Info(r.Context(), "x"))
			tt.answer(w)
		}))
		if n := v.stored(t); n != tt.stored {
			t.Errorf("%s: %d messages are stored, want %d", tt.name, n, tt.stored)
		}
	}
}

// TestServer is what a recorder cannot show: answers before the answer, and connections that are
// taken over.
func TestServer(t *testing.T) {
	t.Parallel()
	m := messages.New(messages.Config{Storage: cookieStorage(nil, true)})
	mux := http.NewServeMux()
	mux.HandleFunc("/hint", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		must(t, messages.Info(r.Context(), "after the hint"))
		_, err := io.WriteString(w, "text")
		must(t, err)
	})
	mux.HandleFunc("/hijack", func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, err = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
		must(t, err)
	})
	server := httptest.NewServer(m.Middleware(mux))
	t.Cleanup(server.Close)
	for path, want := range map[string]struct{ status, cookies int }{"/hint": {200, 1}, "/hijack": {204, 0}} {
		res, err := server.Client().Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		must(t, res.Body.Close())
		if res.StatusCode != want.status || len(res.Cookies()) != want.cookies {
			t.Errorf("%s: status %d and cookies %v, want %d and %d of them", path, res.StatusCode, res.Cookies(), want.status, want.cookies)
		}
	}
}

// TestFailureKeeps: a page that failed has shown nothing.
func TestFailureKeeps(t *testing.T) {
	t.Parallel()
	v := fallbackKind().visitor()
	v.waitWith(t)
	v.serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		read(t, r.Context(), messages.Of(r.Context()))
		w.WriteHeader(http.StatusBadGateway)
	}))
	if n := v.stored(t); n != 2 {
		t.Errorf("%d messages are stored, want both", n)
	}
}

func TestTooLate(t *testing.T) {
	t.Parallel()
	v := fallbackKind().visitor()
	v.serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		if err := messages.Info(r.Context(), "x"); !errors.Is(err, messages.ErrAnswered) {
			t.Errorf("after the answer began: error %v, want ErrAnswered", err)
		}
	}))
}

func TestKeep(t *testing.T) {
	t.Parallel()
	v := fallbackKind().visitor()
	v.waitWith(t)
	v.visit(t, func(ctx context.Context, q *messages.Queue) {
		read(t, ctx, q)
		must(t, q.Add(messages.LevelInfo, "new"))
		must(t, q.Keep())
	})
	wantRead(t, v, "Test message 1", "Test message 2", "new")
}

func TestNilQueue(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	q := messages.Of(ctx)
	_, readErr := messages.Read(ctx)
	_, peekErr := q.Peek(ctx)
	for name, err := range map[string]error{
		"Add": messages.Warning(ctx, "x"), "AddHTML": messages.AddHTML(ctx, messages.LevelInfo, "x"), "Read": readErr, "Peek": peekErr,
		"Keep": q.Keep(), "SetLevel": q.SetLevel(5), "SuccessMessage": messages.SuccessMessage(ctx, "x", nil),
	} {
		if !errors.Is(err, messages.ErrNoMiddleware) {
			t.Errorf("%s: error %v, want ErrNoMiddleware", name, err)
		}
	}
}

// brokenStorage fails.
type brokenStorage struct{}

var errBroken = errors.New("the storage is broken")

func (brokenStorage) Save(http.ResponseWriter, *http.Request, messages.Stored, []messages.Message) ([]messages.Message, error) {
	return nil, errBroken
}

func (brokenStorage) Load(*http.Request) (messages.Stored, error) { return messages.Stored{}, nil }

func TestStorageFails(t *testing.T) {
	t.Parallel()
	v := newVisitor(sessions.Config{}, func(*sessions.Sessions) messages.Storage { return brokenStorage{} })
	w := v.serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		must(t, messages.Info(r.Context(), "x"))
		_, err := io.WriteString(w, "all is well")
		must(t, err)
		_, err = io.Copy(w, strings.NewReader("all is well"))
		must(t, err)
		w.WriteHeader(http.StatusOK)
	}))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "all is well") {
		t.Errorf("status %d, body %q, want an error page alone", w.Code, w.Body)
	}
}

// TestNoRoom is a cookie without a storage behind it.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	for _, debug := range []bool{false, true} {
		v := cookieKind().visitor()
		var log bytes.Buffer
		v.config.Log = slog.New(slog.NewTextHandler(&log, nil))
		long := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			must(t, messages.Info(r.Context(), "short"))
			must(t, messages.Info(r.Context(), randomText(1, 5000)))
		})
		m := messages.New(v.config)
		site := &web.Site{Debug: debug, Log: v.config.Log}
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		m.Middleware(long).ServeHTTP(w, r.WithContext(web.WithSite(t.Context(), site)))
		if want := map[bool]int{false: 200, true: 500}[debug]; w.Code != want {
			t.Errorf("debug %t: status %d, want %d", debug, w.Code, want)
		}
		if !debug && !strings.Contains(log.String(), "lost=2") {
			t.Errorf("the log is %q, want the number of lost messages", log.String())
		}
	}
}

// TestMisconfigured is what core.New and Ready find.
func TestMisconfigured(t *testing.T) {
	t.Parallel()
	db, err := core.OpenDB("sqlite:" + filepath.Join(t.TempDir(), "db.sqlite3"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s := core.Settings{DB: db, Keys: signing.Keys{secret}}
	sess := sessions.New(sessions.Config{Store: memstore.New()})
	types := contenttypes.New(db)
	a := auth.New(auth.Config{Users: auth.NewUsers(db, (*auth.User)(nil)), Sessions: sess, Types: types})
	plain := messages.New(messages.Config{Sessions: sess}).App()
	queues := func(model auth.Account) core.App {
		return messages.New(messages.Config{Sessions: sess, Users: messages.NewUserMessages(db, model)}).App()
	}
	for _, tt := range []struct {
		name, want string
		apps       []core.App
	}{
		{"well", "", []core.App{sess.App(), plain}},
		{"a storage of one's own", "", []core.App{messages.New(messages.Config{Storage: &dummyStorage{}}).App()}},
		{"no sessions", `needs the app "sessions"`, []core.App{plain}},
		{"before sessions", "stands before sessions", []core.App{plain, sess.App()}},
		{"no configuration", "needs Sessions", []core.App{sess.App(), messages.New(messages.Config{}).App()}},
		{"queues", "", []core.App{types.App(), sess.App(), a.App(), queues((*auth.User)(nil))}},
		{"queues without users", `needs the app "auth"`, []core.App{sess.App(), queues((*auth.User)(nil))}},
		{"queues before users", "stands before auth", []core.App{types.App(), sess.App(), queues((*auth.User)(nil)), a.App()}},
		{"queues of nothing", "the user model of the messages is <nil>", []core.App{types.App(), sess.App(), a.App(), queues(nil)}},
		{"queues before their model", "stands before members", []core.App{types.App(), sess.App(), a.App(), queues((*bigUser)(nil)), members((*bigUser)(nil), [2]string{})}},
	} {
		p, err := core.New(s, tt.apps...)
		if err == nil {
			err = p.Ready()
		}
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestNoKeys: outside of a project, whose keys are the default, nothing is signed without keys.
func TestNoKeys(t *testing.T) {
	t.Parallel()
	v := fallbackKind().visitor()
	v.config.Keys = nil
	w := v.serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { must(t, messages.Info(r.Context(), "x")) }))
	if w.Code != http.StatusInternalServerError || len(v.cookies) > 0 {
		t.Errorf("without keys: status %d and cookies %v, want 500 and none", w.Code, v.cookies)
	}
}
