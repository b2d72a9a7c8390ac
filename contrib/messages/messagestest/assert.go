package messagestest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/web"
)

// Waiting returns the messages that the next page will show to the browser, the oldest first. They
// go on waiting. It fails the test when the site has no app messages. Queues of users in the
// database are not looked at.
func Waiting(t *testing.T, s *coretest.Site, b *coretest.Browser) []messages.Message {
	t.Helper()
	if _, ok := s.App("messages"); !ok {
		t.Fatal("messagestest: the project has no app messages: add messages.New(…).App() to it")
	}
	// A project of the two apps' middleware and one route reads what the browser brings along.
	var apps []core.App
	for _, app := range s.Apps() {
		if app.Label == "sessions" || app.Label == "messages" {
			apps = append(apps, core.App{Label: app.Label, Middleware: app.Middleware})
		}
	}
	var waiting []messages.Message
	apps = append(apps, core.App{Label: "peek", Routes: func(r *web.Router) {
		r.Get("/", "", func(_ http.ResponseWriter, r *http.Request) (err error) {
			waiting, err = messages.Of(r.Context()).Peek(r.Context())
			return err
		})
	}})
	p, err := core.New(s.Settings(), apps...)
	if err != nil {
		t.Fatalf("messagestest: %v", err)
	}
	if page := b.Visits(s.On(t, p)).Get(t, "/"); page.Status != http.StatusOK {
		t.Fatalf("messagestest: the messages cannot be read: status %d, %.300s", page.Status, page.Body)
	}
	return waiting
}

// Assert fails the test unless got has exactly the messages wanted, in that order. Level and text are
// compared, as in Django, and extra tags where the wanted message has some.
func Assert(t testing.TB, got []messages.Message, want ...messages.Message) {
	t.Helper()
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("messages:\n%swant:\n%s", list(got), list(want))
	}
}

// AssertUnordered is [Assert] in whatever order.
func AssertUnordered(t testing.TB, got []messages.Message, want ...messages.Message) {
	t.Helper()
	rest := slices.Clone(got)
	for _, w := range want {
		i := slices.IndexFunc(rest, func(g messages.Message) bool { return same(g, w) })
		if i < 0 {
			t.Errorf("messages:\n%swant, in any order:\n%s", list(got), list(want))
			return
		}
		rest = slices.Delete(rest, i, i+1)
	}
	if len(rest) > 0 {
		t.Errorf("messages:\n%swant, in any order:\n%s", list(got), list(want))
	}
}

func same(got, want messages.Message) bool {
	return got.Equal(want) && (want.ExtraTags == "" || got.ExtraTags == want.ExtraTags)
}

func list(all []messages.Message) string {
	if len(all) == 0 {
		return "\tnone\n"
	}
	var b strings.Builder
	for _, m := range all {
		fmt.Fprintf(&b, "\t%#v\n", m)
	}
	return b.String()
}
