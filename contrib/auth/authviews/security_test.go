package authviews_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/auth/tokens"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/core/web"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// headers returns what a client sees of an answer but its body, without the time.
func headers(p *coretest.Page) string {
	h := p.Header.Clone()
	h.Del("Date")
	h.Del("Expires")
	var b strings.Builder
	if err := h.Write(&b); err != nil {
		panic(err)
	}
	return b.String()
}

func TestSecurityLogin(t *testing.T) {
	t.Parallel()
	row(t, "G04", options{}, func(t *testing.T, w *world, _ *coretest.Browser) {
		sleeper := w.create(t, "sleeper", "", "password").(*auth.User)
		sleeper.IsActive = false
		if err := w.users.Save(t.Context(), sleeper); err != nil {
			t.Fatal(err)
		}
		first := w.enter(t, w.Browser(), "/login/", "nobody", "password")
		for name, raw := range map[string]string{"testclient": "wrong", "sleeper": "password", "NOBODY": "\xff", "a@b.c": strings.Repeat("x", 5000)} {
			p := w.enter(t, w.Browser(), "/login/", name, raw)
			if p.Status != first.Status || headers(p) != headers(first) || strings.ReplaceAll(p.Body, name, "nobody") != first.Body {
				t.Errorf("the answer for %s differs from that for nobody:\n%s\n%s\nwant\n%s\n%s", name, headers(p), p.Body, headers(first), first.Body)
			}
		}
	})
	row(t, "G18", options{routes: loginRoutes, config: func(c *auth.Config) { c.LoginRedirectURL = "/login/redirect_authenticated_user/" }},
		func(t *testing.T, w *world, b *coretest.Browser) {
			w.login(t, b, "testclient", "password")
			wantStatus(t, b.Get(t, "/login/redirect_authenticated_user/?x=1"), http.StatusInternalServerError)
			if !strings.Contains(w.log.String(), authviews.ErrRedirectLoop.Error()) {
				t.Errorf("the log does not name the loop: %s", w.log.String())
			}
		})
	row(t, "G48", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		before := b.Get(t, "/login/?next=/favicon.ico")
		w.login(t, b, "testclient", "password")
		after := b.Get(t, "/login/?next=/favicon.ico")
		if after.Status != http.StatusOK || after.Body != before.Body {
			t.Errorf("status %d; the page tells that somebody is logged in", after.Status)
		}
	})
	row(t, "G47", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		r := httptest.NewRequest(http.MethodPost, "http://testserver/password_change/", unread{t})
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		wantRedirect(t, b.Send(t, r), "/accounts/login/?next=/password_change/")
	})
}

// unread is a body that nobody may read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func TestSecurityRedirect(t *testing.T) {
	t.Parallel()
	type vector struct {
		URL          string   `json:"url"`
		AllowedHosts []string `json:"allowed_hosts"`
		RequireHTTPS bool     `json:"require_https"`
		Safe         bool     `json:"safe"`
	}
	// All vectors go through the database of one session, so SQLite will do.
	t.Run("row/G16", func(t *testing.T) {
		for _, v := range djangovectors.Section[vector](t, "url_has_allowed_host_and_scheme") {
			w := open(t, tables.SQLite(t), options{views: func(views *authviews.Views) {
				views.Login.SuccessURLAllowedHosts, views.Logout.SuccessURLAllowedHosts = v.AllowedHosts, v.AllowedHosts
			}})
			w.create(t, "ada", "", "password")
			want := map[string]string{"/login/": "/accounts/profile/", "/logout/": "/logout/"}
			for path := range want {
				if v.Safe {
					want[path] = v.URL
				}
				body := form("username", "ada", "password", "password", "next", v.URL).Encode()
				r := httptest.NewRequest(http.MethodPost, "http://testserver"+path, strings.NewReader(body))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				if v.RequireHTTPS {
					r.TLS = &tls.ConnectionState{}
				}
				p := w.Browser().Send(t, r)
				if path == "/logout/" && !v.Safe {
					if wantStatus(t, p, http.StatusOK); p.Location() != "" { // its own page: posted to no other address
						t.Errorf("%s with next %q: Location %q", path, v.URL, p.Location())
					}
					continue
				}
				wantRedirect(t, p, want[path])
			}
		}
	})
}

