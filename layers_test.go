package belleville_test

import (
	"fmt"
	"go/parser"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-belleville/belleville/internal/gofiles"
)

const modulePath = "github.com/go-belleville/belleville"

// layers lists the folders of each line, line 1 first. A package imports only from lines above
// its own, so packages of one line do not know each other. In a pattern, a last segment * stands
// for any one folder and ... for any folders below. Folders under internal/ and packages whose
// name ends in test have no line here: see rulebook.line.
var layers = [][]string{
	1: {".", "core/signals", "core/command", "core/check", "core/signing", "core/mail", "core/database", "core/logging",
		"migrate", "templates"},
	2: {"core/web", "core/scaffold", "core/changes"},
	3: {"core/csrf", "core/templates"},
	4: {"core/forms"},
	5: {"core"},
	6: {"contrib/contenttypes", "contrib/sessions", "contrib/makemigrations/state"},
	7: {"contrib/sessions/*", "contrib/auth/hashers", "contrib/auth/password", "contrib/auth/tokens", "contrib/auth/names",
		"contrib/makemigrations/plan"},
	8:  {"contrib/auth", "contrib/makemigrations"},
	9:  {"contrib/auth/authforms", "contrib/messages", "contrib/djangocheck"},
	10: {"contrib/auth/authviews", "contrib/admin"},
	11: {"contrib/auth/authadmin"},
	12: {"examples/...", "bench/internal/rig"},
	13: {"cmd/manage", "bench", "bench/*"},
}

// internalUsers are the packages outside internal/ whose own code, not only their tests, may
// import a package below internal/.
var internalUsers = map[string][]string{
	"internal/testdb": {"core/coretest"},
}

// TestLayers parses the files instead of asking the go command: files that a test opens are part
// of the key of Go's test cache, the output of a program it starts is not.
func TestLayers(t *testing.T) {
	t.Parallel()
	violations, err := checkLayers(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Error(v)
	}
}

// TestLayersInPackageComment keeps the table that people read in doc.go with the one above.
func TestLayersInPackageComment(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	comment := make(map[string]int) // folder -> its line in the comment
	for row := range strings.Lines(string(text)) {
		words := strings.Fields(row)
		if len(words) < 3 || words[0] != "//" {
			continue
		}
		if line, err := strconv.Atoi(words[1]); err == nil {
			for _, folder := range words[2:] {
				comment[strings.Replace(folder, "<store>", "*", 1)] = line
			}
		}
	}
	for line, patterns := range layers {
		for _, pattern := range patterns {
			if pattern != "." && comment[pattern] != line {
				t.Errorf("doc.go has %s on %s, want %s", pattern, lineName(comment[pattern]), lineName(line))
			}
		}
	}
}

// goFile is what the rules need to know of one source file. Folders are relative to the root.
type goFile struct {
	name     string // path of the file
	dir      string
	test     bool     // a _test.go file
	external bool     // a _test.go file of package x_test
	imports  []string // folders of this module
}

// checkLayers reads every Go file of the tree and returns one sentence for each broken rule.
func checkLayers(root fs.FS) ([]string, error) {
	files, err := parseTree(root)
	if err != nil {
		return nil, err
	}
	rules := rulebook{folders: make(map[string]bool)}
	for _, f := range files {
		rules.folders[f.dir] = true
	}
	violations := rules.foldersWithoutLine()
	for _, f := range files {
		for _, imported := range f.imports {
			if reason := rules.refuse(f, imported); reason != "" {
				violations = append(violations, fmt.Sprintf("%s imports %s: %s", f.name, imported, reason))
			}
		}
	}
	return violations, nil
}

