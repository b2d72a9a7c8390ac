package docs_test

import (
	"bufio"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/internal/docs"
)

// TestSecurityRows compares the security page with the conformance page, which is made by running
// the tests: each of the 50 rows is there once, in order, and names the same tests.
func TestSecurityRows(t *testing.T) {
	t.Parallel()
	got, want := tableRows(t, "docs/security.md"), tableRows(t, "docs/conformance.md")
	rows := regexp.MustCompile(`^G\d\d$`)
	var order []string
	for _, row := range got {
		if rows.MatchString(row[0]) {
			order = append(order, row[0])
		}
	}
	if len(order) != 50 || !slices.IsSorted(order) {
		t.Fatalf("the security page has %d rows: %v", len(order), order)
	}
	held := map[string][]string{}
	for _, row := range want {
		if rows.MatchString(row[0]) {
			held[row[0]] = heldBy(row[2])
		}
	}
	for _, row := range got {
		if !rows.MatchString(row[0]) {
			continue
		}
		tests := linked(row[3])
		if !slices.Equal(tests, held[row[0]]) {
			t.Errorf("%s: the page names %q, make conformance found %q", row[0], tests, held[row[0]])
		}
		if built := !strings.Contains(row[2], "Not built"); built != (len(tests) > 0) {
			t.Errorf("%s: a row is built and has tests, or neither: %q", row[0], row[2])
		}
	}
}

// heldBy reads "`contrib/auth TestLoginRows`, …", linked "[`TestLoginRows`](../contrib/auth/login_test.go), …";
// both return "contrib/auth TestLoginRows".
func heldBy(cell string) []string {
	var out []string
	for _, m := range regexp.MustCompile("`(\\S+ Test\\w+)`").FindAllStringSubmatch(cell, -1) {
		out = append(out, m[1])
	}
	return out
}

func linked(cell string) []string {
	var out []string
	for _, m := range regexp.MustCompile("\\[`(Test\\w+)`\\]\\(\\.\\./([^)]+)\\)").FindAllStringSubmatch(cell, -1) {
		out = append(out, path.Dir(m[2])+" "+m[1])
	}
	return out
}

// tableRows returns the cells of all tables of a page, without those of the headings' marks.
func tableRows(t *testing.T, name string) [][]string {
	t.Helper()
	file, err := os.Open(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // only read
	var rows [][]string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| ---") {
			continue
		}
		cells := docs.Cells(line)
		rows = append(rows, cells)
	}
	return rows
}
