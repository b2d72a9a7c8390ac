package main

import (
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/contrib/auth"
	"github.com/go-belleville/belleville/core/coretest"
)

var project = coretest.New(NewProject)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

// TestREADME compares the app of the README with this one, which compiles.
func TestREADME(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(string(readme), "```go\n")
	block, _, closed := strings.Cut(block, "```")
	if !ok || !closed {
		t.Fatal("the README has no Go code")
	}
	for line := range strings.Lines(block) {
		if !strings.Contains(string(program), line) {
			t.Errorf("the README has a line that this program has not: %s", line)
		}
	}
}

func TestSecret(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		users := auth.NewUsers(s.DB(), (*auth.User)(nil))
		for _, name := range []string{"root", "bob"} {
			create := users.Create
			if name == "root" {
				create = users.CreateSuperuser
			}
			if _, err := create(t.Context(), name, name+"@example.com", "a-long-password", nil); err != nil {
				t.Fatal(err)
			}
		}
		if page := s.Browser().Get(t, "/"); page.Status != 200 {
			t.Errorf("the open page: status %d", page.Status)
		}
		if page := s.Browser().Get(t, "/secret/"); page.Location() != "/accounts/login/?next=/secret/" {
			t.Errorf("the secret as nobody: status %d to %q", page.Status, page.Location())
		}
		for name, want := range map[string]int{"root": 200, "bob": 302} {
			b := s.Browser()
			b.Post(t, "/accounts/login/", url.Values{"username": {name}, "password": {"a-long-password"}})
			if page := b.Get(t, "/secret/"); page.Status != want {
				t.Errorf("the secret as %s: status %d, want %d", name, page.Status, want)
			}
		}
	})
}
