package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// TestRun drives the program with what the go command printed for small packages, and the real lists.
func TestRun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		input      string
		wantStatus int
		wantLast   string
		wantErrs   []string
	}{
		{"pass.json", 0, "total applies=1215 covered=1 missing=1214 rows=1/232 security=1/50", nil},
		{"nobuild.json", 1, "total applies=1215 covered=0 missing=1215 rows=0/232 security=0/50", []string{"nobuild failed", "undefined: undefined"}},
		{"panic.json", 1, "total applies=1215 covered=0 missing=1215 rows=0/232 security=0/50", []string{"panics TestX/row/P05 failed", "panic: at the disco"}},
	}
	for _, tt := range tests {
		t.Run(tt.input, func(t *testing.T) {
			t.Parallel()
			input, err := os.Open(filepath.Join("testdata", tt.input))
			if err != nil {
				t.Fatal(err)
			}
			defer input.Close()
			page := filepath.Join(t.TempDir(), "page.md")
			var out, errs bytes.Buffer
			if status := run(input, &out, &errs, page); status != tt.wantStatus {
				t.Errorf("status = %d, want %d; stderr:\n%s", status, tt.wantStatus, errs.String())
			}
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if got := lines[len(lines)-1]; got != tt.wantLast {
				t.Errorf("last line = %q, want %q", got, tt.wantLast)
			}
			for _, want := range tt.wantErrs {
				if !strings.Contains(errs.String(), want) {
					t.Errorf("stderr = %q, want %q in it", errs.String(), want)
				}
			}
			if _, err := os.Stat(page); (err == nil) != (tt.wantStatus == 0) {
				t.Errorf("the page: %v; want it written exactly when all is well", err)
			}
		})
	}
}

// TestRunKeepsPage: without PostgreSQL, fewer cases hold than on a machine that has it.
func TestRunKeepsPage(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "page.md")
	var out, errs bytes.Buffer
	status := run(events("pass TestX", "pass TestX/sqlite", "pass TestX/sqlite/row/U12"), &out, &errs, page)
	if _, err := os.Stat(page); status != 0 || err == nil || !strings.Contains(errs.String(), "PostgreSQL took no part") {
		t.Errorf("status = %d, page: %v, stderr = %q; want 0, no page, and a sentence", status, err, errs.String())
	}
}

func TestRunRefusesOtherInput(t *testing.T) {
	t.Parallel()
	for _, input := range []string{"", "ok  \tbelleville\t0.1s\n", `{"Action":`} {
		var out, errs bytes.Buffer
		if status := run(strings.NewReader(input), &out, &errs, ""); status != 1 || errs.Len() == 0 {
			t.Errorf("run of %q = %d with %q, want 1 and a sentence", input, status, errs.String())
		}
	}
}

// TestLists: the figures are those that the page promises.
func TestLists(t *testing.T) {
	t.Parallel()
	book, err := readLedger()
	if err != nil {
		t.Fatal(err)
	}
	if len(book.cases) != 1924 || sum(tallies(book.cases)).applies != 1215 || len(book.rows) != 232 || len(book.security) != 50 {
		t.Errorf("cases = %d, applying %d, rows = %d, security = %d; want 1924, 1215, 232, 50",
			len(book.cases), sum(tallies(book.cases)).applies, len(book.rows), len(book.security))
	}
}

const (
	smallCases = "file\tclass\ttest\tapplies_or_na\tnote\n" +
		"b/tests.py\tB\ttest_1\tapplies\tcore\n" +
		"a/tests.py\tA\ttest_1\tapplies\tcore\n" +
		"a/tests.py\tA\ttest_2\tapplies\t\"optional:\"\"x\"\"\"\n" +
		"b/tests.py\tB\ttest_2\tna\tasync-duplicate\n" +
		"a/tests.py\tA\ttest_3\tapplies\tcore\n"
	smallRows    = "id\tcapability\nU01\tNames\nU02\tMails\nP01\tHashes\nG01\tOne hash\n"
	smallReasons = "file\tcase\treason\na/tests.py\tA.test_3\tPython only\nrow\tU02\tno mail\n"
)

func smallLedger(t *testing.T) *ledger {
	t.Helper()
	book, err := parseLedger(smallCases, smallRows, smallReasons)
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func TestPage(t *testing.T) {
	t.Parallel()
	book := smallLedger(t)
	tests, _, err := readEvents(events("pass TestA/row/U01", "pass TestA/django/a/tests.py/A.test_1", "pass TestB/row/U01",
		"pass TestC/sqlite/row/G01", "pass TestC/postgres/row/G01"))
	if err != nil {
		t.Fatal(err)
	}
	if problems := book.record(tests); len(problems) > 0 {
		t.Fatal(problems)
	}
	var got bytes.Buffer
	book.printTally(&got)
	got.WriteString("\n")
	got.Write(book.markdown())
	golden := filepath.Join("testdata", "page.golden")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("tally and page differ from %s (go test -update writes it):\n%s", golden, got.String())
	}
}

func TestParseLedgerErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, cases, rows, reasons, want string }{
		{"case twice", smallCases + "a/tests.py\tA\ttest_1\tna\tx\n", smallRows, smallReasons, "cases.tsv:7: django/a/tests.py/A.test_1 twice"},
		{"field missing", smallCases, smallRows + "U03\n", smallReasons, "rows.tsv:6: 1 fields, want 2"},
		{"row without a section", smallCases, smallRows + "Q01\tx\n", smallReasons, "no section for row Q01"},
		{"reason for nothing", smallCases, smallRows, smallReasons + "a/tests.py\tA.test_9\tx\n", "reasons.tsv:4: a/tests.py A.test_9 is no case that applies"},
		{"reason for what does not apply", smallCases, smallRows, smallReasons + "b/tests.py\tB.test_2\tx\n", "B.test_2 is no case that applies"},
		{"no reason", smallCases, smallRows, smallReasons + "row\tP01\t\n", "has no reason beside it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseLedger(tt.cases, tt.rows, tt.reasons)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("parseLedger = %v, want an error with %q", err, tt.want)
			}
		})
	}
}

// events makes the stream of one package from lines "pass TestX/row/U01"; run stands for a test
// that does not finish.
func events(lines ...string) *bytes.Buffer {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	add := func(action, test string) {
		_ = encoder.Encode(event{Action: action, Package: "github.com/go-belleville/belleville/core", Test: test})
	}
	status := "pass"
	for _, line := range lines {
		action, test, _ := strings.Cut(line, " ")
		add("run", test)
		if action != "run" {
			add(action, test)
		}
		if action == "fail" || action == "run" {
			status = "fail"
		}
	}
	add(status, "")
	return &b
}
