package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-belleville/belleville/core"
	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/examples/polls"
)

// TestHelpFitsAScreen is about terminals of 24 lines, one of which is for the next command.
func TestHelpFitsAScreen(t *testing.T) {
	t.Parallel()
	db, err := core.OpenDB("sqlite:" + t.TempDir() + "/db.sqlite3")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p, err := polls.NewProject(core.Settings{DB: db, Keys: []string{strings.Repeat("a-key-for-tests-", 4)}})
	if err != nil {
		t.Fatal(err)
	}
	pages := [][]string{{"help"}}
	for _, c := range p.Commands() {
		pages = append(pages, []string{c.Name, "--help"})
	}
	for _, page := range pages {
		var out bytes.Buffer
		if err := p.Call(t.Context(), &command.Env{Stdout: &out, Program: "manage"}, page[0], page[1:]...); err != nil {
			t.Fatal(err)
		}
		text := strings.TrimRight(out.String(), "\n")
		if n := strings.Count(text, "\n") + 1; n > 23 {
			t.Errorf("%q prints %d lines:\n%s", page, n, text)
		}
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
				t.Errorf("%q has a line of %d characters: %s", page, n, line)
			}
		}
	}
}
