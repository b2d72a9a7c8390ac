package scaffold_test

import (
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/scaffold"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, want string }{
		{"shop", ""}, {"my_shop2", ""}, {"x", ""},
		{"", `"" is no name for a project`},
		{"MyShop", `"MyShop" is no name for a project: write lower-case letters, digits and _, beginning with a letter, as in "myshop"`},
		{"my-shop", `as in "my_shop"`},
		{"2shop", "choose another name"}, {"shöp", "choose another name"}, {"../shop", "is no name"}, {"a/b", "is no name"}, {"_shop", "is no name"},
		{strings.Repeat("a", 41), "is too long for the name of a project: at most 40"},
		{"func", `"func" is a word of the Go language`}, {"string", "is a word of the Go language"}, {"nil", "is a word of the Go language"},
		{"http", "every project uses"}, {"net", "is a package of Go's standard library"}, {"testing", "standard library"},
		{"main", "the go command has a meaning of its own"}, {"internal", "the go command"}, {"shop_test", "the go command"},
		{"core", `"core" is the name of a package that every project uses`}, {"accounts", "every project uses"}, {"notes", "every project uses"},
	} {
		dir := filepath.Join(t.TempDir(), "new")
		_, err := call(t, scaffold.StartProject(), "--", tt.name, dir)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("startproject %q: %v, want %q", tt.name, err, tt.want)
		}
		if _, err := os.Stat(dir); (err == nil) != (tt.want == "") {
			t.Errorf("startproject %q: a folder was made: %t", tt.name, err == nil)
		}
	}
}

func TestModuleNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, want string }{
		{"example.com/shop", ""}, {"example.com/team/go-shop", ""}, {"shop", ""},
		{"net/shop", "begins like the packages of Go's standard library"},
		{"example.com//shop", "is no path for a module"}, {"/shop", "is no path"}, {"shop/", "is no path"}, {"./shop", "is no path"},
		{"example.com/my shop", "is no path"}, {"example.com/shop\nreplace", "is no path"}, {"example.com./shop", "is no path"},
	} {
		_, err := call(t, scaffold.StartProject(), "shop", filepath.Join(t.TempDir(), "new"), "--module="+tt.path)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("--module %q: %v, want %q", tt.path, err, tt.want)
		}
	}
}

func TestModelNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ model, want string }{
		{"Item", ""}, {"LogEntry", ""}, {"T2", ""},
		{"item", "is no name for a model"}, {"Log_Entry", "is no name for a model"}, {"", "is no name"}, {"É", "is no name"},
		{strings.Repeat("A", 41), "is too long"}, {"Plugin", "choose another name for the model"}, {"New", "choose another"},
	} {
		_, err := call(t, scaffold.StartApp(nil), "billing", filepath.Join(module(t), "billing"), "--model="+tt.model)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("--model %q: %v, want %q", tt.model, err, tt.want)
		}
	}
}

// TestReservedNames holds the lists of words against Go itself, so that a new Go shows what they lack.
func TestReservedNames(t *testing.T) {
	t.Parallel()
	for _, word := range types.Universe.Names() {
		if !slices.Contains(scaffold.Predeclared, word) {
			t.Errorf("Go's %q is missing among the predeclared words", word)
		}
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "std").Output()
	if err != nil {
		t.Fatalf("go list std: %v", err)
	}
	for path := range strings.Lines(string(out)) {
		first, _, _ := strings.Cut(strings.TrimSpace(path), "/")
		if first != "vendor" && first != "internal" && !slices.Contains(scaffold.Standard, first) {
			t.Errorf("the package %q is missing among the standard ones", first)
		}
	}
}
