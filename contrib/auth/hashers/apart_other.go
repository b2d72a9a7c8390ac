//go:build !linux

package hashers

// apart does the work. Elsewhere than on Linux a thread has no priority of its own that an
// unprivileged program could lower in a portable way, so here the limit is all that protects the
// other goroutines.
func apart(work func()) { work() }
