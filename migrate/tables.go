package migrate

import "strings"

// table is a table that a migration's SQL makes, with the names of its columns.
type table struct {
	name    string
	columns []string
}

// createdTables returns the tables that are made by text, temporary ones left out. It knows what CREATE
// TABLE looks like in both databases; CREATE TABLE … AS gives a table without columns.
func createdTables(text string) []table {
	var found []table
	s := &words{text: text}
	for w := s.next(); w != ""; w = s.next() {
		if !strings.EqualFold(w, "CREATE") {
			continue
		}
		w = s.next()
		if strings.EqualFold(w, "UNLOGGED") {
			w = s.next()
		}
		if !strings.EqualFold(w, "TABLE") {
			continue
		}
		name := s.next()
		if strings.EqualFold(name, "IF") && strings.EqualFold(s.next(), "NOT") {
			s.next() // EXISTS
			name = s.next()
		}
		if s.take(".") { // the name before was the schema's
			name = s.next()
		}
		found = append(found, table{unquote(name), s.columns()})
	}
	return found
}

// words walks through SQL word by word; a quoted name is a word, and so is any single other sign.
type words struct {
	text string
	word string // the last one, with its quotes
}

// next returns the next word or sign, "" at the end.
func (s *words) next() string {
	for s.text != "" {
		n := skip(s.text)
		if n > 0 && !isName(s.text) {
			s.text = s.text[n:]
			continue
		}
		n = max(n, wordLen(s.text), 1)
		s.word, s.text = s.text[:n], s.text[n:]
		return s.word
	}
	s.word = ""
	return ""
}

// isName reports whether the quoted text at the beginning of s is a name.
func isName(s string) bool { return s[0] == '"' || s[0] == '`' }

// take reads one sign if it comes next.
func (s *words) take(sign string) bool {
	rest := *s
	if rest.next() != sign {
		return false
	}
	*s = rest
	return true
}

// columns reads the list in parentheses after a table's name and returns the columns in it.
func (s *words) columns() []string {
	if !s.take("(") {
		return nil
	}
	var columns []string
	for depth, first := 1, true; depth > 0; {
		w := s.next()
		switch w {
		case "":
			return columns
		case "(":
			depth++
		case ")":
			depth--
		case ",":
			first = depth == 1
			continue
		}
		if first && depth == 1 && !isTableRule(w) {
			columns = append(columns, unquote(w))
		}
		first = false
	}
	return columns
}

// isTableRule reports whether a word begins a rule for the table instead of a column.
func isTableRule(w string) bool {
	switch strings.ToUpper(w) {
	case "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "EXCLUDE", "LIKE":
		return true
	}
	return false
}

// unquote returns a name as the database has it. Without quotes PostgreSQL makes it small, and SQLite
// does not tell small from capital letters.
func unquote(name string) string {
	if len(name) < 2 || !isName(name) {
		return strings.ToLower(name)
	}
	q := name[:1]
	return strings.ReplaceAll(name[1:len(name)-1], q+q, q)
}
