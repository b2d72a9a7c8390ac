//go:build race

package signing_test

// raceEnabled: the race detector makes sync.Pool forget on purpose.
const raceEnabled = true
