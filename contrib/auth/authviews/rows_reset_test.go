package authviews_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/auth/tokens"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/signing"
)

func TestReferenceReset(t *testing.T) {
	t.Parallel()
	row(t, "W20", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		sleeper := w.create(t, "sleeper", "sleeper@example.com", "password").(*auth.User)
		sleeper.IsActive = false
		if err := w.users.Save(t.Context(), sleeper); err != nil {
			t.Fatal(err)
		}
		if _, err := w.users.CreateWithoutPassword(t.Context(), "single", "single@example.com", nil); err != nil {
			t.Fatal(err)
		}
		for address, mails := range map[string]int{
			"testclient@example.com": 1, "TestClient@EXAMPLE.com": 1, "nobody@example.com": 0, "sleeper@example.com": 0, "single@example.com": 0,
		} {
			w.outbox.Clear()
			wantRedirect(t, b.Post(t, "/password_reset/", form("email", address)), "/password_reset/done/")
			if n := len(w.outbox.Outbox()); n != mails {
				t.Errorf("%s: %d mails, want %d", address, n, mails)
			}
		}
	})
	row(t, "W21", withReset(options{}), func(t *testing.T, w *world, b *coretest.Browser) {
		b.Post(t, "/password_reset/html_email_template/", form("email", "staffmember@example.com"))
		b.Post(t, "/password_reset_from_email/", form("email", "staffmember@example.com"))
		b.Post(t, "/password_reset_extra_email_context/", form("email", "staffmember@example.com"))
		sent := w.outbox.Outbox()
		if len(sent) != 3 || sent[0].HTML == "" || sent[1].From != "staffmember@example.com" || !strings.Contains(sent[2].Text, "Hello!") {
			t.Errorf("sent %+v", sent)
		}
		wantRedirect(t, b.Post(t, "/password_reset/custom_redirect/", form("email", "x@example.com")), "/custom/")
	})
}

func TestReferenceResetConfirm(t *testing.T) {
	t.Parallel()
	row(t, "W24", options{}, func(t *testing.T, _ *world, b *coretest.Browser) {
		wantStatus(t, b.Get(t, "/password_reset/done/"), http.StatusOK)
	})
	row(t, "W25", options{}, func(t *testing.T, w *world, b *coretest.Browser) {
		path := w.mailedLink(t, "staffmember@example.com")
		uid, token := strings.Split(path, "/")[2], strings.Split(path, "/")[3]
		p := b.Get(t, path)
		wantRedirect(t, p, "/reset/"+uid+"/set-password/")
		if w.sessionText(t, b, authviews.SessionResetToken) != token {
			t.Error("the session has not the token")
		}
		b.Follow(t, p)
		if w.page.Data["validlink"] != true {
			t.Errorf("validlink %v", w.page.Data["validlink"])
		}
		wantRedirect(t, b.Post(t, p.Location(), form("new_password1", "n3w", "new_password2", "n3w")), "/reset/done/")
		w.checkPassword(t, "staff", "n3w", true)
		resetting{world: w}.wantInvalid(t, b.Get(t, path))
		if w.loggedIn(t, b) != "" {
			t.Error("somebody is logged in")
		}
	})
	row(t, "W26", withReset(options{}), func(t *testing.T, w *world, b *coretest.Browser) {
		path := w.mailedLink(t, "staffmember@example.com")
		wantRedirect(t, choose(t, b, strings.Replace(path, "/reset/", "/reset/post_reset_login/", 1), "n3w", "n3w"), "/reset/done/")
		if w.loggedIn(t, b) != w.users.PK(w.find(t, "staff")) {
			t.Errorf("logged in as %q", w.loggedIn(t, b))
		}
		several := openReset(t, w.Site, options{config: func(c *auth.Config) {
			c.Backends = []auth.Backend{&auth.ModelBackend{}, &auth.ModelBackend{AllowInactive: true}}
		}})
		path = several.mailedLink(t, "testclient@example.com")
		p := choose(t, several.Browser(), strings.Replace(path, "/reset/", "/reset/post_reset_login/", 1), "n3w", "n3w")
		wantStatus(t, p, http.StatusInternalServerError)
		several.checkPassword(t, "testclient", "password", true) // nothing half done
		if !strings.Contains(several.log.String(), auth.ErrWhichBackend.Error()) {
			t.Errorf("the log does not say what is missing: %s", several.log.String())
		}
	})
	row(t, "W28", options{config: func(c *auth.Config) { c.LoginURL = "login" }}, func(t *testing.T, w *world, b *coretest.Browser) {
		p := b.Get(t, "/reset/done/")
		if wantStatus(t, p, http.StatusOK); w.page.Data["login_url"] != "/login/" || !strings.Contains(p.Body, `href="/login/"`) {
			t.Errorf("login_url %v", w.page.Data["login_url"])
		}
	})
}

