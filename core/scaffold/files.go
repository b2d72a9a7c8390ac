package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"unicode"

	"github.com/go-belleville/belleville/templates"
)

// data is what the files are filled in with.
type data struct {
	Name    string // of the project's package
	Module  string // its path
	Version string // of Belleville
	Replace string // the folder of Belleville's checkout as go.mod writes it, or ""

	App    string // the app's package and label
	Import string // its import path
	Model  string // "LogEntry"
}

// Title is the project's name for people.
func (d data) Title() string { return words(d.Name, true) }

// AppTitle is the app's name for people.
func (d data) AppTitle() string { return words(d.App, true) }

// Lower is the model's name in permissions: "logentry".
func (d data) Lower() string { return strings.ToLower(d.Model) }

// Table is the model's table.
func (d data) Table() string { return d.App + "_" + d.Lower() }

// Words is the model's name for people: "log entry".
func (d data) Words() string {
	var b strings.Builder
	for i, r := range d.Model {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return words(b.String(), false)
}

// words turns "log_entry" into "log entry", or "Log entry".
func words(name string, capital bool) string {
	s := strings.ReplaceAll(name, "_", " ")
	if capital && s != "" {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}

// file is one that will be written.
type file struct {
	path    string // where, from the working directory or absolute
	content []byte
}

// render fills in the sources below one of the folders of [templates.Scaffold] for a target folder.
func render(from, to string, d data) ([]file, error) {
	var files []file
	sources := templates.Scaffold()
	err := fs.WalkDir(sources, from, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		source, err := fs.ReadFile(sources, name)
		if err != nil {
			return err
		}
		t, err := template.New(name).Delims("<%", "%>").Option("missingkey=error").Parse(string(source))
		if err != nil {
			return err
		}
		var content bytes.Buffer
		if err := t.Execute(&content, d); err != nil {
			return err
		}
		rest := strings.TrimSuffix(strings.TrimPrefix(name, from+"/"), ".tmpl")
		rest = strings.ReplaceAll(rest, "APP", d.App)
		files = append(files, file{filepath.Join(to, filepath.FromSlash(rest)), content.Bytes()})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("fill in the files of %s: %w", from, err)
	}
	return files, nil
}

// write writes all files, or none when one of them is there already.
func write(files []file) error {
	for _, f := range files {
		_, err := os.Lstat(f.path)
		if err == nil {
			return fmt.Errorf("%s is there already, and nothing is overwritten: name another folder, or move it away", f.path)
		}
		if !errors.Is(err, fs.ErrNotExist) { // a file where a folder should be, for instance
			return fmt.Errorf("nothing was written: %w", err)
		}
	}
	for _, f := range files {
		if err := writeNew(f); err != nil {
			return err
		}
	}
	return nil
}

func writeNew(f file) error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := out.Write(f.content); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// checkTarget refuses a folder that was not named and is there: whoever means it names it.
func checkTarget(dir string, named bool) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && !info.IsDir():
		return fmt.Errorf("%s is a file, not a folder: name another one", dir)
	case err == nil && !named:
		return fmt.Errorf("the folder %s is there already: choose another name, or name the folder too if its files are to stay beside the new ones", dir)
	}
	return nil
}
