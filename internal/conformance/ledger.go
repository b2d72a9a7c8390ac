package main

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

//go:embed cases.tsv
var casesTSV string

//go:embed rows.tsv
var rowsTSV string

//go:embed reasons.tsv
var reasonsTSV string

// casesSum is the sha256 of cases.tsv: the list of cases is a given, not something to edit until
// the figures look well.
const casesSum = "4ff83d2646223694f2df135e02a57fba7773f3bd54f0e332ba55a58058e9a5bb"

// item is one thing that a subtest can stand for: a Django case or a row of the reference.
type item struct {
	key     string // as it stands in test names: django/<file>/<Class.test> or row/<id>
	group   string // Django's file, or the title of the rows' section
	name    string // Class.test, or the id
	text    string // a row's capability, a case's note
	applies bool
	reason  string // why it does not apply after all; it stays missing

	occurrences []*occurrence
}

// ledger has every item in the order of the files.
type ledger struct {
	cases, rows, security []*item
	byKey                 map[string]*item
}

// sections are the titles of the rows' sections by the first letter of their ids.
var sections = map[byte]string{
	'U': "Users", 'P': "Passwords and hashers", 'V': "Validators", 'B': "Backends",
	'R': "Permissions, groups, content types", 'L': "Login, logout, session", 'A': "Access wrappers",
	'W': "Views and URLs", 'F': "Forms", 'T': "Tokens", 'S': "Signals", 'C': "Template data",
	'M': "Messages and profile", 'K': "Management commands", 'D': "Users in the admin", 'X': "Checks",
	'Y': "Middleware", 'G': "Security",
}

func readLedger() (*ledger, error) {
	if sum := sha256.Sum256([]byte(casesTSV)); hex.EncodeToString(sum[:]) != casesSum {
		return nil, fmt.Errorf("cases.tsv is not the list that was agreed on: its sha256 is %x, want %s", sum, casesSum)
	}
	return parseLedger(casesTSV, rowsTSV, reasonsTSV)
}

func parseLedger(cases, rows, reasons string) (*ledger, error) {
	book := &ledger{byKey: make(map[string]*item)}
	err := eachRecord("cases.tsv", cases, 5, func(f []string) error {
		name := f[1] + "." + f[2]
		it := &item{key: "django/" + f[0] + "/" + name, group: f[0], name: name, text: f[4], applies: f[3] == "applies"}
		book.cases = append(book.cases, it)
		return book.index(it)
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(book.cases, func(a, b *item) int { return strings.Compare(a.group, b.group) })
	err = eachRecord("rows.tsv", rows, 2, func(f []string) error {
		section := sections[f[0][0]]
		if section == "" {
			return fmt.Errorf("no section for row %s", f[0])
		}
		it := &item{key: "row/" + f[0], group: section, name: f[0], text: f[1], applies: true}
		if f[0][0] == 'G' {
			book.security = append(book.security, it)
		} else {
			book.rows = append(book.rows, it)
		}
		return book.index(it)
	})
	if err != nil {
		return nil, err
	}
	err = eachRecord("reasons.tsv", reasons, 3, func(f []string) error {
		it := book.byKey["django/"+f[0]+"/"+f[1]]
		if f[0] == "row" {
			it = book.byKey["row/"+f[1]]
		}
		if it == nil || !it.applies || f[2] == "" {
			return fmt.Errorf("%s %s is no case that applies, or has no reason beside it", f[0], f[1])
		}
		it.reason = f[2]
		return nil
	})
	return book, err
}

func (b *ledger) index(it *item) error {
	if b.byKey[it.key] != nil {
		return fmt.Errorf("%s twice", it.key)
	}
	b.byKey[it.key] = it
	return nil
}

// eachRecord calls f with the fields of each line but the first, the heading. A field may stand
// in quotes, which are doubled within.
func eachRecord(file, text string, fields int, f func([]string) error) error {
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		record := strings.Split(line, "\t")
		for j, field := range record {
			if inner, ok := strings.CutPrefix(field, `"`); ok {
				record[j] = strings.ReplaceAll(strings.TrimSuffix(inner, `"`), `""`, `"`)
			}
		}
		if len(record) != fields || record[0] == "" {
			return fmt.Errorf("%s:%d: %d fields, want %d, the first not empty", file, i+1, len(record), fields)
		}
		if i == 0 {
			continue
		}
		if err := f(record); err != nil {
			return fmt.Errorf("%s:%d: %w", file, i+1, err)
		}
	}
	return nil
}
