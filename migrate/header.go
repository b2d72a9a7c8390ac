package migrate

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// header is what the comments at the top of a file say about the migration.
type header struct {
	requires, replaces []string
	nonAtomic          bool
}

// headerKeys names what a header may hold, for messages.
const headerKeys = "requires, replaces and atomic"

// parseHeader reads the header of a file: its comment lines of the form "-- key: value" before the
// first statement, with the key in lower case. A key that is not known is an error, because it is
// more likely a typing error than prose, and what it was to say would be lost. So is a
// header that comes too late.
func parseHeader(text string) (header, error) {
	var h header
	switch {
	case !utf8.ValidString(text):
		return h, errors.New("the text is not UTF-8")
	case strings.ContainsRune(text, 0):
		return h, errors.New("the text holds a NUL byte")
	}
	open, number := true, 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		comment, ok := strings.CutPrefix(line, "--")
		if !ok {
			open = open && line == ""
			continue
		}
		key, value, ok := headerLine(comment)
		if !ok {
			continue
		}
		if err := h.set(key, value, open); err != nil {
			return h, fmt.Errorf("line %d: %w", number, err)
		}
	}
	return h, nil
}

// headerLine cuts a comment into key and value; most comments are prose and have none.
func headerLine(comment string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(strings.TrimSpace(comment), ":")
	if !ok || key == "" || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz-") != "" || strings.HasPrefix(value, "//") {
		return "", "", false
	}
	return key, strings.TrimSpace(value), true
}

// set takes over one line. open says that no statement came before it.
func (h *header) set(key, value string, open bool) (err error) {
	known := key == "requires" || key == "replaces" || key == "atomic"
	switch {
	case !known && !open:
		return nil
	case !known:
		return fmt.Errorf("the header %q is not known: write %s, and prose without a colon after its first word", key, headerKeys)
	case !open:
		return fmt.Errorf("the header %q comes after the first statement: write it at the top", key)
	case key == "requires":
		h.requires, err = addNames(h.requires, value)
	case key == "replaces":
		h.replaces, err = addNames(h.replaces, value)
	case value != "true" && value != "false":
		return fmt.Errorf("the header atomic says %q: write true or false", value)
	default:
		h.nonAtomic = value == "false"
	}
	if err != nil {
		return fmt.Errorf("the header %s: %w", key, err)
	}
	return nil
}

// addNames adds the names of a list with commas.
func addNames(names []string, value string) ([]string, error) {
	for name := range strings.SplitSeq(value, ",") {
		name = strings.TrimSpace(name)
		if name == "" || strings.ContainsAny(name, " \t") {
			return nil, errors.New("write one or more names with commas between them, as in auth.0001_initial, polls.0002_closed")
		}
		names = append(names, name)
	}
	return names, nil
}

// part is what a non-atomic migration sends at once, and how many lines come before it in its file.
type part struct {
	text  string
	lines int
}

// split divides the text of a non-atomic migration at the lines that say so. Parts without anything
// in them are left out.
func split(text string) []part {
	var parts []part
	start, startLine := 0, 0 // of the current part
	pos, number := 0, 0
	end := func(at int) {
		if strings.TrimSpace(text[start:at]) != "" {
			parts = append(parts, part{text[start:at], startLine})
		}
	}
	for line := range strings.Lines(text) {
		at := pos
		pos += len(line)
		number++
		if strings.TrimSpace(line) == "-- split" {
			end(at)
			start, startLine = pos, number
		}
	}
	end(len(text))
	return parts
}
