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
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/auth/tokens"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/mail"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

// headers returns what a client sees of an answer but its body, without the time and the number of
// the request.
func headers(p *coretest.Page) string {
	h := p.Header.Clone()
	h.Del("Date")
	h.Del("Expires")
	h.Del("X-Request-Id")
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
	// The database plays no part, so SQLite will do.
	t.Run("row/G16", func(t *testing.T) {
		site := tables.SQLite(t)
		open(t, site, options{}).create(t, "ada", "", "password")
		for _, v := range djangovectors.Section[vector](t, "url_has_allowed_host_and_scheme") {
			w := open(t, site, options{views: func(views *authviews.Views) {
				views.Login.SuccessURLAllowedHosts, views.Logout.SuccessURLAllowedHosts = v.AllowedHosts, v.AllowedHosts
			}})
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
		w := open(t, site, options{})
		for query, posted := range map[string]string{
			"https://evil.tld/": "", "/safe/": "https://evil.tld/",
			"ftp://testserver/": "", "javascript://testserver/%0aalert(1)": "", // the host is not all
			"/\t/evil.tld/": "", "\u200e/safe/": "", "\u007f//evil.tld/": "", // who knows what a browser makes of that
		} {
			body := form("username", "ada", "password", "password")
			if posted != "" {
				body.Set("next", posted)
			}
			p := w.Browser().Post(t, "/login/?"+form("next", query).Encode(), body)
			wantRedirect(t, p, "/accounts/profile/")
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
		// A good host beside a forwarded one, which nobody has said to be believed.
		b.Header.Set("X-Forwarded-Host", "evil.tld")
		wantRedirect(t, b.Post(t, "/password_reset/", form("email", "staffmember@example.com")), "/password_reset/done/")
		if sent := w.outbox.Outbox(); len(sent) != 1 || strings.Contains(sent[0].Text+sent[0].Subject, "evil.tld") || !strings.Contains(sent[0].Text, "://testserver/") {
			t.Errorf("sent %+v, want one mail with a link to testserver", sent)
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
}

func TestSecurityResetMail(t *testing.T) {
	t.Parallel()
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
		sleeper, locked := w.create(t, "sleeper", "shared@example.com", "password").(*auth.User), w.create(t, "locked", "shared@example.com", "password")
		sleeper.IsActive = false
		w.users.SetUnusablePassword(locked)
		if err := errors.Join(w.users.Save(t.Context(), sleeper), w.users.Save(t.Context(), locked)); err != nil {
			t.Fatal(err)
		}
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
	row(t, "G21", options{}, func(t *testing.T, w *world, _ *coretest.Browser) {
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
