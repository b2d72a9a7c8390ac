package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/coretest"
	"github.com/go-belleville/belleville/core/database"
)

func TestMain(m *testing.M) { os.Exit(coretest.Main(m)) }

var project = coretest.New(newProject)

// TestPage shows the page to somebody who may see it, with the very statements that the program
// written by hand sends: what is measured against it is the way between them.
func TestPage(t *testing.T) {
	t.Parallel()
	project.Each(t, func(t *testing.T, s *coretest.Site) {
		var out strings.Builder
		if err := s.Call(t.Context(), &command.Env{Stdout: &out}, "loadpeople", "7"); err != nil {
			t.Fatal(err)
		}
		keys := strings.Fields(out.String())
		if len(keys) != 7 {
			t.Fatalf("%d session keys, want 7", len(keys))
		}
		wantPermissions(t, s)
		b := s.Browser()
		b.SetCookie("sessionid", keys[5])
		kind := "sqlite"
		if database.IsPostgres(s.DB()) {
			kind = "postgres"
		}
		got := s.Queries.During(func() {
			page := b.Get(t, "/report/")
			if page.Status != http.StatusOK || !strings.Contains(page.Body, "<p>You are person0005.</p>") {
				t.Errorf("status %d with %q", page.Status, page.Body)
			}
		})
		want := []string{byHand(t, "session", kind), byHand(t, "user", kind)}
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || oneLine(got[i]) != want[i] {
				t.Fatalf("the statements are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	})
}

// wantPermissions counts what everybody may do.
func wantPermissions(t *testing.T, s *coretest.Site) {
	t.Helper()
	var counts []int
	err := s.DB().NewRaw(`SELECT count(*) FROM (
		SELECT user_id, permission_id FROM auth_user_user_permissions UNION
		SELECT ug.user_id, gp.permission_id FROM auth_user_groups ug JOIN auth_group_permissions gp ON gp.group_id = ug.group_id
	) all_of_them GROUP BY user_id`).Scan(t.Context(), &counts)
	if err != nil || len(counts) != 7 {
		t.Fatalf("%v, %d people with permissions, want 7", err, len(counts))
	}
	for _, n := range counts {
		if n != 22 {
			t.Errorf("somebody has %d permissions, want 22", n)
		}
	}
}

// byHand is a statement of bench/limit.
func byHand(t *testing.T, name, kind string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "limit", "statements", name+"."+kind+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	return oneLine(string(text))
}

func oneLine(statement string) string { return strings.Join(strings.Fields(statement), " ") }
