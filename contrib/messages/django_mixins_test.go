package messages_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authtest"
	"github.com/go-belleville/belleville/contrib/messages"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/forms"
	"github.com/go-belleville/belleville/core/web"
)

type contactForm struct {
	forms.Form
	Name, Slug forms.Field[string]
}

// contact is a view with a form, and one that deletes a group.
func contact(db *bun.DB) core.App {
	return core.App{
		Label: "contact",
		Routes: func(r *web.Router) {
			r.Post("/add/msg/", "add_success_msg", func(w http.ResponseWriter, r *http.Request) error {
				f := &contactForm{Name: forms.Field[string]{Name: "name"}, Slug: forms.Field[string]{Name: "slug"}}
				f.Declare(&f.Name, &f.Slug)
				if ok, err := forms.Accept(r, f); err != nil || !ok {
					return web.BadRequest("not a contact")
				}
				err := messages.SuccessMessage(r.Context(), "{name} was created successfully", web.Data{"name": f.Name.Value, "slug": f.Slug.Value})
				if err != nil {
					return err
				}
				return web.Redirect(w, r, "/show/", http.StatusFound)
			})
			r.Post("/delete/msg/{name}", "success_msg_on_delete", func(w http.ResponseWriter, r *http.Request) error {
				_, err := db.NewDelete().Model((*auth.Group)(nil)).Where("name = ?", web.Var(r, "name")).Exec(r.Context())
				if err != nil {
					return err
				}
				if err := messages.SuccessMessage(r.Context(), "Object was deleted successfully", nil); err != nil {
					return err
				}
				return web.Redirect(w, r, "/show/", http.StatusFound)
			})
		},
	}
}

func TestSuccessMessage(t *testing.T) {
	t.Parallel()
	const class = "django/messages_tests/test_mixins.py/SuccessMessageMixinTests."
	t.Run(class+"test_set_messages_success", func(t *testing.T) {
		t.Parallel()
		users.Each(t, func(t *testing.T, s *authtest.Site) {
			b := s.Browser()
			if page := b.Post(t, "/add/msg/", url.Values{"name": {""}, "slug": {"x"}}); page.Status != 400 || b.Cookie("messages") != "" {
				t.Errorf("a refused form: status %d, cookie %q, want 400 and none", page.Status, b.Cookie("messages"))
			}
			b.Post(t, "/add/msg/", url.Values{"name": {"John Doe"}, "slug": {"success-msg"}})
			payload, _, _ := strings.Cut(b.Cookie("messages"), ":")
			text, err := base64.RawURLEncoding.DecodeString(payload)
			if want := "John Doe was created successfully"; err != nil || !strings.Contains(string(text), want) {
				t.Errorf("the cookie holds %s, %v, want %q in it", text, err, want)
			}
		})
	})
	t.Run(class+"test_set_messages_success_on_delete", func(t *testing.T) {
		t.Parallel()
		users.Each(t, func(t *testing.T, s *authtest.Site) {
			if _, err := s.Auth.Groups().Create(t.Context(), "MyObject"); err != nil {
				t.Fatal(err)
			}
			b := s.Browser()
			page := b.Follow(t, b.Post(t, "/delete/msg/MyObject", nil))
			if want := "Object was deleted successfully"; !strings.Contains(page.Body, want) {
				t.Errorf("the page is %q, want %q in it", page.Body, want)
			}
			if n, err := s.DB().NewSelect().Model((*auth.Group)(nil)).Count(t.Context()); n != 0 || err != nil {
				t.Errorf("%d groups are left, %v, want none", n, err)
			}
		})
	})
}

func TestSuccessMessageText(t *testing.T) {
	t.Parallel()
	values := web.Data{"name": "Ada {slug}", "n": 3, "slug": "x"}
	for _, tt := range []struct{ text, want string }{
		{"Saved.", "Saved."},
		{"{name} has {n}.", "Ada {slug} has 3."},
		{"{n}{n}", "33"},
		{"{", "{"}, {"{}", "{}"}, {"a { b {n} }", "a { b 3 }"}, {"{not a name}", "{not a name}"},
		{"{missing}", ""},
		{"", ""},
	} {
		v := fallbackKind().visitor()
		v.serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			err := messages.SuccessMessage(r.Context(), tt.text, values)
			if (err != nil) != (tt.text == "{missing}") {
				t.Errorf("%q: error %v", tt.text, err)
			}
			all, err := messages.Of(r.Context()).Peek(r.Context())
			must(t, err)
			if got := strings.Join(texts(all), "|"); got != tt.want {
				t.Errorf("%q becomes %q, want %q", tt.text, got, tt.want)
			}
		}))
	}
}
