package migrate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/migrate"
)

func TestHeader(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"empty", "", "[] [] false"},
		{"prose", "-- Adds a column: see the ticket.\n-- Note: capitals are prose.\n--\n--- requires nothing\n-- https://example.org\nSELECT 1", "[] [] false"},
		{"all", "\n\t-- requires:a.1 ,b.2\r\n--replaces: x\n\n-- atomic: false\nSELECT 1;\n-- later: prose", "[a.1 b.2] [x] true"},
		{"atomic", "-- atomic: true", "[] [] false"},
		{"a block comment ends it", "/* text */\n-- note: prose", "[] [] false"},
		{"unknown", "-- needs: a.1", `line 1: the header "needs" is not known`},
		{"late", "-- x\nSELECT 1;\n\n-- atomic: false", `line 4: the header "atomic" comes after`},
	}
	for _, tt := range tests {
		requires, replaces, nonAtomic, err := migrate.Header(tt.text)
		got := fmt.Sprint(requires, replaces, nonAtomic)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func FuzzHeader(f *testing.F) {
	f.Add("-- requires: a.0001_x, b.0002_y\n-- atomic: false\nSELECT 1;\n-- split\nSELECT 2")
	f.Add("-- replaces: ,\n")
	f.Add("--:\n/*")
	f.Fuzz(func(t *testing.T, text string) {
		requires, replaces, _, err := migrate.Header(text)
		if err != nil {
			return
		}
		for _, name := range slices.Concat(requires, replaces) {
			if name == "" || strings.TrimSpace(name) != name || strings.ContainsAny(name, ",\n") {
				t.Errorf("the name %q", name)
			}
		}
		// What is written as it was read is read as the same.
		again := ""
		for key, names := range map[string][]string{"requires": requires, "replaces": replaces} {
			if len(names) > 0 {
				again += "-- " + key + ": " + strings.Join(names, ", ") + "\n"
			}
		}
		r, p, _, err := migrate.Header(again)
		if err != nil || !slices.Equal(r, requires) || !slices.Equal(p, replaces) {
			t.Errorf("%q is read as %q %q, %v", again, r, p, err)
		}
	})
}

func TestSplit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		parts []string
		lines []int
	}{
		{"", nil, nil},
		{"a", []string{"a"}, []int{0}},
		{"a\nb\n-- split\nc\n", []string{"a\nb\n", "c\n"}, []int{0, 3}},
		{"-- split\n\n  -- split\r\na\n-- split", []string{"a\n"}, []int{3}},
		{"a -- split\n-- splits\n", []string{"a -- split\n-- splits\n"}, []int{0}},
	}
	for _, tt := range tests {
		parts, lines := migrate.Split(tt.text)
		if !slices.Equal(parts, tt.parts) || !slices.Equal(lines, tt.lines) {
			t.Errorf("split(%q) = %q %v, want %q %v", tt.text, parts, lines, tt.parts, tt.lines)
		}
	}
}

func TestEndsTransaction(t *testing.T) {
	t.Parallel()
	const trigger = "CREATE TRIGGER t AFTER INSERT ON x BEGIN\n UPDATE x SET a = 1;\n DELETE FROM y;\nEND;"
	const function = "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $body$\nBEGIN\n COMMIT;\n RAISE '$';\nEND;\n$body$;"
	tests := []struct {
		text, word string
		line       int
	}{
		{"", "", 0},
		{"SELECT 1; SELECT 'COMMIT;'", "", 0},
		{"COMMIT", "COMMIT", 1},
		{"SELECT 1;\n\n  commit ;", "COMMIT", 3},
		{"/* x\n*/ begin;", "BEGIN", 2},
		{"BEGIN TRANSACTION; SELECT 1; END;", "BEGIN", 1},
		{"START TRANSACTION", "START", 1},
		{"ABORT", "ABORT", 1},
		{"ROLLBACK", "ROLLBACK", 1},
		{"ROLLBACK;", "ROLLBACK", 1},
		{"SAVEPOINT a; ROLLBACK TO a; ROLLBACK\n to SAVEPOINT a; RELEASE a", "", 0},
		{"-- COMMIT;\nSELECT 1", "", 0},
		{"/* /* ; */ ; COMMIT; */ SELECT 1", "", 0},
		{"SELECT 'it''s; COMMIT;'; SELECT \"; COMMIT\", `; COMMIT`", "", 0},
		{`SELECT E'\'; COMMIT;'`, "", 0},
		{`SELECT '\'; COMMIT;`, "COMMIT", 1},
		{trigger, "", 0},
		{trigger + "\nCOMMIT;", "COMMIT", 5},
		{function, "", 0},
		{function + "COMMIT", "COMMIT", 6},
		{"SELECT $$; COMMIT; $$, $1, $2; COMMIT", "COMMIT", 1},
		{"SELECT a$b$; COMMIT; SELECT c$b$", "COMMIT", 1},
		{"SELECT commit; SELECT x.begin", "", 0},
		{"COMMITTED; BEGINNING; begin_", "", 0},
		{"'COMMIT'; \"COMMIT\" COMMIT", "", 0},
		{"COMMENT ON TABLE x IS 'y'", "", 0},
	}
	for _, tt := range tests {
		word, line := migrate.EndsTransaction(tt.text)
		if word != tt.word || line != tt.line {
			t.Errorf("%q: got %q in line %d, want %q in line %d", tt.text, word, line, tt.word, tt.line)
		}
	}
}

func FuzzEndsTransaction(f *testing.F) {
	f.Add("SELECT 'x'; COMMIT; $a$ $b$ $a$ /* /* */")
	f.Add("E'\\''; \"a\"\"b\" -- x")
	f.Add("a$1$ $9$ $é$;BEGIN")
	f.Fuzz(func(t *testing.T, text string) {
		word, line := migrate.EndsTransaction(text)
		if (word == "") != (line == 0) || line > 1+strings.Count(text, "\n") {
			t.Errorf("%q in line %d of %q", word, line, text)
		}
		if word != "" && !strings.Contains(strings.ToUpper(text), word) {
			t.Errorf("%q is not in %q", word, text)
		}
		// What stands in a comment does not matter.
		if w, _ := migrate.EndsTransaction("-- " + strings.ReplaceAll(text, "\n", " ")); w != "" {
			t.Errorf("%q in a comment: %q", text, w)
		}
	})
}
