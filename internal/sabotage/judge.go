package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What can come of a change.
const (
	isCaught = "caught"
	isMissed = "MISSED"
	isBroken = "BROKEN"
)

// workshop is where changes are made: the tree, which is left alone, and a folder for scratch files.
type workshop struct{ root, scratch string }

// passesUnchanged runs the tests on the tree as it is: one run for each module.
func (w workshop) passesUnchanged(ctx context.Context, changes []change) error {
	modules := map[string][]change{}
	for _, c := range changes {
		module, err := w.module(c.dir)
		if err != nil {
			return err
		}
		modules[module] = append(modules[module], c)
	}
	for module, changes := range modules {
		var patterns, packages []string
		for _, c := range changes {
			below, err := filepath.Rel(module, filepath.Join(w.root, c.dir))
			if err != nil {
				return err
			}
			patterns, packages = append(patterns, c.pattern), append(packages, "./"+filepath.ToSlash(below))
		}
		slices.Sort(patterns)
		slices.Sort(packages)
		args := append([]string{"-run", strings.Join(slices.Compact(patterns), "|")}, slices.Compact(packages)...)
		got, err := goTest(ctx, module, args...)
		if err != nil {
			return err
		}
		var problems []error
		for _, c := range changes {
			if passed, failed := got.of(c); passed == 0 || failed > 0 {
				problems = append(problems, fmt.Errorf("%s: %s %s must pass before the program is changed: passed %d, failed %d", c.name, c.dir, c.test, passed, failed))
			}
		}
		if err := errors.Join(problems...); err != nil {
			return fmt.Errorf("%w\n%s", err, got.text())
		}
	}
	return nil
}

// module returns the folder of the module that a package belongs to.
func (w workshop) module(dir string) (string, error) {
	for folder := filepath.Join(w.root, dir); ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		if folder == w.root {
			return "", fmt.Errorf("there is no go.mod above %s: call this in the root of the tree", dir)
		}
	}
}

// judge makes the change and runs the test. The detail, lines or nothing, explains what was not caught.
func (w workshop) judge(ctx context.Context, c change) (verdict, detail string) {
	got, err := w.try(ctx, c)
	if err != nil {
		return isBroken, "     " + err.Error() + "\n"
	}
	passed, failed := got.of(c)
	switch {
	case got.buildFailed:
		return isBroken, "     it does not build\n" + got.text()
	case got.timedOut:
		return isBroken, "     the test does not end\n" + got.text()
	case failed > 0:
		return isCaught, ""
	case passed > 0:
		return isMissed, fmt.Sprintf("     %s %s passes\n", c.dir, c.test)
	default:
		return isBroken, fmt.Sprintf("     %s %s did not run\n", c.dir, c.test) + got.text()
	}
}

func (w workshop) try(ctx context.Context, c change) (outcome, error) {
	changed, err := c.apply(os.DirFS(w.root))
	if err != nil {
		return outcome{}, err
	}
	scratch, err := os.MkdirTemp(w.scratch, c.name)
	if err != nil {
		return outcome{}, err
	}
	defer os.RemoveAll(scratch)
	if c.copied {
		if err := copyTree(scratch, os.DirFS(w.root)); err != nil {
			return outcome{}, err
		}
		for name, text := range changed {
			if err := os.WriteFile(filepath.Join(scratch, name), text, 0o600); err != nil {
				return outcome{}, err
			}
		}
		return goTest(ctx, filepath.Join(scratch, c.dir), "-run", c.pattern, ".")
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for name, text := range changed {
		file := filepath.Join(scratch, strings.ReplaceAll(name, "/", "_"))
		overlay.Replace[filepath.Join(w.root, name)] = file
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return outcome{}, err
		}
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return outcome{}, err
	}
	list := filepath.Join(scratch, "overlay.json")
	if err := os.WriteFile(list, text, 0o600); err != nil {
		return outcome{}, err
	}
	return goTest(ctx, filepath.Join(w.root, c.dir), "-overlay", list, "-run", c.pattern, ".")
}

// copyTree copies the files of a tree, without the folders that hold what was made from it.
func copyTree(to string, tree fs.FS) error {
	return fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || name == "bin"):
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), bytes.Clone(text), 0o600)
	})
}
