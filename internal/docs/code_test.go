package docs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/internal/docs"
)

// unchecked are pages whose Go code is not taken from files; the tests of what they describe are
// named on them.
var unchecked = map[string]bool{
	"docs/beside-django.md": true, // the programs of internal/djangotest
	"README.md":             true, // TestREADME of examples/notes
}

// TestCode wants every block of Go code, and others with such a comment, to be part of a file that is compiled and tested, which
// a comment in front of it names, or of the tutorial, which is run. A line that is … stands for any
// lines.
func TestCode(t *testing.T) {
	t.Parallel()
	blocks := 0
	for name, p := range pages(t) {
		for _, b := range p.Blocks {
			file, ok := strings.CutPrefix(b.Note, "code: file=")
			if !ok && b.Lang != "go" || unchecked[name] {
				continue
			}
			blocks++
			switch {
			case strings.HasPrefix(b.Note, "tutorial: "):
			case !ok:
				t.Errorf("%s:%d: the Go code is not checked: put <!-- code: file=… --> in front", name, b.Line)
			default:
				source, err := os.ReadFile(filepath.Join(root, file))
				if err != nil {
					t.Errorf("%s:%d: %v", name, b.Line, err)
				} else if line := docs.Missing(string(source), b.Text); line != "" {
					t.Errorf("%s:%d: %s does not have this code, from the line %q on", name, b.Line, file, line)
				}
			}
		}
	}
	if blocks == 0 {
		t.Error("no page has Go code")
	}
}

// TestMissing shows that code which differs is found.
func TestMissing(t *testing.T) {
	t.Parallel()
	const source = "package x\n\nfunc f() {\n\tone()\n\n\ttwo()\n\tthree()\n}\n"
	for _, c := range []struct{ name, code, want string }{
		{"all", source, ""},
		{"a part, less indented", "one()\n\ntwo()\n", ""},
		{"without an empty line", "one()\ntwo()\n", ""},
		{"with lines left out", "func f() {\n\t…\n\tthree()\n}", ""},
		{"a line that is not there", "one()\nfour()\n", "four()"},
		{"a line in between is left out", "one()\nthree()\n", "three()"},
		{"another order", "two()\none()\n", "one()"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := docs.Missing(source, c.code); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
