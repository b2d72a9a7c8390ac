package messages_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/web"
)

// adding is a project whose page adds a message and shows it at once.
var adding = authtest.New(func(s core.Settings) (*auth.Auth, *core.Project, error) {
	return newUsers(s, (*auth.User)(nil), messages.Config{}, core.App{
		Label:     "adding",
		Templates: fstest.MapFS{"adding.html": {Data: []byte(`{{range .messages}}{{.}}{{end}}`)}},
		Routes: func(r *web.Router) {
			r.Get("/auth_processor_messages/", "messages", func(w http.ResponseWriter, r *http.Request) error {
				if err := messages.Info(r.Context(), "Message 1"); err != nil {
					return err
				}
				return web.Render(w, r, "adding.html", nil)
			})
		},
	})
})

func TestMessagesOfAUser(t *testing.T) {
	t.Parallel()
	adding.Each(t, func(t *testing.T, s *authtest.Site) {
		t.Run("django/auth_tests/test_context_processors.py/AuthContextProcessorTests.test_message_attrs", func(t *testing.T) {
			super, err := s.Auth.Users().CreateSuperuser(t.Context(), "super", "super@example.com", "secret", nil)
			if err != nil {
				t.Fatal(err)
			}
			b := s.Browser()
			authtest.ForceLogin(t, s.Auth, b, super)
			if page := b.Get(t, "/auth_processor_messages/"); page.Status != 200 || !strings.Contains(page.Body, "Message 1") {
				t.Errorf("status %d, body %q", page.Status, page.Body)
			}
		})
	})
}
