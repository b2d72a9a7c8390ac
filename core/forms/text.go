package forms

import (
	"context"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Char is the type of one line of text, and with the widget [TextArea] of several. White space
// around the text is removed. Its zero value has no limits. The error codes are max_length and
// min_length.
type Char struct {
	// MinLength and MaxLength count characters (code points); 0 means no limit.
	MinLength, MaxLength int
	// KeepSpace leaves white space around the text.
	KeepSpace bool
	// Normalize, when not nil, changes the text before it is checked further. It is not called
	// for a text beyond MaxLength, so that nobody can make it work for long.
	Normalize func(string) string
}

// Clean implements [Type].
func (c Char) Clean(_ context.Context, in Input) (string, bool, error) {
	s := in.Text()
	if !c.KeepSpace {
		s = strings.TrimSpace(s)
	}
	if s == "" {
		return "", true, nil
	}
	long := c.MaxLength > 0 && utf8.RuneCountInString(s) > c.MaxLength
	if c.Normalize != nil && !long {
		s = c.Normalize(s)
	}
	return s, false, checkLength(s, c.MinLength, c.MaxLength)
}

// checkLength returns nil or the error max_length or min_length.
func checkLength(s string, minimum, maximum int) error {
	n := utf8.RuneCountInString(s)
	switch {
	case maximum > 0 && n > maximum:
		return newError("max_length", map[string]any{"max": maximum, "length": n})
	case n < minimum:
		return newError("min_length", map[string]any{"min": minimum, "length": n})
	}
	return nil
}

// Texts implements [Type].
func (c Char) Texts(v string) []string { return []string{v} }

// Widget returns a line for text.
func (c Char) Widget() Widget { return Line{} }

// Attrs returns maxlength and minlength.
func (c Char) Attrs() Attrs {
	a := Attrs{}
	if c.MaxLength > 0 {
		a["maxlength"] = strconv.Itoa(c.MaxLength)
	}
	if c.MinLength > 0 {
		a["minlength"] = strconv.Itoa(c.MinLength)
	}
	return a
}

// Password is the type of a password: a text that is taken exactly as typed and never shown again.
type Password struct {
	// MinLength and MaxLength count characters; 0 means no limit. Rules for new passwords
	// belong to the password validators.
	MinLength, MaxLength int
}

// Clean implements [Type].
func (p Password) Clean(ctx context.Context, in Input) (string, bool, error) {
	return Char{MinLength: p.MinLength, MaxLength: p.MaxLength, KeepSpace: true}.Clean(ctx, in)
}

// Texts returns nothing: a password is not shown.
func (p Password) Texts(string) []string { return nil }

// Widget returns a line whose characters cannot be read.
func (p Password) Widget() Widget { return PasswordLine{} }

// Attrs returns maxlength and minlength.
func (p Password) Attrs() Attrs { return Char{MinLength: p.MinLength, MaxLength: p.MaxLength}.Attrs() }

// Email is the type of an e-mail address. The error codes are invalid and max_length.
type Email struct {
	// MaxLength counts characters; 0 means 320, the most that an address can have.
	MaxLength int
	// Check refuses addresses by an error, which becomes one with the code "invalid" unless it
	// is an [*Error] itself. nil takes what net/mail takes as a bare address, if its domain has
	// a dot or is localhost.
	Check func(address string) error
}

// Clean implements [Type].
func (e Email) Clean(_ context.Context, in Input) (string, bool, error) {
	s := strings.TrimSpace(in.Text())
	if s == "" {
		return "", true, nil
	}
	if err := checkLength(s, 0, e.maxLength()); err != nil {
		return s, false, err
	}
	check := e.Check
	if check == nil {
		check = checkEmail
	}
	err := check(s)
	if list, failure := split(err); failure == nil {
		return s, false, list.Err()
	}
	return s, false, withCode("invalid", newError("invalid_email", nil))
}

func (e Email) maxLength() int {
	if e.MaxLength > 0 {
		return e.MaxLength
	}
	return 320
}

// checkEmail refuses what is no bare address: no display name, no comment, no folding.
func checkEmail(s string) error {
	invalid := withCode("invalid", newError("invalid_email", nil))
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s {
		return invalid
	}
	_, domain, _ := strings.Cut(s, "@")
	if i := strings.LastIndex(s, "@"); i >= 0 {
		domain = s[i+1:]
	}
	if domain != "localhost" && !strings.Contains(domain, ".") || strings.HasPrefix(domain, "[") {
		return invalid
	}
	return nil
}

// Texts implements [Type].
func (e Email) Texts(v string) []string { return []string{v} }

// Widget returns a line for an address.
func (e Email) Widget() Widget { return Line{Type: "email"} }

// Attrs returns maxlength.
func (e Email) Attrs() Attrs { return Attrs{"maxlength": strconv.Itoa(e.maxLength())} }

// Lines is the type of several texts in one box, one a line. White space around each and empty
// lines are dropped. The error codes are too_few, too_many, max_length and duplicate.
type Lines struct {
	// Min and Max are how many lines there must be; 0 means no limit.
	Min, Max int
	// MaxLength counts the characters of each line; 0 means no limit.
	MaxLength int
	// Unique refuses a line that is there twice.
	Unique bool
}

// Clean implements [Type].
func (l Lines) Clean(_ context.Context, in Input) ([]string, bool, error) {
	var lines []string
	seen := map[string]bool{}
	for line := range strings.FieldsFuncSeq(in.Text(), func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if err := checkLength(line, 0, l.MaxLength); err != nil {
			return nil, false, err
		}
		if l.Unique && seen[line] {
			return nil, false, newError("duplicate", map[string]any{"line": line})
		}
		seen[line] = true
		lines = append(lines, line)
	}
	switch {
	case len(lines) == 0:
		return nil, true, nil
	case len(lines) < l.Min:
		return nil, false, newError("too_few", map[string]any{"min": l.Min, "count": len(lines)})
	case l.Max > 0 && len(lines) > l.Max:
		return nil, false, newError("too_many", map[string]any{"max": l.Max, "count": len(lines)})
	}
	return lines, false, nil
}

// Texts implements [Type].
func (l Lines) Texts(v []string) []string { return []string{strings.Join(v, "\n")} }

// Widget returns a box for text.
func (l Lines) Widget() Widget { return TextArea{} }

// Matches returns a validator that refuses text which the expression does not match.
func Matches(re *regexp.Regexp, refused *Error) func(context.Context, string) error {
	return func(_ context.Context, s string) error {
		if re.MatchString(s) {
			return nil
		}
		return refused
	}
}
