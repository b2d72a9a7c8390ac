package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// occurrence is a subtest which stands for an item, with all below it.
type occurrence struct {
	test                    string // package and top-level test, for the page
	passed, failed, skipped bool
	databases               map[string]bool // of sqlite and postgres, those in its name or below it
}

// holds tells whether the subtest ran, whole, and passed.
func (o *occurrence) holds() bool { return o.passed && !o.failed && !o.skipped }

// holds tells whether the item's subtests show that it does.
func (it *item) holds() bool {
	ran := false
	seen, passed := make(map[string]bool), make(map[string]bool)
	for _, o := range it.occurrences {
		if o.failed {
			return false
		}
		ran = ran || o.holds()
		for database := range o.databases {
			seen[database] = true
			passed[database] = passed[database] || o.holds()
		}
	}
	return ran && (len(seen) == 0 || passed["sqlite"] && passed["postgres"])
}

// record enters the tests under the items that they stand for and returns one text for each name
// that stands for nothing.
func (b *ledger) record(tests []*testRun) []string {
	var problems []string
	roots := make(map[string]*occurrence) // by package and name of the subtest
	for _, run := range tests {
		for _, m := range mentions(run.name) {
			it := b.byKey[m.key]
			switch {
			case it == nil && m.complete || it == nil && run.leaf:
				problems = append(problems, fmt.Sprintf("%s %s: %s is no case and no row", shortPackage(run.pkg), run.name, m.key))
				continue
			case it == nil:
				continue // the head of a group of cases
			case !it.applies:
				problems = append(problems, fmt.Sprintf("%s %s: %s is marked as not applying (%s)", shortPackage(run.pkg), run.name, m.key, it.text))
				continue
			}
			root := run.pkg + " " + m.root + " " + m.key
			if roots[root] == nil {
				top, _, _ := strings.Cut(run.name, "/")
				roots[root] = &occurrence{test: shortPackage(run.pkg) + " " + top, databases: make(map[string]bool)}
				it.occurrences = append(it.occurrences, roots[root])
			}
			roots[root].add(run)
		}
	}
	return slices.Compact(problems)
}

func (o *occurrence) add(run *testRun) {
	switch run.status {
	case "pass":
		o.passed = o.passed || run.leaf
	case "skip":
		o.skipped = true
	default:
		o.failed = true
	}
	for _, segment := range segments(run.name) {
		if segment == "sqlite" || segment == "postgres" {
			o.databases[segment] = true
		}
	}
}

// mention is a part of a test's name that names an item.
type mention struct {
	key      string
	root     string // the name up to the end of the mention
	complete bool   // false for the head of a group: TestX/django/auth_tests
}

// mentions finds the items that a test's name stands for. The go command has made the name
// unique with #01 and the like, which is taken off.
func mentions(name string) []mention {
	var found []mention
	parts, raw := segments(name), strings.Split(name, "/")
	for i, part := range parts {
		length := map[string]int{"django": 4, "row": 2}[part]
		if i == 0 || length == 0 || i+1 == len(parts) {
			continue
		}
		end := min(i+length, len(parts))
		found = append(found, mention{
			key:      strings.Join(parts[i:end], "/"),
			root:     strings.Join(raw[:end], "/"),
			complete: end == i+length,
		})
	}
	return found
}

var duplicate = regexp.MustCompile(`#\d{2,}$`)

// segments splits a test's name into the names given to t.Run. Those with a slash are split too.
func segments(name string) []string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = duplicate.ReplaceAllString(part, "")
	}
	return parts
}
