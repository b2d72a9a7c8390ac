package scaffold_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/scaffold"
)

// TestOverwritesNothing also means that nothing new appears beside what was there.
func TestOverwritesNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ command, there, want string }{
		{"startproject", "notes/views.go", "views.go is there already, and nothing is overwritten"},
		{"startproject", ".gitignore", ".gitignore is there already"},
		{"startproject", "accounts", "accounts"}, // a file where a folder should be
		{"startapp", "app.go", "app.go is there already"},
	} {
		root := module(t)
		dir := filepath.Join(root, "here")
		there := filepath.Join(dir, filepath.FromSlash(tt.there))
		if err := errors.Join(os.MkdirAll(filepath.Dir(there), 0o700), os.WriteFile(there, []byte("mine"), 0o600)); err != nil {
			t.Fatal(err)
		}
		c, name := scaffold.StartProject(), "shop"
		if tt.command == "startapp" {
			c, name = scaffold.StartApp(nil), "billing"
		}
		if _, err := call(t, c, name, dir); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s with %s: %v, want %q", tt.command, tt.there, err, tt.want)
		}
		if files := read(t, dir); files[tt.there] != "mine" || len(files) != 1 {
			t.Errorf("%s with %s left %d files, and of it %q", tt.command, tt.there, len(files), files[tt.there])
		}
	}
}

func TestTakesAFolderThatIsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := call(t, scaffold.StartProject(), "shop", dir); err != nil {
		t.Fatal(err)
	}
	if files := read(t, dir); files["LICENSE"] != "mine" || files["go.mod"] == "" {
		t.Errorf("the folder has %d files, LICENSE %q", len(files), files["LICENSE"])
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	root := module(t)
	file := filepath.Join(root, "go.mod")
	for _, tt := range []struct {
		name  string
		args  []string
		want  string
		usage bool
	}{
		{"no name", []string{"startproject"}, "takes a name", true},
		{"three", []string{"startproject", "a", "b", "c"}, "takes a name", true},
		{"no app's name", []string{"startapp"}, "takes a name", true},
		{"a file for a folder", []string{"startproject", "shop", file}, "is a file, not a folder", false},
		{"a checkout of something else", []string{"startproject", "shop", filepath.Join(root, "x"), "--replace", root}, "is no checkout of Belleville", false},
		{"a checkout that is not there", []string{"startproject", "shop", filepath.Join(root, "x"), "--replace", root + "/none"}, "is no checkout of Belleville", false},
		{"an app of the project", []string{"startapp", "polls", filepath.Join(root, "x")}, `the project has an app "polls" already`, false},
		{"no module", []string{"startapp", "billing", filepath.Join(t.TempDir(), "x")}, "is in no module: call startapp in the folder of a project", false},
	} {
		c := scaffold.StartProject()
		if tt.args[0] == "startapp" {
			c = scaffold.StartApp([]string{"polls"})
		}
		_, err := call(t, c, tt.args[1:]...)
		if err == nil || !strings.Contains(err.Error(), tt.want) || errors.Is(err, command.ErrUsage) != tt.usage {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if _, err := os.Stat(filepath.Join(root, "x")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: something was written: %v", tt.name, err)
		}
	}
}

// TestReplace names the checkout, in any way that a path may be written.
func TestReplace(t *testing.T) {
	t.Parallel()
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	odd := filepath.Join(t.TempDir(), "a \"checkout\" (new)")
	if err := os.Symlink(checkout, odd); err != nil {
		t.Skipf("a folder with an odd name is a link here, which this system refuses: %v", err)
	}
	for named, want := range map[string]string{
		"":      "=> " + checkout + "\n",
		"../..": "=> " + checkout + "\n",
		odd:     `=> "` + strings.ReplaceAll(odd, `"`, `\"`) + "\"\n",
	} {
		dir := filepath.Join(t.TempDir(), "shop")
		if _, err := call(t, scaffold.StartProject(), "shop", dir, "--replace", named); err != nil {
			t.Fatal(err)
		}
		if text := read(t, dir)["go.mod"]; !strings.Contains(text, "replace github.com/go-belleville/belleville "+want) {
			t.Errorf("--replace %q: go.mod is\n%s\nwant %q", named, text, want)
		}
		if out := goTool(t, dir, "list", "-m", "github.com/go-belleville/belleville"); !strings.Contains(out, "=>") {
			t.Errorf("--replace %q: the go command reads %q", named, out)
		}
	}
}
