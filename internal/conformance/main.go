// Command conformance counts which of Django's own test cases and which rows of the feature
// reference hold here.
//
//	go test -count=1 -json ./... | go run ./internal/conformance -o docs/conformance.md
//
// A subtest stands for a case when its name goes on, after the test's own name, with
// django/<file>/<Class.test> (TestMake/django/auth_tests/test_hashers.py/TestUtilsHashPass.test_bcrypt),
// and for a row with row/<id> (TestMake/row/P05). It may lie below other subtests and have
// subtests of its own. One test may stand for several, and several for one.
//
// A case or row holds when at least one of its subtests ran and passed and none failed; a skipped
// one counts as not run, and so does one with a skipped subtest. As soon as any of them lies
// above or below a subtest named sqlite or postgres, both databases must have passed.
//
// The cases are Django 5.2's, in cases.tsv, with the judgement whether each applies in Go; the
// rows are in rows.tsv (G: security). A case that turns out not to apply stays missing, with the
// reason in reasons.tsv. The status is 1 when a test failed or did not finish, when a name is no
// case or row or a case that does not apply, and when reasons.tsv gives a reason for what holds;
// the page is then left as it was, as it is when PostgreSQL took no part.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	page := flag.String("o", "", "file to write the page to; none when empty")
	flag.Parse()
	os.Exit(run(os.Stdin, os.Stdout, os.Stderr, *page))
}

// run reads the events of go test -json, prints the tally to out and what is wrong to errs, and
// returns the exit status.
func run(events io.Reader, out, errs io.Writer, page string) int {
	book, err := readLedger()
	if err != nil {
		fmt.Fprintln(errs, "error:", err)
		return 1
	}
	tests, failures, err := readEvents(events)
	if err != nil {
		fmt.Fprintln(errs, "error:", err)
		return 1
	}
	problems := append(failures, book.record(tests)...)
	problems = append(problems, book.needlessReasons()...)
	book.printTally(out)
	for _, p := range problems {
		fmt.Fprintln(errs, "error:", p)
	}
	switch {
	case len(problems) > 0:
		return 1
	case page == "":
		return 0
	case book.withoutPostgres():
		fmt.Fprintf(errs, "PostgreSQL took no part, so %s stays as it is; start a server or set TEST_DATABASE_URL\n", page)
		return 0
	}
	if err := os.WriteFile(page, book.markdown(), 0o644); err != nil {
		fmt.Fprintln(errs, "error:", err)
		return 1
	}
	return 0
}