func TestSecurityReset(t *testing.T) {
	t.Parallel()
	row(t, "G19", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		for _, host := range []string{"www.example:dr.frankenstein@evil.tld", "evil.tld", "testserver@evil.tld", "testserver:80@evil.tld", ""} {
			r := httptest.NewRequest(http.MethodPost, "http://testserver/password_reset/", strings.NewReader(form("email", "staffmember@example.com").Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.Header.Set("X-Forwarded-Host", "evil.tld")
			r.Host = host
			wantStatus(t, b.Send(t, r), http.StatusBadRequest)
		}
		if n := len(w.outbox.Outbox()); n != 0 {
			t.Errorf("%d mails, want none", n)
		}
	})
	row(t, "G20", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		w.create(t, "mike", "Mike@Example.org", "password")
		w.create(t, "turk", "mıke@example.com", "password")
		for typed, want := range map[string]string{
			"mike@EXAMPLE.ORG": "Mike@example.org", "mıke@example.org": "", "mike@example.com": "", "mıke@example.com": "mıke@example.com",
		} {
			w.outbox.Clear()
			b.Post(t, "/password_reset/", form("email", typed))
			got := ""
			for _, m := range w.outbox.Outbox() {
				got += strings.Join(m.To, " ")
			}
			if got != want {
				t.Errorf("typed %s: mail to %q, want %q", typed, got, want)
			}
		}
	})
	row(t, "G21", options{}, func(t *testing.T, w *world, _ *coretest.Browser) {
		failing := open(t, w.Site, options{views: func(v *authviews.Views) { v.PasswordReset.Mailer = broken{} }})
		first := w.Browser().Post(t, "/password_reset/", form("email", "nobody@example.com"))
		wantRedirect(t, first, "/password_reset/done/")
		for _, tt := range []struct {
			w       *world
			address string
		}{{w, "staffmember@example.com"}, {failing, "nobody@example.com"}, {failing, "staffmember@example.com"}} {
			p := tt.w.Browser().Post(t, "/password_reset/", form("email", tt.address))
			if p.Status != first.Status || headers(p) != headers(first) || p.Body != first.Body {
				t.Errorf("the answer for %s differs:\n%s\nwant\n%s", tt.address, headers(p), headers(first))
			}
		}
		if !strings.Contains(failing.log.String(), errBroken.Error()) {
			t.Errorf("the failure is not in the log: %s", failing.log.String())
		}
	})
	row(t, "G22", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		w.create(t, "one", "shared@example.com", "password")
		w.create(t, "two", "Shared@example.com", "password")
		b.Post(t, "/password_reset/", form("email", "shared@example.com"))
		sent := w.outbox.Outbox()
		if len(sent) != 2 || sent[0].To[0] != "shared@example.com" || sent[1].To[0] != "Shared@example.com" || sent[0].Text == sent[1].Text {
			t.Fatalf("sent %+v, want one mail to each of the two", sent)
		}
		path := linkPattern.FindStringSubmatch(sent[1].Text)[1]
		wantRedirect(t, choose(t, b, path, "n3w", "n3w"), "/reset/done/")
		w.checkPassword(t, "two", "n3w", true)
		w.checkPassword(t, "one", "password", true)
	})
}

// broken is a mailer that fails.
type broken struct{}

var errBroken = errors.New("the mail server is on fire")

func (broken) Send(context.Context, *mail.Message) error { return errBroken }

// counting makes tokens and counts them.
type counting struct {
	tokens.Generator
	made atomic.Int32
}

func (c *counting) Make(s tokens.Subject) string {
	c.made.Add(1)
	return c.Generator.Make(s)
}

