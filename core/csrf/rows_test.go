package csrf_test

import (
	"math"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/contrib/sessions"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/csrf"
)

func TestRows(t *testing.T) {
	t.Parallel()
	for row, f := range map[string]func(*testing.T, *demo){
		"Y06": formsNeedTokens,
		"G29": accountFormsNeedTokens,
		"G12": tokensAreNotShared,
	} {
		t.Run("row/"+row, func(t *testing.T) {
			t.Parallel()
			each(t, f)
		})
	}
	t.Run("row/G44", func(t *testing.T) {
		t.Parallel()
		evenLetters(t)
	})
}

// formsNeedTokens posts a form: a row is stored when the token is right, and only then.
func formsNeedTokens(t *testing.T, d *demo) {
	b := d.Browser()
	token := tokenOf(t, b.Get(t, "/form/"))
	name := []string{"name", "Voters by " + d.store.class}
	for what, form := range map[string]url.Values{
		"no token":         {"name": {name[1]}},
		"an empty token":   withToken("", name...),
		"a wrong token":    withToken(csrf.Mask(csrf.NewSecret()), name...),
		"half a token":     withToken(token[:32], name...),
		"another's token":  withToken(tokenOf(t, d.Browser().Get(t, "/form/")), name...),
		"nothing at all":   {},
		"a foreign script": withToken("<script>", name...),
	} {
		if p := b.Post(t, "/form/", form); p.Status != 403 || d.stored(t, name[1]) != 0 {
			t.Errorf("%s: status %d, %d rows; want 403 and none", what, p.Status, d.stored(t, name[1]))
		}
	}
	if p := b.Post(t, "/form/", withToken(token, name...)); p.Status != 200 || d.stored(t, name[1]) != 1 {
		t.Errorf("a good token: status %d, %d rows; want 200 and one", p.Status, d.stored(t, name[1]))
	}
	name[1] += " again"
	if p := b.Post(t, "/form/", withToken(d.secretOf(t, b), name...)); p.Status != 200 || d.stored(t, name[1]) != 1 {
		t.Errorf("the secret itself as a token: status %d, %d rows; want 200 and one", p.Status, d.stored(t, name[1]))
	}
	for path, want := range map[string]int{"/nowhere/": 404, "/members/": 403, "/hook/": 200} {
		if p := d.Browser().Post(t, path, nil); p.Status != want {
			t.Errorf("POST %s without a token: status %d, want %d", path, p.Status, want)
		}
	}
	if p := b.Post(t, "/members/", withToken(token)); p.Status != 302 {
		t.Errorf("POST /members/ with a token: status %d, want 302 to the log-in", p.Status)
	}
	p := b.Post(t, "/form/", nil)
	if !strings.Contains(p.Body, "<h1>Nothing was changed</h1>") || !strings.Contains(p.Body, "Load the page again") {
		t.Errorf("the page for a refused form does not say what to do: %.900s", p.Body)
	}
}

// stored is the number of groups of a name.
func (d *demo) stored(t *testing.T, name string) int {
	t.Helper()
	var groups []*auth.Group
	if err := d.DB().NewSelect().Model(&groups).Where("name = ?", name).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	return len(groups)
}

// accountFormsNeedTokens goes through log-in, password and log-out.
func accountFormsNeedTokens(t *testing.T, d *demo) {
	b := d.Browser()
	credentials := []string{"username", "fay", "password", "fay-password"}
	rows := d.count(t, (*sessions.Row)(nil))
	if p := b.Post(t, "/accounts/login/", withToken("", credentials...)); p.Status != 403 || d.count(t, (*sessions.Row)(nil)) != rows {
		t.Errorf("log-in without a token: status %d, %d sessions; want 403 and %d", p.Status, d.count(t, (*sessions.Row)(nil)), rows)
	}
	stranger := tokenOf(t, b.Get(t, "/accounts/login/"))
	before := d.secretOf(t, b)
	b.Header.Set("X-Requested-With", "XMLHttpRequest")
	if p := b.Post(t, "/accounts/login/", withToken("", credentials...)); p.Status != 403 || d.loggedIn(t, b) {
		t.Errorf("log-in by a script without a token: status %d, want 403", p.Status)
	}
	b.Header.Del("X-Requested-With")
	if p := b.Post(t, "/accounts/login/", withToken(stranger, credentials...)); p.Status != 302 || !d.loggedIn(t, b) {
		t.Fatalf("log-in with a token: status %d, want 302 and a session", p.Status)
	}
	after := d.secretOf(t, b)
	if len(after) != 32 || after == before {
		t.Errorf("the secret was %q and is %q after the log-in, want another", before, after)
	}
	if p := b.Post(t, "/accounts/logout/", withToken(stranger)); p.Status != 403 || !d.loggedIn(t, b) {
		t.Errorf("log-out with a token from before the log-in: status %d, want 403 and still logged in", p.Status)
	}
	token := tokenOf(t, b.Get(t, "/accounts/password_change/"))
	passwords := []string{"old_password", "fay-password", "new_password1", "another-1", "new_password2", "another-1"}
	stored := d.passwordOf(t, "fay")
	if p := b.Post(t, "/accounts/password_change/", withToken("", passwords...)); p.Status != 403 || d.passwordOf(t, "fay") != stored {
		t.Errorf("a new password without a token: status %d, want 403 and the old password", p.Status)
	}
	if p := b.Post(t, "/accounts/password_change/", withToken(token, passwords...)); p.Status != 302 || d.passwordOf(t, "fay") == stored {
		t.Errorf("a new password with a token: status %d, want 302 and another password", p.Status)
	}
	d.restore(t, "fay", stored)
	wantLastCookie(t, d, b, token)
	key := b.Cookie("sessionid")
	if p := b.Post(t, "/accounts/logout/", withToken("")); p.Status != 403 || !d.loggedIn(t, b) {
		t.Errorf("log-out without a token: status %d, want 403 and still logged in", p.Status)
	}
	if p := b.Post(t, "/accounts/logout/", withToken(token)); p.Status != 200 || b.Cookie("sessionid") == key {
		t.Errorf("log-out with a token: status %d, want 200 and no session", p.Status)
	}
}

