package djangotest_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func (w *world) accountSteps(t *testing.T) {
	w.both(t, "password reset", "3.2", w.passwordReset)
	w.both(t, "password reset half way", "3.2", w.resetHalfWay)
	w.both(t, "key rotated", "4.1", w.keyRotated)
	w.both(t, "reset link and rotated key", "4.1", w.resetRotated)
}

// resetLink is the path of a reset link, without the site's root.
var resetLink = regexp.MustCompile(`/(?:go|dj)(/accounts/reset/([^/\s]+)/[^/\s]+/)`)

// mailedLink has a site mail a reset link and returns its path there.
func (p *person) mailedLink(t *testing.T, s site, name string) string {
	t.Helper()
	u := s.user(t, name)
	if answer := p.post(t, s, "/accounts/password_reset/", url.Values{"email": {u.Email}}); answer.status != http.StatusFound {
		t.Fatalf("%s mails no link: status %d", s.name(), answer.status)
	}
	uid := base64.RawURLEncoding.EncodeToString([]byte(u.PK))
	for _, text := range s.mails(t) {
		if m := resetLink.FindStringSubmatch(text); m != nil && m[2] == uid {
			return m[1]
		}
	}
	t.Fatalf("there is no link for %q in the mails of %s: %q", uid, s.name(), s.mails(t))
	return ""
}

// openLink follows a link and returns the path of the form that it leads to, "" when the link is
// refused.
func (p *person) openLink(t *testing.T, s site, link string) string {
	t.Helper()
	answer := p.get(t, s, link)
	if answer.status != http.StatusFound {
		return ""
	}
	path, ok := strings.CutPrefix(answer.location(), s.root())
	if !ok || !strings.HasSuffix(path, "/set-password/") {
		t.Fatalf("%s redirects the link to %q", s.name(), answer.location())
	}
	return path
}

// enter sends the form for a new password and tells whether it was taken.
func (p *person) enter(t *testing.T, s site, path, raw string) bool {
	t.Helper()
	answer := p.post(t, s, path, url.Values{"new_password1": {raw}, "new_password2": {raw}})
	return answer.status == http.StatusFound && answer.location() == s.root()+"/accounts/reset/done/"
}

// passwordReset: a link that one side mailed opens at the other, once.
func (w *world) passwordReset(t *testing.T, here, there site) {
	name := add(t, here)
	w.person(t).mustLogin(t, there, name, secret) // so that there is a last log-in in the token
	p := w.person(t)
	link := p.mailedLink(t, here, name)
	form := p.openLink(t, there, link)
	if form == "" {
		t.Fatalf("%s refuses the link of %s", there.name(), here.name())
	}
	if !p.enter(t, there, form, "staple battery 7") {
		t.Fatalf("%s does not take the new password", there.name())
	}
	w.person(t).mustLogin(t, here, name, "staple battery 7")
	for _, s := range []site{here, there} {
		if w.person(t).openLink(t, s, link) != "" {
			t.Errorf("%s takes the link a second time", s.name())
		}
	}
	forged := link[:len(link)-2] + "x/"
	if w.person(t).openLink(t, there, forged) != "" {
		t.Errorf("%s takes a forged link", there.name())
	}
}

// resetHalfWay: a link opened here can be gone on with there, because the token is in the session.
func (w *world) resetHalfWay(t *testing.T, here, there site) {
	name := add(t, there)
	p := w.person(t)
	form := p.openLink(t, here, p.mailedLink(t, there, name))
	if form == "" || !p.enter(t, there, form, "staple battery 7") {
		t.Fatalf("what was begun at %s cannot be ended at %s", here.name(), there.name())
	}
	w.person(t).mustLogin(t, here, name, "staple battery 7")
}

// keyRotated: with the old key as a fallback sessions go on, and those that were seen meanwhile go
// on without it.
func (w *world) keyRotated(t *testing.T, here, there site) {
	const next = "the next key of both sides: abcdefghijklmnopqrstuvwxyz"
	name := add(t, here)
	p, late := w.person(t), w.person(t)
	p.mustLogin(t, here, name, secret)
	p.set(t, here, `{"a": 1}`)
	late.mustLogin(t, here, name, secret)
	w.with(t, rules{keys: []string{next, secretKey}, hashers: standard.hashers})
	p.wantUser(t, there, name) // and nowhere else: this side renews what the fallback made
	w.with(t, rules{keys: []string{next}, hashers: standard.hashers})
	p.wantUser(t, there, name)
	p.wantUser(t, here, name)
	p.wantData(t, here, `{"a": 1}`)
	late.wantUser(t, here, "")
	late.wantUser(t, there, "")
}

// resetRotated: a link signed by the old key opens while that key is a fallback.
func (w *world) resetRotated(t *testing.T, here, there site) {
	const next = "the next key of both sides: abcdefghijklmnopqrstuvwxyz"
	name := add(t, here)
	link := w.person(t).mailedLink(t, here, name)
	w.with(t, rules{keys: []string{next, secretKey}, hashers: standard.hashers})
	if w.person(t).openLink(t, there, link) == "" {
		t.Errorf("%s refuses a link that a fallback key signed", there.name())
	}
	w.with(t, rules{keys: []string{next}, hashers: standard.hashers})
	if w.person(t).openLink(t, there, link) != "" {
		t.Errorf("%s takes a link that a forgotten key signed", there.name())
	}
}
