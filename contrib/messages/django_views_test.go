package messages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/contrib/messages/messagestest"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/web"
)

// levelNames are the functions that add messages, by the names that addresses have for them.
func levelNames() []string { return []string{"debug", "info", "success", "warning", "error"} }

func levelOf(name string) messages.Level { return messages.DefaultLevels()[strings.ToUpper(name)] }

// notes is an app that adds and shows messages.
func notes() core.App {
	return core.App{
		Label: "notes",
		Templates: fstest.MapFS{
			"show.html": {Data: []byte(`{{range .messages}}{{.Level}} {{.}} ({{.Tags}})` + "\n" + `{{end}}`)},
			"page.html": {Data: []byte(`{{/* extends "base.html" */}}{{define "content"}}<p>page</p>{{end}}`)},
			"levels.html": {Data: []byte(`{{range $name, $level := .DEFAULT_MESSAGE_LEVELS}}{{$name}}={{$level}} {{end}}` +
				`{{range .messages}}{{if eq .Level $.DEFAULT_MESSAGE_LEVELS.ERROR}}bad{{end}}{{end}}`)},
			"plain.html": {Data: []byte(`<p>no messages here</p>`)},
		},
		Routes: func(r *web.Router) {
			r.Post("/add/{level:debug|info|success|warning|error}/", "add", addMessages)
			r.Post("/html/", "html", func(w http.ResponseWriter, r *http.Request) error {
				if err := messages.AddHTML(r.Context(), messages.LevelInfo, `<a href="/undo/">Undo</a>`); err != nil {
					return err
				}
				return web.Redirect(w, r, "/page/", http.StatusFound)
			})
			for _, page := range []string{"show", "page", "levels", "plain"} {
				r.Get("/"+page+"/", page, func(w http.ResponseWriter, r *http.Request) error {
					return web.Render(w, r, page+".html", nil)
				})
			}
		},
	}
}

func addMessages(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	ctx, level := r.Context(), web.Var(r, "level")
	for _, text := range r.PostForm["messages"] {
		if r.PostForm.Has("fail_silently") {
			messages.TryAdd(ctx, levelOf(level), text)
			continue
		}
		var err error
		switch level {
		case "debug":
			err = messages.Debug(ctx, text)
		case "info":
			err = messages.Info(ctx, text)
		case "success":
			err = messages.Success(ctx, text)
		case "warning":
			err = messages.Warning(ctx, text)
		default:
			err = messages.Error(ctx, text)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return nil
		}
	}
	return web.Redirect(w, r, "/show/", http.StatusFound)
}

// siteOf is a project with a storage of one kind that takes all levels; without messages when that
// is said.
func siteOf(k storageKind, disabled bool) *coretest.T {
	return coretest.New(func(s core.Settings) (*core.Project, error) {
		sess := sessions.New(sessions.Config{Store: dbstore.New(s.DB, s.Keys)})
		apps := []core.App{sess.App(), notes()}
		if !disabled {
			storage := k.storage(sess)
			if _, ok := storage.(*messages.CookieStorage); ok {
				storage = messages.NewCookieStorage(messages.CookieConfig{Keys: s.Keys, Sessions: sess})
			}
			apps = append(apps, messages.New(messages.Config{Sessions: sess, Storage: storage, Level: messages.LevelDebug}).App())
		}
		return core.New(s, apps...)
	})
}

func fiveTexts() (all []string) {
	for i := range 5 {
		all = append(all, fmt.Sprintf("Test message %d", i))
	}
	return all
}

// TestViews is what Django asks of each of its storages by a browser.
func TestViews(t *testing.T) {
	t.Parallel()
	for _, k := range []storageKind{cookieKind(), sessionKind(), fallbackKind()} {
		site, disabled := siteOf(k, false), siteOf(k, true)
		for name, tt := range map[string]struct {
			site *coretest.T
			test func(*testing.T, *coretest.Site)
		}{
			"test_full_request_response_cycle":       {site, testFullCycle},
			"test_multiple_posts":                    {site, testMultiplePosts},
			"test_context_processor_message_levels":  {site, testLevelsInTemplates},
			"test_middleware_disabled":               {disabled, testDisabled},
			"test_middleware_disabled_fail_silently": {disabled, testDisabledSilently},
		} {
			t.Run(k.class+name, func(t *testing.T) {
				t.Parallel()
				tt.test(t, tt.site.SQLite(t))
			})
		}
	}
}

// shown is what show.html makes of messages.
func shown(level string, texts []string) (page string) {
	for _, text := range texts {
		page += fmt.Sprintf("%d %s (%s)\n", levelOf(level), text, level)
	}
	return page
}