func parseTree(root fs.FS) ([]goFile, error) {
	parsed, err := gofiles.Parse(root, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var files []goFile
	for _, p := range parsed {
		f := goFile{name: p.Name, dir: p.Dir, test: p.Test}
		f.external = f.test && strings.HasSuffix(p.Syntax.Name.Name, "_test")
		for _, spec := range p.Syntax.Imports {
			importPath := strings.Trim(spec.Path.Value, "\"`")
			if importPath == modulePath {
				f.imports = append(f.imports, ".")
			} else if dir, ok := strings.CutPrefix(importPath, modulePath+"/"); ok {
				f.imports = append(f.imports, dir)
			}
		}
		files = append(files, f)
	}
	return files, nil
}

// rulebook answers for a tree which has these folders with Go files.
type rulebook struct{ folders map[string]bool }

func (r rulebook) foldersWithoutLine() []string {
	var out []string
	for dir := range r.folders {
		if isInternal(dir) {
			continue
		}
		if line := r.line(dir); line == 0 {
			out = append(out, fmt.Sprintf("folder %s is on no line of the layers table: add it to `layers` in "+
				"layers_test.go and to doc.go, on the line below the lowest package that it imports%s", dir, r.testPackageHint(dir)))
		}
	}
	slices.Sort(out)
	return out
}

func (r rulebook) testPackageHint(dir string) string {
	if !isTestPackage(dir) {
		return ""
	}
	return " (a package whose name ends in test stands in or beside the folder of what it tests: x/xtest or x/ytest beside x/y)"
}

// refuse returns why the file must not import the folder, or "" when it may.
func (r rulebook) refuse(f goFile, imported string) string {
	switch {
	case f.external:
		return "" // the compiler refuses cycles; anything else helps tests
	case f.test && (isInternal(imported) || isTestPackage(imported)):
		return ""
	case isExample(imported) && !f.test && !isDemo(f.dir):
		return "only cmd/manage and tests import examples"
	case isTestPackage(imported) && !isTestPackage(f.dir):
		return "a package whose name ends in test is imported by tests and by other such packages only"
	case isInternal(imported):
		if isInternal(f.dir) || slices.Contains(internalUsers[imported], f.dir) {
			return ""
		}
		return "packages below internal/ are imported by tests and by each other only"
	case isInternal(f.dir):
		return ""
	case isCore(f.dir) && strings.HasPrefix(imported, "contrib/"):
		return "core never imports contrib"
	}
	from, to := r.line(f.dir), r.line(imported)
	if from == 0 {
		return "" // reported by foldersWithoutLine
	}
	if to == 0 || to >= from {
		return fmt.Sprintf("a package imports only from lines above its own, and %s is on %s, %s on %s",
			f.dir, lineName(from), imported, lineName(to))
	}
	return ""
}

// line returns the line of a folder, 0 for a folder that has none. A package named ytest stands
// one line below what it tests: the folder it lies in when that has the name's beginning
// (core/coretest, hashers/hasherstest), else its neighbour y.
func (r rulebook) line(dir string) int {
	if isTestPackage(dir) {
		parent, subject := path.Dir(dir), strings.TrimSuffix(path.Base(dir), "test")
		tested := path.Join(parent, subject)
		if path.Base(parent) == subject {
			tested = parent
		}
		if line := r.line(tested); line != 0 && (tested == parent || r.folders[tested]) {
			return line + 1
		}
		return 0
	}
	if isDemo(dir) {
		dir = "cmd/manage"
	}
	for line, patterns := range layers {
		for _, pattern := range patterns {
			if matches(pattern, dir) {
				return line
			}
		}
	}
	return 0
}

func matches(pattern, dir string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "/..."); ok {
		return strings.HasPrefix(dir, prefix+"/")
	}
	if prefix, ok := strings.CutSuffix(pattern, "/*"); ok {
		return path.Dir(dir) == prefix
	}
	return pattern == dir
}

func lineName(line int) string {
	if line == 0 {
		return "no line"
	}
	return "line " + strconv.Itoa(line)
}

func isCore(dir string) bool    { return dir == "core" || strings.HasPrefix(dir, "core/") }
func isExample(dir string) bool { return strings.HasPrefix(dir, "examples/") }

// isDemo reports whether a folder is that of a program which runs an example.
func isDemo(dir string) bool {
	ofPlugin, _ := path.Match("examples/*/cmd/manage", dir) // the pattern is well formed
	return ofPlugin || dir == "cmd/manage"
}

func isInternal(dir string) bool { return dir == "internal" || strings.HasPrefix(dir, "internal/") }

func isTestPackage(dir string) bool {
	return !isInternal(dir) && strings.HasSuffix(path.Base(dir), "test")
}

// TestPluginIsOutside: the example of a plugin is a module whose path is not below this one, so the
// compiler lets it import public packages only.
func TestPluginIsOutside(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("examples/announcements/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if name, ok := strings.CutPrefix(first, "module "); !ok || strings.HasPrefix(name, path.Dir(modulePath)) {
		t.Errorf("examples/announcements/go.mod begins with %q: give it a path of somebody else's", first)
	}
}

