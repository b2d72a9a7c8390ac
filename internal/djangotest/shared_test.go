package djangotest_test

import (
	"slices"
	"strings"
	"testing"
)

// shared takes all steps on a database that Belleville made and Django's migrate was run on.
func shared(t *testing.T, s *suite, url string) {
	w := newWorld(t, s, url, nil)
	w.migrateBelleville(t, "admin", "beside")
	w.checkSteps(t)
	w.loginSteps(t)
	w.accountSteps(t)
	w.sessionSteps(t)
	w.permissionSteps(t)
	w.hashSteps(t)
	w.cookieSteps(t)
	w.adminSteps(t, "auth/user")
	w.cachedSteps(t)
	if strings.HasPrefix(url, "sqlite:") { // they do not depend on the database
		w.engineSteps(t)
		w.defaultHashSteps(t)
	}
}

// madeByDjango takes some on a database that Django made.
func madeByDjango(t *testing.T, s *suite, url string) {
	w := newWorld(t, s, url, nil)
	w.migrateDjango(t, "shop.0001_initial")
	w.step(t, "djangocheck/fits", "3.2", w.checkFits)
	w.both(t, "login", "3.2", w.logIn)
	w.both(t, "permissions", "3.2", w.permissions)
}

// swappedUser takes some on a database that Belleville made, with a user model of the project's own.
func swappedUser(t *testing.T, s *suite, url string) {
	w := newWorld(t, s, url, people(memberTables{}))
	w.migrateBelleville(t, "admin", "beside")
	w.swappedSteps(t)
}

// swappedUserMadeByDjango takes the same on a database that Django made.
func swappedUserMadeByDjango(t *testing.T, s *suite, url string) {
	w := newWorld(t, s, url, people(nil))
	w.migrateDjango(t, "shop.0001_initial")
	w.swappedSteps(t)
}

// migrateBelleville makes the database with Belleville. Django has to apply the migrations of those
// apps alone, and its models fit the tables.
func (w *world) migrateBelleville(t *testing.T, apps ...string) {
	t.Helper()
	if len(w.belleville.migrate(t)) == 0 {
		t.Fatal("Belleville's migrate applied nothing to an empty database")
	}
	w.step(t, "migrate/django has nothing to do", "3.2", func(t *testing.T) {
		plan := w.django.plan(t)
		for app := range plan {
			if !slices.Contains(apps, app) {
				t.Errorf("Django would migrate %s on a database that Belleville made", app)
			}
		}
		if len(plan) != len(apps) {
			t.Errorf("Django would migrate %v, want exactly %v", plan, apps)
		}
	})
	w.django.mustManage(t, "migrate", "--verbosity=0")
	w.migratedOnce(t)
}

// migrateDjango makes the database with Django. Belleville has to apply those migrations alone.
func (w *world) migrateDjango(t *testing.T, migrations ...string) {
	t.Helper()
	w.django.mustManage(t, "migrate", "--verbosity=0")
	applied := w.belleville.migrate(t)
	w.step(t, "migrate/belleville has nothing to do", "3.2", func(t *testing.T) {
		if !slices.Equal(applied, migrations) {
			t.Errorf("Belleville's migrate applied %v to a database that Django made, want %v", applied, migrations)
		}
	})
	w.migratedOnce(t)
}

// migratedOnce fails unless both sides find that all is done.
func (w *world) migratedOnce(t *testing.T) {
	t.Helper()
	w.step(t, "migrate/all done", "3.2", func(t *testing.T) {
		if plan := w.django.plan(t); len(plan) > 0 {
			t.Errorf("Django would migrate %v once more", plan)
		}
		if applied := w.belleville.migrate(t); len(applied) > 0 {
			t.Errorf("Belleville's migrate applied %v once more", applied)
		}
		if o := w.django.manage(t, "makemigrations", "--check", "--dry-run"); o.Code != 0 {
			t.Errorf("Django's makemigrations --check: exit status %d\n%s", o.Code, o.Out)
		}
		if o := w.django.manage(t, "check"); o.Code != 0 || strings.Contains(o.Out, "WARNING") {
			t.Errorf("Django's check: exit status %d\n%s", o.Code, o.Out)
		}
	})
}

// swappedSteps are those that depend on the user model.
func (w *world) swappedSteps(t *testing.T) {
	w.step(t, "djangocheck/fits", "3.2", w.checkFits)
	w.both(t, "login", "3.2", w.logIn)
	w.both(t, "logout", "3.2", w.logOut)
	w.both(t, "password changed", "3.2", w.passwordChanged)
	w.both(t, "password reset", "3.2", w.passwordReset)
	w.both(t, "permissions", "3.2", w.permissions)
	w.both(t, "superuser", "3.2", w.superuserMade)
	w.both(t, "deleted", "3.2", w.deleted)
	w.adminSteps(t, "people/member")
}
