package djangotest_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func (w *world) sessionSteps(t *testing.T) {
	w.both(t, "session data", "3.2", w.sessionData)
	w.both(t, "session kept at login", "3.2", w.sessionKept)
	w.both(t, "session expiry", "3.2", w.sessionExpiry)
}

// engineSteps keep sessions elsewhere than in the database alone. What Django's cache engine keeps is
// pickled, and so no step's.
func (w *world) engineSteps(t *testing.T) {
	for _, engine := range []struct {
		name  string
		steps map[string]func(t *testing.T, here, there site)
	}{
		{"signed_cookies", map[string]func(t *testing.T, here, there site){
			"login": w.logIn, "data": w.sessionData, "expiry": w.sessionExpiry, "another user": w.anotherUser,
		}},
		{"file", map[string]func(t *testing.T, here, there site){
			"login": w.logIn, "logout": w.logOut, "data": w.sessionData, "kept at login": w.sessionKept, "expiry": w.sessionExpiry,
		}},
	} {
		for _, name := range slices.Sorted(maps.Keys(engine.steps)) {
			w.both(t, "sessions in "+engine.name+", "+name, "3.2", func(t *testing.T, here, there site) {
				w.with(t, rules{keys: standard.keys, hashers: standard.hashers, engine: engine.name})
				engine.steps[name](t, here, there)
			})
		}
	}
}

// cachedSteps have a cache in front of Django's database sessions.
func (w *world) cachedSteps(t *testing.T) {
	cached := rules{keys: standard.keys, hashers: standard.hashers, engine: "cached_db"}
	w.both(t, "sessions in cached_db, login", "3.2", func(t *testing.T, here, there site) {
		w.with(t, cached)
		w.logIn(t, here, there)
	})
	w.step(t, "sessions in cached_db, data", "3.2", func(t *testing.T) {
		w.with(t, cached)
		p := w.person(t)
		p.set(t, w.belleville, `{"a": 1}`)
		p.wantData(t, w.django, `{"a": 1}`) // and is in its cache now
		p.set(t, w.django, `{"b": 2}`)
		p.wantData(t, w.belleville, `{"a": 1, "b": 2}`)
		p.set(t, w.belleville, `{"c": 3}`)
		w.django.order(t, "forget", nil, nil)
		p.wantData(t, w.django, `{"a": 1, "b": 2, "c": 3}`)
	})
	w.step(t, "sessions in cached_db, logout is late", "3.2", w.lateLogOut)
}

// lateLogOut shows why cached_db is not the engine to share: Django goes on with what is in its cache
// after Belleville has ended the session, until the cache forgets. The other way round it is at once.
func (w *world) lateLogOut(t *testing.T) {
	w.with(t, rules{keys: standard.keys, hashers: standard.hashers, engine: "cached_db"})
	name := add(t, w.django)
	p, thief := w.person(t), w.person(t)
	p.mustLogin(t, w.django, name, secret)
	u, err := url.Parse(w.front.URL)
	if err != nil {
		t.Fatal(err)
	}
	thief.client.Jar.SetCookies(u, p.client.Jar.Cookies(u))
	p.post(t, w.belleville, "/accounts/logout/", nil)
	thief.wantUser(t, w.django, name)
	w.django.order(t, "forget", nil, nil)
	thief.wantUser(t, w.django, "")

	p.mustLogin(t, w.belleville, name, secret)
	p.wantUser(t, w.django, name)
	thief.client.Jar.SetCookies(u, p.client.Jar.Cookies(u))
	p.post(t, w.django, "/accounts/logout/", nil)
	thief.wantUser(t, w.belleville, "")
}

// sessionPage is what a site shows of a session.
type sessionPage struct {
	Data any `json:"data"`
	Age  int `json:"age"`
}

// set puts values into the session.
func (p *person) set(t *testing.T, s site, data string) {
	t.Helper()
	var answer sessionPage
	p.read(t, s, "/session/?"+url.Values{"set": {data}}.Encode(), &answer)
}

// wantData fails unless a site shows these values.
func (p *person) wantData(t *testing.T, s site, data string) {
	t.Helper()
	var got sessionPage
	var want any
	p.read(t, s, "/session/", &got)
	if err := json.Unmarshal([]byte(data), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Data, want) {
		t.Errorf("at %s the session has %v, want %v", s.name(), got.Data, want)
	}
}

// sessionData: what one side writes the other reads, changes and deletes.
func (w *world) sessionData(t *testing.T, here, there site) {
	values := `{"text": "Grüße <&> 🎈", "list": [1, 2.5, null, true, {"a": []}], "big": 9007199254740993, "long": "` +
		strings.Repeat("x", 1000) + `"}`
	p := w.person(t)
	p.set(t, here, values)
	p.wantData(t, there, values)
	p.wantData(t, here, values)
	var answer sessionPage
	p.read(t, there, "/session/?drop=text&drop=list&drop=big&set="+url.QueryEscape(`{"long": "short"}`), &answer)
	p.wantData(t, here, `{"long": "short"}`)
}

// sessionKept: what a visitor had before logging in on the other side stays.
func (w *world) sessionKept(t *testing.T, here, there site) {
	name := add(t, here)
	p := w.person(t)
	p.set(t, here, `{"cart": [3, 4]}`)
	before := p.cookie(t, "sessionid")
	p.mustLogin(t, there, name, secret)
	p.wantData(t, here, `{"cart": [3, 4]}`)
	p.wantUser(t, here, name)
	if after := p.cookie(t, "sessionid"); after == before {
		t.Error("the key of the session is the one from before the log-in")
	}
}

// sessionExpiry: how long a session lives is kept by the other side.
func (w *world) sessionExpiry(t *testing.T, here, there site) {
	p := w.person(t)
	var got sessionPage
	p.read(t, here, "/session/?expiry=300&set="+url.QueryEscape(`{"a": 1}`), &got)
	p.read(t, there, "/session/", &got)
	if got.Age != 300 {
		t.Errorf("%s says the session lives %d s, want 300", there.name(), got.Age)
	}
	p.set(t, there, `{"b": 2}`)
	p.read(t, here, "/session/", &got)
	if got.Age != 300 {
		t.Errorf("%s says the session lives %d s after the other side saved it, want 300", here.name(), got.Age)
	}
	p.wantData(t, here, `{"a": 1, "b": 2}`)
}
