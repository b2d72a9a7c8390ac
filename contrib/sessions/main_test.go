package sessions_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/contrib/sessions/dbstore"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/web"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

// handlers are the pages of the project under test, by name.
var handlers = map[string]web.Handler{
	"touch": func(w http.ResponseWriter, r *http.Request) error {
		return sessions.Of(r.Context()).Set(r.Context(), "hello", "world")
	},
	"look": func(w http.ResponseWriter, r *http.Request) error {
		hello, _, err := sessions.Get[string](r.Context(), sessions.Of(r.Context()), "hello")
		w.Write([]byte(hello))
		return err
	},
	"nothing": func(http.ResponseWriter, *http.Request) error { return nil },
	"clear": func(w http.ResponseWriter, r *http.Request) error {
		return sessions.Of(r.Context()).Delete(r.Context(), "hello")
	},
	"flush": func(w http.ResponseWriter, r *http.Request) error { return sessions.Of(r.Context()).Flush(r.Context()) },
	"cycle": func(w http.ResponseWriter, r *http.Request) error {
		return sessions.Of(r.Context()).CycleKey(r.Context())
	},
	"touch500": func(w http.ResponseWriter, r *http.Request) error {
		return errors.Join(sessions.Of(r.Context()).Set(r.Context(), "hello", "lost"), errors.New("broken"))
	},
	"touch503": func(w http.ResponseWriter, r *http.Request) error {
		err := sessions.Of(r.Context()).Set(r.Context(), "hello", "lost")
		w.WriteHeader(http.StatusServiceUnavailable)
		return err
	},
	"panic": func(w http.ResponseWriter, r *http.Request) error {
		if err := sessions.Of(r.Context()).Set(r.Context(), "hello", "lost"); err != nil {
			return err
		}
		panic("on purpose")
	},
	"browser": func(w http.ResponseWriter, r *http.Request) error {
		s := sessions.Of(r.Context())
		return errors.Join(s.Set(r.Context(), "hello", "world"), s.SetExpiry(r.Context(), 0))
	},
	"minute": func(w http.ResponseWriter, r *http.Request) error {
		s := sessions.Of(r.Context())
		return errors.Join(s.Set(r.Context(), "hello", "world"), s.SetExpiry(r.Context(), time.Minute))
	},
	"public": func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "public, max-age=60, s-maxage=600")
		return sessions.Of(r.Context()).Set(r.Context(), "hello", "world")
	},
	// gone loads the session, deletes it as another request would, and changes it.
	"gone": func(w http.ResponseWriter, r *http.Request) error {
		s := sessions.Of(r.Context())
		if _, err := s.Names(r.Context()); err != nil {
			return err
		}
		store := r.Context().Value(storeKey{}).(sessions.Store)
		return errors.Join(store.Delete(r.Context(), s.Key()), s.Set(r.Context(), "hello", "back"))
	},
}

type storeKey struct{}

// withPages is a project of sessions with a configuration, and the pages above at /<name>/.
func withPages(change func(*sessions.Config)) func(core.Settings) (*core.Project, error) {
	return func(s core.Settings) (*core.Project, error) {
		c := sessions.Config{Store: dbstore.New(s.DB, s.Keys)}
		if change != nil {
			change(&c)
		}
		pages := core.App{Label: "pages", Routes: func(r *web.Router) {
			for name, h := range handlers {
				r.Form("/"+name+"/", name, func(w http.ResponseWriter, r *http.Request) error {
					return h(w, r.WithContext(context.WithValue(r.Context(), storeKey{}, c.Store)))
				})
			}
		}}
		return core.New(s, sessions.New(c).App(), pages)
	}
}

var project = coretest.New(withPages(nil))

// row returns the only row of the table; ok is false when there is none.
func row(t *testing.T, s *coretest.Site) (r sessions.Row, ok bool) {
	t.Helper()
	var all []sessions.Row
	if err := s.DB().NewSelect().Model(&all).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(all) > 1 {
		t.Fatalf("%d rows, want one at most", len(all))
	}
	if len(all) == 0 {
		return r, false
	}
	return all[0], true
}

// hello returns what the row says.
func hello(t *testing.T, s *coretest.Site) string {
	t.Helper()
	r, ok := row(t, s)
	if !ok {
		return ""
	}
	d := sessions.NewCodec(s.Settings().Keys, "", nil, nil).Decode(t.Context(), r.SessionData)
	return string(d["hello"])
}

// sessionCookie returns the answer's cookie of the session, nil for none.
func sessionCookie(p *coretest.Page) *http.Cookie {
	for _, c := range p.Cookies {
		if c.Name == "sessionid" || c.Name == "__Host-sessionid" {
			return c
		}
	}
	return nil
}