// Whether there was somebody to write to can be told neither from the work nor from the waiting.
func TestResetDoesTheSameWork(t *testing.T) {
	t.Parallel()
	each(t, options{}, func(t *testing.T, w *world) {
		maker := &counting{Generator: tokens.Generator{Keys: signing.Keys{coretest.Key}}}
		w = open(t, w.Site, options{views: func(v *authviews.Views) { v.PasswordReset.Tokens = maker }})
		for _, address := range []string{"staffmember@example.com", "nobody@example.com"} {
			maker.made.Store(0)
			b := w.Browser()
			statements := w.Queries.During(func() { b.Post(t, "/password_reset/", form("email", address)) })
			if n := maker.made.Load(); n != 1 || len(statements) != 1 {
				t.Errorf("%s: %d tokens and %d statements, want 1 each", address, n, len(statements))
			}
		}
	})
}

// gate is a transport that waits until it is opened.
type gate struct {
	open chan struct{}
	box  mail.Memory
}

func (g *gate) Send(ctx context.Context, msgs ...*mail.Message) (int, error) {
	select {
	case <-g.open:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	return g.box.Send(ctx, msgs...)
}

// The mail leaves after the answer: the server may take as long as it wants.
func TestResetAnswersBeforeTheMailIsSent(t *testing.T) {
	t.Parallel()
	server := &gate{open: make(chan struct{})}
	queue := mail.NewQueue(server, mail.QueueConfig{})
	w := open(t, tables.SQLite(t), options{views: func(v *authviews.Views) {
		v.PasswordReset.Mailer = &mail.Mailer{Transport: queue, DefaultFrom: "site@example.com"}
	}})
	people(t, w)
	if err := queue.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantRedirect(t, w.Browser().Post(t, "/password_reset/", form("email", "staffmember@example.com")), "/password_reset/done/")
	if n := len(server.box.Outbox()); n != 0 {
		t.Errorf("%d mails before the answer, want none", n)
	}
	close(server.open)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := queue.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if sent := server.box.Outbox(); len(sent) != 1 || sent[0].To[0] != "staffmember@example.com" {
		t.Errorf("sent %+v, want one mail when the queue is closed", sent)
	}
}

func TestSecurityLink(t *testing.T) {
	t.Parallel()
	row(t, "G23", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		path := w.mailedLink(t, "staffmember@example.com")
		token := strings.Split(path, "/")[3]
		p := b.Get(t, path)
		if strings.Contains(headers(p)+p.Body, token) {
			t.Errorf("the token is in the answer: %s", headers(p))
		}
		page := b.Follow(t, p)
		done := b.Post(t, p.Location(), form("new_password1", "n3w", "new_password2", "other"))
		stranger := w.Browser().Get(t, p.Location())
		resetting{world: w}.wantInvalid(t, stranger)
		for _, p := range []*coretest.Page{p, page, done, stranger} {
			if got := p.Header.Get("Referrer-Policy"); got != "same-origin" {
				t.Errorf("Referrer-Policy %q, want same-origin", got)
			}
			if strings.Contains(p.Body, token) {
				t.Errorf("the token is in the page: %s", p.Body)
			}
		}
	})
	row(t, "G24", options{}, func(t *testing.T, w *world, _ *coretest.Browser) {
		for name, change := range map[string]func(u *auth.User){
			"password":   func(u *auth.User) { u.Password = "md5$x$y" },
			"last login": func(u *auth.User) { u.LastLogin = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) },
			"address":    func(u *auth.User) { u.Email = "new@example.com" },
		} {
			u := w.create(t, name, "x@example.com", "password").(*auth.User)
			path := w.resetLink(u)
			change(u)
			if err := w.users.Save(t.Context(), u); err != nil {
				t.Fatal(err)
			}
			resetting{world: w}.wantInvalid(t, w.Browser().Get(t, path))
		}
		// A page that was opened before the change is no use after it.
		u, b := w.create(t, "late", "late@example.com", "password"), w.Browser()
		p := b.Get(t, w.resetLink(u))
		if err := w.users.ChangePassword(t.Context(), u, "changed"); err != nil {
			t.Fatal(err)
		}
		resetting{world: w}.wantInvalid(t, b.Post(t, p.Location(), form("new_password1", "n3w", "new_password2", "n3w")))
		w.checkPassword(t, "late", "changed", true)
		// Another user's uid does not go with the token.
		staff := strings.Split(w.resetLink(w.find(t, "staff")), "/")
		other := authforms.EncodeUID(w.users.PK(w.find(t, "testclient")))
		resetting{world: w}.wantInvalid(t, w.Browser().Get(t, "/reset/"+other+"/"+staff[3]+"/"))
	})
	row(t, "G25", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		wantRedirect(t, choose(t, b, w.mailedLink(t, "staffmember@example.com"), "n3w", "n3w"), "/reset/done/")
		if w.loggedIn(t, b) != "" {
			t.Error("somebody is logged in")
		}
		// Whoever was logged in before stays that: another user, and the same one.
		w.login(t, b, "testclient", "password")
		wantRedirect(t, choose(t, b, w.mailedLink(t, "staffmember@example.com"), "n3w2", "n3w2"), "/reset/done/")
		wantRedirect(t, choose(t, b, w.mailedLink(t, "testclient@example.com"), "n3w3", "n3w3"), "/reset/done/")
		wantStatus(t, b.Get(t, "/password_change/"), http.StatusOK)
		if w.loggedIn(t, b) != w.users.PK(w.find(t, "testclient")) {
			t.Errorf("logged in as %q", w.loggedIn(t, b))
		}
	})
	row(t, "G26", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		for _, uid := range append(strangeUIDs(), "zzzz", "MQ==", "%00", "%FF", "-", "_w") {
			resetting{world: w}.wantInvalid(t, b.Get(t, "/reset/"+uid+"/dbv000-61ae803dda8b3fe653712c96f698459d/"))
			resetting{world: w}.wantInvalid(t, b.Get(t, "/reset/"+uid+"/set-password/"))
		}
	})
}

