package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"golang.org/x/tools/txtar"
)

// change is one wrong change and the test that must notice.
type change struct {
	name, row, what string
	dir, test       string
	pattern         string // of -run
	copied          bool
	edits           []edit
}

// edit is whole lines of a file and what takes their place.
type edit struct {
	file     string
	old, new []byte
}

var changeName = regexp.MustCompile(`^([A-Z][0-9]+)-[a-z0-9-]+\.txt$`)

// readSet reads the changes of a set, in the order of their names.
func readSet(set fs.FS) ([]change, error) {
	files, err := fs.ReadDir(set, ".")
	if err != nil {
		return nil, err
	}
	var all []change
	for _, f := range files {
		text, err := fs.ReadFile(set, f.Name())
		if err != nil {
			return nil, err
		}
		c, err := parseChange(f.Name(), text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		all = append(all, c)
	}
	return all, nil
}

func parseChange(name string, text []byte) (change, error) {
	c := change{name: strings.TrimSuffix(name, ".txt")}
	parts := changeName.FindStringSubmatch(name)
	if parts == nil {
		return c, errors.New("name it <row>-<a few words>.txt, in small letters with hyphens")
	}
	c.row = parts[1]
	archive := txtar.Parse(text)
	if err := c.readFacts(string(archive.Comment)); err != nil {
		return c, err
	}
	sections := archive.Files
	if len(sections) == 0 || len(sections)%2 != 0 {
		return c, errors.New("write pairs of sections: -- old FILE -- and -- new --")
	}
	for ; len(sections) > 0; sections = sections[2:] {
		file, found := strings.CutPrefix(sections[0].Name, "old ")
		if !found || sections[1].Name != "new" {
			return c, fmt.Errorf("-- %s -- and -- %s --: want -- old FILE -- and -- new --", sections[0].Name, sections[1].Name)
		}
		if !fs.ValidPath(file) || len(sections[0].Data) == 0 {
			return c, fmt.Errorf("-- old %s --: want a path from the root of the tree, and some text", file)
		}
		c.edits = append(c.edits, edit{file, sections[0].Data, sections[1].Data})
	}
	return c, nil
}

func (c *change) readFacts(text string) error {
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch key {
		case "what":
			c.what = value
		case "test":
			c.dir, c.test, _ = strings.Cut(value, " ")
		case "run":
			c.pattern = value
		case "copy":
			c.copied = value == "yes"
		default:
			return fmt.Errorf("there is no fact %q", key)
		}
	}
	if c.what == "" || c.test == "" || path.Clean(c.dir) != c.dir {
		return errors.New("say what: is wrong, and which test: must fail, a folder and a name")
	}
	if c.pattern == "" {
		c.pattern = c.runPattern()
	}
	return nil
}

// runPattern is what makes the go command run the test and no other: it looks at each part of a
// name by itself.
func (c *change) runPattern() string {
	parts := strings.Split(c.test, "/")
	for i, part := range parts {
		parts[i] = "^" + strings.ReplaceAll(regexp.QuoteMeta(part), `\*`, `.*`) + "$"
	}
	return strings.Join(parts, "/")
}

// guards tells whether the test of that name is the one that must fail.
func (c *change) guards(test string) bool {
	ok, err := path.Match(c.test, test)
	return ok && err == nil
}

// apply returns the changed text of each file.
func (c *change) apply(tree fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, e := range c.edits {
		text, ok := files[e.file]
		if !ok {
			var err error
			if text, err = fs.ReadFile(tree, e.file); err != nil {
				return nil, err
			}
		}
		if bytes.Equal(e.old, e.new) {
			return nil, fmt.Errorf("%s: the new text is the old one", e.file)
		}
		// a line break before both finds whole lines only
		lines, old := append([]byte("\n"), text...), append([]byte("\n"), e.old...)
		if n := count(lines, old); n != 1 {
			return nil, fmt.Errorf("%s: the old text is there %d times, want once: did the code change? Then change this too", e.file, n)
		}
		files[e.file] = bytes.Replace(lines, old, append([]byte("\n"), e.new...), 1)[1:]
	}
	return files, nil
}

// count is bytes.Count, where places may share a line break.
func count(text, part []byte) int {
	n := 0
	for {
		i := bytes.Index(text, part)
		if i < 0 {
			return n
		}
		n++
		text = text[i+1:]
	}
}
