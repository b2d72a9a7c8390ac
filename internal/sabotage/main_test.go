package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts call this program as "sabotage".
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sabotage": main})
}

// TestScripts runs it on small modules.
func TestScripts(t *testing.T) {
	t.Parallel()
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("GOCACHE", strings.TrimSpace(string(cache)))
			env.Setenv("GOFLAGS", "")
			return nil
		},
	})
}

func TestParseChangeRefuses(t *testing.T) {
	t.Parallel()
	const good = "what: w\ntest: d TestX\n-- old a.go --\nold\n-- new --\nnew\n"
	if _, err := parseChange("G01-word.txt", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, file, text, want string }{
		{"name", "word.txt", good, "name it <row>"},
		{"name ends otherwise", "G01-word.patch", good, "name it <row>"},
		{"no facts", "G01-word.txt", "-- old a.go --\nold\n-- new --\nnew\n", "say what:"},
		{"no function", "G01-word.txt", strings.Replace(good, "d TestX", "d", 1), "say what:"},
		{"unknown fact", "G01-word.txt", "why: x\n" + good, `no fact "why"`},
		{"no new", "G01-word.txt", strings.TrimSuffix(good, "-- new --\nnew\n"), "write pairs"},
		{"wrong order", "G01-word.txt", strings.Replace(strings.Replace(good, "old a.go", "new", 1), "-- new --\nnew", "-- old a.go --\nx", 1), "want -- old FILE --"},
		{"empty old", "G01-word.txt", strings.Replace(good, "\nold\n", "\n", 1), "some text"},
		{"outside", "G01-word.txt", strings.Replace(good, "a.go", "../a.go", 1), "from the root"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := parseChange(c.file, []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("parseChange: %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestRunPattern(t *testing.T) {
	t.Parallel()
	c := change{test: "TestX/django=*/a.b"}
	if got, want := c.runPattern(), `^TestX$/^django=.*$/^a\.b$`; got != want {
		t.Errorf("runPattern: %s, want %s", got, want)
	}
	for test, want := range map[string]bool{"TestX/django=5.2/a.b": true, "TestX/django=5.2/axb": false, "TestX/django=5.2": false, "TestX/django=5.2/a.b/c": false} {
		if c.guards(test) != want {
			t.Errorf("guards(%s) is %t", test, !want)
		}
	}
}