func testFullCycle(t *testing.T, s *coretest.Site) {
	b, texts := s.Browser(), fiveTexts()
	for _, level := range levelNames() {
		added := b.Post(t, "/add/"+level+"/", url.Values{"messages": texts})
		if added.Location() != "/show/" {
			t.Fatalf("%s: status %d to %q, want a redirect to /show/; %.200s", level, added.Status, added.Location(), added.Body)
		}
		if page := b.Follow(t, added); page.Body != shown(level, texts) {
			t.Errorf("%s: the page shows\n%swant\n%s", level, page.Body, shown(level, texts))
		}
		if page := b.Get(t, "/show/"); page.Body != "" {
			t.Errorf("%s: the next page shows %q, want nothing", level, page.Body)
		}
	}
}

func testMultiplePosts(t *testing.T, s *coretest.Site) {
	b, texts := s.Browser(), fiveTexts()
	want := ""
	var waiting []messages.Message
	for _, level := range levelNames() {
		b.Post(t, "/add/"+level+"/", url.Values{"messages": texts})
		want += shown(level, texts)
		for _, text := range texts {
			waiting = append(waiting, messages.Message{Level: levelOf(level), Text: text})
		}
	}
	messagestest.Assert(t, messagestest.Waiting(t, s, b), waiting...)
	if page := b.Get(t, "/show/"); page.Body != want {
		t.Errorf("the page shows\n%swant\n%s", page.Body, want)
	}
}

func testLevelsInTemplates(t *testing.T, s *coretest.Site) {
	b := s.Browser()
	if page := b.Get(t, "/levels/"); page.Body != "DEBUG=10 ERROR=40 INFO=20 SUCCESS=25 WARNING=30 " {
		t.Errorf("the page has the levels %q", page.Body)
	}
	b.Post(t, "/add/error/", url.Values{"messages": {"x"}})
	if page := b.Get(t, "/levels/"); !strings.HasSuffix(page.Body, " bad") {
		t.Errorf("the page %q does not see that the level is ERROR", page.Body)
	}
}

func testDisabled(t *testing.T, s *coretest.Site) {
	for _, level := range levelNames() {
		page := s.Browser().Post(t, "/add/"+level+"/", url.Values{"messages": fiveTexts()})
		if page.Status != http.StatusInternalServerError || !strings.Contains(page.Body, messages.ErrNoMiddleware.Error()) {
			t.Errorf("%s: status %d, %q, want ErrNoMiddleware", level, page.Status, page.Body)
		}
	}
}

func testDisabledSilently(t *testing.T, s *coretest.Site) {
	b := s.Browser()
	for _, level := range levelNames() {
		added := b.Post(t, "/add/"+level+"/", url.Values{"messages": fiveTexts(), "fail_silently": {"1"}})
		if added.Location() != "/show/" {
			t.Errorf("%s: status %d to %q, want a redirect to /show/", level, added.Status, added.Location())
		}
		if page := b.Follow(t, added); page.Status != http.StatusOK || page.Body != "" {
			t.Errorf("%s: status %d, %q, want a page without messages", level, page.Status, page.Body)
		}
	}
}

// TestDefaultPage is how base.html shows messages.
func TestDefaultPage(t *testing.T) {
	t.Parallel()
	s := siteOf(fallbackKind(), false).SQLite(t)
	b := s.Browser()
	if page := b.Get(t, "/page/"); strings.Contains(page.Body, `class="messages"`) || len(page.Cookies) > 0 {
		t.Errorf("a page without messages has a list of them or sets cookies %v:\n%s", page.Cookies, page.Body)
	} else if !slices.Contains(page.Header.Values("Vary"), "Cookie") || page.Header.Get("Cache-Control") != "" {
		t.Errorf("a page without messages says Vary: %q and Cache-Control: %q", page.Header.Values("Vary"), page.Header.Get("Cache-Control"))
	}
	b.Post(t, "/add/warning/", url.Values{"messages": {"<i>Careful</i>"}})
	page := b.Get(t, "/page/")
	if want := `<li class="warning">&lt;i&gt;Careful&lt;/i&gt;</li>`; !strings.Contains(page.Body, want) {
		t.Errorf("the page lacks %s:\n%s", want, page.Body)
	}
	if !slices.Contains(page.Header.Values("Vary"), "Cookie") || page.Header.Get("Cache-Control") != "private" {
		t.Errorf("the page with a message says Vary: %q and Cache-Control: %q", page.Header.Values("Vary"), page.Header.Get("Cache-Control"))
	}
	page = b.Follow(t, b.Post(t, "/html/", nil))
	if want := `<li class="info"><a href="/undo/">Undo</a></li>`; !strings.Contains(page.Body, want) {
		t.Errorf("the page lacks the safe message %s:\n%s", want, page.Body)
	}
	b.Post(t, "/add/info/", url.Values{"messages": {"later"}})
	if page := b.Get(t, "/plain/"); len(page.Header.Values("Vary")) > 0 || len(page.Cookies) > 0 {
		t.Errorf("a page that asks for no messages varies on %q and sets %v", page.Header.Values("Vary"), page.Cookies)
	}
	messagestest.Assert(t, messagestest.Waiting(t, s, b), messages.Message{Level: messages.LevelInfo, Text: "later"})
}