// strangeUIDs decode to what can be no key.
func strangeUIDs() []string {
	var uids []string
	for _, pk := range []string{"zzzz", "-1", "0", "1.0", " 1", "01", "9223372036854775808", strings.Repeat("9", 1000), "1\x00", "' OR 1=1", "６"} {
		uids = append(uids, authforms.EncodeUID(pk))
	}
	return uids
}

// A link that Django mailed works here.
func TestDjangoLink(t *testing.T) {
	t.Parallel()
	type vector struct {
		Secret string `json:"secret"`
		User   struct {
			ID                        int64
			Username, Email, Password string
			LastLogin                 *time.Time `json:"last_login"`
		} `json:"user"`
		Now    string `json:"now_local_naive"`
		Token  string `json:"token"`
		UIDB64 string `json:"uidb64"`
	}
	vectors := djangovectors.Section[vector](t, "password_reset_token")
	tables.Each(t, func(t *testing.T, s *coretest.Site) {
		for _, v := range vectors {
			now, err := time.Parse("2006-01-02T15:04:05.999999", v.Now)
			if err != nil {
				t.Fatal(err)
			}
			w := open(t, s, options{views: func(views *authviews.Views) {
				views.PasswordResetConfirm.Tokens = tokens.Generator{Keys: signing.Keys{v.Secret}, Now: func() time.Time { return now }}
			}})
			u := w.users.New().(*auth.User)
			u.ID, u.Username, u.Email, u.Password = v.User.ID, v.User.Username, v.User.Email, auth.Hash(v.User.Password)
			if v.User.LastLogin != nil {
				u.LastLogin = *v.User.LastLogin
			}
			if err := w.users.Insert(t.Context(), u); err != nil {
				t.Fatal(err)
			}
			if p := follow(t, w.Browser(), "/reset/"+v.UIDB64+"/"+v.Token+"/"); w.page.Data["validlink"] != true {
				t.Errorf("the link of %s does not work: %s", v.User.Username, p.Body)
			}
		}
	})
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	row(t, "G27", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		path := w.mailedLink(t, "staffmember@example.com")
		visit := func() {
			for _, p := range []*coretest.Page{
				b.Get(t, "/login/"), b.Get(t, "/password_change/"), b.Get(t, "/password_change/done/"), b.Get(t, "/password_reset/"),
				b.Get(t, "/password_reset/done/"), b.Get(t, path), b.Get(t, "/reset/MQ/set-password/"), b.Get(t, "/reset/done/"),
				b.Post(t, "/login/", form("username", "x")), b.Post(t, "/password_reset/", form("email", "x@example.com")),
			} {
				wantUncached(t, p)
			}
		}
		visit()
		w.login(t, b, "testclient", "password")
		visit()
		wantUncached(t, b.Post(t, "/password_change/", form("old_password", "password", "new_password1", "n3w", "new_password2", "n3w")))
		wantUncached(t, b.Post(t, "/logout/", nil))
	})
	row(t, "G28", options{settings: nil}, func(t *testing.T, w *world, b *coretest.Browser) {
		const secret = "Tr0ub4dor-and-3"
		broken := open(t, w.Site, options{routes: loginRoutes})
		pages := []*coretest.Page{
			w.enter(t, b, "/login/", "testclient", secret),
			b.Post(t, "/login/", form("username", "testclient", "password", secret, "password2", secret)),
		}
		path := w.mailedLink(t, "staffmember@example.com")
		pages = append(pages, choose(t, b, path, secret, secret+"x"))
		w.login(t, b, "testclient", "password")
		pages = append(pages,
			b.Post(t, "/password_change/", form("old_password", secret, "new_password1", secret, "new_password2", secret)),
			b.Post(t, "/password_change/", form("old_password", "password", "new_password1", secret, "new_password2", secret+"x")))
		if err := w.DB().Close(); err != nil { // every answer is an error page from here on
			t.Fatal(err)
		}
		pages = append(pages, w.enter(t, b, "/login/", "testclient", secret), broken.enter(t, broken.Browser(), "/login/", "testclient", secret),
			b.Post(t, "/password_change/", form("old_password", secret, "new_password1", secret, "new_password2", secret)))
		for _, p := range pages[len(pages)-3:] {
			wantStatus(t, p, http.StatusInternalServerError)
		}
		for i, p := range pages {
			if strings.Contains(p.Body+headers(p), secret) {
				t.Errorf("page %d shows the password: %s", i, p.Body)
			}
		}
		for _, text := range []string{w.log.String(), broken.log.String()} {
			if strings.Contains(text, secret) || !strings.Contains(text, "request failed") {
				t.Errorf("the log has the password, or nothing: %s", text)
			}
		}
	})
}

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
	w := open(t, tables.SQLite(t), options{views: func(v *authviews.Views) { v.PasswordReset.Mailer = nil }})
	b := w.Browser()
	wantStatus(t, b.Get(t, "/password_reset/"), http.StatusNotFound)
	if p := b.Get(t, "/login/"); p.Status != http.StatusOK || strings.Contains(p.Body, "password_reset") {
		t.Errorf("status %d; the login page links to a page that is not there: %s", p.Status, p.Body)
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

// FuzzResetLink looks for a link that is more than a page that says no.
func FuzzResetLink(f *testing.F) {
	for _, s := range [][2]string{{"MQ", "dbv000-61ae803dda8b3fe653712c96f698459d"}, {"zzzz", "set-password"}, {"", ""}, {"%2F", "-"}, {"M Q", "\x00"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, uid, token string) {
		if uid == "" || token == "" {
			return
		}
		w := open(t, tables.SQLite(t), options{})
		r := web.SetVars(httptest.NewRequest(http.MethodGet, "http://testserver/reset/x/y/", nil), map[string]string{"uidb64": uid, "token": token})
		rec := httptest.NewRecorder()
		h := w.auth.Config().Sessions.Middleware(w.auth.Middleware(authviews.PasswordResetConfirmView{Auth: w.auth, Prepare: w.see}.Handler()))
		h.ServeHTTP(rec, r.WithContext(web.WithSite(r.Context(), w.Project.Site())))
		if rec.Code != http.StatusOK || w.page.Data["validlink"] != false {
			t.Errorf("uid %q, token %q: status %d", uid, token, rec.Code)
		}
	})
}
