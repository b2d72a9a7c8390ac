package authviews_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/auth/authforms"
	"github.com/go-belleville/belleville/contrib/auth/authviews"
	"github.com/go-belleville/belleville/contrib/auth/tokens"
	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/signing"
	"github.com/go-belleville/belleville/internal/djangovectors"
)

func TestSecurityLink(t *testing.T) {
	t.Parallel()
	// The project sends addresses anywhere, so what holds here is the view's own doing.
	careless := func(s *core.Settings) { s.Security.ReferrerPolicy = "unsafe-url" }
	row(t, "G23", options{settings: careless}, func(t *testing.T, w *world, b *coretest.Browser) {
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
		w.tokensOfOtherTimesAndKeys(t)
		w.tokenIsUsedUp(t)
	})
}

// tokensOfOtherTimesAndKeys opens links that are too old, say that they are newer than they are, or
// were made with another key.
func (w *world) tokensOfOtherTimesAndKeys(t *testing.T) {
	t.Helper()
	u := w.find(t, "staff")
	open := func(g tokens.Generator, change func(token string) string) *coretest.Page {
		return w.Browser().Get(t, "/reset/"+authforms.EncodeUID(w.users.PK(u))+"/"+change(g.Make(w.users.TokenSubject(u)))+"/")
	}
	same := func(token string) string { return token }
	young, old, foreign := w.auth.ResetTokens(), w.auth.ResetTokens(), w.auth.ResetTokens()
	young.Now = func() time.Time { return time.Now().Add(-71 * time.Hour) }
	old.Now = func() time.Time { return time.Now().Add(-73 * time.Hour) }
	foreign.Keys = signing.Keys{"another key, which nobody here knows"}
	wantStatus(t, open(young, same), http.StatusFound)
	resetting{world: w}.wantInvalid(t, open(old, same))
	resetting{world: w}.wantInvalid(t, open(foreign, same))
	today, _, _ := strings.Cut(w.auth.ResetTokens().Make(w.users.TokenSubject(u)), "-")
	resetting{world: w}.wantInvalid(t, open(old, func(token string) string {
		_, sum, _ := strings.Cut(token, "-")
		return today + "-" + sum
	}))
}

// tokenIsUsedUp sets a password and looks for the token afterwards.
func (w *world) tokenIsUsedUp(t *testing.T) {
	t.Helper()
	b, path := w.Browser(), w.resetLink(w.find(t, "staff"))
	p := b.Get(t, path)
	if w.sessionText(t, b, authviews.SessionResetToken) == "" {
		t.Error("a good link leaves no token in the session")
	}
	wantRedirect(t, b.Post(t, p.Location(), form("new_password1", "n3w", "new_password2", "n3w")), "/reset/done/")
	if left := w.sessionText(t, b, authviews.SessionResetToken); left != "" {
		t.Errorf("the token %q is in the session after it was used", left)
	}
	resetting{world: w}.wantInvalid(t, w.Browser().Get(t, path))
}

func TestSecurityAfterReset(t *testing.T) {
	t.Parallel()
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
