package djangotest_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
)

func (w *world) loginSteps(t *testing.T) {
	w.both(t, "login", "3.2", w.logIn)
	w.both(t, "logout", "3.2", w.logOut)
	w.both(t, "password changed", "3.2", w.passwordChanged)
	w.both(t, "password set", "3.2", w.passwordSet)
	w.both(t, "deactivated", "3.2", w.deactivated)
	w.both(t, "deleted", "3.2", w.deleted)
	w.step(t, "delete who is pointed to", "3.2", w.deleteAuthor)
	w.both(t, "another user", "3.2", w.anotherUser)
}

// logIn: who logs in here is logged in there.
func (w *world) logIn(t *testing.T, here, there site) {
	name := add(t, here)
	p := w.person(t)
	p.wantUser(t, here, "")
	p.wantUser(t, there, "")
	if p.login(t, here, name, "not the password") {
		t.Errorf("%s takes a wrong password", here.name())
	}
	p.mustLogin(t, here, name, secret)
	p.wantUser(t, there, name)
	p.wantUser(t, here, name)
	for _, s := range []site{here, there} {
		if got := p.who(t, s).Backend; got != auth.ModelBackendName {
			t.Errorf("%s says the backend is %q, want %q", s.name(), got, auth.ModelBackendName)
		}
	}
	again := w.person(t) // an account made here is one there
	again.mustLogin(t, there, name, secret)
	again.wantUser(t, here, name)
}

// logOut: who logs out here is nobody there, with the old cookie too.
func (w *world) logOut(t *testing.T, here, there site) {
	name := add(t, there)
	p := w.person(t)
	p.mustLogin(t, there, name, secret)
	old := p.cookie(t, "sessionid")
	p.wantUser(t, here, name)
	p.post(t, here, "/accounts/logout/", nil)
	p.wantUser(t, there, "")
	p.wantUser(t, here, "")
	u, err := url.Parse(w.front.URL)
	if err != nil {
		t.Fatal(err)
	}
	thief := w.person(t)
	thief.client.Jar.SetCookies(u, []*http.Cookie{{Name: "sessionid", Value: old, Path: "/"}})
	thief.wantUser(t, there, "")
	thief.wantUser(t, here, "")
}

// passwordChanged: a change by the page here ends other sessions there and keeps one's own.
func (w *world) passwordChanged(t *testing.T, here, there site) {
	name := add(t, there)
	p, other := w.person(t), w.person(t)
	p.mustLogin(t, there, name, secret)
	other.mustLogin(t, there, name, secret)
	answer := p.post(t, here, "/accounts/password_change/", url.Values{
		"old_password": {secret}, "new_password1": {"battery staple 9"}, "new_password2": {"battery staple 9"},
	})
	if answer.status != http.StatusFound {
		t.Fatalf("the page of %s does not change the password: status %d, %.2000s", here.name(), answer.status, answer.body)
	}
	other.wantUser(t, there, "")
	p.wantUser(t, there, name)
	p.wantUser(t, here, name)
	if w.person(t).login(t, there, name, secret) {
		t.Errorf("%s takes the old password", there.name())
	}
	w.person(t).mustLogin(t, there, name, "battery staple 9")
}

// passwordSet: a change from code ends all sessions.
func (w *world) passwordSet(t *testing.T, here, there site) {
	name := add(t, there)
	p := w.person(t)
	p.mustLogin(t, there, name, secret)
	p.wantUser(t, here, name)
	here.setPassword(t, name, secret) // the same one, but another hash
	p.wantUser(t, there, "")
	p.wantUser(t, here, "")
}

// deactivated: who is deactivated here is out on both sides, and in again once active.
func (w *world) deactivated(t *testing.T, here, there site) {
	name := add(t, there)
	p := w.person(t)
	p.mustLogin(t, there, name, secret)
	here.setActive(t, name, false)
	p.wantUser(t, there, "")
	p.wantUser(t, here, "")
	for _, s := range []site{here, there} {
		if w.person(t).login(t, s, name, secret) {
			t.Errorf("%s logs in a user who is not active", s.name())
		}
	}
	here.setActive(t, name, true)
	p.wantUser(t, there, name)
}

// deleted: who is deleted here is nobody there, and all that pointed to the user is gone.
func (w *world) deleted(t *testing.T, here, there site) {
	name := add(t, there)
	group := "group of " + name
	there.createGroup(t, group)
	there.grant(t, name, []string{"shop.add_item"}, []string{group})
	p := w.person(t)
	p.mustLogin(t, there, name, secret)
	here.deleteUser(t, name)
	p.wantUser(t, there, "")
	p.wantUser(t, here, "")
}

// deleteAuthor: what Go does not know of keeps a user from being deleted, and nothing is lost.
func (w *world) deleteAuthor(t *testing.T) {
	name := add(t, w.belleville)
	w.belleville.grant(t, name, []string{"shop.add_item"}, nil)
	w.django.order(t, "write_note", map[string]any{"username": name}, nil)
	if err := w.belleville.users().Delete(t.Context(), w.belleville.find(t, name)); err == nil {
		t.Error("Belleville deleted a user to whom a row of Django's points")
	}
	if got := w.django.user(t, name).Permissions; len(got) != 1 {
		t.Errorf("the user has the permissions %q after the deletion failed, want one", got)
	}
	w.django.deleteUser(t, name) // which takes the notes along
}

// anotherUser: who logs in here while somebody else is logged in there takes the session over,
// without what the other had in it.
func (w *world) anotherUser(t *testing.T, here, there site) {
	first := add(t, there)
	second := first + ".2"
	here.createUser(t, newUser{name: second, password: secret})
	p := w.person(t)
	p.mustLogin(t, there, first, secret)
	p.set(t, there, `{"cart": 1}`)
	p.mustLogin(t, here, second, secret)
	p.wantUser(t, there, second)
	p.wantData(t, there, `{}`)
}
