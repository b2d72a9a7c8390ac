package docs_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/internal/docs"
	"github.com/go-belleville/belleville/templates"
)

var update = flag.Bool("update", false, "write the generated parts of the pages anew")

// TestGenerated compares the parts of the reference that are made from the program with the
// program. go test ./internal/docs -run TestGenerated -update writes them.
func TestGenerated(t *testing.T) {
	for name, make := range map[string]func(string) (string, error){
		"docs/reference/settings.md": func(name string) (string, error) { return docs.FieldTable(os.DirFS(root), name) },
		"docs/reference/commands.md": func(string) (string, error) { return docs.CommandHelp(projectCommands(t), "loaddemo") },
	} {
		file := filepath.Join(root, name)
		have, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := docs.Fill(string(have), make)
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case want == string(have):
		case *update:
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s is older than the program: go test ./internal/docs -run TestGenerated -update", name)
		}
	}
}

// TestSettingsPage wants every struct of settings on its page. Those that programs do not set
// themselves are left out: core.New makes them of core.Settings.
func TestSettingsPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs/reference/settings.md"))
	if err != nil {
		t.Fatal(err)
	}
	made := []string{"core/csrf Config", "core/templates Config"}
	found := 0
	sources(t, func(name, text string) {
		dir := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(name)), root+"/")
		for _, m := range regexp.MustCompile(`(?m)^type ([A-Z]\w*Config|Config|Settings) struct`).FindAllStringSubmatch(text, -1) {
			found++
			if id := dir + " " + m[1]; !slices.Contains(made, id) && !strings.Contains(string(page), "<!-- generated: "+id+" -->") {
				t.Errorf("docs/reference/settings.md lacks %s", id)
			}
		}
	})
	if found < 10 {
		t.Errorf("only %d structs of settings were found", found)
	}
}

// firstCodes returns the text between backquotes in the first column of a page's tables.
func firstCodes(t *testing.T, name string) []string {
	t.Helper()
	var out []string
	for _, row := range tableRows(t, name) {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[0], -1) {
			out = append(out, m[1])
		}
	}
	return out
}

// same fails the test when two lists do not hold the same, whatever the order.
func same(t *testing.T, page string, got, want []string) {
	t.Helper()
	if len(want) == 0 {
		t.Errorf("%s: nothing was found in the program", page)
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("%s lacks %s", page, name)
		}
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("%s has %s, and the program has not", page, name)
		}
	}
}

// sources calls f with the text of every Go file of the framework, tests aside.
func sources(t *testing.T, f func(name, text string)) {
	t.Helper()
	for _, dir := range []string{"core", "contrib", "migrate"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			f(filepath.ToSlash(path), string(text))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// matches returns what the pattern's first group finds in the sources, each once.
func matches(t *testing.T, pattern string) []string {
	t.Helper()
	expr := regexp.MustCompile(pattern)
	var out []string
	sources(t, func(_, text string) {
		for _, m := range expr.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(out, m[1]) {
				out = append(out, m[1])
			}
		}
	})
	return out
}

// TestChecksPage wants every system check on its page, at the level that its id says.
func TestChecksPage(t *testing.T) {
	t.Parallel()
	const name = "docs/reference/checks.md"
	same(t, name, firstCodes(t, name), checkIDs(t))
	levels := map[byte]string{'C': "critical", 'E': "error", 'W': "warning", 'I': "info"}
	for _, row := range tableRows(t, name) {
		id := strings.Trim(row[0], "`")
		if _, number, ok := strings.Cut(id, "."); ok && levels[number[0]] != row[1] {
			t.Errorf("%s: %s is a %s", name, id, row[1])
		}
	}
}

func checkIDs(t *testing.T) []string {
	t.Helper()
	return matches(t, `"([a-z]+\.[A-Z]\d{3})"[,)\n]`)
}

// TestVariables wants every environment variable on the page of settings.
func TestVariables(t *testing.T) {
	t.Parallel()
	var got []string
	for _, code := range firstCodes(t, "docs/reference/settings.md") {
		if regexp.MustCompile(`^[A-Z]+_[A-Z_]+$|^DEBUG$`).MatchString(code) && !strings.HasPrefix(code, "DJANGO_SUPERUSER_") {
			got = append(got, code)
		}
	}
	want := matches(t, `getenv\("([A-Z_]+)"\)`)
	same(t, "docs/reference/settings.md", got, slices.DeleteFunc(want, func(name string) bool {
		return strings.HasPrefix(name, "DJANGO_SUPERUSER_")
	}))
}

// TestSignalsPage wants every signal on its page.
func TestSignalsPage(t *testing.T) {
	t.Parallel()
	var got []string
	for _, code := range firstCodes(t, "docs/reference/signals.md") {
		got = append(got, code[strings.LastIndexByte(code, '.')+1:])
	}
	want := matches(t, `func \(\w+ \*?\w+\) (\w+)\(\) \*signals\.Signal\[`)
	for _, list := range matches(t, `(?m)^\t((?:[A-Z]\w+, )*[A-Z]\w+)\s+signals\.Signal\[`) {
		want = append(want, strings.Split(list, ", ")...)
	}
	same(t, "docs/reference/signals.md", got, want)
}

// everywhere are the values that all pages may use.
var everywhere = []string{"csrf_token", "messages", "user", "perms", "site_name", "title"}

// TestTemplatesPage wants every template on its page, with the values that it uses.
func TestTemplatesPage(t *testing.T) {
	t.Parallel()
	const name = "docs/reference/templates.md"
	rows := map[string]string{}
	for _, row := range tableRows(t, name) {
		if m := regexp.MustCompile("^`([^`]+\\.(?:html|txt))`$").FindStringSubmatch(row[0]); m != nil {
			rows[m[1]] = row[len(row)-1]
		}
	}
	var have []string
	err := fs.WalkDir(templates.Pages(), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		have = append(have, file)
		text, err := fs.ReadFile(templates.Pages(), file)
		for _, m := range regexp.MustCompile(`[\s({|$]\.([a-z_]+)\b`).FindAllStringSubmatch(string(text), -1) {
			if !slices.Contains(everywhere, m[1]) && !strings.Contains(rows[file], "`"+m[1]+"`") {
				t.Errorf("%s does not say that %s gets `%s`", name, file, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for file := range rows {
		got = append(got, file)
	}
	same(t, name, got, have)
}
