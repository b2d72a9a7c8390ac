package djangovectors

import (
	"embed"
	"strings"
	"testing"
)

//go:embed ddl-*.sql
var ddl embed.FS

// Schema returns the statements by which Django 5.2 makes the tables of contenttypes, auth and
// sessions, and the history rows that go with them, for "postgres" or "sqlite".
func Schema(t testing.TB, kind string) (statements string, history []string) {
	t.Helper()
	text, err := ddl.ReadFile("ddl-" + kind + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "('admin'"), strings.HasPrefix(line, "--"), strings.HasPrefix(line, "INSERT"):
		case strings.HasPrefix(line, "('"):
			parts := strings.Split(line, "'")
			history = append(history, parts[1]+"."+parts[3])
		case !strings.Contains(line, "django_admin_log"):
			kept = append(kept, line)
		}
	}
	if len(history) == 0 || len(kept) == 0 {
		t.Fatalf("ddl-%s.sql is empty", kind)
	}
	return strings.Join(kept, ""), history
}
