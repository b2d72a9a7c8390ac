package main

import "testing"

func TestEndedLate(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]bool{
		"fuzz: elapsed: 6s\n--- FAIL: FuzzX (6.02s)\n    context deadline exceeded\nFAIL\n":                                                 true,
		"--- FAIL: FuzzX (2s)\n    --- FAIL: FuzzX (0.00s)\n        x_test.go:1: bad\n    Failing input written to testdata/fuzz/FuzzX/1\n": false,
		"--- FAIL: FuzzX (2s)\n    context deadline exceeded\n    Failing input written to testdata/fuzz/FuzzX/1\n":                         false,
		"--- FAIL: FuzzX (2s)\n    fuzzing process hung or terminated unexpectedly: exit status 2\n":                                        false,
		"": false,
	} {
		if got := endedLate(output); got != want {
			t.Errorf("endedLate(%q) = %v, want %v", output, got, want)
		}
	}
}
