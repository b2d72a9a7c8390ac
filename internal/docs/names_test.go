package docs_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/examples/polls"
	"github.com/go-belleville/belleville/internal/docs"
)

// written lists the pages whose names are checked: those written by hand for people of today. The
// changelog tells of what was, the conformance page names Django's tests.
func written(t *testing.T) []*docs.Page {
	t.Helper()
	var out []*docs.Page
	for name, p := range pages(t) {
		if name != "CHANGELOG.md" && name != "docs/conformance.md" {
			out = append(out, p)
		}
	}
	return out
}

// checker knows what names can stand for.
type checker struct {
	names    *docs.Names
	targets  map[string]bool           // of make
	commands map[string]*pflag.FlagSet // of manage
	checks   []string                  // ids
	exists   func(file string) bool
}

func newChecker(t *testing.T) *checker {
	t.Helper()
	names, err := docs.Declared(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	return &checker{names: names, targets: makeTargets(t), commands: manageCommands(t), checks: checkIDs(t), exists: func(file string) bool {
		_, err := os.Stat(filepath.Join(root, file))
		return err == nil
	}}
}

// makeTargets are those of this repository and of a project that startproject wrote.
func makeTargets(t *testing.T) map[string]bool {
	t.Helper()
	targets := map[string]bool{}
	for _, name := range []string{"Makefile", "templates/project/Makefile.tmpl"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range regexp.MustCompile(`(?m)^([a-z0-9-]+):`).FindAllStringSubmatch(string(text), -1) {
			targets[target[1]] = true
		}
	}
	if !targets["test"] {
		t.Fatal("the Makefile has no target test")
	}
	return targets
}

// projectCommands are those of the demo, which has every app with a command.
func projectCommands(t *testing.T) []command.Command {
	t.Helper()
	s := core.SettingsFromEnv(func(name string) string {
		return map[string]string{"SECRET_KEY": "a key for the list of commands", "DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "db")}[name]
	})
	p, err := polls.NewProject(s)
	if err != nil {
		t.Fatal(err)
	}
	return p.Commands()
}

func manageCommands(t *testing.T) map[string]*pflag.FlagSet {
	t.Helper()
	commands := map[string]*pflag.FlagSet{}
	for _, c := range projectCommands(t) {
		commands[c.Name] = flagsOf(c)
	}
	return commands
}

func flagsOf(c command.Command) *pflag.FlagSet {
	flags := pflag.NewFlagSet(c.Name, pflag.ContinueOnError)
	if c.Setup != nil {
		c.Setup(flags)
	}
	return flags
}

// TestNames looks up what the pages call by name.
func TestNames(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	for _, p := range written(t) {
		for _, code := range p.Codes {
			if err := c.code(p.Name, code); err != nil {
				t.Errorf("%s:%d: `%s`: %v", p.Name, code.Line, code.Text, err)
			}
		}
		for _, block := range p.Blocks {
			if block.Lang == "go" || strings.HasPrefix(block.Note, "tutorial: ") {
				continue // compiled or run by other tests
			}
			for line := range strings.Lines(block.Text) {
				if err := c.line(line); err != nil {
					t.Errorf("%s:%d: %s: %v", p.Name, block.Line, strings.TrimSpace(line), err)
				}
			}
		}
	}
}

var testName = regexp.MustCompile(`^(Test|Example|Fuzz|Benchmark)[A-Z]\w*$`)

// code looks at one text between backquotes.
func (c *checker) code(from string, code docs.Code) error {
	name, _, _ := strings.Cut(code.Text, "(")
	name, _, _ = strings.Cut(name, "{")
	name = strings.TrimLeft(name, "*&")
	if testName.MatchString(name) {
		place := path.Join(path.Dir(from), code.To)
		if code.To == "" {
			return fmt.Errorf("link it to its file")
		}
		if !c.names.Test(place, name) {
			return fmt.Errorf("%s has no such test", place)
		}
	}
	if checkID.MatchString(name) && !slices.Contains(c.checks, name) {
		return fmt.Errorf("there is no such check")
	}
	if !checkID.MatchString(name) && c.names.Unknown(name) {
		return fmt.Errorf("no package of this name has it")
	}
	if file := symbol.ReplaceAllString(code.Text, ""); pathOf(file) && !c.exists(file) {
		return fmt.Errorf("there is no such file or folder")
	}
	return c.line(code.Text)
}

var checkID = regexp.MustCompile(`^[a-z]+\.[A-Z]\d{3}$`)

// symbol is what follows a package's path: core/web.Router.
var symbol = regexp.MustCompile(`\.[A-Z].*$`)

// pathOf reports whether a text is a path of this repository rather than of a reader's project.
func pathOf(text string) bool {
	first, _, _ := strings.Cut(text, "/")
	known := []string{"core", "contrib", "internal", "examples", "cmd", "docs", ".ci", ".github"}
	return strings.Contains(text, "/") && slices.Contains(known, first) && !strings.ContainsAny(text, " <>*…{:")
}

var invocation = regexp.MustCompile(`(?:^|[\s/;&(])(make|manage)\s+([^|;&#)]*)`)

// line looks at the calls of make and manage in a line of text.
func (c *checker) line(line string) error {
	for _, call := range invocation.FindAllStringSubmatch(line, -1) {
		words := strings.Fields(call[2])
		if len(words) == 0 || !regexp.MustCompile(`^[a-z][a-z_0-9-]*$`).MatchString(words[0]) {
			continue
		}
		if call[1] == "make" && !c.targets[words[0]] {
			return fmt.Errorf("the Makefile has no target %s", words[0])
		}
		if call[1] != "manage" {
			continue
		}
		flags, ok := c.commands[words[0]]
		if !ok {
			return fmt.Errorf("manage has no command %s", words[0])
		}
		if err := knownFlags(flags, words[1:]); err != nil {
			return fmt.Errorf("manage %s: %w", words[0], err)
		}
	}
	return nil
}

func knownFlags(flags *pflag.FlagSet, words []string) error {
	for _, word := range words {
		name, ok := strings.CutPrefix(word, "--")
		name, _, _ = strings.Cut(name, "=")
		if ok && name != "skip-checks" && name != "help" && flags.Lookup(name) == nil {
			return fmt.Errorf("there is no flag --%s", name)
		}
	}
	return nil
}

// TestChecker shows that wrong names are found.
func TestChecker(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	for _, tc := range []struct{ text, to, want string }{
		{text: "auth.Config.LoginURL"},
		{text: "auth.New(auth.Config{…})"},
		{text: "auth.Users.Create"},
		{text: "settings.SECRET_KEY"},
		{text: "contrib/auth"},
		{text: "accounts/models.go"},
		{text: "make test"},
		{text: "bin/manage check --deploy"},
		{text: "manage help command"},
		{text: "TestChecker", to: "../internal/docs/names_test.go"},
		{text: "auth.E003"},
		{text: "auth.E999", want: "no such check"},
		{text: "auth.Config.LogonURL", want: "no package"},
		{text: "auth.Nowhere(x)", want: "no package"},
		{text: "contrib/oauth", want: "no such file"},
		{text: "make coffee", want: "no target coffee"},
		{text: "./manage teapot", want: "no command teapot"},
		{text: "manage check --deeply", want: "no flag --deeply"},
		{text: "TestChecker", want: "link it"},
		{text: "TestChecked", to: "../internal/docs/names_test.go", want: "no such test"},
	} {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()
			err := c.code("docs/page.md", docs.Code{Text: tc.text, To: tc.to})
			if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got the error %v, want %q", err, tc.want)
			}
		})
	}
}
