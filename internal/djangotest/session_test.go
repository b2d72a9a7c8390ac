package djangotest_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

func (w *world) sessionSteps(t *testing.T) {
	w.both(t, "session data", "3.2", w.sessionData)
	w.both(t, "session kept at login", "3.2", w.sessionKept)
	w.both(t, "session expiry", "3.2", w.sessionExpiry)
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
