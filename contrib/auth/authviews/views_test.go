package authviews_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/core/web"
)

// Mounted on another router, a view answers only the methods that it has.
func TestOtherRouter(t *testing.T) {
	t.Parallel()
	w := open(t, tables.SQLite(t), options{})
	people(t, w)
	mux := http.NewServeMux()
	mux.Handle("/in/", authviews.LoginView{Auth: w.auth}.Handler())
	mux.Handle("/out/", authviews.LogoutView{Auth: w.auth}.Handler())
	mux.Handle("/change/", authviews.PasswordChangeView{Auth: w.auth}.Handler())
	mux.Handle("/new/{uidb64}/{token}/", authviews.PasswordResetConfirmView{Auth: w.auth}.Handler())
	h := web.Chain(mux, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(rw, r.WithContext(web.WithSite(r.Context(), w.Project.Site())))
		})
	}, w.auth.Config().Sessions.Middleware, w.auth.Middleware)
	send := func(method, path string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(method, "http://testserver"+path, nil))
		return rec
	}
	for _, tt := range []struct {
		method, path string
		status       int
		header, want string
	}{
		{"GET", "/in/", 200, "Content-Type", "text/html; charset=utf-8"},
		{"HEAD", "/in/", 200, "Content-Type", "text/html; charset=utf-8"},
		{"PUT", "/in/", 405, "Allow", "GET, POST, OPTIONS"},
		{"OPTIONS", "/in/", 200, "Allow", "GET, POST, OPTIONS"},
		{"GET", "/out/", 405, "Allow", "POST, OPTIONS"},
		{"POST", "/out/", 200, "Content-Type", "text/html; charset=utf-8"},
		{"GET", "/change/", 302, "Location", "/accounts/login/?next=/change/"},
		{"GET", strings.Replace(w.resetLink(w.find(t, "staff")), "/reset/", "/new/", 1), 302, "Location",
			"/new/" + authforms.EncodeUID(w.users.PK(w.find(t, "staff"))) + "/set-password/"},
		{"GET", "/new/x/y/", 200, "Referrer-Policy", "same-origin"},
	} {
		if rec := send(tt.method, tt.path); rec.Code != tt.status || rec.Header().Get(tt.header) != tt.want {
			t.Errorf("%s %s: status %d, %s %q; want %d, %q", tt.method, tt.path, rec.Code, tt.header, rec.Header().Get(tt.header), tt.status, tt.want)
		}
	}
}

// Whoever only looks at the login page costs nothing and gets no cookie.
func TestLoginCosts(t *testing.T) {
	t.Parallel()
	each(t, options{}, func(t *testing.T, w *world) {
		b := w.Browser()
		w.Queries.AtMost(t, 0, func() {
			if p := b.Get(t, "/login/"); p.Status != http.StatusOK || len(p.Cookies) != 0 || p.Header.Get("Vary") != "" {
				t.Errorf("status %d, cookies %v, Vary %q", p.Status, p.Cookies, p.Header.Get("Vary"))
			}
		})
		// The user; last_login; the session.
		w.Queries.AtMost(t, 3, func() { w.enter(t, b, "/login/", "testclient", "password") })
	})
}

// What a view lacks is said in the log, not guessed.
func TestIncomplete(t *testing.T) {
	t.Parallel()
	w := open(t, tables.SQLite(t), options{routes: func(r *web.Router, a *auth.Auth, _ *world) {
		authviews.LoginView{}.Mount(r, "/1/", "")
		authviews.PasswordChangeView{}.Mount(r, "/2/", "")
		authviews.LogoutThenLogin{}.Mount(r, "/3/", "")
		authviews.PasswordResetView{Auth: a}.Mount(r, "/4/", "")
	}})
	b := w.Browser()
	for _, p := range []*coretest.Page{b.Get(t, "/1/"), b.Get(t, "/2/"), b.Post(t, "/3/", nil), b.Post(t, "/4/", form("email", "a@example.com"))} {
		wantStatus(t, p, http.StatusInternalServerError)
	}
	for _, want := range []string{"without its Auth", "ResetOptions.Mailer"} {
		if !strings.Contains(w.log.String(), want) {
			t.Errorf("the log does not say %q: %s", want, w.log.String())
		}
	}
}

