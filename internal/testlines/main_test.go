package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestShow(t *testing.T) {
	t.Parallel()
	const (
		good  = `{"Action":"output","Package":"a","Test":"TestA","Output":"quiet\n"}` + "\n" + `{"Action":"pass","Package":"a","Test":"TestA"}` + "\n" + `{"Action":"pass","Package":"a","Elapsed":1.25}` + "\n"
		bad   = `{"Action":"output","Package":"b","Test":"TestB","Output":"b_test.go:7: loud\n"}` + "\n" + `{"Action":"fail","Package":"b","Test":"TestB"}` + "\n" + `{"Action":"output","Package":"b","Output":"FAIL\tb\n"}` + "\n" + `{"Action":"fail","Package":"b"}` + "\n"
		build = `{"ImportPath":"c","Action":"build-output","Output":"c.go:1: no\n"}` + "\n" + `{"ImportPath":"c","Action":"build-fail"}` + "\n"
	)
	for _, tt := range []struct {
		name, events string
		status       int
		want, not    string
	}{
		{"good", good, 0, "ok  \ta\t1.2s\n", "quiet"},
		{"bad", good + bad, 1, "b_test.go:7: loud\nFAIL\tb\n", "quiet"},
		{"does not build", good + build, 1, "c.go:1: no\n", "quiet"},
		{"what go says besides", "go: no such module\n" + good, 0, "go: no such module\n", "quiet"},
		{"nothing", "", 1, "error: no package was tested\n", "ok"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if status := show(strings.NewReader(tt.events), &out); status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
			if text := out.String(); !strings.Contains(text, tt.want) || strings.Contains(text, tt.not) {
				t.Errorf("shows %q, want %q in it and not %q", text, tt.want, tt.not)
			}
		})
	}
}
