package docs_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-belleville/belleville/internal/docs"
)

// TestTutorial does what the tutorial says, by copy and paste, in an empty folder. The repository
// that it clones is this one as it is, changes included.
func TestTutorial(t *testing.T) {
	t.Parallel()
	if os.Getenv("TUTORIAL") != "1" {
		t.Skip("make tutorial runs it, as CI does: it builds and tests a project of its own")
	}
	const name = "docs/tutorial.md"
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	script, err := docs.Script(docs.Parse(name, text))
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	origin := repository(t)
	ctx, cancel := context.WithTimeout(t.Context(), 18*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that it stops its server
	cmd.WaitDelay = 10 * time.Second
	cmd.Dir = filepath.Join(work, "home")
	if err := os.Mkdir(cmd.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, line := range os.Environ() {
		switch variable, _, _ := strings.Cut(line, "="); variable {
		case "DEBUG", "SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS", "EMAIL_URL", "CI", "MAKEFLAGS", "MFLAGS", "MAKELEVEL":
		default:
			cmd.Env = append(cmd.Env, line)
		}
	}
	cmd.Env = append(cmd.Env, "WORK="+work, "PORT="+freePort(t), "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_COUNT=1",
		"GIT_CONFIG_KEY_0=url.file://"+origin+".insteadOf", "GIT_CONFIG_VALUE_0=https://github.com/go-belleville/belleville")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Errorf("the tutorial: %v", err)
	}
	t.Log(out.String()) // shown for a failure, or with -v
}

// repository copies what Git has, or would take, into a repository of its own.
func repository(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "origin")
	script := fmt.Sprintf(`set -euo pipefail
mkdir %[1]q
git ls-files -z --cached --others --exclude-standard | { while IFS= read -r -d '' f; do [ ! -e "$f" ] || printf '%%s\0' "$f"; done; } |
	tar --create --null --files-from=- | tar --extract --directory %[1]q
cd %[1]q
git init --quiet --initial-branch=main
git add --all --force
git -c user.name=tutorial -c user.email=tutorial@example.org commit --quiet --message=tutorial`, dir)
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("copy the repository: %v\n%s", err, out)
	}
	return dir
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // the port is what was wanted
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// TestScript shows that blocks which would be left out, or whose file the reader is not told, are
// errors, and that a step which fails, or prints something else, fails the script.
func TestScript(t *testing.T) {
	t.Parallel()
	const run = "<!-- tutorial: run -->\n```sh\n"
	for _, c := range []struct{ name, page, problem, output string }{
		{"all well", "Into `a.txt`:\n\n<!-- tutorial: file=a.txt -->\n```text\none\nthree\n```\n" +
			"In `a.txt`:\n\n<!-- tutorial: add file=a.txt after=one -->\n```text\ntwo\n```\n" +
			"<!-- tutorial: replace file=a.txt line=\"three\" -->\n```text\nfour\n```\n" + run + "tr '\\n' ' ' < a.txt\n```\n" +
			"<!-- tutorial: output -->\n```text\none two four\n…\n```\n", "", ""},
		{"no comment", "```sh\ntrue\n```\n", "says nothing", ""},
		{"a word that nobody knows", "<!-- tutorial: jump -->\n```sh\ntrue\n```\n", "nobody knows", ""},
		{"a file that is not named", "Write:\n\n<!-- tutorial: file=a.txt -->\n```text\none\n```\n", "does not name a.txt", ""},
		{"a command that fails", run + "false\n```\n", "", "FAILED at"},
		{"other output", run + "echo one\n```\n<!-- tutorial: output -->\n```text\ntwo\n```\n", "", "does not print: two"},
		{"no such line", "In `a.txt`:\n\n" + run + "echo one > a.txt\n```\n\nIn `a.txt`:\n\n<!-- tutorial: add file=a.txt after=two -->\n```text\nx\n```\n", "", "no line with two"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			script, err := docs.Script(docs.Parse("page.md", []byte(c.page)))
			if (err == nil) != (c.problem == "") || err != nil && !strings.Contains(err.Error(), c.problem) {
				t.Fatalf("got the error %v, want %q", err, c.problem)
			}
			if err != nil {
				return
			}
			cmd := exec.Command("bash", "-c", script)
			cmd.Dir = t.TempDir()
			cmd.Env = append(os.Environ(), "WORK="+t.TempDir(), "PORT=1")
			out, err := cmd.CombinedOutput()
			if (err == nil) != (c.output == "") || !strings.Contains(string(out), c.output) {
				t.Errorf("got %v, %q; want %q", err, out, c.output)
			}
		})
	}
}