func TestReferenceResetMail(t *testing.T) {
	t.Parallel()
	row(t, "W22", options{templates: fstest.MapFS{"registration/password_reset_email.html": {Data: []byte(
		"{{.email}}|{{.user}}|{{.username}}|{{.site_name}}|{{.domain}}|{{.protocol}}|{{.uid}}|{{.token}}|it's & <raw>")}}},
		func(t *testing.T, w *world, b *coretest.Browser) {
			u := w.create(t, "o.connell", "O.Connell@example.com", "password")
			b.Post(t, "/password_reset/", form("email", "o.connell@EXAMPLE.com"))
			sent := w.outbox.Outbox()
			if len(sent) != 1 {
				t.Fatalf("%d mails, want 1", len(sent))
			}
			parts := strings.Split(sent[0].Text, "|")
			want := []string{"O.Connell@example.com", "o.connell", "o.connell", "testserver", "testserver", "http", authforms.EncodeUID(w.users.PK(u))}
			if len(parts) != 9 || !slices.Equal(parts[:7], want) || parts[8] != "it's & <raw>" {
				t.Fatalf("the template got %q, want %q", parts, want)
			}
			if !w.auth.ResetTokens().Check(w.users.TokenSubject(w.find(t, "o.connell")), parts[7]) {
				t.Error("the token is not valid")
			}
		})
	row(t, "W23", options{templates: fstest.MapFS{"registration/password_reset_subject.txt": {Data: []byte("\nNew\r\npassword\u2028 at {{.site_name}}\nBcc: x@evil.example\n")}}},
		func(t *testing.T, w *world, b *coretest.Browser) {
			b.Post(t, "/password_reset/", form("email", "staffmember@example.com"))
			sent := w.outbox.Outbox()
			if len(sent) != 1 || sent[0].Subject != "Newpassword at testserverBcc: x@evil.example" || len(sent[0].Bcc) != 0 {
				t.Errorf("sent %+v", sent)
			}
		})
	row(t, "W27", options{views: func(v *authviews.Views) { v.LegacyLinks = true }}, func(t *testing.T, w *world, b *coretest.Browser) {
		u := w.find(t, "staff")
		uid, err := signing.EncodeBase36(u.(*auth.User).ID)
		if err != nil {
			t.Fatal(err)
		}
		token := w.auth.LegacyResetTokens().Make(w.users.TokenSubject(u))
		path := "/reset/" + uid + "-" + token + "/"
		p := b.Get(t, path)
		wantRedirect(t, p, "/reset/"+uid+"-set-password/")
		wantRedirect(t, b.Post(t, p.Location(), form("new_password1", "n3w", "new_password2", "n3w")), "/reset/done/")
		w.checkPassword(t, "staff", "n3w", true)
		c := resetting{world: w}
		c.wantInvalid(t, b.Get(t, path))
		for _, bad := range []string{"/reset/zzzzzzzzzzzzz-1-1/", "/reset/0-1-1/", "/reset/" + uid + "-set-password/", "/reset/MQ/" + token + "/"} {
			c.wantInvalid(t, w.Browser().Get(t, bad))
		}
		closed := open(t, w.Site, options{})
		wantStatus(t, closed.Browser().Get(t, path), http.StatusNotFound)
	})
	row(t, "T04", options{views: func(v *authviews.Views) {
		own := tokens.Generator{Keys: signing.Keys{"another key of a decent length"}, Salt: "another purpose"}
		v.PasswordReset.Tokens, v.PasswordResetConfirm.Tokens = own, own
	}}, func(t *testing.T, w *world, b *coretest.Browser) {
		path := w.mailedLink(t, "staffmember@example.com")
		resetting{world: w}.wantInvalid(t, b.Get(t, w.resetLink(w.find(t, "staff"))))
		wantRedirect(t, choose(t, b, path, "n3w", "n3w"), "/reset/done/")
	})
}

// Whether the link has https depends on who says so.
func TestResetLinkScheme(t *testing.T) {
	t.Parallel()
	scheme := fstest.MapFS{"registration/password_reset_email.html": {Data: []byte("{{.protocol}}")}}
	believes := func(s *core.Settings) { s.SecureProxyHeader, s.SecureProxyValue = "X-Forwarded-Proto", "https" }
	for want, o := range map[string]options{"http": {templates: scheme}, "https": {templates: scheme, settings: believes}} {
		w := open(t, tables.SQLite(t), o)
		people(t, w)
		b := w.Browser()
		b.Header.Set("X-Forwarded-Proto", "https")
		b.Post(t, "/password_reset/", form("email", "staffmember@example.com"))
		if sent := w.outbox.Outbox(); len(sent) != 1 || sent[0].Text != want {
			t.Errorf("sent %+v, want one mail with %s", sent, want)
		}
	}
}
