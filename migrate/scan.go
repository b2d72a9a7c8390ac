package migrate

import "strings"

// endsTransaction returns the first statement of text that begins or ends a transaction, and its line;
// an empty word when there is none. Such a statement in a migration that is one transaction would
// keep half of it when the rest fails. Comments, strings and quoted bodies of functions are passed
// over; the body of a SQLite trigger is not taken for one.
func endsTransaction(text string) (word string, line int) {
	start := true // a statement begins here
	for i := 0; i < len(text); {
		if n := skip(text[i:]); n > 0 {
			start = start && isBlank(text[i:i+n])
			i += n
			continue
		}
		if text[i] == ';' {
			start = true
			i++
			continue
		}
		n := wordLen(text[i:])
		for n > 0 && i+n < len(text) && text[i+n] == '$' { // a name may hold one
			n += 1 + wordLen(text[i+n+1:])
		}
		if start && n > 0 && controls(text[i:], n) {
			return strings.ToUpper(text[i : i+n]), 1 + strings.Count(text[:i], "\n")
		}
		start = false
		i += max(n, 1)
	}
	return "", 0
}

// controls reports whether a statement, whose first word has n bytes, begins or ends a transaction.
func controls(statement string, n int) bool {
	switch strings.ToUpper(statement[:n]) {
	case "BEGIN", "COMMIT", "ABORT", "START":
		return true
	case "ROLLBACK":
		rest := strings.TrimLeft(statement[n:], " \t\r\n")
		return !strings.EqualFold(rest[:wordLen(rest)], "TO")
	}
	return false
}

// skip returns the length of the space, comment or quoted text at the beginning of s, 0 if there is none.
func skip(s string) int {
	switch c := s[0]; {
	case strings.IndexByte(" \t\r\n\f\v", c) >= 0:
		return 1
	case strings.HasPrefix(s, "--"):
		return until(s, "\n")
	case strings.HasPrefix(s, "/*"):
		return blockComment(s)
	case c == '\'' || c == '"' || c == '`':
		return quoted(s, false)
	case (c == 'e' || c == 'E') && len(s) > 1 && s[1] == '\'':
		return 1 + quoted(s[1:], true)
	case c == '$':
		return dollarQuoted(s)
	}
	return 0
}

// isBlank reports whether what was skipped is space or comment and not text.
func isBlank(s string) bool {
	return strings.HasPrefix(s, "--") || strings.HasPrefix(s, "/*") || strings.TrimSpace(s) == ""
}

// until returns the length of s up to and with end, or all of it.
func until(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
}

// blockComment returns the length of a comment, in which PostgreSQL allows others.
func blockComment(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "/*"):
			depth++
			i++
		case strings.HasPrefix(s[i:], "*/"):
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// quoted returns the length of a text in the quotes with which s begins. A quote in it is doubled,
// or, in PostgreSQL's E” strings, also follows a backslash.
func quoted(s string, backslash bool) int {
	for i := 1; i < len(s); i++ {
		switch {
		case backslash && s[i] == '\\':
			i++
		case s[i] == s[0] && i+1 < len(s) && s[i+1] == s[0]:
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return len(s)
}

// dollarQuoted returns the length of a $tag$ … $tag$ text, 0 if s does not begin with one.
func dollarQuoted(s string) int {
	n := wordLen(s[1:])
	if len(s) < n+2 || s[n+1] != '$' || n > 0 && s[1] >= '0' && s[1] <= '9' {
		return 0
	}
	tag := s[:n+2]
	return len(tag) + until(s[len(tag):], tag)
}

// wordLen returns the length of the word at the beginning of s.
func wordLen(s string) int {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') && s[i] != '_' && s[i] < 0x80 {
			return i
		}
	}
	return len(s)
}
