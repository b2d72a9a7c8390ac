package main

import (
	"os"
	"path/filepath"
	"regexp"
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

// securityRow is a line of docs/conformance.md: the row and what stands for it.
var securityRow = regexp.MustCompile(`(?m)^\| (G[0-9]+) \|[^|]*\| ([^|]*) \|$`)

// TestEverySecurityRow wants a change for every security row that is built, by the row's own test.
func TestEverySecurityRow(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "conformance.md"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := readSet(os.DirFS("security"))
	if err != nil {
		t.Fatal(err)
	}
	changes := map[string]int{}
	for _, c := range all {
		changes[c.row]++
		if !strings.Contains(c.test+"/", "/row/"+c.row+"/") {
			t.Errorf("security/%s: %s is no test of the row: want one with row/%s in its name", c.name, c.test, c.row)
		}
	}
	rows := securityRow.FindAllStringSubmatch(string(page), -1)
	if len(rows) < 40 {
		t.Fatalf("found %d security rows in docs/conformance.md, want those of G01 to G50", len(rows))
	}
	for _, row := range rows {
		if changes[row[1]] == 0 && row[2] != "missing" {
			t.Errorf("no change for %s, which %s guards: add security/%s-<a few words>.txt", row[1], row[2], row[1])
		}
	}
}