func (d *demo) passwordOf(t *testing.T, name string) string {
	t.Helper()
	u, err := d.users.ByUsername(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(u.(*auth.User).Password)
}

// restore sets a stored password back, for the next round.
func (d *demo) restore(t *testing.T, name, stored string) {
	t.Helper()
	_, err := d.DB().NewUpdate().Model((*auth.User)(nil)).Set("password = ?", stored).Where("username = ?", name).Exec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
}

// wantLastCookie shows that the text of other cookies is never taken for the secret, and that of
// two cookies with its name the last counts.
func wantLastCookie(t *testing.T, d *demo, b *coretest.Browser, token string) {
	t.Helper()
	if d.store.sessions {
		return
	}
	own, evil := d.secretOf(t, b), csrf.NewSecret()
	for _, c := range []struct {
		cookies, token string
		want           int
	}{
		{"csrftoken=" + own, token, 200},
		{"csrftoken=" + evil + "; csrftoken=" + own, token, 200},
		{"csrftoken=" + own + "; csrftoken=" + evil, token, 403},
		{"__utmz=1.[csrftoken=" + evil + "; csrftoken=" + own, token, 200},
		{"csrftoken=" + own + "; __utmz=1,csrftoken=" + evil, token, 200},
		{"csrftoken=" + own + "; __utmz=1]csrftoken=" + evil, evil, 403},
		{"csrftoken=" + own + "; a=\"b; xcsrftoken=" + evil + "\"", token, 200},
		{"__utmz=1,csrftoken=" + evil, evil, 403},
	} {
		r := httptest.NewRequest("POST", "http://testserver/remote_user/", strings.NewReader(withToken(c.token).Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", c.cookies)
		if p := d.Browser().Send(t, r); p.Status != c.want {
			t.Errorf("Cookie %q: status %d, want %d", c.cookies, p.Status, c.want)
		}
	}
}

// tokensAreNotShared looks at what shared caches are told.
func tokensAreNotShared(t *testing.T, d *demo) {
	b := d.Browser()
	for range 2 { // the first visit sets the secret, the second brings it
		p := b.Get(t, "/form/")
		tokenOf(t, p)
		if got := strings.Join(p.Header.Values("Vary"), ", "); got != "Cookie" {
			t.Errorf("a page with a token varies on %q, want Cookie", got)
		}
		if got := p.Header.Get("Cache-Control"); got != "private" {
			t.Errorf("a page with a token has Cache-Control %q, want private", got)
		}
	}
	for _, path := range []string{"/static/belleville.css", "/nowhere/"} {
		p := d.Browser().Get(t, path)
		if len(p.Cookies) != 0 || len(p.Header.Values("Vary")) != 0 {
			t.Errorf("GET %s without a token: cookies %v, Vary %v; want none", path, p.Cookies, p.Header.Values("Vary"))
		}
	}
}

// evenLetters counts the letters of many secrets and masks: each letter at each place is equally
// likely. A bias of one part in 256, as modulo makes it, would be far outside.
func evenLetters(t *testing.T) {
	const n = 20000
	var counts [64][256]int
	for range n {
		token := csrf.Mask(csrf.NewSecret())
		for i := range len(token) {
			counts[i][token[i]]++
		}
	}
	expected := float64(n) / 62
	for i, places := range counts {
		chi, letters := 0.0, 0
		for _, count := range places {
			if count > 0 {
				letters++
				chi += math.Pow(float64(count)-expected, 2) / expected
			}
		}
		// 61 degrees of freedom: mean 61, deviation 11; 130 is beyond one in ten million.
		if letters != 62 || chi > 130 {
			t.Errorf("place %d: %d different letters, chi square %.1f; want 62 and about 61", i, letters, chi)
		}
	}
}