func TestWithoutMailer(t *testing.T) {
	t.Parallel()
	for name, mailer := range map[string]auth.Mailer{"nothing": nil, "nil pointer": (*mail.Mailer)(nil)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, tables.SQLite(t), options{views: func(v *authviews.Views) { v.PasswordReset.Mailer = mailer }})
			b := w.Browser()
			wantStatus(t, b.Get(t, "/password_reset/"), http.StatusNotFound)
			if p := b.Get(t, "/login/"); p.Status != http.StatusOK || strings.Contains(p.Body, "password_reset") {
				t.Errorf("status %d; the login page links to a page that is not there: %s", p.Status, p.Body)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	several := func(c *auth.Config) {
		c.Backends = []auth.Backend{&auth.ModelBackend{}, &auth.ModelBackend{AllowInactive: true}}
	}
	for _, tt := range []struct {
		name   string
		config func(*auth.Config)
		change func(*authviews.PasswordResetConfirmView)
		want   string
	}{
		{"default", nil, func(*authviews.PasswordResetConfirmView) {}, ""},
		{"one backend", nil, func(v *authviews.PasswordResetConfirmView) { v.PostResetLogin = true }, ""},
		{"several backends", several, func(v *authviews.PasswordResetConfirmView) { v.PostResetLogin = true }, "authviews.E001"},
		{"several backends, one named", several, func(v *authviews.PasswordResetConfirmView) {
			v.PostResetLogin, v.PostResetLoginBackend = true, auth.ModelBackendName
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := open(t, tables.SQLite(t), options{config: tt.config, views: func(v *authviews.Views) { tt.change(&v.PasswordResetConfirm) }})
			got := ""
			for _, m := range w.Project.Check(t.Context(), false) {
				if strings.HasPrefix(m.ID, "authviews.") {
					got = m.ID
				}
			}
			if got != tt.want {
				t.Errorf("check found %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzResetLink looks for a link that gets more than a page that says no.
func FuzzResetLink(f *testing.F) {
	db, err := core.OpenDB("sqlite:" + filepath.Join(f.TempDir(), "db.sqlite3"))
	if err != nil {
		f.Fatal(err)
	}
	defer db.Close()
	w := new(world)
	_, p, err := newProject(core.Settings{DB: db, Keys: signing.Keys{coretest.Key}, AllowedHosts: []string{coretest.Host}}, options{}, w)
	if err != nil {
		f.Fatal(err)
	}
	if err := p.Migrate(f.Context(), core.MigrateOptions{}); err != nil {
		f.Fatal(err)
	}
	people(f, w)
	h := w.auth.Config().Sessions.Middleware(w.auth.Middleware(authviews.PasswordResetConfirmView{Auth: w.auth, Prepare: w.see}.Handler()))
	for _, s := range [][2]string{{"MQ", "dbv000-61ae803dda8b3fe653712c96f698459d"}, {"zzzz", "set-password"}, {"%2F", "-"}, {"M Q", "\x00"}, {"MQ", "set-password"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, uid, token string) {
		if uid == "" || token == "" {
			return
		}
		r := web.SetVars(httptest.NewRequest(http.MethodGet, "http://testserver/reset/x/y/", nil), map[string]string{"uidb64": uid, "token": token})
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r.WithContext(web.WithSite(r.Context(), p.Site())))
		if rec.Code != http.StatusOK || w.page.Data["validlink"] != false {
			t.Errorf("uid %q, token %q: status %d", uid, token, rec.Code)
		}
	})
}
