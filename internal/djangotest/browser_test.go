package djangotest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

func (w *world) cookieSteps(t *testing.T) {
	w.both(t, "csrf token", "3.2", w.csrfToken)
	w.both(t, "csrf token and login", "3.2", w.csrfLogin)
	w.both(t, "messages", "3.2", w.messages)
	w.both(t, "messages too long for a cookie", "3.2", w.longMessages)
	// Belleville signs as Django does since 5.2.15 (CVE-2026-6873), and reads what earlier ones sign.
	w.step(t, "signed cookie/belleville-django", "5.2.15", func(t *testing.T) { w.signedCookie(t, w.belleville, w.django, "") })
	w.step(t, "signed cookie/django-belleville", "3.2", func(t *testing.T) { w.signedCookie(t, w.django, w.belleville, "") })
	w.step(t, "signed cookie for an old django", "3.2", func(t *testing.T) { w.signedCookie(t, w.belleville, w.django, "&legacy=1") })
}

// wantAccepted fails unless a site takes, or refuses, a form with that token.
func (p *person) wantAccepted(t *testing.T, s site, token string, want bool) {
	t.Helper()
	answer := p.postWith(t, s, "/form/", url.Values{"text": {"hello"}}, token)
	got := answer.status == http.StatusOK && answer.body == "accepted hello"
	if got != want || !want && answer.status != http.StatusForbidden {
		t.Errorf("%s takes the token: %v, want %v; status %d, %.300s", s.name(), got, want, answer.status, answer.body)
	}
}

// csrfToken: a form of one side may be sent to the other.
func (w *world) csrfToken(t *testing.T, here, there site) {
	p := w.person(t)
	token := p.token(t, here)
	p.wantAccepted(t, there, token, true)
	p.wantAccepted(t, here, token, true)
	p.wantAccepted(t, here, p.token(t, there), true)
	p.wantAccepted(t, there, p.cookie(t, "csrftoken"), true) // as scripts send it
	p.wantAccepted(t, there, w.person(t).token(t, here), false)
	p.wantAccepted(t, there, "", false)
}

// csrfLogin: a log-in on one side makes the other's earlier forms worthless.
func (w *world) csrfLogin(t *testing.T, here, there site) {
	name := add(t, here)
	p := w.person(t)
	before := p.token(t, here)
	p.mustLogin(t, there, name, secret)
	p.wantAccepted(t, here, before, false)
	p.wantAccepted(t, here, p.token(t, there), true)
}

// shownMessages are the messages that a site shows: level, text and extra tags.
func (p *person) shownMessages(t *testing.T, s site) [][]any {
	t.Helper()
	var answer struct{ Messages [][]any }
	p.read(t, s, "/messages/", &answer)
	return answer.Messages
}

// leave leaves a message.
func (p *person) leave(t *testing.T, s site, level int, text, tags string) []any {
	t.Helper()
	q := url.Values{"add": {text}, "level": {fmt.Sprint(level)}, "tags": {tags}}
	if answer := p.get(t, s, "/messages/?"+q.Encode()); answer.status != http.StatusOK {
		t.Fatalf("%s takes no message: status %d", s.name(), answer.status)
	}
	return []any{float64(level), text, tags}
}

// messages: what one side leaves the other shows, once.
func (w *world) messages(t *testing.T, here, there site) {
	p := w.person(t)
	want := [][]any{
		p.leave(t, here, 25, `Grüße <b> "&" 🎈`, ""),
		p.leave(t, there, 40, "second", "wide red"),
		p.leave(t, here, 30, "third", ""),
	}
	if got := p.shownMessages(t, there); !reflect.DeepEqual(got, want) {
		t.Errorf("%s shows %v, want %v", there.name(), got, want)
	}
	for _, s := range []site{here, there} {
		if got := p.shownMessages(t, s); len(got) > 0 {
			t.Errorf("%s shows %v again", s.name(), got)
		}
	}
}

// longMessages: what does not fit into the cookie is in the session, and nothing is lost.
func (w *world) longMessages(t *testing.T, here, there site) {
	p := w.person(t)
	var want [][]any
	for i := range 16 {
		text := fmt.Sprintf("%d ", i)
		for j := range 60 { // so that it does not compress well
			text += fmt.Sprintf("%x ", (i+1)*(j+7)*2654435761%1000003)
		}
		want = append(want, p.leave(t, here, 20, strings.TrimSpace(text), ""))
	}
	if p.cookie(t, "sessionid") == "" {
		t.Fatal("all messages fit into the cookie, so nothing is tested")
	}
	if got := p.shownMessages(t, there); !reflect.DeepEqual(got, want) {
		t.Errorf("%s shows %d messages: %.300v, want %d: %.300v", there.name(), len(got), got, len(want), want)
	}
	if got := p.shownMessages(t, here); len(got) > 0 {
		t.Errorf("%s shows %d messages again", here.name(), len(got))
	}
}

// signedCookie: what one side signs the other reads, under the same name and salt only.
func (w *world) signedCookie(t *testing.T, here, there site, how string) {
	values := []string{"plain", `a:b "c"; d, \ ü=`, ""}
	if here == site(w.belleville) {
		values = append(values, "🎈") // which Django's own server cannot send
	}
	for _, value := range values {
		p := w.person(t)
		set := p.get(t, here, "/cookie/?name=signed&salt=pepper&set="+url.QueryEscape(value)+how)
		pair, _, _ := strings.Cut(set.header.Get("Set-Cookie"), ";")
		// By hand, because Go's client drops cookies with quotes in them, which browsers keep.
		read := func(s site, salt string) string {
			return p.askWith(t, http.MethodGet, s.root()+"/cookie/?name=signed&salt="+salt, nil, http.Header{"Cookie": {pair}}).body
		}
		for _, s := range []site{there, here} {
			if got := read(s, "pepper"); got != value {
				t.Errorf("%s reads %q of the cookie %s, want %q", s.name(), got, pair, value)
			}
		}
		if got := read(there, "other"); got != "refused" {
			t.Errorf("%s reads %q with another salt", there.name(), got)
		}
	}
}
