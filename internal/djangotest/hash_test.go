package djangotest_test

import (
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth/hashers"
)

func (w *world) hashSteps(t *testing.T) {
	for _, h := range []struct{ name, since string }{
		{"pbkdf2_sha256", "3.2"}, {"md5", "3.2"}, {"argon2", "3.2"}, {"bcrypt_sha256", "3.2"}, {"scrypt", "4.0"},
	} {
		w.both(t, "hash of "+h.name, h.since, func(t *testing.T, here, there site) { w.hash(t, here, there, h.name) })
	}
	w.both(t, "hash upgraded", "3.2", w.hashUpgraded)
}

// algorithm is the name at the start of a user's hash.
func algorithm(encoded string) string {
	name, _, _ := strings.Cut(encoded, "$")
	return name
}

// hash: what one side makes the other accepts, and leaves as it is.
func (w *world) hash(t *testing.T, here, there site, name string) {
	w.with(t, rules{keys: standard.keys, hashers: []string{name, "pbkdf2_sha256", "md5"}})
	user := add(t, here)
	made := here.user(t, user).Password
	if got := algorithm(made); got != name {
		t.Fatalf("%s made a hash of %s, want %s", here.name(), got, name)
	}
	if there.checkPassword(t, user, "not the password") {
		t.Errorf("%s takes a wrong password", there.name())
	}
	w.person(t).mustLogin(t, there, user, secret)
	kept := here.user(t, user).Password
	if kept != made && name != "argon2" {
		t.Errorf("%s made another hash of one that %s made: %.30s… of %.30s…", there.name(), here.name(), kept, made)
	}
	// The length of an argon2 digest goes by the library's version, so it may be made anew once.
	for _, s := range []site{here, there, here} {
		w.person(t).mustLogin(t, s, user, secret)
		if again := here.user(t, user).Password; again != kept {
			t.Errorf("%s made another hash of one that was up to date: %.40s… of %.40s…", s.name(), again, kept)
		}
	}
	if w.django.mustUpdate(t, "default", kept) {
		t.Errorf("Django takes %.40s… for out of date", kept)
	}
}

// hashUpgraded: a log-in here brings an old hash up to date, and there it is accepted and left alone.
func (w *world) hashUpgraded(t *testing.T, here, there site) {
	w.with(t, rules{keys: standard.keys, hashers: []string{"md5"}})
	name := add(t, there)
	if got := algorithm(there.user(t, name).Password); got != "md5" {
		t.Fatalf("the hash is of %s, want md5", got)
	}
	w.with(t, standard)
	p := w.person(t)
	p.mustLogin(t, here, name, secret)
	p.wantUser(t, there, name) // the session fits the new hash
	upgraded := here.user(t, name).Password
	if got := algorithm(upgraded); got != standard.hashers[0] {
		t.Errorf("after a log-in at %s the hash is of %s, want %s", here.name(), got, standard.hashers[0])
	}
	for _, s := range []site{there, here, there} {
		w.person(t).mustLogin(t, s, name, secret)
	}
	if got := there.user(t, name).Password; got != upgraded {
		t.Errorf("the hash was made anew: %.40s… of %.40s…", got, upgraded)
	}
}

// defaultHashSteps use the real costs of this Django, and so run once.
func (w *world) defaultHashSteps(t *testing.T) {
	w.both(t, "default hashers", "3.2", func(t *testing.T, here, there site) {
		w.with(t, rules{keys: standard.keys})
		name := add(t, here)
		made := here.user(t, name).Password
		w.person(t).mustLogin(t, there, name, secret)
		if kept := here.user(t, name).Password; kept != made {
			t.Errorf("with default settings %s made another hash of one that %s made: %.40s… of %.40s…", there.name(), here.name(), kept, made)
		}
	})
	w.step(t, "default hashers/each", "3.2", w.eachDefaultHasher)
}

// eachDefaultHasher: of all algorithms in the list of this Django, a hash of one side is up to date
// for the other.
func (w *world) eachDefaultHasher(t *testing.T) {
	w.with(t, rules{keys: standard.keys})
	for _, h := range w.belleville.hashers(nil) {
		name := h.Algorithm()
		own := hashers.New(hashers.Config{List: []hashers.Hasher{h}})
		made, err := own.Make(t.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		// Of argon2 the library decides: an old one makes shorter digests, which is up to date here.
		if name != "argon2" && w.django.mustUpdate(t, name, made) {
			t.Errorf("Django would make Belleville's hash of %s anew: %.40s…", name, made)
		}
		made = w.django.makePassword(t, name, secret)
		if got, err := own.Check(t.Context(), secret, made); err != nil || !got.OK || got.MustUpdate {
			t.Errorf("Belleville takes Django's hash of %s for %+v, %v, want right and up to date: %.40s…", name, got, err, made)
		}
	}
}
