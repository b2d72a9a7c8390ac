package djangotest_test

import (
	"slices"
	"testing"

	"github.com/go-belleville/belleville/contrib/djangocheck"
)

// checkSteps are those of `manage djangocheck`. They come first: later steps leave behind users and
// sessions that would not fit.
func (w *world) checkSteps(t *testing.T) {
	w.step(t, "djangocheck/fits", "3.2", w.checkFits)
	w.step(t, "djangocheck/another key", "3.2", func(t *testing.T) {
		w.belleville.use(t, rules{keys: []string{"a key of nobody's"}, hashers: standard.hashers})
		t.Cleanup(func() { w.belleville.use(t, standard) })
		w.wantFound(t, "djangocheck.E042")
	})
	w.step(t, "djangocheck/another hasher", "3.2", func(t *testing.T) {
		w.belleville.use(t, rules{keys: standard.keys, hashers: []string{"md5"}})
		t.Cleanup(func() { w.belleville.use(t, standard) })
		w.wantFound(t, "djangocheck.E030")
	})
	w.step(t, "djangocheck/pickled sessions", "3.2", func(t *testing.T) {
		w.django.order(t, "override", map[string]any{"settings": map[string]any{"SESSION_SERIALIZER": "project.pickles.Pickles"}}, nil)
		t.Cleanup(func() { w.django.order(t, "restore", nil, nil) })
		p := w.person(t)
		p.set(t, w.django, `{"a": 1}`)
		w.wantFound(t, "djangocheck.E043")
		w.django.order(t, "end_session", map[string]any{"key": p.cookie(t, "sessionid")}, nil)
		w.wantFound(t)
	})
}

// checkFits: after log-ins at both sides there is nothing to complain of.
func (w *world) checkFits(t *testing.T) {
	for _, s := range []site{w.belleville, w.django} {
		name := nameOf(t) + "." + s.name()
		s.createUser(t, newUser{name: name, password: secret, nickname: "nick"})
		for _, at := range []site{w.belleville, w.django} {
			w.person(t).mustLogin(t, at, name, secret)
		}
	}
	w.wantFound(t)
}

// wantFound fails unless djangocheck finds exactly these.
func (w *world) wantFound(t *testing.T, want ...string) {
	t.Helper()
	found, err := w.belleville.current.Load().checker.Find(t.Context(), djangocheck.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range found {
		got = append(got, m.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("djangocheck finds %v, want %v: %v", got, want, found)
	}
}
