package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// tally counts the items of a group that apply.
type tally struct {
	group   string
	applies int
	covered int
	missing []*item
}

// tallies counts by group. The items of a group lie together.
func tallies(items []*item) []tally {
	var out []tally
	for _, it := range items {
		if len(out) == 0 || out[len(out)-1].group != it.group {
			out = append(out, tally{group: it.group})
		}
		t := &out[len(out)-1]
		switch {
		case !it.applies:
			continue
		case it.holds():
			t.covered++
		default:
			t.missing = append(t.missing, it)
		}
		t.applies++
	}
	return out
}

func sum(tallies []tally) tally {
	var total tally
	for _, t := range tallies {
		total.applies += t.applies
		total.covered += t.covered
		total.missing = append(total.missing, t.missing...)
	}
	return total
}

// printTally prints a line for each of Django's files, and the total.
func (b *ledger) printTally(w io.Writer) {
	files := tallies(b.cases)
	for _, t := range files {
		fmt.Fprintf(w, "%s applies=%d covered=%d missing=%d\n", t.group, t.applies, t.covered, len(t.missing))
	}
	fmt.Fprintln(w, b.totalLine())
}

func (b *ledger) totalLine() string {
	cases, rows, security := sum(tallies(b.cases)), sum(tallies(b.rows)), sum(tallies(b.security))
	return fmt.Sprintf("total applies=%d covered=%d missing=%d rows=%d/%d security=%d/%d",
		cases.applies, cases.covered, len(cases.missing), rows.covered, rows.applies, security.covered, security.applies)
}

// needlessReasons returns one text for each item that holds and has a reason why it cannot.
func (b *ledger) needlessReasons() []string {
	var problems []string
	for _, it := range slices.Concat(b.cases, b.rows, b.security) {
		if it.reason != "" && it.holds() {
			problems = append(problems, fmt.Sprintf("%s holds: take its line out of reasons.tsv", it.key))
		}
	}
	return problems
}

// withoutPostgres tells whether items were shown on SQLite and none on PostgreSQL.
func (b *ledger) withoutPostgres() bool {
	sqlite := false
	for _, it := range b.byKey {
		for _, o := range it.occurrences {
			if o.holds() && o.databases["postgres"] {
				return false
			}
			sqlite = sqlite || o.databases["sqlite"]
		}
	}
	return sqlite
}

// markdown is the page: what holds, file by file and row by row.
func (b *ledger) markdown() []byte {
	var p bytes.Buffer
	fmt.Fprint(&p, `# Conformance

Made by `+"`make conformance`"+`; not edited by hand. A case is one of Django 5.2's own tests, held here by a Go
subtest with the same inputs and the same outcome, whose name says which one it is; a row is a feature or a
security property that tests hold in the same way. Counted is what ran and passed, on SQLite and on
PostgreSQL where a database is involved.

`)
	fmt.Fprintf(&p, "```\n%s\n```\n\n## Django's test cases\n\n| file | apply | hold | missing |\n| --- | ---: | ---: | ---: |\n", b.totalLine())
	files := tallies(b.cases)
	for _, t := range files {
		fmt.Fprintf(&p, "| %s | %d | %d | %d |\n", t.group, t.applies, t.covered, len(t.missing))
	}
	fmt.Fprint(&p, "\n### Missing cases\n\n")
	for _, t := range files {
		if len(t.missing) == 0 {
			continue
		}
		fmt.Fprintf(&p, "<details><summary>%s: %d of %d</summary>\n\n", t.group, len(t.missing), t.applies)
		for _, it := range t.missing {
			fmt.Fprintf(&p, "- `%s`%s\n", it.name, reasonText(it))
		}
		fmt.Fprint(&p, "\n</details>\n\n")
	}
	writeRows(&p, "## Features", b.rows)
	writeRows(&p, "## Security", b.security)
	return append(bytes.TrimRight(p.Bytes(), "\n"), '\n')
}

func writeRows(p *bytes.Buffer, title string, rows []*item) {
	fmt.Fprintf(p, "%s\n\n", title)
	i := 0
	for _, t := range tallies(rows) {
		if t.group != title[len("## "):] {
			fmt.Fprintf(p, "### %s\n\n", t.group)
		}
		fmt.Fprintf(p, "%d of %d\n\n| row | what | held by |\n| --- | --- | --- |\n", t.covered, t.applies)
		for ; i < len(rows) && rows[i].group == t.group; i++ {
			fmt.Fprintf(p, "| %s | %s | %s |\n", rows[i].name, rows[i].text, proof(rows[i]))
		}
		fmt.Fprintln(p)
	}
}

// proof names the tests that hold a row, or says that none does.
func proof(it *item) string {
	if !it.holds() {
		return "missing" + reasonText(it)
	}
	var tests []string
	for _, o := range it.occurrences {
		if o.holds() {
			tests = append(tests, "`"+o.test+"`")
		}
	}
	slices.Sort(tests)
	return strings.Join(slices.Compact(tests), ", ")
}

func reasonText(it *item) string {
	if it.reason == "" {
		return ""
	}
	return " (judged not to apply: " + it.reason + ")"
}
