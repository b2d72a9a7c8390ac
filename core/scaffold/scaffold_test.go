package scaffold_test

import (
	"bytes"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-belleville/belleville/core/command"
	"github.com/go-belleville/belleville/core/scaffold"
)

// call runs a command and returns what it says.
func call(t *testing.T, c command.Command, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := c.Execute(t.Context(), &command.Env{Stdout: &out, Program: "manage"}, args)
	return out.String(), err
}

// module returns the folder of an empty module.
func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("// Ours.\nmodule \"example.com/shop\" // by hand\n\ngo 1.26.0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// read returns all files below a folder by their slash-separated paths.
func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// goTool runs the go command in a folder.
func goTool(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestProject builds what startproject writes, without a change, and asks the program what is in it.
func TestProject(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a (new) place")
	said, err := call(t, scaffold.StartProject(), "shop", dir, "--module", "example.com/web/shop")
	if err != nil {
		t.Fatal(err)
	}
	if want := "cd " + dir + "\n\tmake test\n\tmake run\n"; !strings.Contains(said, want) {
		t.Errorf("it says %q, want %q in it", said, want)
	}
	said, err = call(t, scaffold.StartApp(nil), "billing", filepath.Join(dir, "inner", "billing"), "--model", "LogEntry")
	if want := "\t\"example.com/web/shop/inner/billing\"\n\tbilling.New(s.DB, a).App(),\n"; err != nil || !strings.Contains(said, want) {
		t.Errorf("startapp says %q, %v; want %q in it", said, err, want)
	}
	goTool(t, dir, "mod", "tidy")
	goTool(t, dir, "vet", "./...")
	program := filepath.Join(t.TempDir(), "manage")
	goTool(t, dir, "build", "-o", program, "./cmd/manage")

	t.Run("row/K07", func(t *testing.T) {
		t.Parallel()
		cmd := exec.CommandContext(t.Context(), program, "showmigrations")
		cmd.Dir = t.TempDir()
		cmd.Env = append(os.Environ(), "DEBUG=1", "DATABASE_URL=sqlite:db.sqlite3")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		for _, app := range []string{"auth", "contenttypes", "sessions", "accounts", "notes"} {
			if !strings.Contains("\n"+string(out), "\n"+app+"\n [ ] 0001_initial") {
				t.Errorf("a new project has no app %q:\n%s", app, out)
			}
		}
	})
	t.Run("neither key nor database", func(t *testing.T) {
		t.Parallel()
		for _, args := range [][]string{{"help"}, {"version"}, {"startproject", "other"}} {
			cmd := exec.CommandContext(t.Context(), program, args...)
			cmd.Dir = t.TempDir()
			cmd.Env = []string{"DATABASE_URL=postgres://127.0.0.1:1/none"}
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %s", args, err, out)
			}
		}
	})
}

// TestFormatted looks at the Go code as gofmt leaves it, whatever the names.
func TestFormatted(t *testing.T) {
	t.Parallel()
	root := module(t)
	dir := filepath.Join(root, "p")
	if _, err := call(t, scaffold.StartProject(), "x", dir, "--module", "z.example/a/b"); err != nil {
		t.Fatal(err)
	}
	if _, err := call(t, scaffold.StartApp(nil), "a_very_long_name_for_an_app", filepath.Join(root, "app"), "--model", "X"); err != nil {
		t.Fatal(err)
	}
	for name, text := range read(t, root) {
		if filepath.Ext(name) != ".go" {
			continue
		}
		if got, err := format.Source([]byte(text)); err != nil || string(got) != text {
			t.Errorf("%s is not as gofmt leaves it: %v", name, err)
		}
	}
}

// TestFiles names every file, so that none is lost on its way through embedding.
func TestFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "shop")
	if _, err := call(t, scaffold.StartProject(), "shop", dir); err != nil {
		t.Fatal(err)
	}
	files := read(t, dir)
	for _, name := range []string{
		".dockerignore", ".env.example", ".github/workflows/ci.yml", ".gitignore", "Dockerfile", "Makefile", "README.md", "go.mod",
		"project.go", "project_test.go", "cmd/manage/main.go", "pages/base.html", "pages/home.html", "static/site.css",
		"accounts/accounts.go", "accounts/user.go", "accounts/accounts_test.go", "accounts/migrations/0001_initial.postgres.sql", "accounts/migrations/0001_initial.schema.json",
		"notes/app.go", "notes/model.go", "notes/views.go", "notes/app_test.go", "notes/pages/notes/list.html",
		"notes/migrations/0001_initial.sqlite.sql", "notes/migrations/0001_initial.schema.json",
	} {
		if files[name] == "" {
			t.Errorf("%s was not written, or is empty", name)
		}
	}
	for name, text := range files {
		if strings.Contains(text, "<%") || strings.Contains(name, "tmpl") || strings.Contains(name, "APP") {
			t.Errorf("%s is not filled in:\n%s", name, text)
		}
	}
	if !strings.Contains(files["Dockerfile"], "CGO_ENABLED=0 go build") || !strings.Contains(files["Dockerfile"], ":nonroot\n") {
		t.Errorf("the Dockerfile makes no static program for a user who is not root:\n%s", files["Dockerfile"])
	}
	own, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	_, version, _ := strings.Cut(string(own), "\ngo ")
	if version, _, _ = strings.Cut(version, "\n"); !strings.Contains(files["go.mod"], "\ngo "+version+"\n") {
		t.Errorf("the new go.mod is not for Go %s, as this module is:\n%s", version, files["go.mod"])
	}
}
