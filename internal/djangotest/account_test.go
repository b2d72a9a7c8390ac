package djangotest_test

import "testing"

func (w *world) accountSteps(t *testing.T) {}

func (w *world) swappedSteps(t *testing.T) {
	w.both(t, "login", "3.2", w.logIn)
	w.both(t, "logout", "3.2", w.logOut)
	w.both(t, "password changed", "3.2", w.passwordChanged)
	w.both(t, "permissions", "3.2", w.permissions)
	w.both(t, "deleted", "3.2", w.deleted)
}
