package main

import (
	"slices"
	"strings"
	"testing"
)

func TestHolds(t *testing.T) {
	t.Parallel()
	const a1, a2 = "django/a/tests.py/A.test_1", "django/a/tests.py/A.test_2"
	tests := []struct {
		name   string
		events []string
		want   string // keys that hold, separated by spaces
	}{
		{"passes", []string{"pass TestX", "pass TestX/" + a1}, a1},
		{"a row and a case", []string{"pass TestX/row/U01", "pass TestY/" + a2}, a2 + " row/U01"},
		{"nested", []string{"pass TestX/row/U01/" + a1}, a1 + " row/U01"},
		{"below other subtests", []string{"pass TestX/argon2/" + a1}, a1},
		{"fails", []string{"fail TestX", "fail TestX/" + a1}, ""},
		{"fails once", []string{"pass TestX/" + a1, "fail TestX/" + a1 + "#01"}, ""},
		{"fails elsewhere", []string{"pass TestX/" + a1, "fail TestY/" + a1}, ""},
		{"fails below", []string{"pass TestX/" + a1, "fail TestX/" + a1 + "/deep"}, ""},
		{"does not finish", []string{"run TestX/" + a1}, ""},
		{"passes twice", []string{"pass TestX/" + a1, "pass TestX/" + a1 + "#01"}, a1},
		{"skipped", []string{"skip TestX/" + a1}, ""},
		{"skipped here, run there", []string{"skip TestX/" + a1, "pass TestY/" + a1}, a1},
		{"a part is skipped", []string{"pass TestX/" + a1, "pass TestX/" + a1 + "/one", "skip TestX/" + a1 + "/two"}, ""},
		{"all parts are skipped", []string{"pass TestX/" + a1, "skip TestX/" + a1 + "/one"}, ""},
		{"both databases above", []string{"pass TestX/sqlite/" + a1, "pass TestX/postgres/" + a1}, a1},
		{"both databases below", []string{"pass TestX/" + a1, "pass TestX/" + a1 + "/sqlite", "pass TestX/" + a1 + "/postgres"}, a1},
		{"both databases in two tests", []string{"pass TestX/sqlite/" + a1, "pass TestY/" + a1 + "/postgres"}, a1},
		{"databases of duplicates", []string{"pass TestX/sqlite#01/" + a1, "pass TestX/postgres#01/" + a1}, a1},
		{"sqlite only", []string{"pass TestX/sqlite/" + a1}, ""},
		{"postgres only", []string{"pass TestX/" + a1 + "/postgres"}, ""},
		{"postgres skipped above", []string{"pass TestX/sqlite/" + a1, "skip TestX/postgres"}, ""},
		{"postgres skipped below", []string{"pass TestX/" + a1, "pass TestX/" + a1 + "/sqlite", "skip TestX/" + a1 + "/postgres"}, ""},
		{"postgres fails", []string{"pass TestX/sqlite/" + a1, "fail TestX/postgres/" + a1}, ""},
		{"without a database and with one", []string{"pass TestX/" + a1, "pass TestY/sqlite/" + a1}, ""},
		{"group", []string{"pass TestX/django", "pass TestX/django/a/tests.py", "pass TestX/" + a1}, a1},
		{"the test's own name does not count", []string{"pass row/U01"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			book := smallLedger(t)
			runs, _, err := readEvents(events(tt.events...))
			if err != nil {
				t.Fatal(err)
			}
			if problems := book.record(runs); len(problems) > 0 {
				t.Errorf("problems = %q, want none", problems)
			}
			var got []string
			for key, it := range book.byKey {
				if it.holds() {
					got = append(got, key)
				}
			}
			slices.Sort(got)
			if strings.Join(got, " ") != tt.want {
				t.Errorf("holding = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, test, want string }{
		{"no such test", "TestX/django/a/tests.py/A.test_9", "core TestX/django/a/tests.py/A.test_9: django/a/tests.py/A.test_9 is no case and no row"},
		{"no such file", "TestX/django/c/tests.py/A.test_1/sqlite", "is no case and no row"},
		{"no class", "TestX/django/a/tests.py", "django/a/tests.py is no case and no row"},
		{"no such row", "TestX/row/U99", "row/U99 is no case and no row"},
		{"does not apply", "TestX/django/b/tests.py/B.test_2", "django/b/tests.py/B.test_2 is marked as not applying (async-duplicate)"},
		{"has a reason", "TestX/row/U02", "row/U02 holds: take its line out of reasons.tsv"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			book := smallLedger(t)
			runs, _, err := readEvents(events("pass " + tt.test))
			if err != nil {
				t.Fatal(err)
			}
			problems := append(book.record(runs), book.needlessReasons()...)
			if len(problems) != 1 || !strings.Contains(problems[0], tt.want) {
				t.Errorf("problems = %q, want one with %q", problems, tt.want)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		events []string
		want   []string
	}{
		{"none", []string{"pass TestX"}, nil},
		{"the lowest counts", []string{"fail TestX", "fail TestX/a", "fail TestX/a/b", "pass TestX/c"}, []string{"core TestX/a/b failed"}},
		{"unfinished", []string{"run TestX", "pass TestX/a"}, []string{"core TestX did not finish"}},
		{"two", []string{"fail TestX", "fail TestY"}, []string{"core TestX failed", "core TestY failed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, got, err := readEvents(events(tt.events...))
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("failures = %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}
