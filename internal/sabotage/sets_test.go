package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSets sees to it that the changes keep up with the program: each old text is where the change
// says, and each test's function is there.
func TestSets(t *testing.T) {
	t.Parallel()
	tree := os.DirFS(filepath.Join("..", ".."))
	folders, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	sets := 0
	for _, folder := range folders {
		if !folder.IsDir() || folder.Name() == "testdata" {
			continue
		}
		sets++
		all, err := readSet(os.DirFS(folder.Name()))
		if err != nil {
			t.Fatalf("%s: %v", folder.Name(), err)
		}
		for _, c := range all {
			if _, err := c.apply(tree); err != nil {
				t.Errorf("%s/%s: %v", folder.Name(), c.name, err)
			}
			if function, _, _ := strings.Cut(c.test, "/"); !hasTest(t, c.dir, function) {
				t.Errorf("%s/%s: there is no %s in %s", folder.Name(), c.name, function, c.dir)
			}
		}
	}
	if sets == 0 {
		t.Error("there is no set")
	}
}

func hasTest(t *testing.T, dir, function string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "func "+function+"(t *testing.T)") {
			return true
		}
	}
	return false
}
