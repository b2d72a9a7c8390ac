package templates

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Error says where in which file a page failed. Its text names files and the types of values, and
// may repeat what a provider's error says: it is for developers and logs, not for visitors.
type Error struct {
	// Name is the file, as Render names it: not always the page that was asked for.
	Name string
	// Line counts from 1; 0 when the whole file is meant.
	Line int
	// Err says what is wrong; ErrNotFound for a missing file, a provider's error inside others.
	Err error
}

// Error returns "templates: name:line: what is wrong".
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("templates: %s: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("templates: %s:%d: %v", e.Name, e.Line, e.Err)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// cause is an error with a better text.
type cause struct {
	text string
	err  error
}

func (c *cause) Error() string { return c.text }
func (c *cause) Unwrap() error { return c.err }

// patterns find the parts of an error's text.
type patterns struct{ location, executing, ourCall, ourCallAt, ourFailure *regexp.Regexp }

// errorPatterns are compiled at the first error, not at each start.
var errorPatterns = sync.OnceValue(func() patterns {
	return patterns{
		location:   regexp.MustCompile(`(?s)^(?:html/)?template: ?([^\n]+?):(\d+)(?::\d+)?: (.*)$`),
		executing:  regexp.MustCompile(`^executing "(?:[^"\\]|\\.)*" at `),
		ourCall:    regexp.MustCompile(`\(_(?:get|must) "[^"]*" ([^\s()<>]+)\)`),
		ourCallAt:  regexp.MustCompile(`<_(?:get|must) "[^"]*" ([^\s()<>]+)>`),
		ourFailure: regexp.MustCompile(`error calling _(?:get|must): `),
	}
})

// asError finds the place in an error of html/template or text/template and removes the traces of
// the rewriter. Those packages tell the place in the text alone.
func asError(err error, page string) error {
	if e, ok := err.(*Error); ok {
		return e
	}
	p, text := errorPatterns(), err.Error()
	e := &Error{Name: page}
	if m := p.location.FindStringSubmatch(text); m != nil {
		e.Name = m[1]
		e.Line, _ = strconv.Atoi(m[2])
		text = m[3]
	} else {
		text = strings.TrimPrefix(text, "html/template:")
	}
	text = p.executing.ReplaceAllString(text, "at ")
	text = p.ourCall.ReplaceAllString(text, "$1")
	text = p.ourCallAt.ReplaceAllString(text, "<$1>")
	text = p.ourFailure.ReplaceAllString(text, "")
	e.Err = &cause{text: strings.TrimSpace(text), err: err}
	return e
}
