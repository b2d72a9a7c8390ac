package core_test

import (
	"slices"
	"testing"

	"github.com/go-belleville/belleville/core"
)

func TestDebugWithAPublicHost(t *testing.T) {
	t.Parallel()
	for host, public := range map[string]bool{
		"": false, "localhost": false, ".localhost": false, "127.0.0.1": false, "[::1]": false, "testserver": false, "192.168.1.20": false,
		"polls.test": false, "nas.local": false, "nas.home.arpa": false, "*": true, "example.com": true, ".example.com": true,
		"www.Example.com.": true, "203.0.113.5": true, "[2001:db8::1]": true,
	} {
		for _, debug := range []bool{true, false} {
			s := settings(t)
			s.Debug, s.AllowedHosts = debug, []string{"localhost", host}
			p, err := core.New(s)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, m := range p.Check(t.Context(), false) {
				ids = append(ids, m.ID)
			}
			if got := slices.Contains(ids, "core.W002"); got != (public && debug) {
				t.Errorf("DEBUG %v with the host %q: warned %v, want %v", debug, host, got, public && debug)
			}
		}
	}
}