// TestLayersFindsViolations shows that each rule can fail: every tree but the last group breaks
// exactly one.
func TestLayersFindsViolations(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		tree []fakeFile
		want string // part of the only violation; "" for none
	}{
		{"import from a line below", []fakeFile{{"core/web/a.go", "web", "core/forms"}},
			"core/web/a.go imports core/forms: a package imports only from lines above its own, and core/web is on line 2, core/forms on line 4"},
		{"import within a line", []fakeFile{{"contrib/messages/a.go", "messages", "contrib/auth/authforms"}}, "on line 9"},
		{"a package inside another", []fakeFile{{"core/csrf/a.go", "csrf", "core"}}, "core on line 5"},
		{"a store imports its neighbour", []fakeFile{{"contrib/sessions/dbstore/a.go", "dbstore", "contrib/sessions/filestore"}}, "on line 7"},
		{"core imports contrib", []fakeFile{{"core/coretest/a.go", "coretest", "contrib/contenttypes"}}, "core never imports contrib"},
		{"core's own test file imports contrib", []fakeFile{{"core/a_test.go", "core", "contrib/auth"}}, "core never imports contrib"},
		{"an example is imported", []fakeFile{{"contrib/admin/a.go", "admin", "examples/polls"}}, "only cmd/manage and tests import examples"},
		{"an example by another", []fakeFile{{"examples/api/a.go", "main", "examples/polls"}}, "only cmd/manage and tests"},
		{"internal imports an example", []fakeFile{{"internal/bench/a.go", "main", "examples/polls"}}, "only cmd/manage and tests"},
		{"internal imported by code", []fakeFile{{"core/a.go", "core", "internal/testdb"}}, "packages below internal/ are imported by tests"},
		{"coretest imports other internals", []fakeFile{{"core/coretest/a.go", "coretest", "internal/djangovectors"}}, "packages below internal/"},
		{"a test package in code", []fakeFile{{"contrib/auth/a.go", "auth", "contrib/sessions/sessionstest"}}, "whose name ends in test is imported by tests"},
		{"a test package imports from its own line", []fakeFile{{"contrib/sessions/sessionstest/a.go", "sessionstest", "contrib/auth/hashers"}}, "on line 7"},
		{"the root is imported from the first line", []fakeFile{{"core/mail/a.go", "mail", ""}}, "core/mail is on line 1, . on line 1"},
		{"a new folder", []fakeFile{{"contrib/flatpages/a.go", "flatpages", "core"}},
			"folder contrib/flatpages is on no line of the layers table: add it to `layers` in layers_test.go"},
		{"a new folder below a known one", []fakeFile{{"core/web/router/a_test.go", "router_test", "core"}}, "folder core/web/router is on no line"},
		{"a test package of nothing", []fakeFile{{"contrib/auth/tokentest/a.go", "tokentest", "core"}}, "stands in or beside the folder of what it tests"},

		{"lines above", []fakeFile{{"core/a.go", "core", "core/forms"}, {"core/b.go", "core", "migrate"}}, ""},
		{"tests reach everything", []fakeFile{{"core/a_test.go", "core_test", "contrib/auth"}, {"core/b_test.go", "core_test", "examples/polls"}}, ""},
		{"a package's own test file", []fakeFile{{"core/a_test.go", "core", "internal/testdb"}, {"core/b_test.go", "core", "core/coretest"}}, ""},
		{"the test database", []fakeFile{{"core/coretest/a.go", "coretest", "internal/testdb"}, {"internal/testdb/a.go", "testdb", "core/database"}}, ""},
		{"test packages", []fakeFile{{"contrib/auth/authtest/a.go", "authtest", "core/coretest"}, {"contrib/auth/authtest/b.go", "authtest", "contrib/auth"}}, ""},
		{"a test package beside its subject", []fakeFile{{"contrib/auth/passwordtest/a.go", "passwordtest", "contrib/auth/password"},
			{"contrib/auth/password/a.go", "password", "core"}}, ""},
		{"the demo", []fakeFile{{"cmd/manage/main.go", "main", "examples/polls"}}, ""},
		{"the demo with a plugin", []fakeFile{{"examples/announcements/cmd/manage/main.go", "main", "examples/polls"}}, ""},
		{"what the go command skips", []fakeFile{{"contrib/auth/testdata/a.go", "x", "cmd/manage"}, {"_old/a.go", "x", "core"}, {".cache/a.go", "x", "core"}}, ""},
		{"other modules", []fakeFile{{"core/web/a.go", "web", "../belleville-extras"}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := checkLayers(fakeTree(tt.tree))
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" && len(got) != 0 {
				t.Errorf("violations = %q, want none", got)
			}
			if tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want)) {
				t.Errorf("violations = %q, want one with %q", got, tt.want)
			}
		})
	}
}

// fakeFile is a Go file of the named package with one import, a folder of this module.
type fakeFile struct{ name, pkg, imports string }

func fakeTree(files []fakeFile) fs.FS {
	tree := make(fstest.MapFS)
	for _, f := range files {
		text := fmt.Sprintf("package %s\n\nimport _ %q\n", f.pkg, path.Join(modulePath, f.imports))
		tree[f.name] = &fstest.MapFile{Data: []byte(text)}
	}
	return tree
}
